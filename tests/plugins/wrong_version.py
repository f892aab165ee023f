"""Was written for another version of the contract."""

from genstudio.api import hookimpl

GENSTUDIO_API = 99


@hookimpl
def genstudio_families():
    return []
