"""Numbers that come with each picture: imported, kept, checked, and handed to whoever heeds them."""

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from genstudio.core.errors import DataError, DatasetGoneError
from genstudio.data.cache import EMBEDDINGS, fingerprint_of
from genstudio.data.dataset import ImageDataset
from genstudio.data.importing import ImportReport, import_source
from genstudio.data.options import ImportOptions
from genstudio.data.source import BatchSource

OPTIONS = ImportOptions(width=8, height=8, mode="grey")


def pictures(count: int = 6) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, 8, 8), np.uint8)


def imported(folder: Path, **arrays: object) -> ImportReport:
    np.savez(folder / "source.npz", **arrays)  # type: ignore[arg-type]  # whatever a person saves
    return import_source(folder / "source.npz", OPTIONS, folder / "dataset", lambda *_: None, lambda: False)


def test_that_embeddings_stay_with_their_pictures(tmp_path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(6, 3))
    report = imported(tmp_path, images=pictures(), labels=np.arange(6) % 2, embeddings=vectors)
    assert report.spec.embedding == 3 and report.imported == 6
    dataset = ImageDataset.open(tmp_path / "dataset")
    assert dataset.embeddings is not None and np.array_equal(dataset.embeddings, vectors.astype(np.float32))
    source = BatchSource(dataset, np.arange(6), batch_size=4, seed=0, device="cpu")
    for batch in (source.batch(0), source.batch(4), source.fixed([5, 0], 0)):
        assert batch.embeddings is not None
        assert np.array_equal(batch.embeddings.numpy(), dataset.embeddings[batch.index.numpy()])


def test_that_pictures_alike_with_other_embeddings_are_two_examples(tmp_path: Path) -> None:
    alike = np.repeat(pictures(1), 3, 0)
    report = imported(tmp_path, images=alike, embeddings=np.array([[1], [2], [2]], np.int8))
    assert report.imported == 2 and len(report.duplicates) == 1


def test_that_splits_keep_their_own_embeddings(tmp_path: Path) -> None:
    one, other = np.ones((6, 2), np.float32), np.zeros((5, 2), np.float16)
    arrays = {"x_train": pictures(), "train_embeddings": one, "x_test": pictures(5) ^ 255, "embeddings_test": other}
    report = imported(tmp_path, **arrays)
    found = ImageDataset.open(tmp_path / "dataset").embeddings
    assert report.spec.embedding == 2 and found is not None and sorted(found[:, 0]) == [0] * 5 + [1] * 6


def test_that_embeddings_of_only_some_pictures_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    report = imported(tmp_path, x_train=pictures(), embeddings_train=np.ones((6, 2)), x_test=pictures(5) ^ 255)
    assert report.spec.embedding == 0 and any("Embeddings were left out" in note for note in report.notes)
    assert ImageDataset.open(tmp_path / "dataset").embeddings is None


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        (np.ones((5, 2)), "5 embeddings"),
        (np.ones(6), "numbers a picture"),
        (np.full((6, 2), np.nan), "not finite"),
        (np.full((6, 2), 1e300), "not finite"),
        (np.full((6, 2), "x"), "numbers a picture"),
    ],
)
def test_that_odd_embeddings_are_refused_with_a_reason(tmp_path: Path, vectors: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        imported(tmp_path, images=pictures(), embeddings=vectors)


def test_that_pickled_embeddings_are_never_opened(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([{}] * 6, dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="pickled"):
        imported(tmp_path, images=pictures(), embeddings=np.load(io.BytesIO(stream.getvalue()), allow_pickle=True))


def test_that_changed_or_missing_embeddings_are_noticed(tmp_path: Path) -> None:
    imported(tmp_path, images=pictures(), embeddings=np.ones((6, 2)))
    file = tmp_path / "dataset" / EMBEDDINGS
    whole = file.read_bytes()
    for damaged in (whole[:-4], b"\0" * 4 + whole[4:]):
        file.write_bytes(damaged)
        with pytest.raises(DatasetGoneError):
            ImageDataset.open(tmp_path / "dataset")
    file.unlink()
    with pytest.raises(DatasetGoneError):
        ImageDataset.open(tmp_path / "dataset")


def test_that_datasets_without_embeddings_keep_their_fingerprint_and_files(tmp_path: Path) -> None:
    report = imported(tmp_path, images=pictures())
    assert {file.name for file in (tmp_path / "dataset").iterdir()} == {"pixels.u8", "dataset.json"}
    assert fingerprint_of(np.zeros((1, 1, 2, 2), np.uint8), ("a", "b"), (1,), None) == (
        "b5dfc6c7579ee37e66be5a3cea55cec9"  # as it was before there were embeddings
    )
    assert report.spec.embedding == 0


def test_that_a_family_that_heeds_none_sees_none() -> None:
    dataset = ImageDataset.in_memory(pictures()[:, None], embeddings=np.ones((6, 2), np.float32))
    seen = dataset.seen_as(dataset.spec.without_embeddings())
    assert seen.embeddings is None and seen.spec.embedding == 0 and len(seen) == 6
    assert dataset.seen_as(dataset.spec).embeddings is dataset.embeddings
