"""Was written for another version of the contract."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family, hookimpl

GENSTUDIO_API = 99


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    return []
