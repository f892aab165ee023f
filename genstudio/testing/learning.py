"""Checks of how a family learns: shapes, series, one batch by heart, exact resume, nothing non-finite kept."""

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from genstudio.core.errors import CheckpointError
from genstudio.core.family import Taxonomy
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.testing.lab import BATCH, CPU, SPECS, Lab, differing, state
from genstudio.testing.pictures import made_for, some_unlabelled
from genstudio.testing.report import Broken, require
from genstudio.training.checkpoint import (
    CheckpointHeader,
    learner_tensors,
    load_learner_tensors,
    read_checkpoint,
    save_checkpoint,
)
from genstudio.training.guard import Guard
from genstudio.training.learner import Learner, Samples
from genstudio.training.previews import evaluating

_MARGIN = 0.1
_LOOK_EVERY = 10  # steps, at the samples of an implicit density
_LARGEST_DRAWN = 32 * 32  # drawing larger pictures pixel by pixel takes a while and shows nothing new
_HALF, _WHOLE = 3, 6  # steps before and after which the resume is compared


def check_shapes(lab: Lab) -> str:
    """Build for every kind of pictures it accepts, take a step, draw."""
    accepted = [spec for spec in SPECS if lab.family.misfit(spec) is None]
    for spec in accepted:
        _check_shape(lab, spec)
    return ", ".join(f"{spec.channels} × {spec.height} × {spec.width}" for spec in accepted)


def _check_shape(lab: Lab, spec: DataSpec) -> None:
    what = f"pictures of {spec.channels} × {spec.height} × {spec.width}"
    learner = lab.learner(spec=spec)
    guard = Guard(learner, 0, CPU)
    guard.step(lab.source(made_for(spec)).batch(0), BATCH)
    require(not guard.look(), f"The very first step on {what} was not finite.")
    if isinstance(learner, Samples) and spec.height * spec.width <= _LARGEST_DRAWN:
        lab.check_pictures(lab.sample(learner, 0, range(2)), 2, f"Samples after {what}", spec)


def check_missing_labels(lab: Lab) -> str:
    """A family that says so learns from pictures of which only some have a label."""
    if not lab.family.partial_labels:
        return "not looked at: it sees whole labels or none"
    dataset = some_unlabelled()
    require(lab.family.misfit(dataset.spec) is None, "It declares partial_labels and refuses partly labelled pictures.")
    learner = lab.learner(spec=dataset.spec)
    source, guard = lab.source(dataset), Guard(learner, 0, CPU)
    for step in range(3):
        guard.step(source.batch(step * BATCH), BATCH)
    require(not guard.look(), "A step on partly labelled pictures was not finite.")
    with evaluating(learner):
        figures = learner.evaluate(source.fixed(range(BATCH), 0))
    finite = all(bool(torch.isfinite(value).all()) for value in figures.values())
    require(finite, "evaluate is not finite on partly labelled pictures.")
    return f"{dataset.spec.unlabelled} of {len(dataset)} pictures without a label"


def check_series(lab: Lab) -> str:
    """What a step and an evaluation report is what was declared."""
    learner = lab.learner()
    declared = [series.name for series in lab.family.series]
    for values in lab.train(learner, steps=2):
        require(sorted(values) == sorted(declared), f"A step reports {_list(values)}; declared are {_list(declared)}.")
        for name, value in values.items():
            _check_scalar(name, value)
    batch = lab.source().fixed(range(BATCH), 0)
    with evaluating(learner):
        figures = dict(learner.evaluate(batch))
    for name, value in figures.items():
        require(name in declared, f"evaluate reports “{name}”, which is not declared.")
        require(tuple(value.shape) == (BATCH,), f"evaluate's “{name}” has shape {tuple(value.shape)}, not ({BATCH},).")
        require(bool(torch.isfinite(value).all()), f"evaluate's “{name}” is not finite.")
    _check_profiles(lab, learner, batch)
    return _list(declared)


