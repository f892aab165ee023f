"""Files that could not be used, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refused:
    """A file left out of a dataset. Both strings come from outside: show them as plain text."""

    file: str
    reason: str


class UnreadableError(Exception):
    """A file cannot be used; the message is the reason shown beside its name."""
