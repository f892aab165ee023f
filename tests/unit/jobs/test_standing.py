"""A run that stands on another one stays what it is, however far the other one is trained later."""

from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.control import Control
from genstudio.core.errors import CheckpointError
from genstudio.core.events import Outcome
from genstudio.core.recipe import Recipe
from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.generation.export import read_image
from genstudio.jobs.building import finder, runs_below
from genstudio.jobs.generating import GenerateRequest, generate, make_again
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run, extend_run, train_run
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import CheckpointRecord, DatasetRecord, RunRecord, SampleRecord
from genstudio.training.checkpoint import read_checkpoint
from tests import workshop
from tests.word_runs import CAPTIONS

SMALL = {
    "kl-autoencoder": {"width": 8, "halvings": 1},
    "clip": {"width": 8, "text_width": 32, "text_depth": 1},
}


@pytest.fixture
def captioned(ws: Workspace, tmp_path: Path) -> str:
    """The id of a dataset with captions, of pictures as large as latent diffusion wants them."""
    pictures, options = workshop.paint_pictures(tmp_path / "pictures"), ImportOptions(width=16, height=16, mode="grey")
    for file in sorted(pictures.rglob("*.png")):
        file.with_suffix(".txt").write_text(CAPTIONS[file.parent.name], encoding="utf-8")
    return import_dataset(ws, pictures, options, "waves", lambda *_: None, lambda: False)[0].id


def make(ws: Workspace, family: str, dataset: str, **knobs: object) -> RunRecord:
    listed = ws.host.family(family)
    config = listed.presets["Draft"].replaced({"batch_size": 16, "images": 64, **knobs})
    return create_run(ws, family, config, dataset, RunSettings(seed=3, preview_count=2, device="cpu"))


def trained(ws: Workspace, family: str, dataset: str, **knobs: object) -> RunRecord:
    run = make(ws, family, dataset, **knobs)
    assert workshop.train(ws, run.id).outcome is Outcome.COMPLETED
    return ws.project.run(run.id)


def second_look(ws: Workspace, dataset: str, base: RunRecord) -> RunRecord:
    return trained(ws, "second-look", dataset, base=base.id)


def train_further(ws: Workspace, run: RunRecord, images: int = 320) -> None:
    extend_run(ws, run.id, images=images)
    assert workshop.train(ws, run.id).images_seen == images


def newest(ws: Workspace, run: RunRecord) -> CheckpointRecord:
    record = ws.project.latest_checkpoint(run.id)
    assert record is not None
    return record


def tensors(ws: Workspace, run: RunRecord) -> dict[str, Tensor]:
    record = newest(ws, run)
    assert record.images_seen == 64
    return read_checkpoint(ws.project.path(record.file), record.sha256)[1]


def draw(ws: Workspace, run: RunRecord, prompt: str | None = None) -> SampleRecord:
    ws.shelf.clear()
    asked = GenerateRequest(run.id, None, 1, seed=5, batch=1, options={"steps": 4}, prompt=prompt)
    return generate(ws, asked, progress=untold, on_samples=lambda _: None, cancelled=never)[0]


def is_made_again(ws: Workspace, sample: SampleRecord) -> bool:
    ws.shelf.clear()
    again = make_again(ws, Recipe.model_validate_json(sample.recipe))
    return np.array_equal(again, read_image(ws.project.path(sample.file)))


@pytest.mark.parametrize(
    ("family", "knob", "below", "prompt"),
    [("latent-diffusion", "autoencoder", "kl-autoencoder", None), ("diffusion", "words", "clip", "rising wave")],
)
def test_that_pictures_and_resumed_runs_are_the_same_after_the_run_below_was_trained_further(
    ws: Workspace, captioned: str, family: str, knob: str, below: str, prompt: str | None
) -> None:
    base = trained(ws, below, captioned, **SMALL[below])
    learned_on = newest(ws, base)
    straight = trained(ws, family, captioned, width=8, **{knob: base.id})
    halved = make(ws, family, captioned, width=8, **{knob: base.id})
    control, looks = Control(), count()
    train_run(ws, halved.id, lambda _: None, control, lambda: control.stop() if next(looks) == 1 else None)
    assert ws.project.run(halved.id).images_seen == 16
    picture = draw(ws, straight, prompt)

    train_further(ws, base)
    assert newest(ws, base).sha256 != learned_on.sha256
    assert is_made_again(ws, picture)
    workshop.train(ws, halved.id)
    one, other = tensors(ws, straight), tensors(ws, halved)
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    assert ws.project.run(halved.id).bases == straight.bases == {base.id: learned_on.sha256}

    ws.project.set_run(straight.id, bases={})  # on the newest, as before anything was kept of it
    assert not is_made_again(ws, picture)


