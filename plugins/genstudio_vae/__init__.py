"""Variational autoencoders and their relatives as a GenStudio plugin."""

from collections.abc import Sequence
from typing import Any

from genstudio.api import Family, hookimpl
from genstudio_vae.families import FAMILIES, FAMILY

__all__ = ["FAMILIES", "FAMILY", "GENSTUDIO_API", "genstudio_families"]

GENSTUDIO_API = 1


@hookimpl
def genstudio_families() -> Sequence[Family[Any]]:
    """Offer four families."""
    return FAMILIES
