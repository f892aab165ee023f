"""`genstudio match` from the command line: pictures by words, words for a picture."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from genstudio.cli import main
from tests import coloured_shapes as shapes

WORDS = ["--set", "width=16", "--set", "text_width=32", "--set", "text_depth=1", "--set", "dropout=0.0"]
PACE = ["--set", "batch_size=64", "--set", "learning_rate=0.003", "--images", "9000"]
DRAFT = ["--set", "width=4", "--set", "batch_size=16", "--images", "320"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match")
    pictures = shapes.write(folder / "pictures", 4)
    where = ["--project", str(folder / "project"), "--data", str(pictures), "--size", "16", "--device", "cpu"]
    assert main(["train", "clip", *where, "--name", "words", *WORDS, *PACE]) == 0
    where[where.index("--data") + 1] = "pictures"
    assert main(["train", "vae", *where, "--name", "draft", *DRAFT]) == 0
    assert main(["sample", "draft", "--project", str(folder / "project"), "-n", "5"]) == 0
    return folder / "project"


def said(capsys: pytest.CaptureFixture[str], project: Path, *asked: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["match", "words", *asked, "--project", str(project), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_that_pictures_are_found_by_words(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sheet.png"
    found = said(capsys, project, "Green!", "-n", "8", "--out", str(out))["pictures"]
    fits = [one["fit"] for one in found]
    assert len(found) == 8 and fits == sorted(fits, reverse=True) and -1 <= fits[-1] <= fits[0] <= 1
    assert sum("green" in one["caption"] for one in found) >= 7, "chance would be one or two"
    with Image.open(out) as sheet:
        assert sheet.size == (3 * 18 + 2, 3 * 18 + 2)


def test_that_words_are_found_for_a_picture(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = shapes.COMBINATIONS.index("blue ring") * 4
    found = said(capsys, project, "--picture", f"data:{place}", "-n", "5")["captions"]
    assert len(found) == 5 and all(one["caption"] in shapes.COMBINATIONS for one in found)


def test_that_files_and_samples_are_put_in_order(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / f"{name}.png") for name in ("red", "blue")]
    for file, colour in zip(files, ((230, 30, 30), (40, 60, 230)), strict=True):
        Image.new("RGB", (40, 40), colour).save(file)
    found = said(capsys, project, "blue", "--files", *files)["pictures"]
    assert [one["picture"] for one in found] == files[::-1]
    found = said(capsys, project, "red", "--samples", "draft")["pictures"]
    assert len(found) == 5 and found[0]["fit"] >= found[-1]["fit"]


def test_that_what_cannot_be_matched_gets_a_sentence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--project", str(project)]
    for asked, sentence in (
        (["match", "words", *where], "Say some words"),
        (["match", "words", "  ", *where], "Say what the pictures should show"),
        (["match", "draft", "red", *where], "does not know words"),
    ):
        capsys.readouterr()
        assert main(asked) != 0
        assert sentence in capsys.readouterr().err
