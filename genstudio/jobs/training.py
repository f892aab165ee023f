"""Runs: made, extended, trained from the beginning or from where they stand."""

import math
import time
from collections.abc import Callable
from contextlib import suppress

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, FieldKind, FieldSpec, describe, missing_runs, parse
from genstudio.core.control import Control
from genstudio.core.errors import ConfigError, FamilyError, GenStudioError
from genstudio.core.events import Emit, Finished, Outcome, Started
from genstudio.core.family import AnyFamily
from genstudio.core.health import History
from genstudio.core.settings import RunSettings
from genstudio.core.spec import DataSpec
from genstudio.core.words import count, duration
from genstudio.jobs.able import able
from genstudio.jobs.building import Bases, CheckpointFile, finder, newest_good, runs_below
from genstudio.jobs.copies import make_bench
from genstudio.jobs.copy_look import CopyLook
from genstudio.jobs.diagnosing import Diagnosing
from genstudio.jobs.following import meet, share
from genstudio.jobs.guarding import BY_HEART, COPYING, KINDS, Guarding, LearnsByHeart, copies
from genstudio.jobs.plan import Plan, carry_out
from genstudio.jobs.recorder import Recorder
from genstudio.jobs.saving import Keeper
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.layout import new_id
from genstudio.store.records import CheckpointRecord, RunRecord, RunStatus, best_of


def nothing() -> None:
    """Nobody else waits for the device."""


def create_run(
    ws: Workspace, family: str, config: FamilyConfig, dataset: str, settings: RunSettings, name: str | None = None
) -> RunRecord:
    """Make a run that is ready to train. `dataset` is a name or id.

    Raises `FamilyError` when the family cannot learn from the dataset, `ConfigError` when the config refers to a run
    that cannot serve, `ProjectError` when there is no such dataset.
    """
    chosen = ws.host.family(family)
    data = ws.project.dataset(dataset)
    problem = chosen.misfit(data.spec)
    if problem is not None:
        raise FamilyError(problem)
    config = _with_bases(ws, chosen, parse(chosen.config_type, config.model_dump()), data.spec)
    name = name or f"{chosen.title} on {data.name}"
    return ws.project.add_run(
        RunRecord(
            id=new_id(name),
            name=name,
            family=chosen.name,
            dataset=data.id,
            config=config.model_dump(mode="json"),
            settings=settings.model_dump(mode="json"),
            status=RunStatus.READY,
            created=time.time(),
            images_seen=0,
            budget=config.images,
            seconds=0.0,
            figures={},
        )
    )


def extend_run(ws: Workspace, run: str, *, images: int | None = None, minutes: float | None = None) -> RunRecord:
    """Make a run ready to go on, further than it was meant to when `images` or `minutes` (both in all) say so.

    A run that had reached its end keeps that checkpoint for good. Raises `ConfigError` when nothing is left to train.
    """
    record = ws.project.run(run)
    settings = parse(RunSettings, record.settings)
    if minutes is not None:
        settings = settings.replaced({"minutes": minutes})
    budget = record.budget if images is None else images
    newest = ws.project.latest_checkpoint(record.id)
    if newest is not None and (newest.images_seen >= budget or newest.seconds >= 60 * (settings.minutes or math.inf)):
        raise ConfigError(
            f"“{record.name}” has already seen {count(newest.images_seen)} images in {duration(newest.seconds)}. "
            "To train it further, say how far in all: more images, or more minutes."
        )
    if newest is not None and record.status is RunStatus.COMPLETED:
        ws.project.pin_checkpoint(record.id, newest.images_seen)
    ws.project.set_run(record.id, budget=budget, settings=settings.model_dump(mode="json"))
    return ws.project.run(record.id)


def train_run(ws: Workspace, run: str, emit: Emit, control: Control, between: Callable[[], None] = nothing) -> Finished:
    """Train a run from its beginning or its newest good checkpoint, until it ends for whatever reason.

    `emit` hears `Started` first, exactly one `Finished` last, and everything only once it is kept; it is called from
    this thread or the store's, never from both at once. `between` is called between steps. Raises `ProjectError` only
    when there is no such run; every other failure becomes a `Finished` with a sentence.
    """
    from genstudio.training.distributed import World

    record = ws.project.run(run)
    recorder = Recorder(ws.project, record.id, emit)
    world = World.from_environment()
    meet(world.rank, world.size)
    try:
        plan = _shared_plan(ws, record, recorder, world.size)
        carry_out(
            plan,
            ws.host,
            world,
            _diagnosing(ws, record, recorder),
            control,
            lambda header: Keeper(ws.project, header, recorder.flush, between),
            _copy_look(ws, record),
        )
    except Exception as error:
        _fail(record, recorder, error)
    finally:
        world.leave()
    if recorder.finished is None:
        raise RuntimeError("training ended without a last word")
    return recorder.finished


def _shared_plan(ws: Workspace, record: RunRecord, recorder: Recorder, processes: int) -> Plan:
    """Make the plan, and tell the other processes: the plan, or that there is none."""
    text = ""
    try:
        plan = _plan(ws, record, recorder)
        text = plan.model_dump_json()
    finally:
        if processes > 1:
            share(text)
    return plan


