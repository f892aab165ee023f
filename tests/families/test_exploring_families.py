"""Every family that keeps a latent space can be explored, whatever its latents look like."""

from collections.abc import Iterator

import numpy as np
import pytest

from genstudio.core.abilities import Ability
from genstudio.core.config import missing_runs
from genstudio.core.settings import RunSettings
from genstudio.generation.export import read_image, read_recipe
from genstudio.generation.paths import grid, walk
from genstudio.jobs.exploring import keep_points
from genstudio.jobs.generating import make_again
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.surveying import map_of, point_at, survey_run
from genstudio.jobs.training import create_run
from genstudio.jobs.watching import untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from tests import workshop


def explorable() -> list[str]:
    host = PluginHost()
    host.load()
    return [family.name for family in host.families() if Ability.INTERPOLATE in family.abilities]


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory, host: PluginHost) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("families")
    made = workshop.new_workspace(folder / "project", host)
    options = workshop.OPTIONS.replaced({"width": 16, "height": 16})
    pictures = workshop.paint_pictures(folder / "pictures")
    import_dataset(made, pictures, options, "waves", lambda *_: None, lambda: False)
    yield made
    made.project.close()


@pytest.fixture(params=explorable())
def space(request: pytest.FixtureRequest, ws: Workspace, host: PluginHost) -> LatentSpace:
    """A run of the family that has hardly learned anything."""
    return LatentSpace.open(ws, trained(ws, host, request.param))


def trained(ws: Workspace, host: PluginHost, name: str) -> str:
    """The id of a run, trained for two steps like those it stands on."""
    draft = host.family(name).presets["Draft"]
    below = {}
    for field in missing_runs(draft):
        able = next(family for family in host.families() if field.ability in family.abilities)
        below[field.name] = trained(ws, host, able.name)
    config = draft.replaced({"images": 32, "batch_size": 16, **below})
    settings = RunSettings(seed=3, preview_count=2, heldout=0.1, device="cpu")
    run = create_run(ws, name, config, ws.project.datasets()[0].id, settings)
    workshop.train(ws, run.id)
    return run.id


def test_that_it_can_be_explored(ws: Workspace, space: LatentSpace) -> None:
    survey = survey_run(ws, space, limit=8, progress=untold, cancelled=lambda: False)
    found = map_of(ws, space, survey, "neighbours")
    near = point_at(survey, found.nearest((0.1, 0.1)), space.heeds_labels)
    between = near.at(found.lift((0.1, 0.1)), "on the map")
    ends = [between, *space.draw([(1, 0), (2, 0), (3, 0)])]
    assert space.decode([*walk(ends[:2], 3), grid(ends, 2)[3]]).shape == (4, *space.shape)
    (record,) = keep_points(ws, space, [between])
    file = ws.project.path(record.file)
    recipe = read_recipe(file)
    assert recipe is not None
    assert np.array_equal(make_again(ws, recipe), read_image(file))
    assert space.of_sample(recipe, read_image(file)).latent.tobytes() == between.latent.tobytes()
