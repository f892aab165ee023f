"""Asks a hook for an argument that does not exist."""

from genstudio.api import hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_families(colour):
    return []
