"""What an imported dataset looks like on disk: `pixels.u8` and `dataset.json` in a folder of their own.

`pixels.u8` is N x C x H x W bytes without a header, `embeddings.f32` (where there are any) N x D numbers of four bytes,
the lowest first; `dataset.json` says everything else. The fingerprint covers
pixels, labels and captions in order, so that two imports of the same pictures are recognised as the same dataset.
"""

import hashlib
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from genstudio.core.errors import DatasetGoneError
from genstudio.core.spec import DataSpec

PIXELS = "pixels.u8"
EMBEDDINGS = "embeddings.f32"
HEADER = "dataset.json"


class CacheHeader(BaseModel):
    """The content of `dataset.json`. Lists run parallel to the pictures.

    `labels` are positions in `spec.classes`, or -1 for a picture without one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    spec: DataSpec
    fingerprint: str
    names: tuple[str, ...]
    labels: tuple[int, ...] | None
    captions: tuple[str, ...] | None
    options: dict[str, str | int | float | bool]
    refused: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[tuple[str, str], ...] = ()
    near_duplicates: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        count, classes = self.spec.count, len(self.spec.classes)
        if self.format != 1 or not (self.spec.channels and self.spec.height and self.spec.width):
            raise ValueError("not a header of images")
        if any(len(column) != count for column in (self.names, self.labels, self.captions) if column is not None):
            raise ValueError("columns of different lengths")
        labels = self.labels or ()
        if not all(-1 <= label < classes for label in labels) or labels.count(-1) != self.spec.unlabelled:
            raise ValueError("a label without a class")
        return self

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W)."""
        return self.spec.count, self.spec.channels, self.spec.height, self.spec.width


def read_header(folder: Path) -> CacheHeader:
    """Read a dataset's header; raises `DatasetGoneError` when it is missing or damaged."""
    try:
        return CacheHeader.model_validate_json((folder / HEADER).read_bytes())
    except OSError as error:
        raise DatasetGoneError(gone(folder, error.strerror or "it cannot be read")) from None
    except ValidationError:
        raise DatasetGoneError(gone(folder, f"{HEADER} is damaged")) from None


def gone(folder: Path, reason: str) -> str:
    """The sentence that says a dataset cannot be used any more."""
    return (
        f"The dataset in “{folder}” cannot be used: {reason}. "
        "Bring the drive or folder back, or import the pictures again."
    )


class Fingerprint:
    """Collects pixels in order, then labels and captions, into one digest."""

    def __init__(self, channels: int, height: int, width: int) -> None:
        self._digest = hashlib.blake2b(f"images {channels} {height} {width}\n".encode(), digest_size=16)

    def add(self, pixels: NDArray[np.uint8]) -> None:
        """Take in the next pictures (contiguous, C order)."""
        self._digest.update(pixels.data)

    def finish(
        self,
        classes: tuple[str, ...],
        labels: tuple[int, ...] | None,
        captions: tuple[str, ...] | None,
        embeddings: NDArray[np.float32] | None = None,
    ) -> str:
        """Take in everything else and return the fingerprint, 32 hexadecimal digits."""
        for column in (classes, labels, captions):
            words = [] if column is None else [str(word) for word in column]
            self._digest.update(f"\n{-1 if column is None else len(words)}\n".encode())
            for word in words:
                text = word.encode("utf-8", "surrogatepass")
                self._digest.update(f"{len(text)}:".encode() + text)
        if embeddings is not None:  # datasets without any keep the fingerprint they had before there were embeddings
            self._digest.update(f"\nembeddings {embeddings.shape[1]}\n".encode() + to_bytes(embeddings))
        return self._digest.hexdigest()


def to_bytes(embeddings: NDArray[np.float32]) -> bytes:
    """Embeddings as they are written: the same bytes on every machine."""
    return embeddings.astype("<f4").tobytes()


def fingerprint_of(
    pixels: NDArray[np.uint8],
    classes: tuple[str, ...],
    labels: tuple[int, ...] | None,
    captions: tuple[str, ...] | None,
    embeddings: NDArray[np.float32] | None = None,
) -> str:
    """Fingerprint pictures (N, C, H, W) that lie in memory."""
    fingerprint = Fingerprint(*pixels.shape[1:])
    fingerprint.add(np.ascontiguousarray(pixels))
    return fingerprint.finish(classes, labels, captions, embeddings)
