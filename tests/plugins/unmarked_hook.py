"""Forgot to mark its hook."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family

GENSTUDIO_API = 1


def genstudio_families() -> Sequence[Family[Any]]:
    return []
