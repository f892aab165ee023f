"""Latent diffusion: taking noise away from the small maps of an autoencoder."""
