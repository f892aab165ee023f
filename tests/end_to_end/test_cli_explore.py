"""Exploring a latent space from the command line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genstudio.cli import main
from genstudio.generation import video
from genstudio.generation.export import contact_sheet, read_image, read_recipe
from tests.workshop import trained_project


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one trained run."""
    return trained_project(tmp_path_factory.mktemp("explore"))


@pytest.fixture
def run(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its run's folder, in a copy of the project; the test plugins are the user's."""
    from genstudio.core import paths
    from tests.workshop import PLUGINS

    monkeypatch.setattr(paths, "user_plugins", lambda: PLUGINS)
    shutil.copytree(trained, tmp_path / "project")
    return next((tmp_path / "project" / "runs").iterdir())


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    assert main([*map(str, arguments), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def test_that_map_says_where_every_picture_lies(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "map", run, "--out", tmp_path / "deep" / "map.png")
    pictures = answer["pictures"]
    assert isinstance(pictures, list) and len(pictures) == 48 and answer["source"] == "data"
    assert {picture["label"] for picture in pictures} == {"falling", "rising"}
    assert (read_image(tmp_path / "deep" / "map.png") != 255).any()
    other = ask(capsys, "map", run, "--layout", "axes", "--limit", 10)
    assert isinstance(other["pictures"], list) and len(other["pictures"]) == 10


def test_that_walk_writes_a_gif_that_ends_where_it_should(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "walk.gif"
    answer = ask(capsys, "walk", run, "--stops", 3, "--frames", 9, "--size", 32, "--loop", "--out", out)
    assert answer["frames"] == 9 and isinstance(answer["stops"], list) and len(answer["stops"]) == 3
    with Image.open(out) as film:
        assert getattr(film, "n_frames", 1) == 9 and film.size == (32, 32)


def test_that_walk_writes_an_mp4_where_that_can_be(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    av = pytest.importorskip("av")
    out = tmp_path / "walk.mp4"
    ask(capsys, "walk", run, "--at", "seed:1", "--at", "data:3", "--frames", 6, "--size", 64, "--out", out)
    with av.open(str(out)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 6


def test_that_without_the_library_walk_says_what_is_missing(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from genstudio.cli import explore

    monkeypatch.setattr(explore, "video_problem", lambda: "MP4 needs the library PyAV, which is not installed.")
    assert main(["walk", str(run), "--out", str(tmp_path / "walk.mp4")]) != 0
    assert "PyAV" in capsys.readouterr().err
    assert main(["walk", str(run), "--out", str(tmp_path / "walk.avi")]) != 0
    assert ".gif" in capsys.readouterr().err


def test_that_grids_corners_are_the_named_pictures(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corners = [f"seed:{seed}" for seed in range(4)]
    named = [part for corner in corners for part in ("--at", corner)]
    ask(capsys, "grid", run, *named, "--side", 2, "--out", tmp_path / "four.png")
    ask(capsys, "grid", run, *named, "--side", 5, "--out", tmp_path / "many.png")
    four, many = read_image(tmp_path / "four.png").astype(int), read_image(tmp_path / "many.png").astype(int)
    assert np.abs(four[2:10, 2:10] - many[2:10, 2:10]).max() <= 1
    assert np.abs(four[-10:-2, -10:-2] - many[-10:-2, -10:-2]).max() <= 1
    assert main(["grid", str(run), "--at", "seed:1", "--out", str(tmp_path / "x.png")]) != 0
    assert "four corners" in capsys.readouterr().err


def test_that_direction_keeps_pictures_with_more_and_less_of_a_label(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(capsys, "direction", run, "rising", "--count", 3, "--at", "data:0", "--out", tmp_path / "row.png")
    files = answer["samples"]
    assert isinstance(files, list) and len(files) == 3 and answer["sigmas"] == [-3.0, 0.0, 3.0]
    recipe = read_recipe(Path(files[2]))
    assert recipe is not None and recipe.ability == "explore" and recipe.extra["about"] == "data:0 → rising +3.00"
    row = contact_sheet([read_image(Path(file)) for file in files], 3)
    assert np.array_equal(read_image(tmp_path / "row.png"), row)
    assert main(["direction", str(run), "standing"]) != 0
    assert "falling, rising" in capsys.readouterr().err


def test_that_a_picture_made_here_is_found_exactly(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ask(capsys, "direction", run, "rising", "--count", 1, "--sigmas", 2)
    files = made["samples"]
    assert isinstance(files, list)
    again = ask(capsys, "direction", run, "rising", "--count", 1, "--sigmas", 0, "--at", files[0])["samples"]
    assert isinstance(again, list)
    assert np.array_equal(read_image(Path(files[0])), read_image(Path(again[0])))


def test_that_films_are_as_large_as_was_asked_for() -> None:
    frame = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert video.enlarged(frame, 8).shape == (8, 8, 3) and np.array_equal(video.enlarged(frame, 8)[0, 3], frame[0, 0])
    assert video.enlarged(frame, 9, smooth=True).shape == (9, 9, 3)
    assert video.enlarged(frame[:, :, :1], 6, smooth=True).shape == (6, 6, 1)


def test_that_a_grid_and_a_walk_can_be_made_again_from_their_files(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again, larger = tmp_path / "grid.png", tmp_path / "again.png", tmp_path / "larger.png"
    answer = ask(capsys, "grid", run, "--at", "data:3", "--at", "seed:1", "--at", "seed:2", "--at", "data:7",
                 "--side", 3, "--out", first)  # fmt: skip
    assert ask(capsys, "grid", run, "--at", first, "--side", 3, "--out", again)["corners"] == answer["corners"]
    assert np.array_equal(read_image(again), read_image(first))
    ask(capsys, "grid", run, "--at", first, "--side", 5, "--out", larger)
    corner = np.s_[:10, :10]
    assert np.array_equal(read_image(larger)[corner], read_image(first)[corner])
    film = tmp_path / "walk.gif"
    stops = ask(capsys, "walk", run, "--at", first, "--frames", 8, "--size", 32, "--out", film)["stops"]
    assert stops == answer["corners"]
    assert ask(capsys, "grid", run, "--at", film, "--side", 3, "--out", again)["corners"] == stops
    assert np.array_equal(read_image(again), read_image(first))
