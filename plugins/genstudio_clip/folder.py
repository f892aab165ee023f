"""Weights that were trained elsewhere, in a folder of the common layout. Nothing is downloaded, nothing unpickled.

The folder holds `config.json`, `model.safetensors`, `vocab.json`, `merges.txt` and perhaps `preprocessor_config.json`.
All but the weights becomes the blueprint, which travels in checkpoints with the weights: a project can then be copied
to a computer without the folder.
"""

import json
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from genstudio.api import FamilyError
from genstudio_clip.bytepairs import BEGIN, END, BytePairs
from genstudio_clip.original import OriginalTowers, Plan

_MOST_BYTES = 64 << 20  # of a file that is not the weights
_WEIGHTS = "model.safetensors"
_CONSTANT = ".position_ids"  # some files hold these numbers 0, 1, 2 …


class Blueprint(BaseModel):
    """Everything about pretrained weights but the weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: Plan
    vocabulary: dict[str, int]
    merges: list[tuple[str, str]]

    @classmethod
    def of_folder(cls, folder: Path) -> "Blueprint":
        """Read a folder. Raises `FamilyError` with a sentence when it is not what is wanted."""
        config = _json(folder / "config.json")
        prepare = folder / "preprocessor_config.json"
        seen = _json(prepare) if prepare.is_file() else {}
        config |= {name: seen[name] for name in ("image_mean", "image_std") if name in seen}
        try:
            plan = Plan.model_validate(config)
            found = cls(plan=plan, vocabulary=_json(folder / "vocab.json"), merges=_merges(folder / "merges.txt"))
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise _wrong(folder, f"“{where}” is not as in a CLIP model") from None
        found._check(folder)
        return found

    @classmethod
    def of_tensor(cls, kept: Tensor) -> "Blueprint":
        """Read what a checkpoint kept."""
        return cls.model_validate_json(bytes(kept.cpu().numpy()))

    def as_tensor(self) -> Tensor:
        """For a checkpoint: uint8, the bytes of a JSON text."""
        return torch.frombuffer(bytearray(self.model_dump_json().encode()), dtype=torch.uint8)

    def reader(self) -> BytePairs:
        """What reads texts for these weights."""
        return BytePairs(self.vocabulary, self.merges, self.plan.text_config.max_position_embeddings)

    def _check(self, folder: Path) -> None:
        if not {BEGIN, END} <= self.vocabulary.keys():
            raise _wrong(folder, f"vocab.json lacks “{BEGIN}” or “{END}”")
        numbers = self.vocabulary.values()
        if min(numbers) < 0 or max(numbers) >= self.plan.text_config.vocab_size:
            raise _wrong(folder, "vocab.json has tokens that the model does not know")
        for plan in (self.plan.text_config, self.plan.vision_config):
            if plan.hidden_size % plan.num_attention_heads:
                raise _wrong(folder, "its heads of attention do not divide its width")


def load_weights(folder: Path, towers: OriginalTowers) -> None:
    """Put a folder's weights into towers. Raises `FamilyError` with a sentence when they do not fit."""
    try:
        given = load(_read(folder / _WEIGHTS, None))
    except SafetensorError:
        raise _wrong(folder, f"{_WEIGHTS} is damaged or no safetensors file") from None
    own = towers.state_dict()
    given = {name: tensor for name, tensor in given.items() if not name.endswith(_CONSTANT)}
    for name in sorted(own.keys() ^ given.keys()):
        raise _wrong(folder, f"{_WEIGHTS} {'lacks' if name in own else 'has an unknown'} “{name}”")
    for name, tensor in own.items():
        if given[name].shape != tensor.shape:
            raise _wrong(folder, f"“{name}” in {_WEIGHTS} has another shape than config.json says")
    towers.load_state_dict({name: tensor.float() for name, tensor in given.items()})


def _merges(path: Path) -> list[tuple[str, str]]:
    lines = _read(path).decode("utf-8", "replace").split("\n")
    pairs = [tuple(line.split(" ")) for line in lines if line.strip() and not line.startswith("#version")]
    if any(len(pair) != 2 for pair in pairs):
        raise _wrong(path.parent, f"{path.name} has lines that are not two tokens")
    return [(pair[0], pair[1]) for pair in pairs]


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_read(path))
    except (ValueError, RecursionError):
        raise _wrong(path.parent, f"{path.name} is garbled") from None
    if not isinstance(found, dict):
        raise _wrong(path.parent, f"{path.name} is garbled")
    return found


def _read(path: Path, most: int | None = _MOST_BYTES) -> bytes:
    try:
        if most is not None and path.stat().st_size > most:
            raise _wrong(path.parent, f"{path.name} is far too large")
        return path.read_bytes()
    except OSError as error:
        raise _wrong(path.parent, f"{path.name} cannot be read ({error.strerror or type(error).__name__})") from None


def _wrong(folder: Path, why: str) -> FamilyError:
    return FamilyError(
        f"“{folder}” holds no CLIP weights that can be used: {why}. Choose a folder with config.json, {_WEIGHTS}, "
        "vocab.json and merges.txt, or leave “Pretrained weights” empty."
    )
