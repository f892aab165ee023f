"""Enlarging: a diffusion model of the detail that a small picture lacks."""
