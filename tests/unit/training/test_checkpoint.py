"""Checkpoints: exact, complete, durable, and never trusted."""

import errno
import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import safetensors.torch
import torch

from genstudio.core.errors import CheckpointError, DiskFullError
from genstudio.core.files import Files
from genstudio.training.checkpoint import (
    CheckpointHeader,
    learner_tensors,
    load_learner_tensors,
    read_checkpoint,
    save_checkpoint,
)
from tests.unit.training.support import DATASET, assert_same_bits, make_learner, run, snapshot

HEADER = CheckpointHeader(
    family="toy",
    config={"hidden": 16, "name": "Größe", "none": None},
    spec=DATASET.spec,
    fingerprint=DATASET.fingerprint,
    run="run",
    seed=3,
    settings={"seed": 3},
    images_seen=40,
    seconds=1.5,
    versions={"genstudio": "0"},
)


class FailingFiles(Files):
    """Fails the n-th call that could fail on a real disk."""

    def __init__(self, failing: int, code: int) -> None:
        self.calls, self.failing, self.code = 0, failing, code
        self.renamed = False

    def _call(self) -> None:
        self.calls += 1
        if self.calls == self.failing:
            raise OSError(self.code, os.strerror(self.code))

    def create(self, path: Path) -> BinaryIO:
        self._call()
        return super().create(path)

    def write(self, stream: BinaryIO, chunk: bytes | memoryview) -> None:
        if self.calls + 1 == self.failing:
            super().write(stream, memoryview(chunk)[: len(chunk) // 2])
        self._call()
        super().write(stream, chunk)

    def sync(self, stream: BinaryIO) -> None:
        self._call()
        super().sync(stream)

    def replace(self, source: Path, target: Path) -> None:
        self._call()
        super().replace(source, target)
        self.renamed = True

    def sync_folder(self, folder: Path) -> None:
        self._call()
        super().sync_folder(folder)


def test_that_a_learner_is_put_back_exactly_through_a_file(tmp_path: Path) -> None:
    learner, other = make_learner(seed=0), make_learner(seed=1)
    run(learner)
    saved = save_checkpoint(tmp_path / "a.safetensors", learner, HEADER)
    assert saved.bytes == saved.path.stat().st_size
    header, tensors = read_checkpoint(saved.path, saved.sha256)
    assert header == HEADER
    load_learner_tensors(other, tensors)
    assert_same_bits(snapshot(learner), snapshot(other))


def test_that_a_checkpoint_names_weights_averages_statistics_and_moments(tmp_path: Path) -> None:
    names = learner_tensors(make_learner()).keys()
    assert {
        "model/net.1.weight",
        "model/net.2.running_mean",
        "model/ema.module.1.weight",
        "model/ema.updates",
        "optimizer/update/steps",
        "optimizer/update/1.weight/mean",
        "optimizer/update/1.weight/square",
    } <= names


def test_that_any_safetensors_reader_can_open_a_checkpoint(tmp_path: Path) -> None:
    learner = make_learner()
    saved = save_checkpoint(tmp_path / "a.safetensors", learner, HEADER)
    assert_same_bits(snapshot(learner), safetensors.torch.load(saved.path.read_bytes()))


def test_that_nothing_is_changed_when_a_checkpoint_does_not_fit() -> None:
    learner, wider = make_learner(), make_learner(hidden=17)
    before = snapshot(learner)
    with pytest.raises(CheckpointError, match=r"model/.*float32 \(17"):
        load_learner_tensors(learner, snapshot(wider))
    assert_same_bits(before, snapshot(learner))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_that_whichever_file_operation_fails_the_old_checkpoint_stays_and_no_rubbish(tmp_path: Path, code: int) -> None:
    learner, path = make_learner(), tmp_path / "a.safetensors"
    old = save_checkpoint(path, learner, HEADER)
    run(learner)
    failing = 0
    while True:
        failing += 1
        files = FailingFiles(failing, code)
        try:
            new = save_checkpoint(path, learner, HEADER, files)
            break
        except (DiskFullError, CheckpointError) as error:
            assert isinstance(error, DiskFullError) == (code == errno.ENOSPC)
            assert str(error).endswith(".")
        assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]
        there = hashlib.sha256(path.read_bytes()).hexdigest()
        assert (there == old.sha256) == (not files.renamed)
        read_checkpoint(path)
    assert failing > 30, "every write of every tensor was made to fail once"
    assert new.sha256 != old.sha256
    assert_same_bits(read_checkpoint(path, new.sha256)[1], snapshot(learner))


def test_that_a_full_disk_is_noticed_before_anything_is_written(tmp_path: Path) -> None:
    class Full(Files):
        def free(self, folder: Path) -> int:
            return 1000

        def create(self, path: Path) -> BinaryIO:
            raise AssertionError("nothing may be written")

    with pytest.raises(DiskFullError, match="Make some room"):
        save_checkpoint(tmp_path / "a.safetensors", make_learner(), HEADER, Full())


def test_that_damage_anywhere_is_noticed_by_the_hash(tmp_path: Path) -> None:
    saved = save_checkpoint(tmp_path / "a.safetensors", make_learner(), HEADER)
    data = saved.path.read_bytes()
    for place in range(0, len(data), len(data) // 97):
        damaged = [data[:place], data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], data + b"\0"]
        for content in (*damaged, b"\0" * len(data)):
            saved.path.write_bytes(content)
            with pytest.raises(CheckpointError, match=r"damaged.*older checkpoint"):
                read_checkpoint(saved.path, saved.sha256)


def test_that_a_checkpoint_that_is_gone_or_unreadable_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is gone"):
        read_checkpoint(tmp_path / "none.safetensors")
    with pytest.raises(CheckpointError, match="could not be read"):
        read_checkpoint(tmp_path)


def rewritten(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "b.safetensors"
    path.write_bytes(safetensors.torch.save({"a": torch.zeros(1)}, {"genstudio": text}))
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "damaged"),
        ("[]", "damaged"),
        ('{"format": 1, "format": 1}', "damaged"),
        ('{"format": NaN}', "damaged"),
        ('{"a": "\\ud800"}', "does not say how"),
        ("{}", "does not say how"),
        ('{"format": 2}', "newer GenStudio"),
        (HEADER.model_dump_json().replace('"seed":3', '"seed":-3'), "does not say how"),
        (HEADER.model_dump_json().replace('"count":24', '"count":0'), "does not say how"),
    ],
)
def test_that_a_header_that_makes_no_sense_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        read_checkpoint(rewritten(tmp_path, text))


def test_that_tensors_of_other_programs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(safetensors.torch.save({"a": torch.zeros(1)}))
    with pytest.raises(CheckpointError):
        read_checkpoint(path)


def test_that_a_header_keeps_no_number_that_is_not_finite() -> None:
    values: dict[str, Any] = HEADER.model_dump() | {"seconds": float("nan")}
    with pytest.raises(ValueError, match="finite"):
        CheckpointHeader(**values)
