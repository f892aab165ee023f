"""The progress line of a run, and a reader that goes away."""

import subprocess
import sys

import pytest

from genstudio.cli.console import Console, TrainingReporter
from genstudio.core.events import Metric, Started
from tests.workshop import load_host


def line_of(metric: Metric, capsys: pytest.CaptureFixture[str]) -> str:
    reporter = TrainingReporter(Console(), load_host().family("vae"))
    reporter(Started("r", 0, budget=1000, device="processor"))
    reporter(metric)
    return capsys.readouterr().err.splitlines()[-1]


def test_that_the_first_line_says_nothing_that_is_not_known_yet(capsys: pytest.CaptureFixture[str]) -> None:
    line = line_of(Metric("r", 0, seconds=0.0, values={}, rate=0.0, memory=0), capsys)
    assert line.endswith("0 images")
    assert "left" not in line


def test_that_a_line_says_how_fast_and_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    line = line_of(Metric("r", 500, seconds=5.0, values={}, rate=100.0, memory=0), capsys)
    assert line.endswith("500 images · 100 images/s · 5 s left")


def test_that_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-c", "from genstudio.cli import main; raise SystemExit(main(['families', '--json']))"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 0
