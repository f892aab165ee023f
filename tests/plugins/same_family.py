"""Offers a family whose name is taken."""

from genstudio.api import hookimpl

from .eigenpictures import FAMILY

GENSTUDIO_API = 1


@hookimpl
def genstudio_families():
    return [FAMILY]
