"""Forgot to mark its hook."""

GENSTUDIO_API = 1


def genstudio_families():
    return []