def _plan(ws: Workspace, record: RunRecord, recorder: Recorder) -> Plan:
    """Decide where a run goes on from, and bring what is kept of it to that point."""
    family, data = ws.host.family(record.family), ws.project.dataset(record.dataset)
    newest, skipped = newest_good(ws.project, record.id)
    at, seconds = (newest.images_seen, newest.seconds) if newest else (-1, 0.0)
    recorder.notes = tuple(skipped)
    ws.project.truncate_metrics(record.id, at)
    ws.project.set_run(record.id, images_seen=max(at, 0), seconds=seconds)
    return Plan(
        run=record.id,
        run_name=record.name,
        family=record.family,
        config=dict(record.config),
        settings=dict(record.settings),
        budget=record.budget,
        dataset=str(ws.project.path(data.folder)),
        fingerprint=data.fingerprint,
        checkpoint=newest and CheckpointFile(str(ws.project.path(newest.file)), newest.sha256),
        bases=_hold_bases(ws, family, record, newest),
        best=_best_score(ws, record.id, at),
    )


def _hold_bases(ws: Workspace, family: AnyFamily, record: RunRecord, newest: CheckpointRecord | None) -> Bases:
    """Find what a run stands on, and keep it that way, however far those runs are trained later.

    One that begins stands on the newest checkpoints; one that goes on, on those it learned on.
    """
    if newest is None:
        ws.project.set_run(record.id, bases={})
    else:
        _hold_for_others(ws, record.id, newest)
    bases = runs_below(ws.host, record.id, family, record.config, finder(ws.project))
    ws.project.set_run(record.id, bases={base: file.sha256 for base, file in bases.get(record.id, {}).items()})
    return bases


def _hold_for_others(ws: Workspace, base: str, newest: CheckpointRecord) -> None:
    """Have trained runs that do not say where on this one they stand, because they are older, stand where it is now."""
    for run in ws.project.runs():
        stands = base in run.config.values() and base not in run.bases
        if stands and ws.project.latest_checkpoint(run.id) is not None:
            ws.project.set_run(run.id, bases={**run.bases, base: newest.sha256})


def _best_score(ws: Workspace, run: str, images_seen: int) -> float | None:
    """The best score of a run up to where it goes on from: later checkpoints will be made again."""
    best = best_of(record for record in ws.project.checkpoints(run) if record.images_seen <= images_seen)
    return best.score if best else None


def _copy_look(ws: Workspace, record: RunRecord) -> CopyLook:
    """A look for copies at the pictures it draws; what it needs to know of the data is made when it first looks."""
    spec = ws.project.dataset(record.dataset).spec
    by_words = Ability.TEXT_CONDITION in able(ws.host.family(record.family), record.config, spec)
    return CopyLook(lambda: make_bench(ws, record.id, untold, never), record.budget, by_words=by_words)


def _diagnosing(ws: Workspace, record: RunRecord, recorder: Recorder) -> Guarding:
    """The recorder, with the family's and our own judgement of what it hears, and of what the run reported before."""
    family, history = ws.host.family(record.family), History()
    for row in ws.project.metrics(record.id):
        history.add(row.images_seen, row.values)
    standing = {remark.kind: remark.text for remark in ws.project.remarks(record.id) if remark.stands}
    ours = {kind: standing.pop(kind) for kind in KINDS if kind in standing}
    theirs = Diagnosing(family, parse(family.config_type, record.config), history, recorder, standing)
    return Guarding({BY_HEART: LearnsByHeart(family), COPYING: copies}, history, theirs, ours)


def _fail(record: RunRecord, recorder: Recorder, error: Exception) -> None:
    """Say what kept a run from beginning, unless its last word was spoken."""
    from genstudio.training.failures import sentence

    if recorder.finished is None:
        message = sentence(error, "getting ready to train")
        with suppress(GenStudioError):
            recorder(Started(record.id, record.images_seen, record.budget, ""))
        recorder(Finished(record.id, record.images_seen, Outcome.FAILED, message))


def _with_bases(ws: Workspace, family: AnyFamily, config: FamilyConfig, spec: DataSpec) -> FamilyConfig:
    """Return the config with the runs it refers to by id; raises `ConfigError` unless all are trained and fit."""
    problems = {field.name: f"Choose a run for “{field.title}”. {field.help}" for field in missing_runs(config)}
    ids = {}
    for field in describe(type(config)):
        run = getattr(config, field.name)
        if field.kind is FieldKind.RUN and run:
            try:
                ids[field.name] = _base(ws, field, run, spec).id
            except GenStudioError as error:
                problems[field.name] = str(error)
    if problems:
        raise ConfigError(f"{family.title}: {next(iter(problems.values()))}", problems)
    return config.replaced(ids)


def _base(ws: Workspace, field: FieldSpec, run: str, here: DataSpec) -> RunRecord:
    record = ws.project.run(run)
    base = ws.host.family(record.family)
    spec = next((dataset.spec for dataset in ws.project.datasets() if dataset.id == record.dataset), None)
    if ws.project.latest_checkpoint(record.id) is None:
        raise ConfigError(f"“{record.name}” has no checkpoint yet. Train it first, or choose another run.")
    if field.ability is not None and field.ability not in able(base, record.config, spec):
        raise ConfigError(f"“{record.name}” lacks the ability “{field.ability.label}”. Choose a run that has it.")
    if field.same_pictures and spec is not None and not spec.has_pictures_like(here):
        raise ConfigError(
            f"“{record.name}” learned pictures of {_kind_of(spec)}, and these are of {_kind_of(here)}. Choose a run on "
            "pictures like these, or train one on this dataset first."
        )
    return record


def _kind_of(spec: DataSpec) -> str:
    modes = {1: "grey", 3: "RGB", 4: "RGBA"}
    return f"{spec.width}×{spec.height} {modes.get(spec.channels, spec.channels)}"
