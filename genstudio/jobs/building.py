"""From a family, a config and checkpoints to a learner; models may stand on the trained models of other runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from genstudio.core.config import FamilyConfig, FieldKind, describe, parse
from genstudio.core.errors import CheckpointError, FamilyError, GenStudioError
from genstudio.core.family import AnyFamily
from genstudio.core.seeds import mixed_seed
from genstudio.core.spec import DataSpec
from genstudio.store.project import Project
from genstudio.store.records import CheckpointRecord, RunRecord

if TYPE_CHECKING:
    from torch import Tensor

    from genstudio.training.checkpoint import CheckpointHeader
    from genstudio.training.learner import Learner


@dataclass(frozen=True)
class CheckpointFile:
    """Where a checkpoint lies and what its bytes must hash to."""

    path: str
    sha256: str


class Families(Protocol):
    """Whoever knows families by name: the plugin host."""

    def family(self, name: str) -> AnyFamily:
        """The family of this name; raises `FamilyError`."""


FindBase = Callable[[str, str], CheckpointFile]
"""Gives the checkpoint that a run (first; empty for nobody) stands on of a base (second); raises `GenStudioError`."""

Bases = dict[str, dict[str, CheckpointFile]]
"""For each run the checkpoints it stands on, by the ids of their runs."""


class Context:
    """The `BuildContext` of one learner. `within` are the runs that are being built: its own last, empty for nobody."""

    def __init__(self, families: Families, find: FindBase, within: tuple[str, ...] = ()) -> None:
        self._families, self._find, self._within = families, find, within
        self._tensors: Mapping[str, Tensor] = {}

    def reviving(self, tensors: "Mapping[str, Tensor]") -> "Context":
        """The same for a learner whose checkpoint holds these tensors."""
        context = Context(self._families, self._find, self._within)
        context._tensors = tensors
        return context

    def kept(self, name: str) -> "Tensor | None":
        """What the checkpoint that the learner is built for holds under this name, or None."""
        return self._tensors.get(f"model/{name}")

    def load_run(self, run: str) -> "Learner":
        """Return the trained learner of a run: in eval mode, frozen, on the processor, and nobody else's."""
        import torch

        from genstudio.training.checkpoint import read_checkpoint

        if run in self._within:
            raise FamilyError("This run stands on itself. Make a new run and choose another one for it to stand on.")
        file = self._find(self._within[-1] if self._within else "", run)
        header, tensors = read_checkpoint(Path(file.path), file.sha256)
        inner = Context(self._families, self._find, (*self._within, run))
        with torch.random.fork_rng(devices=[]):  # the weights of whoever asks follow from a seed of their own
            learner = revive(self._families, header, tensors, inner)
        return learner.eval().requires_grad_(False)


def build(family: AnyFamily, config: FamilyConfig, spec: DataSpec, seed: int, context: Context) -> "Learner":
    """Build a learner on the processor; its first weights follow from the seed."""
    import torch

    torch.manual_seed(mixed_seed("weights", seed))
    return family.build(config, spec, context)


def revive(families: Families, header: "CheckpointHeader", tensors: "dict[str, Tensor]", context: Context) -> "Learner":
    """Build the learner of a checkpoint and put its tensors back, on the processor. Raises `GenStudioError`."""
    from genstudio.training.checkpoint import load_learner_tensors

    family = families.family(header.family)
    config = parse(family.config_type, header.config)
    learner = build(family, config, header.spec, header.seed, context.reviving(tensors))
    load_learner_tensors(learner, tensors)
    return learner


def finder(project: Project) -> FindBase:
    """Find what the runs of a project stand on: the checkpoint they learned on, the newest good one if none is kept."""

    def find(run: str, base: str) -> CheckpointFile:
        records = {record.id: record for record in project.runs()}
        if base not in records:
            raise FamilyError(
                "The run this model stands on is no longer in the project. Undo its deletion, or make a new run that "
                "stands on another one."
            )
        learned_on = records[run].bases.get(base) if run in records else None
        if learned_on is None:
            record, _ = newest_good(project, base)
        else:
            record = _exactly(project, records[base], learned_on)
        if record is None:
            raise CheckpointError(f"“{records[base].name}” has no checkpoint yet. Train it first, then use it.")
        return CheckpointFile(str(project.path(record.file)), record.sha256)

    return find


def _exactly(project: Project, base: RunRecord, sha256: str) -> CheckpointRecord:
    """The checkpoint of a base that a run learned on: another one would not fit. Raises `CheckpointError`."""
    record = next((one for one in project.checkpoints(base.id) if one.sha256 == sha256), None)
    problem = damage(project, record) if record else "is gone"
    if record is None or problem is not None:
        raise CheckpointError(
            f"This model learned on a checkpoint of “{base.name}” that {problem}, and no other one fits it. "
            f"Put the project's files back from a copy, or make a new run that stands on “{base.name}”."
        )
    return record


def newest_good(project: Project, run: str) -> tuple[CheckpointRecord | None, list[str]]:
    """The newest checkpoint whose size and hash match its row, and a sentence for each newer one passed over.

    Raises `CheckpointError` when there are checkpoints but none is whole.
    """
    skipped: list[str] = []
    records = project.checkpoints(run)
    for record in reversed(records):
        problem = damage(project, record)
        if problem is None:
            return record, skipped
        skipped.append(f"The checkpoint at {record.images_seen:,} images {problem}; an older one is used in its place.")
    if records:
        raise CheckpointError(
            f"“{project.run(run).name}” has {len(records)} checkpoints, none of which is whole. "
            "Put the project's files back from a copy, or start a new run."
        )
    return None, skipped


def damage(project: Project, record: CheckpointRecord) -> str | None:
    """Say what is wrong with a checkpoint's file ("is gone", "was changed …"), or None when it is whole."""
    import hashlib

    try:
        path = project.path(record.file)
        if path.stat().st_size != record.bytes:
            return "was cut off or changed"
        with path.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == record.sha256
    except FileNotFoundError:
        return "is gone"
    except (OSError, GenStudioError):
        return "cannot be read"
    return None if same else "was changed since it was saved"


def runs_below(families: Families, run: str, family: AnyFamily, config: Mapping[str, object], find: FindBase) -> Bases:
    """What a run stands on, and what those runs stand on in turn; a run that stands on nothing is not in it."""
    from genstudio.training.checkpoint import read_checkpoint

    found: Bases = {}
    for field in describe(family.config_type):
        base = config.get(field.name)
        if field.kind is FieldKind.RUN and isinstance(base, str) and base:
            file = find(run, base)
            found.setdefault(run, {})[base] = file
            header, _ = read_checkpoint(Path(file.path), file.sha256)
            found |= runs_below(families, base, families.family(header.family), header.config, find)
    return found
