"""Raises when it is asked for a panel."""

from genstudio.api import hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_training_panel(family, context):
    raise RuntimeError("no panel today")
