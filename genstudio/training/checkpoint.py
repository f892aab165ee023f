"""Checkpoints: everything a bit-exact resume needs, in one safetensors file with a JSON header, tensors only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from genstudio.core.errors import CheckpointError
from genstudio.core.files import REAL, Files, need_room, write_whole
from genstudio.core.spec import DataSpec
from genstudio.training import tensorfile
from genstudio.training.learner import Learner
from genstudio.training.updater import check_alike

_FORMAT = 1
_KEY = "genstudio"
_MARGIN = 100 << 20  # left free on the disk for the project's database and everybody else


class CheckpointHeader(BaseModel):
    """What a checkpoint says of itself: how to build the learner anew, and where its training stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: int = _FORMAT
    family: str
    variant: str = ""
    config: dict[str, Any]
    spec: DataSpec
    fingerprint: str
    run: str
    run_name: str = ""
    seed: int = Field(ge=0, le=2**32 - 1)
    settings: dict[str, Any]
    images_seen: int = Field(ge=0)
    seconds: float = Field(ge=0)
    versions: dict[str, str] = {}


@dataclass(frozen=True)
class SavedCheckpoint:
    """A checkpoint on disk."""

    path: Path
    bytes: int
    sha256: str


def learner_tensors(learner: Learner) -> dict[str, Tensor]:
    """All state of a learner: `model/<name>` as in its state dict, `optimizer/<updater>/<parameter>/<key>`.

    The tensors are the live ones, on the learner's device.
    """
    tensors = {f"model/{name}": tensor.detach() for name, tensor in learner.state_dict().items()}
    for updater, part in learner.updaters.items():
        tensors |= {f"optimizer/{updater}/{name}": tensor for name, tensor in part.state_tensors().items()}
    return tensors


@torch.no_grad()
def load_learner_tensors(learner: Learner, tensors: dict[str, Tensor]) -> None:
    """Put back what `learner_tensors` gave, bit for bit.

    Raises `CheckpointError`, with nothing changed, when a name, shape or kind of number differs.
    """
    own = learner_tensors(learner)
    check_alike(own, tensors)
    for name, tensor in own.items():
        tensor.copy_(tensors[name])
    for updater in learner.updaters.values():
        updater.blocked.zero_()


def save_checkpoint(
    path: Path, state: Learner | Mapping[str, Tensor], header: CheckpointHeader, files: Files = REAL
) -> SavedCheckpoint:
    """Write a checkpoint whole and durably; when this returns, it survives a power cut.

    `state` is a learner, or what `learner_tensors` gave of one. Raises `DiskFullError` when there is no room for it,
    `CheckpointError` when the disk fails otherwise. Nothing is left behind then, and a checkpoint of the same name is
    still there.
    """
    tensors = learner_tensors(state) if isinstance(state, Learner) else dict(state)
    try:
        need_room(path.parent, 2 * tensorfile.size_of(tensors) + _MARGIN, files)
        written = write_whole(path, tensorfile.encode(tensors, {_KEY: header.model_dump_json()}), files)
    except OSError as error:
        raise CheckpointError(
            f"The checkpoint could not be written to “{path.parent}”: {error.strerror or type(error).__name__}. "
            "Check that the disk is connected and writable."
        ) from None
    return SavedCheckpoint(path, written.bytes, written.sha256)


def read_checkpoint(path: Path, sha256: str | None = None) -> tuple[CheckpointHeader, dict[str, Tensor]]:
    """Read a checkpoint into memory, its tensors on the CPU; `sha256` is what its bytes must hash to, if known.

    Raises `CheckpointError` when it cannot be read, is damaged, or comes from a newer GenStudio.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"The checkpoint “{path.name}” is gone. Use an older checkpoint of the run.") from None
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or "it does not fit into memory"
        raise CheckpointError(f"The checkpoint “{path.name}” could not be read: {reason}.") from None
    tensorfile.check_hash(data, sha256)
    metadata, tensors = tensorfile.decode(data)
    return _header(metadata.get(_KEY, "")), tensors


def _header(text: str) -> CheckpointHeader:
    values = tensorfile.strict_json(text.encode(errors="surrogatepass"))
    newest = values.get("format")
    if isinstance(newest, int) and newest > _FORMAT:
        raise CheckpointError("This checkpoint was made by a newer GenStudio. Update GenStudio to open it.")
    try:
        return CheckpointHeader.model_validate(values)
    except ValidationError:
        raise CheckpointError(
            "This file holds tensors but does not say how to build their model. Use a checkpoint made by GenStudio."
        ) from None
