"""Does not say for which version it was written."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family, hookimpl


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    return []
