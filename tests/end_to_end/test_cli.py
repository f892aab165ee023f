"""The command line on real files: the whole path from a folder of pictures to generated ones."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

TINY = ["--set", "batch_size=8", "--images", "160"]


def genstudio(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "genstudio", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        timeout=300,
    )


def answer(*arguments: str, cwd: Path | None = None) -> dict[str, Any]:
    result = genstudio(*arguments, "--json", cwd=cwd)
    assert result.returncode == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four discs in two folders, and one file that only pretends to be a picture."""
    folder = tmp_path_factory.mktemp("pictures")
    rows, columns = np.mgrid[0:24, 0:24]
    for number in range(24):
        label = folder / ("left" if number % 2 else "right")
        label.mkdir(exist_ok=True)
        disc = (rows - 8 - number % 7) ** 2 + (columns - 6 - number // 2) ** 2 < 30
        Image.fromarray(np.where(disc, 230, 20).astype(np.uint8)).save(label / f"disc{number}.png")
    (folder / "left" / "broken.png").write_bytes(b"this is no picture")
    return folder


@pytest.fixture(scope="module")
def project(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one trained run named First."""
    folder = tmp_path_factory.mktemp("cli") / "project"
    answer("import", str(pictures), "--project", str(folder), "--size", "16", "--mode", "grey", "--name", "Discs")
    trained = answer("train", "vae", "--project", str(folder), "--data", "Discs", "--name", "First", *TINY)
    assert trained["outcome"] == "completed"
    assert trained["run"]["images_seen"] == 160
    return folder


def test_that_import_tells_what_was_taken_and_what_refused_and_why(pictures: Path, tmp_path: Path) -> None:
    document = answer("import", str(pictures), "--project", str(tmp_path / "p"), "--size", "16")
    assert document["imported"] == 24
    assert [Path(refused["file"]).name for refused in document["refused"]] == ["broken.png"]
    assert document["refused"][0]["reason"]
    assert document["spec"]["classes"] == ["left", "right"]
    assert len(document["fingerprint"]) >= 16


def test_that_samples_are_written_and_the_same_seed_gives_the_same_pixels(project: Path, tmp_path: Path) -> None:
    for out in ("a", "b"):
        arguments = (
            "sample",
            "First",
            "--project",
            str(project),
            "-n",
            "5",
            "--seed",
            "3",
            "--out",
            str(tmp_path / out),
        )
        document = answer(*arguments)
        assert document["count"] == 5
    first, second = (sorted((tmp_path / out).glob("*.png")) for out in ("a", "b"))
    assert len(first) == len(second) == 5
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(np.asarray(Image.open(one)), np.asarray(Image.open(other)))


def test_that_a_run_is_found_from_inside_its_project(project: Path) -> None:
    document = answer("runs", cwd=project)
    assert [run["name"] for run in document["runs"]] == ["First"]
    folder = document["runs"][0]["folder"]
    document = answer("evaluate", folder, "--samples", "12")
    assert document["figures"]
    assert (document["quality"]["samples"], document["quality"]["compared"]) == (12, 12)
    assert not answer("evaluate", folder, "--samples", "0")["quality"]
    (compared,) = answer("compare", folder, cwd=project)["runs"]
    assert compared["quality"] == document["quality"]


def test_that_a_run_can_be_trained_further(project: Path) -> None:
    document = answer("resume", "First", "--project", str(project), "--images", "320")
    assert document["run"]["images_seen"] == 320


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("train", "vae", "--data", "x"), 2, "--project"),
        (("nonsense",), 2, "nonsense"),
        (("check", "no-such-family"), 1, "no-such-family"),
        (("runs", "--project", "/no/such/place"), 1, "/no/such/place"),
    ],
)
def test_that_what_went_wrong_is_said_on_standard_error(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = genstudio(*arguments)
    assert result.returncode == code
    assert result.stdout == ""
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_that_a_bad_setting_is_wrong_usage_and_says_which(project: Path) -> None:
    result = genstudio("train", "vae", "--project", str(project), "--data", "Discs", "--set", "batch_size=no")
    assert result.returncode == 2
    assert "batch_size" in result.stderr


def test_that_without_a_display_the_window_says_so() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    result = subprocess.run(
        [sys.executable, "-m", "genstudio"], capture_output=True, text=True, check=False, env=environment
    )
    if sys.platform == "linux":
        assert result.returncode == 1
        assert "no display" in result.stderr


def test_that_families_and_plugins_are_listed_as_documents() -> None:
    assert "vae" in {family["name"] for family in answer("families")["families"]}
    assert all(plugin["state"] == "ok" for plugin in answer("plugins")["plugins"])


def test_that_the_same_command_trains_in_two_processes_under_torchrun(project: Path, tmp_path: Path) -> None:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "genstudio"]
    command = ["train", "vae", "--project", str(project), "--data", "Discs", "--name", "Both", "--json", *TINY]
    result = subprocess.run([*launcher, *command], capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["run"]["images_seen"] == 160
    assert answer("sample", "Both", "--project", str(project), "-n", "1", "--out", str(tmp_path))["count"] == 1
