"""Explore: everything that can be done between the pictures of a trained model."""

from genstudio.ui.pages.explore.page import ExplorePage

__all__ = ["ExplorePage"]
