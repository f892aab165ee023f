"""Asks a hook for an argument that does not exist."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family, hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_families(colour: str) -> Sequence[Family[Any]]:
    return []
