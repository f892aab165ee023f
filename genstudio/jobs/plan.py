"""One stretch of training as plain data, and how it is carried out.

The process that has the project open makes the plan; every process of a distributed training carries it out from the
files it names, so that the others need no project.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from genstudio.core.config import FamilyConfig, parse
from genstudio.core.control import Control
from genstudio.core.errors import DatasetGoneError
from genstudio.core.events import Emit, Finished
from genstudio.core.family import AnyFamily
from genstudio.core.settings import RunSettings
from genstudio.core.spec import DataSpec
from genstudio.jobs.building import Bases, CheckpointFile, Context, Families, build, revive

if TYPE_CHECKING:
    from genstudio.data.dataset import ImageDataset
    from genstudio.training.checkpoint import CheckpointHeader
    from genstudio.training.distributed import World
    from genstudio.training.learner import Learner
    from genstudio.training.loop import Host, Look


class Plan(BaseModel):
    """What a stretch of training needs.

    `checkpoint` is where it goes on from, `best` the best score up to there, `bases` what the run and the runs below it
    stand on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    run_name: str
    family: str
    config: dict[str, Any]
    settings: dict[str, Any]
    budget: int
    dataset: str
    fingerprint: str
    checkpoint: CheckpointFile | None = None
    bases: Bases = {}
    best: float | None = None

    @property
    def chosen(self) -> RunSettings:
        """The run's settings, checked."""
        return parse(RunSettings, self.settings)


def carry_out(
    plan: Plan,
    families: Families,
    world: "World",
    emit: Emit,
    control: Control,
    host: "Callable[[CheckpointHeader], Host]",
    look: "Look" = lambda _clock, _shown, _recall: {},
) -> Finished:
    """Train by the plan. Raises `GenStudioError` when it cannot begin; once begun, failures are a `Finished`.

    `look` sees the pictures that the run shows.
    """
    from genstudio.data.dataset import split
    from genstudio.data.source import BatchSource
    from genstudio.training.device import pick_device, prepare
    from genstudio.training.loop import Progress, train

    prepare()
    settings, family = plan.chosen, families.family(plan.family)
    config = parse(family.config_type, plan.config)
    device = pick_device(settings.device)
    dataset = _open(plan)
    dataset = dataset.seen_as(family.seen(dataset.spec))
    learner, header = _learner(plan, families, family, config, dataset.spec)
    training, heldout = split(len(dataset), dataset.fingerprint, settings.heldout)
    source = BatchSource(
        dataset,
        training,
        batch_size=config.batch_size,
        seed=settings.seed,
        device=device,
        rank=world.rank,
        world=world.size,
    )
    return train(
        learner.to(device),
        source,
        heldout,
        settings,
        family.sampling_type(),
        run=plan.run,
        budget=plan.budget,
        progress=Progress(header.images_seen, header.seconds),
        emit=emit,
        control=control,
        host=host(header),
        score=family.score,
        best=plan.best,
        look=look,
    )


def _open(plan: Plan) -> "ImageDataset":
    from genstudio.data.dataset import ImageDataset

    dataset = ImageDataset.open(Path(plan.dataset))
    if dataset.fingerprint != plan.fingerprint:
        raise DatasetGoneError(
            "The dataset is not the one this run was started with: its pictures or labels changed. "
            "Put the project's files back from a copy, or start a new run."
        )
    return dataset


def _learner(
    plan: Plan, families: Families, family: AnyFamily, config: FamilyConfig, spec: DataSpec
) -> "tuple[Learner, CheckpointHeader]":
    """A fresh learner, or the one of the checkpoint, with the header its next checkpoints are made from."""
    from genstudio.training.checkpoint import read_checkpoint

    context = Context(families, lambda run, base: plan.bases[run][base], (plan.run,))
    if plan.checkpoint is None:
        return build(family, config, spec, plan.chosen.seed, context), _header(plan, spec)
    header, tensors = read_checkpoint(Path(plan.checkpoint.path), plan.checkpoint.sha256)
    learner = revive(families, header, tensors, context)
    clock = {"images_seen": header.images_seen, "seconds": header.seconds}
    return learner, _header(plan, spec).model_copy(update=clock)


def _header(plan: Plan, spec: DataSpec) -> "CheckpointHeader":
    import torch

    from genstudio import __version__
    from genstudio.training.checkpoint import CheckpointHeader

    return CheckpointHeader(
        family=plan.family,
        config=plan.config,
        spec=spec,
        fingerprint=plan.fingerprint,
        run=plan.run,
        run_name=plan.run_name,
        seed=plan.chosen.seed,
        settings=plan.settings,
        images_seen=0,
        seconds=0.0,
        versions={"genstudio": __version__, "torch": str(torch.__version__)},
    )
