"""Offers a family whose name is taken."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family, hookimpl

from .eigenpictures import FAMILY

GENSTUDIO_API = 1


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    return [FAMILY]
