"""Widgets that know nothing of GenStudio's words: plots, galleries."""
