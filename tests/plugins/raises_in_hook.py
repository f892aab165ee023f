"""Raises when it is asked for its families."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family, hookimpl

GENSTUDIO_API = 1


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    raise ValueError("no families today")