def _check_profiles(lab: Lab, learner: Learner, batch: Batch) -> None:
    declared = [profile.name for profile in lab.family.profiles]
    with evaluating(learner):
        rows = dict(learner.profiles(batch))
    require(sorted(rows) == sorted(declared), f"profiles gives {_list(rows)}; declared are {_list(declared)}.")
    for name, row in rows.items():
        require(row.ndim == 1 and len(row) > 0, f"The profile “{name}” must have one dimension.")
        require(bool(torch.isfinite(row).all()), f"The profile “{name}” is not finite.")


def _list(names: list[str] | dict[str, Tensor]) -> str:
    return ", ".join(names) or "nothing"


def _check_scalar(name: str, value: Tensor) -> None:
    require(isinstance(value, Tensor) and value.ndim == 0, f"“{name}” must be a scalar tensor.")
    require(not value.requires_grad, f"“{name}” must be detached; it keeps a whole step's memory alive.")
    require(math.isfinite(float(value)), f"“{name}” is not finite.")


def check_learning(lab: Lab) -> str:
    """The headline falls by a tenth when one batch is looked at over and over.

    The losses of an implicit density need not fall while it learns; there, samples must come nearer to the batch.
    """
    if lab.family.taxonomy is Taxonomy.IMPLICIT:
        return _check_likeness(lab)
    learner, source = lab.learner(), lab.source()
    guard, headline = Guard(learner, 0, CPU), lab.family.series[0].name
    images, losses = source.batch(0).images.clone(), list[float]()
    while not _fallen(losses):
        seen = f"“{headline}” went from {losses[0]:.4g} to {losses[-1]:.4g} in {len(losses)} steps" if losses else ""
        require(len(losses) < lab.steps, f"{seen} on one batch; it must fall by {_MARGIN:.0%}.")
        batch = _same(source.batch(len(losses) * BATCH), source.batch(0), images)
        losses.append(float(guard.step(batch, BATCH)[headline]))
    return f"“{headline}” fell from {losses[0]:.4g} to {losses[-1]:.4g} in {len(losses)} steps on one batch"


def _fallen(losses: list[float]) -> bool:
    """Whether the last five steps are, in the mean, a tenth below the first."""
    return len(losses) > 5 and losses[0] - sum(losses[-5:]) / 5 > _MARGIN * abs(losses[0])


def _check_likeness(lab: Lab) -> str:
    """Samples come nearer to the one batch that is looked at, by a tenth at least."""
    learner, source = lab.learner(), lab.source()
    guard, images, apart = Guard(learner, 0, CPU), source.batch(0).images.clone(), list[float]()
    for step in range(lab.steps + 1):
        if step % _LOOK_EVERY == 0:
            apart.append(_apart(images, lab.sample(learner, 0, range(BATCH))))
        if apart[-1] < (1 - _MARGIN) * apart[0]:
            return f"samples came nearer, from {apart[0]:.3g} to {apart[-1]:.3g} in {step} steps on one batch"
        guard.step(_same(source.batch(step * BATCH), source.batch(0), images), BATCH)
    seen = f"Samples were {apart[0]:.3g} apart from the one batch it looked at, and {min(apart):.3g} at best"
    raise Broken(f"{seen} in {lab.steps} steps; they must come nearer by {_MARGIN:.0%}.")


def _apart(images: Tensor, others: Tensor) -> float:
    """Sliced Wasserstein-1 distance between two equally large sets of pictures, over the same directions every time."""
    directions = torch.randn(images[0].numel(), 64, generator=torch.Generator().manual_seed(0))
    projected = [(pictures.flatten(1) @ directions).sort(0).values for pictures in (images, others)]
    return float((projected[0] - projected[1]).abs().mean() / images[0].numel() ** 0.5)


def _same(now: Batch, first: Batch, images: Tensor) -> Batch:
    """The first batch's pictures with this step's clock and noise."""
    first.images.copy_(images)
    return replace(first, images_seen=now.images_seen, generator=now.generator)


