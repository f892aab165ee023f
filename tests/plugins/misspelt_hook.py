"""Misspells a hook: pluggy would never call it, and nobody would know."""

from genstudio.api import hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_familys():
    return []
