"""Raises while it is imported."""

GENSTUDIO_API = 1

raise RuntimeError("the moon is in the wrong house")
