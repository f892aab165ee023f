"""Opening an imported dataset, and dividing it."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genstudio.core.errors import DatasetGoneError
from genstudio.data import dataset as dataset_module
from genstudio.data.dataset import ImageDataset, split
from genstudio.data.shuffle import shuffled
from tests.unit.data.image_files import encoded, noise, photos, picture, run_import, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {f"{name}/{number}": data for name in "ab" for number, data in photos(4).items()}
    files |= {f"{name}/9.png": encoded(picture(seed=ord(name))) for name in "ab"}
    run_import(write(tmp_path / "set", files), tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize("resident", [512 * 2**20, 0])
def test_that_a_dataset_is_the_same_in_memory_and_mapped(
    folder: Path, resident: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_module, "RESIDENT_BYTES", resident)
    dataset = ImageDataset.open(folder)
    assert isinstance(dataset.memory, np.memmap) == (resident == 0)
    assert dataset.pixels.shape == (10, 3, 16, 16)
    assert (dataset.image(0) == np.asarray(picture(seed=0))).all()
    assert dataset.memory.flags.writeable
    assert not dataset.pixels.flags.writeable


@pytest.mark.parametrize("resident", [512 * 2**20, 0])
def test_that_cut_off_pixels_are_an_error_and_not_a_crash(
    folder: Path, resident: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_module, "RESIDENT_BYTES", resident)
    os.truncate(folder / "pixels.u8", 100)
    with pytest.raises(DatasetGoneError, match="cut off or was changed"):
        ImageDataset.open(folder)


def test_that_changed_pixels_are_noticed(folder: Path) -> None:
    with (folder / "pixels.u8").open("r+b") as stream:
        stream.write(b"changed")
    with pytest.raises(DatasetGoneError, match="changed since the import"):
        ImageDataset.open(folder)


@pytest.mark.parametrize("name", ["pixels.u8", "dataset.json"])
def test_that_a_missing_file_is_said_in_a_sentence(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(DatasetGoneError, match="import the pictures again"):
        ImageDataset.open(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"labels": [0]},
        {"labels": [99] * 10},
        {"labels": [-1] * 10},
        {"names": []},
        {"captions": ["x"] * 11},
        {"fingerprint": 1},
        {"unknown": 1},
        {"spec": {"count": 10}},
        {"spec": None},
    ],
)
def test_that_a_header_that_does_not_fit_is_refused(folder: Path, change: dict[str, object]) -> None:
    header = json.loads((folder / "dataset.json").read_text())
    (folder / "dataset.json").write_text(json.dumps(header | change))
    with pytest.raises(DatasetGoneError, match="damaged"):
        ImageDataset.open(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "\0", "[" * 100_000])
def test_that_a_damaged_header_is_refused(folder: Path, text: str) -> None:
    (folder / "dataset.json").write_text(text)
    with pytest.raises(DatasetGoneError, match="damaged"):
        ImageDataset.open(folder)


def test_that_a_dataset_in_memory_equals_the_imported_one(folder: Path) -> None:
    dataset = ImageDataset.open(folder)
    assert dataset.labels is not None
    again = ImageDataset.in_memory(dataset.pixels, labels=dataset.labels.tolist(), classes=dataset.spec.classes)
    assert again.fingerprint == dataset.fingerprint
    assert again.spec == dataset.spec
    assert (again.pixels == dataset.pixels).all()


def test_that_a_dataset_in_memory_does_not_share_what_it_was_made_of() -> None:
    pixels = noise(16, 16).transpose(2, 0, 1)[None].copy()
    dataset = ImageDataset.in_memory(pixels)
    pixels[:] = 0
    assert dataset.pixels.any()


@given(st.integers(1, 3000), st.text(max_size=8), st.floats(0, 0.5))
def test_that_a_split_divides_a_dataset_and_leaves_no_side_empty(count: int, fingerprint: str, share: float) -> None:
    train, heldout = split(count, fingerprint, share)
    assert len(train) > 0
    assert len(heldout) > 0
    assert (np.diff(train) > 0).all()
    assert (np.diff(heldout) > 0).all()
    if count >= 3 and share > 0:
        assert sorted([*train, *heldout]) == list(range(count))
        assert abs(len(heldout) - count * share) <= 1
    else:
        assert list(train) == list(heldout) == list(range(count))


@given(st.integers(3, 300), st.text(max_size=8))
def test_that_a_split_follows_from_the_fingerprint_alone(count: int, fingerprint: str) -> None:
    one, other = split(count, fingerprint, 0.3), split(count, fingerprint, 0.3)
    assert (one[0] == other[0]).all()
    assert (one[1] == other[1]).all()


@given(st.integers(0, 500), st.integers(0, 2**32))
def test_that_shuffling_is_a_permutation(count: int, seed: int) -> None:
    assert sorted(shuffled(count, seed)) == list(range(count))


def test_that_shuffling_is_the_same_for_ever() -> None:
    assert shuffled(8, "epoch", 0, 0).tolist() == [7, 2, 1, 3, 4, 5, 6, 0]


def test_that_shuffling_has_no_favourite_places() -> None:
    places = np.stack([shuffled(10, "places", seed) for seed in range(2000)])
    counts = np.stack([(places == number).sum(axis=0) for number in range(10)])
    assert np.abs(counts - 200).max() < 75
