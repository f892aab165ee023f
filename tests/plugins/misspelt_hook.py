"""Misspells a hook: pluggy would never call it, and nobody would know."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family, hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_familys() -> Sequence[Family[Any]]:
    return []
