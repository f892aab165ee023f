"""The best checkpoint of a run in a project: kept beside the newest, through pruning, stopping and crashes."""

from collections.abc import Mapping
from importlib import import_module

import pytest
import torch
from torch import Tensor

from genstudio.core.control import Control
from genstudio.core.errors import CheckpointError
from genstudio.core.events import CheckpointSaved, Event, Outcome
from genstudio.core.family import Family, JudgedBy
from genstudio.core.settings import RunSettings
from genstudio.data.batches import Batch
from genstudio.jobs.loading import BEST, choose_checkpoint, load
from genstudio.jobs.training import create_run, train_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, RunRecord
from genstudio.training.learner import Learner
from tests.unit.jobs.test_training import tensors_of

BATCH, TURN = 16, 7


@pytest.fixture(autouse=True)
def turning_up(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held-out pictures find the seventh step best; previews come at every step, however long they take."""

    def evaluate(learner: Learner, batch: Batch) -> Mapping[str, Tensor]:
        steps = int(learner.updaters["update"].state_tensors()["steps"])
        return {"error": torch.full((len(batch),), abs(steps - TURN) / 10)}

    model = import_module(f"{ws.host.family('eigenpictures').build.__module__}.model")
    monkeypatch.setattr(model.EigenLearner, "evaluate", evaluate)
    monkeypatch.setattr("genstudio.training.loop._PREVIEW_SHARE", 1e9)


def make_run(ws: Workspace, dataset: str, steps: int) -> RunRecord:
    family = ws.host.family("eigenpictures")
    config = family.presets["Draft"].replaced({"images": BATCH * steps, "batch_size": BATCH})
    settings = RunSettings(seed=3, preview_count=2, heldout=0.1, device="cpu", preview_every=BATCH)
    return create_run(ws, family.name, config, dataset, settings)


def train(ws: Workspace, run: str, stop_after: int | None = None) -> list[Event]:
    control, heard = Control(), []

    def emit(event: Event) -> None:
        heard.append(event)
        if stop_after is not None and event.images_seen >= BATCH * stop_after:
            control.stop()

    train_run(ws, run, emit, control)
    return heard


def steps_kept(ws: Workspace, run: str) -> list[int]:
    return [record.images_seen // BATCH for record in ws.project.checkpoints(run)]


def test_that_the_best_is_kept_beside_the_last_and_never_pruned(ws: Workspace, dataset: DatasetRecord) -> None:
    run = make_run(ws, dataset.id, 40).id
    heard = train(ws, run)
    assert heard[-1].outcome is Outcome.COMPLETED  # type: ignore[attr-defined]
    assert steps_kept(ws, run) == [TURN, 40]
    assert [event.images_seen for event in heard if isinstance(event, CheckpointSaved)] == [40 * BATCH]
    assert [record.score for record in ws.project.checkpoints(run)] == [0.0, pytest.approx(3.3)]
    assert ws.project.run(run).images_seen == 40 * BATCH
    assert choose_checkpoint(ws, run, None).images_seen == 40 * BATCH
    assert load(ws, run, BEST).header.images_seen == TURN * BATCH
    straight = make_run(ws, dataset.id, TURN).id
    train(ws, straight)
    assert tensors_of(ws, straight, TURN * BATCH) == tensors_of(ws, run, TURN * BATCH)
    ws.project.prune_checkpoints(run)
    assert TURN in steps_kept(ws, run)


def test_that_a_run_that_goes_on_keeps_the_best_of_before(ws: Workspace, dataset: DatasetRecord) -> None:
    whole, parted = make_run(ws, dataset.id, 30).id, make_run(ws, dataset.id, 30).id
    train(ws, whole)
    for stop in (3, 12, 20):
        train(ws, parted, stop)
    train(ws, parted)
    for run in (whole, parted):
        best = ws.project.best_checkpoint(run)
        assert best is not None and (best.images_seen, best.score) == (TURN * BATCH, 0.0)
    assert tensors_of(ws, whole, 30 * BATCH) == tensors_of(ws, parted, 30 * BATCH)
    assert tensors_of(ws, whole, TURN * BATCH) == tensors_of(ws, parted, TURN * BATCH)


def test_that_a_crash_before_the_best_was_written_finds_it_again(ws: Workspace, dataset: DatasetRecord) -> None:
    run = make_run(ws, dataset.id, 30).id
    train(ws, run, 3)

    class Down(BaseException):
        pass

    def go_down(event: Event) -> None:
        if event.images_seen > 12 * BATCH:
            raise Down

    with pytest.raises(Down):
        train_run(ws, run, go_down, Control())
    assert TURN not in steps_kept(ws, run)
    train(ws, run)
    best = ws.project.best_checkpoint(run)
    assert best is not None and best.images_seen == TURN * BATCH


def test_that_a_damaged_best_is_passed_over_for_the_next_best(ws: Workspace, dataset: DatasetRecord) -> None:
    run = make_run(ws, dataset.id, 20).id
    train(ws, run)
    best = ws.project.best_checkpoint(run)
    assert best is not None
    ws.project.path(best.file).unlink()
    assert choose_checkpoint(ws, run, BEST).images_seen == 20 * BATCH


def test_that_a_run_nobody_judged_has_no_best(
    ws: Workspace, dataset: DatasetRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Family, "score", lambda *_: None)
    run = make_run(ws, dataset.id, 10).id
    train(ws, run)
    assert steps_kept(ws, run) == [10]
    with pytest.raises(CheckpointError, match="Held-out pictures have said of no checkpoint"):
        choose_checkpoint(ws, run, BEST)


def test_that_a_family_says_which_figure_judges_and_which_way(ws: Workspace) -> None:
    from dataclasses import replace

    family = ws.host.family("eigenpictures")
    assert family.score({"error": 1.0, "heldout/error": 2.0}) == 2.0
    assert family.score({"error": 1.0}) is None
    assert replace(family, judged_by=JudgedBy("right", highest=True)).score({"heldout/right": 0.5}) == -0.5
    assert replace(family, judged_by=None).score({"heldout/error": 2.0}) is None
