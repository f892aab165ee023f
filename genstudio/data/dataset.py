"""An imported dataset, ready to be trained on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DatasetGoneError
from genstudio.core.spec import DataSpec
from genstudio.data.cache import EMBEDDINGS, PIXELS, CacheHeader, fingerprint_of, gone, read_header
from genstudio.data.labels import UNKNOWN
from genstudio.data.shuffle import split

RESIDENT_BYTES = 512 * 2**20

__all__ = ["ImageDataset", "split"]


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """Pictures of one size with their names, and labels and captions where there are any.

    memory: uint8 (N, C, H, W), writable because torch shares only writable memory; whoever takes it must not write.
        `pixels` is the same memory, read-only.
    labels: int64 (N,) positions in `spec.classes`, -1 for a picture without a label, or None.
    captions: one text a picture, empty where a picture has none, or None when no picture has one.
    embeddings: float32 (N, D), numbers that describe each picture, or None; writable like `memory`.
    """

    spec: DataSpec
    fingerprint: str
    memory: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    captions: tuple[str, ...] | None
    names: tuple[str, ...]
    embeddings: NDArray[np.float32] | None = None

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an imported dataset; raises `DatasetGoneError` when files are missing, cut off or changed.

        Up to 512 MB are read into memory and checked against the fingerprint: a drive that vanishes later then cannot
        take the process down (a mapped file would, by SIGBUS). Larger ones are mapped, with their size checked.
        """
        header = read_header(folder)
        embeddings = _read_embeddings(folder, header)
        memory = _read_pixels(folder, header, embeddings)
        labels = None if header.labels is None else np.asarray(header.labels, dtype=np.int64)
        return cls(header.spec, header.fingerprint, memory, labels, header.captions, header.names, embeddings)

    @classmethod
    def in_memory(
        cls,
        pixels: NDArray[np.uint8],
        *,
        labels: Sequence[int] | None = None,
        classes: Sequence[str] = (),
        captions: Sequence[str] | None = None,
        embeddings: NDArray[np.float32] | None = None,
    ) -> Self:
        """Make a dataset of pictures (N, C, H, W) that lie in memory, for tests and checks."""
        count, channels, height, width = pixels.shape
        spec = DataSpec(
            count=count,
            channels=channels,
            height=height,
            width=width,
            classes=tuple(classes),
            unlabelled=0 if labels is None else sum(label == UNKNOWN for label in labels),
            captioned=captions is not None,
            embedding=0 if embeddings is None else embeddings.shape[1],
        )
        numbers = None if labels is None else tuple(int(label) for label in labels)
        texts = None if captions is None else tuple(captions)
        fingerprint = fingerprint_of(pixels, spec.classes, numbers, texts, embeddings)
        array = None if numbers is None else np.asarray(numbers, dtype=np.int64)
        names = tuple(str(index) for index in range(count))
        return cls(spec, fingerprint, pixels.copy(), array, texts, names, embeddings)

    def __len__(self) -> int:
        return self.spec.count

    def seen_as(self, spec: DataSpec) -> Self:
        """The same dataset as somebody with this spec sees it: without labels, if it has no classes; and so on."""
        seen = self if spec.classes else replace(self, spec=self.spec.without_labels(), labels=None)
        return seen if spec.embedding else replace(seen, spec=seen.spec.without_embeddings(), embeddings=None)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The pictures, uint8 (N, C, H, W), read-only."""
        view = self.memory.view()
        view.flags.writeable = False
        return view

    def label(self, index: int) -> str:
        """The label of one picture, empty where it has none."""
        number = UNKNOWN if self.labels is None else int(self.labels[index])
        return "" if number == UNKNOWN else self.spec.classes[number]

    def image(self, index: int) -> NDArray[np.uint8]:
        """Return a copy of one picture, uint8 (H, W, C)."""
        return np.ascontiguousarray(self.memory[index].transpose(1, 2, 0))


def _read_embeddings(folder: Path, header: CacheHeader) -> NDArray[np.float32] | None:
    if not header.spec.embedding:
        return None
    shape = (header.spec.count, header.spec.embedding)
    try:
        found = np.fromfile(folder / EMBEDDINGS, dtype="<f4")
    except OSError as error:
        raise DatasetGoneError(gone(folder, error.strerror or "it cannot be read")) from None
    if found.size != shape[0] * shape[1]:
        raise DatasetGoneError(gone(folder, f"{EMBEDDINGS} is cut off or was changed"))
    return found.astype(np.float32).reshape(shape)


def _read_pixels(folder: Path, header: CacheHeader, embeddings: NDArray[np.float32] | None) -> NDArray[np.uint8]:
    path = folder / PIXELS
    wanted = int(np.prod(header.shape, dtype=np.int64))
    try:
        if path.stat().st_size != wanted:
            raise DatasetGoneError(gone(folder, f"{PIXELS} is cut off or was changed"))
        if wanted > RESIDENT_BYTES:
            return np.memmap(path, dtype=np.uint8, mode="c", shape=header.shape)
        pixels = np.fromfile(path, dtype=np.uint8, count=wanted)
    except OSError as error:
        raise DatasetGoneError(gone(folder, error.strerror or "it cannot be read")) from None
    if pixels.size != wanted or _fingerprint(pixels, header, embeddings) != header.fingerprint:
        raise DatasetGoneError(gone(folder, f"{PIXELS} or what belongs to it was changed since the import"))
    return pixels.reshape(header.shape)


def _fingerprint(pixels: NDArray[np.uint8], header: CacheHeader, embeddings: NDArray[np.float32] | None) -> str:
    pictures, classes = pixels.reshape(header.shape), header.spec.classes
    return fingerprint_of(pictures, classes, header.labels, header.captions, embeddings)
