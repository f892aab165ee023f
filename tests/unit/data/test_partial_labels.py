"""Datasets of which only some pictures have a label."""

from pathlib import Path

import numpy as np
import pytest

from genstudio.core.family import AnyFamily
from genstudio.data.dataset import ImageDataset
from genstudio.data.importing import ImportOptions, import_source
from genstudio.data.labels import classes_of, numbers_of, per_label
from genstudio.data.source import BatchSource
from genstudio.plugins import PluginHost
from tests.unit.data.image_files import encoded, picture, write


@pytest.fixture
def partly(tmp_path: Path) -> ImageDataset:
    """Two labels, and one picture without any."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, 1, 8, 8), dtype=np.uint8)
    return ImageDataset.in_memory(pixels, labels=[1, -1, 0], classes=("cat", "dog"))


def test_that_labels_are_numbered_and_missing_ones_are_minus_one() -> None:
    labels = ["dog", None, "cat", "dog"]
    assert classes_of(labels) == ("cat", "dog")
    assert numbers_of(labels, ("cat", "dog")) == (1, -1, 0, 1)
    assert numbers_of(labels, ()) is None
    assert per_label(np.array([1, -1, 0, 1]), 3).tolist() == [1, 2, 0]


def test_that_a_folder_with_loose_pictures_is_imported_with_the_labels_there_are(tmp_path: Path) -> None:
    names = ["unlabelled/1.png", "cat/2.png", "dog/3.png"]
    source, folder = tmp_path / "source", tmp_path / "dataset"
    write(source, {name: encoded(picture(seed=n)) for n, name in enumerate(names)})
    import_source(source, ImportOptions(width=8, height=8), folder, lambda *_: None, lambda: False)
    dataset = ImageDataset.open(folder)
    assert dataset.spec.classes == ("cat", "dog")
    assert dataset.spec.unlabelled == 1
    assert [(name.split("/")[0], dataset.label(place)) for place, name in enumerate(dataset.names)] == [
        ("cat", "cat"),
        ("dog", "dog"),
        ("unlabelled", ""),
    ]


def test_that_a_batch_says_minus_one_for_a_picture_without_a_label(partly: ImageDataset) -> None:
    batch = BatchSource(partly, range(3), batch_size=3, seed=0, device="cpu").fixed(range(3), 0)
    assert batch.labels is not None
    assert batch.labels.tolist() == [1, -1, 0]


def test_that_a_family_without_use_for_some_labels_sees_none(partly: ImageDataset) -> None:
    host = PluginHost()
    host.load()
    family: AnyFamily = host.family("pixelcnn")
    seen = partly.seen_as(family.seen(partly.spec))
    assert seen.labels is None
    assert seen.spec.classes == ()
    assert seen.spec.unlabelled == 0
    assert seen.fingerprint == partly.fingerprint


def test_that_whole_labels_are_seen_by_everybody() -> None:
    whole = ImageDataset.in_memory(np.zeros((2, 1, 8, 8), dtype=np.uint8), labels=[0, 1], classes=("cat", "dog"))
    host = PluginHost()
    host.load()
    assert whole.seen_as(host.family("pixelcnn").seen(whole.spec)).labels is not None
