"""The frozen program works, from outside. Skipped where none was built (`make installer` builds one)."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.installer import smoke
from resources.installer.freeze import PROGRAM, executable

FILE = Path(os.environ.get("GENSTUDIO_PROGRAM", executable(PROGRAM)))

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="no program was built here: make installer")


@pytest.fixture
def program() -> Iterator[smoke.Program]:
    with smoke.trial(FILE) as trial:
        yield trial


def test_that_it_says_its_version_without_a_display_or_python(program: smoke.Program) -> None:
    answer = subprocess.run(
        [FILE, "--version"], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    assert answer.stdout.startswith("genstudio ")


def test_that_it_finds_built_in_plugins_and_those_of_a_person(program: smoke.Program) -> None:
    assert "eigenpictures" in smoke.finds_plugins(program)


def test_that_notices_and_the_bill_of_materials_name_what_is_packed() -> None:
    import json

    (folder,) = FILE.parent.glob("**/_resources/notices")
    bill = json.loads((folder / "genstudio.cdx.json").read_text("utf-8"))
    named = {part["name"] for part in bill["components"]}
    assert {"torch", "numpy", "pyside6-essentials", "pillow", "python"} <= named
    assert bill["bomFormat"] == "CycloneDX"
    text = (folder / "NOTICES.txt").read_text("utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert all(f"\n{name} " in text for name in named)


@pytest.mark.slow
def test_that_a_second_start_hands_over_to_the_window(program: smoke.Program) -> None:
    assert smoke.opens_one_window(program)


@pytest.mark.slow
def test_that_a_crash_leaves_a_report_that_the_next_start_finds(program: smoke.Program) -> None:
    assert smoke.tells_of_a_crash(program)


@pytest.mark.slow
def test_that_a_killed_run_goes_on_then_draws_and_is_measured(program: smoke.Program) -> None:
    assert smoke.survives_a_kill(program)


@pytest.mark.slow
def test_that_the_whole_work_is_done_in_its_window_by_every_family(program: smoke.Program) -> None:
    assert smoke.works_in_the_window(program)
