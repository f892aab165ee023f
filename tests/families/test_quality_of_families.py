"""Every family that makes pictures can be judged, whatever it is made of; the others get a sentence."""

from pathlib import Path

import pytest

from genstudio.core.abilities import Ability
from genstudio.core.config import missing_runs
from genstudio.core.control import Control
from genstudio.core.family import AnyFamily
from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.jobs.assessing import assess_run
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run, train_run
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.project import Project


def built_in() -> PluginHost:
    host = PluginHost()
    host.load(None)
    return host


HOST = built_in()


def trained(ws: Workspace, family: AnyFamily, dataset: str) -> str:
    """A run that has seen a little, with the runs it stands on."""
    config = family.presets["Draft"].replaced({"images": 64})
    for field in missing_runs(config):
        able = next(other for other in HOST.families() if field.ability in other.abilities)
        config = config.replaced({field.name: trained(ws, able, dataset)})
    run = create_run(ws, family.name, config, dataset, RunSettings(seed=1, device="cpu"))
    train_run(ws, run.id, lambda _: None, Control())
    return run.id


@pytest.mark.slow
@pytest.mark.parametrize("name", [family.name for family in HOST.families()])
def test_that_every_family_can_be_judged(name: str, tmp_path: Path) -> None:
    ws = Workspace(HOST, Project.create(tmp_path / "project"))
    options = ImportOptions(width=16, height=16, mode="rgb")
    dataset, _ = import_dataset(ws, "emoji", options, None, lambda *_: None, never)
    family = HOST.family(name)
    run = trained(ws, family, dataset.id)
    found = assess_run(ws, run, samples=24, limit=8, progress=untold, cancelled=never)
    ws.project.close()
    if Ability.SAMPLE in family.abilities:
        assert found.quality is not None, found.note
        assert (found.quality.samples, found.quality.compared) == (24, 24)
    else:
        assert found.quality is None
        assert "makes no pictures from nothing" in found.note
