"""Exploring by words from the command line, with tiny real models."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genstudio.cli import main
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_film_recipe, read_image, read_recipe
from genstudio.jobs.scenes import scene_points
from tests.word_runs import word_runs
from tests.workshop import new_workspace

Ask = Callable[..., dict[str, object]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A project, its run that draws by words, and the one that does not."""
    folder = tmp_path_factory.mktemp("explore-words")
    workspace = new_workspace(folder / "project")
    runs = word_runs(workspace, folder / "pictures")
    workspace.project.close()
    return folder / "project", runs.drawing.id, runs.silent.id


@pytest.fixture
def folders(trained: tuple[Path, str, str], tmp_path: Path) -> tuple[Path, Path]:
    """The folders of the two runs, in a copy of the project."""
    project, drawing, silent = trained
    shutil.copytree(project, tmp_path / "project")
    return tmp_path / "project" / "runs" / drawing, tmp_path / "project" / "runs" / silent


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*arguments: object) -> dict[str, object]:
        assert main([*map(str, arguments), "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert isinstance(answer, dict)
        return answer

    return asked


def prompts(recipe: Recipe | None) -> list[str | None]:
    assert recipe is not None
    return [point.text for point in scene_points(recipe)]


def test_that_a_grid_is_drawn_by_words_and_drawn_by_them_again(
    folders: tuple[Path, Path], tmp_path: Path, ask: Ask
) -> None:
    told, untold, again = tmp_path / "told.png", tmp_path / "untold.png", tmp_path / "again.png"
    ask("grid", folders[0], "--side", 2, "--prompt", " rising  wave ", "--out", told)
    ask("grid", folders[0], "--side", 2, "--out", untold)
    assert not np.array_equal(read_image(told), read_image(untold))
    assert prompts(read_recipe(told)) == ["rising wave"] * 4 and prompts(read_recipe(untold)) == [None] * 4
    ask("grid", folders[0], "--side", 2, "--at", told, "--out", again)
    assert np.array_equal(read_image(again), read_image(told))
    ask("grid", folders[0], "--side", 2, "--at", told, "--prompt", "falling wave", "--out", again)
    assert prompts(read_recipe(again)) == ["falling wave"] * 4


def test_that_a_walk_past_a_picture_drawn_by_words_keeps_its_words(
    folders: tuple[Path, Path], tmp_path: Path, ask: Ask
) -> None:
    sample = ask("sample", folders[0], "-n", 1, "--prompt", "rising wave", "--set", "steps=2")["samples"]
    assert isinstance(sample, list)
    ask("walk", folders[0], "--at", sample[0], "--at", "seed:3", "--frames", 4, "--out", tmp_path / "walk.gif")
    assert prompts(read_film_recipe(tmp_path / "walk.gif")) == ["rising wave", None]
    ask("walk", folders[0], "--frames", 4, "--prompt", "falling wave", "--out", tmp_path / "walk.gif")
    assert prompts(read_film_recipe(tmp_path / "walk.gif")) == ["falling wave"] * 4


def test_that_noise_has_no_direction_to_a_label(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["direction", str(folders[0]), "rising", "--limit", "64", "--prompt", "rising wave"]) == 1
    assert "“rising” lie where all others do" in capsys.readouterr().err


def test_that_maps_are_drawn_by_words(folders: tuple[Path, Path], tmp_path: Path, ask: Ask) -> None:
    maps = [tmp_path / "told.png", tmp_path / "untold.png"]
    told = ask("map", folders[0], "--layout", "axes", "--limit", 8, "--prompt", "rising wave", "--out", maps[0])
    ask("map", folders[0], "--layout", "axes", "--limit", 8, "--out", maps[1])
    assert told["source"] == "imagined" and not np.array_equal(read_image(maps[0]), read_image(maps[1]))


@pytest.mark.parametrize("verb", ["walk", "grid", "map", "direction"])
def test_that_words_are_refused_like_those_of_a_sample(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    more = {"walk": ["--out", "w.gif"], "grid": ["--out", "g.png"], "map": [], "direction": ["rising"]}[verb]
    for run, words in ((folders[1], "rising wave"), (folders[0], "w" * 1001)):
        said = []
        for command in ([verb, str(run), *more], ["sample", str(run)]):
            assert main([*command, "--prompt", words]) != 0
            said.append(capsys.readouterr().err.splitlines()[-1])
        assert said[0] == said[1] and ("draw by words" in said[0] or "1,000" in said[0])
    assert not Path("w.gif").exists() and not Path("g.png").exists()
