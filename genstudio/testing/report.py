"""What the suite found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `detail` says what was seen, or what is wrong."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class CheckReport:
    """All checks of one family, in the order they were made."""

    family: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.passed for check in self.checks)

    @property
    def problems(self) -> str:
        """What is wrong, one line a check; empty when nothing is."""
        return "\n".join(f"{check.name}: {check.detail}" for check in self.checks if not check.passed)


class Broken(Exception):  # noqa: N818 - a finding, not a failure of the suite
    """Raised by a check that found the contract broken, with the sentence that says how."""


def require(condition: bool, sentence: str) -> None:
    """Raise `Broken` unless the condition holds."""
    if not condition:
        raise Broken(sentence)
