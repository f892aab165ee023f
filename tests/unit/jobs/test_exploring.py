"""Exploring a latent space: surveyed in steps, kept, and every picture made again bit by bit."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from genstudio.core.errors import Cancelled, CheckpointError, ConfigError, DataError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image, read_recipe
from genstudio.generation.paths import grid
from genstudio.generation.points import Point
from genstudio.jobs.exploring import keep_points
from genstudio.jobs.generating import GenerateRequest, InterpolateRequest, generate, interpolate, make_again
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.surveying import Survey, Surveyor, chosen_by_label, map_of, point_at, survey_run
from genstudio.jobs.watching import untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from tests import workshop


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, host: PluginHost) -> Iterator[Workspace]:
    """A project with a trained run, which these tests only add to."""
    folder = tmp_path_factory.mktemp("exploring")
    ws = workshop.new_workspace(folder / "project", host)
    dataset = workshop.import_pictures(ws, workshop.paint_pictures(folder / "pictures"))
    workshop.train(ws, workshop.make_run(ws, dataset.id).id)
    yield ws
    ws.project.close()


@pytest.fixture
def space(trained: Workspace) -> LatentSpace:
    return LatentSpace.open(trained, trained.project.runs()[0].id)


def surveyed(trained: Workspace, space: LatentSpace) -> Survey:
    return survey_run(trained, space, progress=untold, cancelled=lambda: False)


def test_that_a_kept_point_is_made_again_bit_by_bit(trained: Workspace, space: LatentSpace) -> None:
    drawn = space.draw([(5, 2)])[0]
    odd = drawn.at(drawn.latent * 1.25 + np.float32(0.1), "between two waves")
    (record,) = keep_points(trained, space, [odd])
    file = trained.project.path(record.file)
    recipe = read_recipe(file)
    assert recipe is not None and recipe.ability == "explore" and recipe.seed == 5
    assert recipe.extra["about"] == "between two waves"
    trained.shelf.clear()
    assert np.array_equal(make_again(trained, recipe), read_image(file))
    assert np.array_equal(space.decode([odd])[0], read_image(file))
    again = space.of_sample(recipe, read_image(file))
    assert again.latent.tobytes() == odd.latent.tobytes() and again.stream == (5, 2)


def test_that_recipes_from_before_latents_still_load(trained: Workspace) -> None:
    run = trained.project.runs()[0]
    checkpoint = trained.project.checkpoints(run.id)[-1]
    old = (
        f'{{"format":1,"ability":"sample","family":"eigenpictures","run":"{run.id}","run_name":"x",'
        f'"checkpoint":"{checkpoint.sha256}","images_seen":{checkpoint.images_seen},"seed":3,"index":1,"count":4,'
        '"batch":2,"label":null,"options":{"spread":1.0},"extra":{},"version":"0.1.0"}'
    )
    assert make_again(trained, Recipe.model_validate_json(old)).shape == (8, 8, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": {}},
        {"extra": {"latent": "AAAAAA==", "shape": "1"}},
        {"extra": {"latent": "AAAAAAAAAAAAAAAAAAAAAA==", "shape": "4", "stream": -1}},
        {"extra": {"latent": "AAAAAAAAAAAAAAAAAAAAAA==", "shape": "4", "stream": "x"}},
        {"label": "nothing known"},
    ],
    ids=str,
)
def test_that_a_changed_recipe_is_refused(trained: Workspace, space: LatentSpace, changes: dict[str, object]) -> None:
    (record,) = keep_points(trained, space, space.draw([(1, 0)]))
    recipe = read_recipe(trained.project.path(record.file))
    assert recipe is not None
    with pytest.raises((DataError, ConfigError)):
        make_again(trained, recipe.model_copy(update=changes))


def test_that_a_point_lies_where_its_sample_was_drawn(trained: Workspace, space: LatentSpace) -> None:
    run = trained.project.runs()[0].id
    request = GenerateRequest(run, None, 3, 11, 3, options={"spread": 0.5})
    records = generate(trained, request, progress=untold, on_samples=lambda _: None, cancelled=lambda: False)
    for record in records:
        file = trained.project.path(record.file)
        point = space.of_sample(read_recipe(file), read_image(file))
        assert np.abs(space.decode([point])[0].astype(int) - read_image(file)).max() <= 1
        assert point.stream[0] == 11


def test_that_the_point_of_any_other_picture_is_looked_for(trained: Workspace, space: LatentSpace) -> None:
    run = trained.project.runs()[0].id
    walk = interpolate(
        trained,
        InterpolateRequest(run, None, 1, 2, 3),
        progress=untold,
        on_samples=lambda _: None,
        cancelled=lambda: False,
    )
    file = trained.project.path(walk[1].file)
    point = space.of_sample(read_recipe(file), read_image(file), "a walk")
    assert point.about == "a walk"
    assert np.abs(space.decode([point])[0].astype(int) - read_image(file)).mean() < 12
    with pytest.raises(DataError, match="8×8"):
        space.project(np.zeros((4, 8, 1), np.uint8))


def test_that_a_grids_corner_pictures_are_those_of_its_corners(space: LatentSpace) -> None:
    corners = space.draw([(seed, 0) for seed in range(4)])
    pictures = space.decode(grid(corners, 5))
    alone = [space.decode([corner])[0] for corner in corners]
    for place, picture in zip((0, 4, 20, 24), alone, strict=True):
        assert np.abs(pictures[place].astype(int) - picture).max() <= 1


def test_that_points_keep_their_order_whatever_label_is_asked_for(space: LatentSpace) -> None:
    points = [
        dataclasses.replace(point, label=None if place % 2 else 0)
        for place, point in enumerate(space.draw([(s, 0) for s in range(5)]))
    ]
    together = space.decode(points)
    for point, picture in zip(points, together, strict=True):
        assert np.abs(space.decode([point])[0].astype(int) - picture).max() <= 1


def test_that_a_survey_is_made_in_steps_and_finds_the_pictures(trained: Workspace, space: LatentSpace) -> None:
    surveyor = Surveyor(trained, space, limit=40)
    steps = 0
    while not surveyor.step():
        steps += 1
    found = surveyor.result
    assert found is not None and len(found) == surveyor.total == 40 and steps >= 1
    run = trained.project.runs()[0].id
    for place in (0, 20, 39):
        picture = dataset_picture(trained, run, int(found.indices[place]))
        assert np.array_equal(found.pictures[place], picture)
        assert np.allclose(space.project(picture).flat, found.latents[place], atol=1e-5)
    assert found.label(0) in ("falling", "rising")
    assert chosen_by_label(found, "rising").sum() == [found.label(i) for i in range(40)].count("rising")
    with pytest.raises(DataError, match="falling, rising"):
        chosen_by_label(found, "standing")
    noise = np.random.default_rng(0).normal(size=found.latents.shape).astype(np.float32)
    told_beside = dataclasses.replace(found, source="imagined", latents=noise)
    with pytest.raises(DataError, match="“rising” lie where all others do"):
        chosen_by_label(told_beside, "rising")


def test_that_a_map_is_kept_and_a_damaged_one_is_made_anew(trained: Workspace, space: LatentSpace) -> None:
    found = surveyed(trained, space)
    first = map_of(trained, space, found, "neighbours")
    again = Surveyor(trained, space)
    assert not again.step() and again.step()  # nothing had to be encoded
    assert again.result is not None and np.array_equal(again.result.latents, found.latents)

    def unwanted(_done: int, _total: int) -> None:
        raise Cancelled

    assert np.array_equal(map_of(trained, space, again.result, "neighbours", unwanted).places, first.places)
    (file,) = trained.project.folder.glob("runs/*/surveys/*.npz")
    file.write_bytes(file.read_bytes()[:200])
    assert np.array_equal(surveyed(trained, space).latents, found.latents)
    with pytest.raises(Cancelled):
        map_of(trained, space, found, "neighbours", unwanted)
    assert np.array_equal(map_of(trained, space, found, "neighbours").places, first.places)


def test_that_a_map_of_imagined_pictures_is_of_the_samples_of_seed_0(trained: Workspace, space: LatentSpace) -> None:
    found = survey_run(trained, space, source="imagined", limit=70, progress=untold, cancelled=lambda: False)
    assert len(found) == 70 and found.labels is None
    point = point_at(found, 65, heeded=True)
    assert point.stream == (0, 65)
    assert np.array_equal(point.latent, space.draw([(0, 65)])[0].latent)


def test_that_a_survey_can_be_cancelled(trained: Workspace, space: LatentSpace) -> None:
    with pytest.raises(Cancelled):
        survey_run(trained, space, source="imagined", progress=untold, cancelled=lambda: True)


def test_that_a_space_is_loaded_again_after_another_model_was_used(trained: Workspace, space: LatentSpace) -> None:
    before = space.decode(space.draw([(1, 1)]))
    trained.shelf.clear()
    assert np.array_equal(space.decode(space.draw([(1, 1)])), before)
    with pytest.raises(CheckpointError):
        LatentSpace.open(trained, trained.project.runs()[0].id, 7)


def test_that_points_say_where_they_came_from(space: LatentSpace) -> None:
    point = Point(np.zeros(4, np.float32), about="here")
    assert point.at(np.ones(4, np.float32)).about == "here"
    assert point.at(np.ones(4, np.float32), "there").about == "there"
