"""Does not say for which version it was written."""

from genstudio.api import hookimpl


@hookimpl
def genstudio_families():
    return []
