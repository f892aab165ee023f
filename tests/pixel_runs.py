"""A tiny trained model that draws pixel by pixel, for tests of watching, completing, surprise and ranking."""

from genstudio.core.settings import RunSettings
from genstudio.jobs.training import create_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunRecord
from tests.workshop import train


def pixel_run(ws: Workspace, dataset: str, images: int = 320) -> RunRecord:
    """Train the smallest PixelCNN for a moment."""
    family = ws.host.family("pixelcnn")
    sizes = {"batch_size": 16, "levels": 4, "features": 8, "depth": 2, "images": images}
    config = family.presets["Draft"].replaced(sizes)
    run = create_run(ws, family.name, config, dataset, RunSettings(seed=3, preview_count=4, heldout=0.2, device="cpu"))
    train(ws, run.id)
    return run
