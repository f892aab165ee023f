"""A tiny trained model that takes noise away, for tests of restyling."""

from genstudio.core.settings import RunSettings
from genstudio.jobs.training import create_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunRecord
from tests.workshop import train


def diffusion_run(ws: Workspace, dataset: str) -> RunRecord:
    """Train the smallest diffusion model for a moment."""
    family = ws.host.family("diffusion")
    config = family.presets["Draft"].replaced({"width": 8, "batch_size": 16, "images": 64})
    run = create_run(ws, family.name, config, dataset, RunSettings(seed=3, preview_count=4, device="cpu"))
    train(ws, run.id)
    return run
