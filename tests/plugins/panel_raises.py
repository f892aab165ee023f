"""Raises when it is asked for a panel."""

from typing import Any

from genstudio.api import Family, hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_training_panel(family: Family[Any], context: object) -> None:
    raise RuntimeError("no panel today")
