"""Grids and walks say what they were made from; trays are remembered with their runs; made-up pictures have labels."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genstudio.core.errors import DataError
from genstudio.core.settings import RunSettings
from genstudio.generation.export import contact_sheet, read_film_recipe, read_recipe, write_png
from genstudio.generation.latent_map import LatentMap
from genstudio.generation.paths import grid
from genstudio.generation.points import Point
from genstudio.generation.video import video_problem, write_film
from genstudio.jobs.scenes import scene_points, scene_recipe
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.surveying import point_at, survey_run
from genstudio.jobs.training import create_run
from genstudio.jobs.trays import read_tray, write_tray
from genstudio.jobs.watching import untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from tests import workshop


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, host: PluginHost) -> Iterator[Workspace]:
    """A project with a GAN that has seen a few pictures of two labels."""
    folder = tmp_path_factory.mktemp("scenes")
    ws = workshop.new_workspace(folder / "project", host)
    dataset = workshop.import_pictures(ws, workshop.paint_pictures(folder / "pictures"))
    config = host.family("gan").presets["Draft"].replaced({"images": 32, "batch_size": 8, "width": 4, "latents": 6})
    settings = RunSettings(seed=3, preview_count=4, heldout=0.1, device="cpu")
    workshop.train(ws, create_run(ws, "gan", config, dataset.id, settings).id)
    yield ws
    ws.project.close()


@pytest.fixture
def space(trained: Workspace) -> LatentSpace:
    return LatentSpace.open(trained, trained.project.runs()[0].id)


def alike(one: list[Point], other: list[Point]) -> bool:
    same = (a.latent.tobytes() == b.latent.tobytes() and a.stream == b.stream for a, b in zip(one, other, strict=True))
    return all(same) and [(a.label, a.about) for a in one] == [(b.label, b.about) for b in other]


def corners(space: LatentSpace) -> list[Point]:
    drawn = space.draw([(5, index) for index in range(4)])
    named = [point.at(point.latent, f"corner {index}, <b>ü</b>") for index, point in enumerate(drawn)]
    return [Point(named[0].latent, 1, named[0].stream, named[0].about), *named[1:]]


def test_that_a_grids_file_gives_back_its_corners_and_is_drawn_again_to_the_bit(
    trained: Workspace, space: LatentSpace, tmp_path: Path
) -> None:
    points = corners(space)
    sheet = contact_sheet(list(space.decode(grid(points, 3))), 3)
    write_png(tmp_path / "grid.png", sheet, scene_recipe(trained, space, "explore-grid", points, {"side": 3}))
    recipe = read_recipe(tmp_path / "grid.png")
    assert recipe is not None and (recipe.ability, recipe.extra["side"]) == ("explore-grid", 3)
    assert recipe.checkpoint == space.checkpoint.sha256
    again = scene_points(recipe)
    assert alike(again, points)
    assert np.array_equal(contact_sheet(list(space.decode(grid(again, 3))), 3), sheet)


@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_that_a_films_file_gives_back_its_stops(
    trained: Workspace, space: LatentSpace, tmp_path: Path, suffix: str
) -> None:
    if suffix == ".mp4" and video_problem():
        pytest.skip(video_problem())
    points, path = corners(space), tmp_path / f"walk{suffix}"
    recipe = scene_recipe(trained, space, "explore-walk", points, {"frames": 4, "closed": True})
    write_film(path, list(space.decode(points)), fps=10, edge=64, recipe=recipe)
    if suffix == ".mp4":
        import av

        with av.open(str(path)) as film:
            assert recipe is not None and film.metadata["comment"] == recipe.model_dump_json()
        return
    read = read_film_recipe(path)
    assert read is not None and read == recipe and alike(scene_points(read), points)


def test_that_a_changed_file_names_no_points(trained: Workspace, space: LatentSpace, tmp_path: Path) -> None:
    recipe = scene_recipe(trained, space, "explore-grid", corners(space), {"side": 3})
    assert recipe is not None
    for change in ({"labels": "1"}, {"streams": "x"}, {"abouts": "!"}, {"latent": "AAAA"}):
        with pytest.raises(DataError):
            scene_points(recipe.model_copy(update={"extra": {**recipe.extra, **change}}))
    (tmp_path / "broken.gif").write_bytes(b"GIF89a")
    assert read_film_recipe(tmp_path / "broken.gif") is None


def test_that_a_tray_is_remembered_with_its_run_and_gone_with_it(trained: Workspace, space: LatentSpace) -> None:
    run, points = space.checkpoint.run, corners(space)
    assert read_tray(trained, run) == ([], 0)
    write_tray(trained, run, points, 2)
    found, current = read_tray(trained, run)
    assert alike(found, points) and current == 2
    path = trained.project.path(f"runs/{run}/tray.json")
    path.write_text(path.read_text()[:-20])
    assert read_tray(trained, run) == ([], 0)
    write_tray(trained, "no-such-run", points, 0)
    assert not (trained.project.folder / "runs" / "no-such-run").exists()
    undo = trained.project.delete_run(run)
    assert not path.exists()
    undo()
    assert path.exists()


def test_that_made_up_pictures_have_the_labels_in_turn_and_places_between_say_what_they_would_be(
    trained: Workspace, space: LatentSpace
) -> None:
    found = survey_run(trained, space, source="imagined", limit=40, progress=untold, cancelled=lambda: False)
    assert found.labels is not None and found.classes == ("falling", "rising")
    assert found.labels.tolist() == [index % 2 for index in range(len(found))]
    point = point_at(found, 3, heeded=True)
    assert (point.label, point.stream) == (1, (0, 3))
    assert np.array_equal(point.latent, space.draw([(0, 3)], "rising")[0].latent)


def test_that_the_likeliest_label_is_that_of_the_nearest() -> None:
    places = np.array([[x, y] for x in range(5) for y in range(5)], np.float32)
    labels = np.where(places[:, 0] < 2, 0, 1)
    known = LatentMap(places, places, None)
    assert known.likeliest((0.0, 0.0), labels) == (0, 1.0)
    label, share = known.likeliest((3.6, 2.2), labels) or (-1, 0.0)
    assert label == 1 and share > 0.9
    assert known.likeliest((0.5, 0.5), np.full(25, -1)) is None
    half = known.likeliest((0.0, 0.0), np.where(places[:, 1] == 0, -1, labels))
    assert half is None, "the picture that lies there has no label"
