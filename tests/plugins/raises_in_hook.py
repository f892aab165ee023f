"""Raises when it is asked for its families."""

from genstudio.api import hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_families():
    raise ValueError("no families today")
