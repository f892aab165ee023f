"""Completing, enlarging, surprise, ranking and labels from the command line, with tiny models."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from genstudio.cli import main
from genstudio.generation.export import read_image
from tests import workshop
from tests.diffusion_runs import diffusion_run
from tests.pixel_runs import pixel_run
from tests.upscaler_runs import upscaler_run


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "project"
    ws = workshop.new_workspace(folder)
    dataset = workshop.import_pictures(ws, workshop.paint_pictures(tmp_path_factory.mktemp("pictures")))
    pixel_run(ws, dataset.id)
    ws.project.close()
    return folder


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A large picture in colour, dark above and light below."""
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[32:] = (250, 200, 40)
    Image.fromarray(pixels).save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


Answers = pytest.CaptureFixture[str]


def answer(project: Path, capsys: Answers, command: str, *arguments: object) -> dict[str, Any]:
    run = next((project / "runs").iterdir()).name
    code = main([command, run, *map(str, arguments), "--project", str(project), "--json"])
    said = capsys.readouterr()
    assert code == 0, said.err
    document: dict[str, Any] = json.loads(said.out)
    return document


def test_that_a_picture_is_completed_in_several_ways(
    project: Path, photo: Path, tmp_path: Path, capsys: Answers
) -> None:
    made = answer(project, capsys, "complete", photo, "-n", 3, "--seed", 4, "--out", tmp_path / "out")
    files = [Path(file) for file in made["out"]]
    assert made["count"] == 3 and made["note"] == "" and sorted((tmp_path / "out").iterdir()) == sorted(files)
    images = [read_image(file) for file in files]
    assert all(image.shape == (8, 8, 1) and (image[:4] < 40).all() for image in images)
    assert len({image.tobytes() for image in images}) == 3
    again = answer(project, capsys, "complete", photo, "-n", 3, "--seed", 4)
    assert [read_image(Path(file)).tolist() for file in again["samples"]] == [image.tolist() for image in images]


def test_that_a_painted_mask_keeps_its_light_parts_and_the_note_is_told(
    project: Path, photo: Path, tmp_path: Path, capsys: Answers
) -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[40:, 40:] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    made = answer(project, capsys, "complete", photo, "--mask", tmp_path / "mask.png", "-n", 1, "--label", "rising")
    assert "reading order" in made["note"]
    assert (read_image(Path(made["samples"][0]))[5:, 5:] > 150).all()


def test_that_a_picture_is_restyled(tmp_path: Path, photo: Path, capsys: Answers) -> None:
    ws = workshop.new_workspace(tmp_path / "project")
    diffusion_run(ws, workshop.import_pictures(ws, workshop.paint_pictures(tmp_path / "pictures")).id)
    ws.project.close()
    asked = (photo, "-n", 2, "--set", "steps=4", "--out", tmp_path / "out")
    made = answer(tmp_path / "project", capsys, "restyle", *asked)
    first, second = (read_image(Path(file)) for file in made["out"])
    assert made["count"] == 2 and not np.array_equal(first, second)
    same = answer(tmp_path / "project", capsys, "restyle", *asked, "--strength", "0")
    assert (read_image(Path(same["samples"][0]))[:4] < 40).all()


def test_that_pictures_of_any_size_are_enlarged(tmp_path: Path, photo: Path, capsys: Answers) -> None:
    ws = workshop.new_workspace(tmp_path / "project")
    upscaler_run(ws, workshop.import_pictures(ws, workshop.paint_pictures(tmp_path / "pictures")).id)
    ws.project.close()
    asked = (photo, "data:3", "--set", "steps=2")
    made = answer(tmp_path / "project", capsys, "upscale", *asked, "--out", tmp_path / "out")
    assert [read_image(Path(file)).shape for file in made["out"]] == [(128, 192, 1), (16, 16, 1)]
    again = answer(tmp_path / "project", capsys, "upscale", *asked)
    assert [read_image(Path(file)).tolist() for file in again["samples"]] == [
        read_image(Path(file)).tolist() for file in made["samples"]
    ]


def test_that_surprise_is_mapped_and_measured(project: Path, photo: Path, tmp_path: Path, capsys: Answers) -> None:
    found = answer(project, capsys, "surprise", photo, "data:5", "--out", tmp_path / "maps")
    outside, inside = found["pictures"]
    assert inside["bits_per_dim"] == pytest.approx(inside["nats"] / (64 * np.log(2)))
    assert outside["bits_per_dim"] != inside["bits_per_dim"]
    assert [Path(one["map"]).name for one in found["pictures"]] == ["001-photo-surprise.png", "002-data-5-surprise.png"]
    assert read_image(Path(inside["map"])).shape == (256, 256, 3)


def test_that_pictures_are_ranked_and_labels_named(project: Path, capsys: Answers) -> None:
    ranked = answer(project, capsys, "rank", "--limit", 10)["pictures"]
    bits = [one["bits_per_dim"] for one in ranked]
    assert len(ranked) == 10 and bits == sorted(bits)
    named = answer(project, capsys, "classify")
    assert named["labels"] == ["falling", "rising"]
    assert named["count"] == sum(map(sum, named["confusion"])) == 10
    assert named["plain_accuracy"] > 0.7 and 0.5 <= named["chance"] <= 1
    (first,) = answer(project, capsys, "classify", "data:5")["pictures"]
    assert set(first["labels"]) == {"falling", "rising"} and sum(first["labels"].values()) == pytest.approx(1)


def test_that_people_are_answered_in_words(project: Path, photo: Path, capsys: Answers) -> None:
    run = next((project / "runs").iterdir()).name
    for command, said in (
        (["rank", run], "Least likely"),
        (["classify", run], "a plain classifier"),
        (["classify", run, "data:3"], "MOST PROBABLE LABELS"),
        (["surprise", run, "data:1"], "BITS PER DIMENSION"),
        (["complete", run, str(photo), "--keep", "left", "-n", "1"], "reading order"),
    ):
        assert main([*command, "--project", str(project)]) == 0
        assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("complete", "data:2", "--keep", "middle"), 2, "share between 0 and 1"),
        (("complete", "nowhere.png"), 1, "“nowhere.png” cannot be read"),
        (("complete", "data:99"), 1, "no picture 99"),
        (("surprise", "data:2", "--label", "odd"), 2, "knows no label"),
    ],
)
def test_that_what_goes_wrong_is_a_sentence(
    project: Path, capsys: Answers, arguments: tuple[str, ...], code: int, said: str
) -> None:
    run = next((project / "runs").iterdir()).name
    assert main([arguments[0], run, *arguments[1:], "--project", str(project)]) == code
    assert said in capsys.readouterr().err


def test_that_looking_at_no_picture_is_wrong_usage(project: Path, capsys: Answers) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rank", "any", "--limit", "0", "--project", str(project)])
    assert "at least 1" in capsys.readouterr().err
