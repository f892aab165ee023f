"""The place where runs are compared."""

from genstudio.ui.pages.runs.page import RunsPage

__all__ = ["RunsPage"]
