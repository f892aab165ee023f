"""The place of datasets: what there is, importing more, and a closer look at one."""

from genstudio.ui.pages.data.page import DataPage

__all__ = ["DataPage"]
