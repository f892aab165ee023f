"""Held-out emoji are found by their Unicode names, far above chance; `clip.md` has the figures of longer training."""

from pathlib import Path

import pytest

from genstudio.core.control import Control
from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run, train_run
from genstudio.jobs.watching import never
from tests.workshop import new_workspace


@pytest.mark.slow
def test_that_held_out_emoji_are_found_by_their_names(tmp_path: Path) -> None:
    ws = new_workspace(tmp_path / "project")
    try:
        options = ImportOptions(width=32, height=32, mode="rgba")
        data, _ = import_dataset(ws, "emoji", options, None, lambda *_: None, never)
        config = ws.host.family("clip").presets["Draft"].replaced({"images": 40_000})
        run = create_run(ws, "clip", config, data.id, RunSettings(seed=0, device="cpu"))
        train_run(ws, run.id, lambda _: None, Control())
        figures = ws.project.run(run.id).figures
    finally:
        ws.project.close()
    assert figures["heldout/found@1"] > 8 / 156, "chance is one of 156"
    assert figures["heldout/found@5"] > 25 / 156, "chance is five of 156"
