"""The variational autoencoder as a GenStudio plugin."""
