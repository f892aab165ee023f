"""The place where pictures are generated."""

from genstudio.ui.pages.generate.page import GeneratePage

__all__ = ["GeneratePage"]
