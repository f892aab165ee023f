"""A short round of the kill harness, and proof that its oracle would notice a loss (`make kills` is the long round)."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork there")


def test_that_killing_at_random_loses_nothing_and_resumes_to_the_same_bits() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.kill_harness", "--kills", "20", "--seconds", "20"],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing lost" in done.stdout


ACKNOWLEDGED: list[dict[str, Any]] = [
    {"kind": "dataset", "id": "d", "fingerprint": "f"},
    {"kind": "run", "id": "r"},
    {"kind": "started", "run": "r", "at": 0},
    {"kind": "metric", "run": "r", "at": 16, "values": {"error": 1.0}},
    {"kind": "preview", "run": "r", "at": 16, "name": "samples", "pixels": "p"},
    {"kind": "checkpoint", "run": "r", "at": 16, "sha": "c"},
    {"kind": "sample", "id": "s", "sha": "s"},
]
VISIBLE: list[dict[str, Any]] = [
    {"kind": "dataset", "id": "d", "fingerprint": "f"},
    {"kind": "run", "id": "r", "status": "interrupted"},
    {"kind": "metric", "run": "r", "at": 16, "values": {"error": 1.0}},
    {"kind": "preview", "run": "r", "at": 16, "name": "samples", "pixels": "p"},
    {"kind": "checkpoint", "run": "r", "at": 16, "sha": "c", "tensors": "t"},
    {"kind": "sample", "id": "s", "sha": "s"},
    {"kind": "inspected", "leftovers": []},
]


def _compare(visible: list[dict[str, Any]]) -> None:
    from tests.end_to_end.kill_harness import Oracle

    oracle = Oracle({16: "t"})
    for line in ACKNOWLEDGED:
        oracle.hear(line)
    oracle.compare(visible)


def test_that_the_oracle_is_content_when_everything_is_there() -> None:
    _compare(VISIBLE)


@pytest.mark.parametrize("lost", range(len(VISIBLE)))
def test_that_the_oracle_notices_whatever_is_lost(lost: int) -> None:
    with pytest.raises(AssertionError):
        _compare(VISIBLE[:lost] + VISIBLE[lost + 1 :])


@pytest.mark.parametrize(
    "change",
    [
        (1, "status", "running"),
        (2, "values", {"error": 2.0}),
        (3, "pixels", "other"),
        (4, "sha", "other"),
        (4, "tensors", "other bits"),
        (5, "sha", "other"),
        (6, "leftovers", [".tmp-1"]),
    ],
)
def test_that_the_oracle_notices_whatever_changed(change: tuple[int, str, object]) -> None:
    place, key, value = change
    visible = [dict(line) for line in VISIBLE]
    visible[place][key] = value
    with pytest.raises(AssertionError):
        _compare(visible)