def test_that_a_run_from_before_this_was_kept_stands_where_its_base_was_when_that_goes_on(
    ws: Workspace, dataset: DatasetRecord
) -> None:
    base = trained(ws, "eigenpictures", dataset.id)
    old, begun = second_look(ws, dataset.id, base), make(ws, "second-look", dataset.id, base=base.id)
    learned_on = newest(ws, base).sha256
    ws.project.set_run(old.id, bases={})
    assert finder(ws.project)(old.id, base.id).sha256 == learned_on
    train_further(ws, base)
    assert ws.project.run(old.id).bases == {base.id: learned_on}
    assert ws.project.run(begun.id).bases == {}
    train_further(ws, base, 400)
    assert ws.project.run(old.id).bases == {base.id: learned_on}


def test_that_a_run_from_before_this_was_kept_stands_where_it_went_on(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, "eigenpictures", dataset.id)
    old = second_look(ws, dataset.id, base)
    ws.project.set_run(old.id, bases={})
    train_further(ws, old)
    assert ws.project.run(old.id).bases == {base.id: newest(ws, base).sha256}


def test_that_a_run_that_begins_stands_on_the_newest(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, "eigenpictures", dataset.id)
    run = make(ws, "second-look", dataset.id, base=base.id)
    ws.project.set_run(run.id, bases={base.id: "0" * 64})  # as left by a start that came to nothing
    train_further(ws, base)
    workshop.train(ws, run.id)
    assert ws.project.run(run.id).bases == {base.id: newest(ws, base).sha256}


def test_that_a_run_below_a_run_below_stays_as_well(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, "eigenpictures", dataset.id)
    learned_on = newest(ws, base).sha256
    middle = second_look(ws, dataset.id, base)
    train_further(ws, base)
    top = second_look(ws, dataset.id, middle)
    found = runs_below(ws.host, top.id, ws.host.family(top.family), top.config, finder(ws.project))
    assert {run: {below: file.sha256 for below, file in files.items()} for run, files in found.items()} == {
        top.id: {middle.id: newest(ws, middle).sha256},
        middle.id: {base.id: learned_on},
    }


@pytest.mark.parametrize("lost", ["file", "bytes", "row"])
def test_that_a_lost_checkpoint_below_is_a_sentence(ws: Workspace, dataset: DatasetRecord, lost: str) -> None:
    base = trained(ws, "eigenpictures", dataset.id)
    run, learned_on = second_look(ws, dataset.id, base), newest(ws, base)
    train_further(ws, base)
    file = ws.project.path(learned_on.file)
    if lost == "file":
        file.unlink()
    elif lost == "bytes":
        file.write_bytes(b"")
    else:
        ws.project.set_run(run.id, bases={base.id: "0" * 64})
    problem = "was cut off or changed" if lost == "bytes" else "is gone"
    sentence = f"learned on a checkpoint of “{base.name}” that {problem}, and no other one fits it. Put the project's"
    ws.shelf.clear()
    with pytest.raises(CheckpointError, match=sentence):
        generate(
            ws, GenerateRequest(run.id, None, 1, 0, 1), progress=untold, on_samples=lambda _: None, cancelled=never
        )
    extend_run(ws, run.id, images=128)
    finished = workshop.train(ws, run.id)
    assert finished.outcome is Outcome.FAILED and sentence in finished.message
    assert workshop.train(ws, make(ws, "second-look", dataset.id, base=base.id).id).outcome is Outcome.COMPLETED
