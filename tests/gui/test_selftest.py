"""`genstudio selftest` proves an installation, and tells what failed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def _selftest(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"GENSTUDIO_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "genstudio", "selftest", "--json", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)


def test_that_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "mine.txt").write_text("mine")
    answer = _selftest(tmp_path / "home", "--folder", str(tmp_path / "work"))
    assert answer.returncode == 2
    assert "is not empty" in answer.stderr
    assert [file.name for file in (tmp_path / "work").iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_that_everything_is_tried_and_passes_here(tmp_path: Path) -> None:
    answer = _selftest(tmp_path / "home")
    assert answer.returncode == 0, answer.stderr[-3000:]
    document = json.loads(answer.stdout)
    names = [proof["name"] for proof in document["proofs"]]
    assert document["passed"]
    assert not document["frozen"]
    assert "a run is paused, goes on, is stopped and resumed" in names
    assert sum(name.endswith(" learns") for name in names) >= 3
