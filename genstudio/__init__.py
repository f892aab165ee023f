"""GenStudio: train small generative models on your own images, watch them learn, generate with them."""

__version__ = "0.1.0"
