"""Models may stand on the trained models of other runs, and are loaded once for many uses."""

from pathlib import Path

import pytest
import torch

from genstudio.core.errors import CheckpointError, ConfigError, FamilyError
from genstudio.core.events import Outcome
from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.jobs.building import CheckpointFile, Context, finder
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.loading import load_learner
from genstudio.jobs.training import create_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, RunRecord
from genstudio.training.checkpoint import learner_tensors
from tests import workshop


def second_look(ws: Workspace, dataset: DatasetRecord, base: str | None) -> RunRecord:
    family = ws.host.family("second-look")
    config = family.presets["Draft"].replaced({"base": base, "images": 160})
    return create_run(ws, family.name, config, dataset.id, RunSettings(device="cpu"))


def trained(ws: Workspace, dataset: DatasetRecord) -> RunRecord:
    run = workshop.make_run(ws, dataset.id, images=160)
    workshop.train(ws, run.id)
    return run


def test_that_a_model_stands_on_the_trained_model_of_another_run(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, dataset)
    run = second_look(ws, dataset, base.name)
    assert run.config["base"] == base.id
    assert workshop.train(ws, run.id).outcome is Outcome.COMPLETED
    learner, _ = load_learner(ws, run.id)
    bottom, _ = load_learner(ws, base.id)
    below = learner_tensors(bottom)
    for name, tensor in learner.state_dict().items():
        if name.startswith("base."):
            assert torch.equal(tensor, below[f"model/{name.removeprefix('base.')}"])
    assert not any(parameter.requires_grad for name, parameter in learner.named_parameters() if "base" in name)


def test_that_a_model_on_a_model_on_a_model_resumes(ws: Workspace, dataset: DatasetRecord) -> None:
    middle = second_look(ws, dataset, trained(ws, dataset).id)
    workshop.train(ws, middle.id)
    top = second_look(ws, dataset, middle.id)
    assert workshop.train(ws, top.id).outcome is Outcome.COMPLETED


def test_that_the_run_stood_on_must_be_there_trained_and_able(ws: Workspace, dataset: DatasetRecord) -> None:
    untrained = workshop.make_run(ws, dataset.id)
    for base, problem in (("nothing", "There is no run called “nothing”"), (untrained.id, "has no checkpoint yet")):
        with pytest.raises(ConfigError, match=problem) as caught:
            second_look(ws, dataset, base)
        assert list(caught.value.fields) == ["base"]
    finished = workshop.train(ws, second_look(ws, dataset, None).id)
    assert (finished.outcome, finished.message) == (
        Outcome.FAILED,
        "A second look needs a run to look at. Choose one as its base.",
    )


def test_that_the_run_stood_on_must_know_pictures_like_these(
    ws: Workspace, dataset: DatasetRecord, tmp_path: Path
) -> None:
    base, pictures = trained(ws, dataset), workshop.paint_pictures(tmp_path / "larger")
    options = ImportOptions(width=16, height=16, mode="grey")
    larger, _ = import_dataset(ws, pictures, options, "larger", lambda *_: None, lambda: False)
    with pytest.raises(ConfigError, match="learned pictures of 8×8 grey, and these are of 16×16 grey") as caught:
        second_look(ws, larger, base.id)
    assert list(caught.value.fields) == ["base"]
    assert second_look(ws, dataset, base.id).config["base"] == base.id


def test_that_a_base_deleted_later_is_a_sentence(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, dataset)
    run = second_look(ws, dataset, base.id)
    undo = ws.project.delete_run(base.id)
    finished = workshop.train(ws, run.id)
    assert finished.outcome is Outcome.FAILED
    assert "stands on is no longer in the project" in finished.message
    undo()
    assert workshop.train(ws, run.id).outcome is Outcome.COMPLETED


def test_that_a_run_standing_on_itself_is_refused(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, dataset)
    with pytest.raises(FamilyError, match="stands on itself"):
        Context(ws.host, finder(ws.project), (base.id,)).load_run(base.id)


def test_that_what_a_run_stands_on_does_not_decide_its_first_weights(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, dataset)
    drawn = []
    for loads in (False, True):
        torch.manual_seed(5)
        if loads:
            Context(ws.host, finder(ws.project)).load_run(base.id)
        drawn.append(torch.rand(4))
    assert torch.equal(*drawn)


def test_that_a_base_whose_file_changed_is_refused(ws: Workspace, dataset: DatasetRecord) -> None:
    base = trained(ws, dataset)
    record = ws.project.latest_checkpoint(base.id)
    assert record is not None
    file = CheckpointFile(str(ws.project.path(record.file)), "0" * 64)
    with pytest.raises(CheckpointError):
        Context(ws.host, lambda _run, _base: file).load_run(base.id)


def test_that_the_learner_used_last_is_kept_and_only_that_one(ws: Workspace, dataset: DatasetRecord) -> None:
    first, second = trained(ws, dataset), trained(ws, dataset)
    learner, record = load_learner(ws, first.id, device="cpu")
    assert load_learner(ws, first.name, 160, "cpu") == (learner, record)
    assert not learner.training
    other, _ = load_learner(ws, second.id)
    assert other is not learner
    again, _ = load_learner(ws, first.id)
    assert again is not learner
    assert all(map(torch.equal, again.state_dict().values(), learner.state_dict().values()))


def test_that_a_checkpoint_that_is_not_there_is_named_with_those_that_are(
    ws: Workspace, dataset: DatasetRecord
) -> None:
    run = trained(ws, dataset)
    with pytest.raises(CheckpointError, match=r"no checkpoint at 7 images\. There are: 160\."):
        load_learner(ws, run.id, 7)
    record = ws.project.checkpoints(run.id)[0]
    ws.project.path(record.file).write_bytes(b"")
    with pytest.raises(CheckpointError, match="was cut off or changed"):
        load_learner(ws, run.id, 160)
    with pytest.raises(CheckpointError, match="no checkpoint yet"):
        load_learner(ws, workshop.make_run(ws, dataset.id).id)


def test_that_building_gives_the_same_weights_for_the_same_seed(ws: Workspace, dataset: DatasetRecord) -> None:
    from genstudio.jobs.building import build

    family = ws.host.family("eigenpictures")
    config = family.presets["Draft"]
    context = Context(ws.host, finder(ws.project))
    one, same, other = (build(family, config, dataset.spec, seed, context) for seed in (1, 1, 2))
    assert torch.equal(one.net.mixing, same.net.mixing)  # type: ignore[arg-type, union-attr]
    assert not torch.equal(one.net.mixing, other.net.mixing)  # type: ignore[arg-type, union-attr]