def check_resume(lab: Lab) -> str:
    """Train straight, and with a checkpoint file half way into a learner built from another seed: the same bits."""
    straight = lab.learner()
    lab.train(straight, steps=_WHOLE)
    begun = lab.learner()
    lab.train(begun, steps=_HALF)
    resumed = lab.learner(seed=1)
    load_learner_tensors(resumed, _through_a_file(lab, begun))
    for name in differing(state(begun), state(resumed)):
        raise Broken(f"“{name}” is not the same after it was saved and loaded.")
    lab.train(resumed, start=_HALF, steps=_WHOLE - _HALF)
    for name in differing(state(straight), state(resumed)):
        raise Broken(
            f"After a resume “{name}” differs from a run without one. All state belongs into parameters, buffers and "
            "updaters, all noise comes from batch.generator, all schedules from batch.images_seen."
        )
    return f"{len(learner_tensors(straight))} tensors, the same bits after {_WHOLE} steps"


def _through_a_file(lab: Lab, learner: Learner) -> dict[str, Tensor]:
    header = CheckpointHeader(
        family=lab.family.name, config=lab.config.model_dump(mode="json"), spec=lab.spec,
        fingerprint=lab.dataset.fingerprint, run="check", seed=0, settings={}, images_seen=_HALF * BATCH, seconds=0.0,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        saved = save_checkpoint(Path(folder) / "check.safetensors", learner, header)
        found, tensors = read_checkpoint(saved.path, saved.sha256)
    require(found == header, "The checkpoint's header changed when it was written and read back.")
    return tensors


def check_state(lab: Lab) -> str:
    """Every piece of state is asked for when loading, and stays in its place while training."""
    learner = lab.learner()
    before = learner_tensors(learner)
    places = {name: tensor.data_ptr() for name, tensor in before.items()}
    lab.train(learner)
    after = learner_tensors(learner)
    require(before.keys() == after.keys(), "A step adds or removes state; all of it must be there from the beginning.")
    moved = [name for name, place in places.items() if after[name].data_ptr() != place]
    require(not moved, f"A step replaces “{moved and moved[0]}”; change tensors in place.")
    for name in after:
        _check_missed(learner, {other: tensor for other, tensor in after.items() if other != name}, name)
    return f"each of {len(after)} tensors is missed when it is left out"


def _check_missed(learner: Learner, tensors: dict[str, Tensor], name: str) -> None:
    try:
        load_learner_tensors(learner, tensors)
    except CheckpointError:
        return
    raise Broken(f"Nobody notices when “{name}” is missing from a checkpoint.")


def check_guard(lab: Lab) -> str:
    """A step that is not finite changes nothing, nor does any step after it."""
    learner, source = lab.learner(), lab.source()
    lab.train(learner, steps=2)
    before = state(learner)
    guard = Guard(learner, 2 * BATCH, CPU)
    bad = source.batch(2 * BATCH)
    bad.images.fill_(math.nan)
    guard.step(bad, BATCH)
    if not guard.tripped:  # it looks at the levels only, which are always finite; so its gradients are spoilt
        before = state(learner)
        with _spoilt_gradients(learner):
            guard.step(source.batch(3 * BATCH), BATCH)
    require(guard.tripped, "A gradient that is not finite went unnoticed: weights may change through an Updater only.")
    guard.step(source.batch(4 * BATCH), BATCH)
    for name in differing(before, state(learner)):
        raise Broken(f"A step that was not finite changed “{name}”.")
    return "weights, averages, buffers and optimizer stay as they were"


@contextmanager
def _spoilt_gradients(learner: Learner) -> Iterator[None]:
    trainable = [parameter for parameter in learner.parameters() if parameter.requires_grad]
    hooks = [
        parameter.register_hook(lambda gradient: gradient * math.nan)  # type: ignore[no-untyped-call] # torch's own
        for parameter in trainable
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def check_gradients(lab: Lab) -> str:
    """No gradient is left behind by a step."""
    learner = lab.learner()
    require(bool(learner.updaters), "It has no Updater as an attribute, so nothing would be learned.")
    lab.train(learner, steps=2)
    left = [name for name, parameter in learner.named_parameters() if parameter.grad is not None]
    require(not left, f"A step leaves a gradient in “{left and left[0]}”.")
    return f"{len(learner.updaters)} updater{'s' if len(learner.updaters) > 1 else ''}"
