"""A tiny trained upscaler, for tests of enlarging."""

from genstudio.core.settings import RunSettings
from genstudio.jobs.training import create_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunRecord
from tests.workshop import train


def upscaler_run(ws: Workspace, dataset: str) -> RunRecord:
    """Train the smallest upscaler for a moment."""
    family = ws.host.family("diffusion-upscaler")
    config = family.presets["Draft"].replaced({"width": 8, "batch_size": 16, "images": 64})
    run = create_run(ws, family.name, config, dataset, RunSettings(seed=3, preview_count=4, device="cpu"))
    train(ws, run.id)
    return run
