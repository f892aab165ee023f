"""Writing a dataset: into a temporary folder beside its place, synchronised, then renamed."""

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DataError, DiskFullError, GenStudioError
from genstudio.core.files import FULL, REAL, TEMPORARY, Files
from genstudio.core.spec import DataSpec
from genstudio.data.cache import EMBEDDINGS, HEADER, PIXELS, CacheHeader, Fingerprint, to_bytes
from genstudio.data.labels import UNKNOWN, classes_of, numbers_of
from genstudio.data.options import ImportOptions
from genstudio.data.refusal import Refused

_SPARE = 16 * 2**20


class DatasetWriter:
    """Writes one dataset; leaves nothing behind unless `finish` was reached. `names` are of the pictures added.

    Raises `DataError` when `folder` exists already or cannot be written, `DiskFullError` when there is no room.
    """

    def __init__(self, folder: Path, options: ImportOptions, most: int, files: Files = REAL) -> None:
        self._folder, self._options, self._files = folder, options, files
        self._temporary = folder.with_name(f"{TEMPORARY}{folder.name}-{uuid.uuid4().hex[:8]}")
        self._fingerprint = Fingerprint(options.channels, options.height, options.width)
        self.names: list[str] = []
        self._labels: list[str | None] = []
        self._captions: list[str] = []
        self._embeddings: list[NDArray[np.float32] | None] = []
        self._most = most * options.channels * options.height * options.width

    def __enter__(self) -> Self:
        if self._folder.exists():
            raise DataError(f"There is already something at “{self._folder}”. Choose another name.")
        with _told(self._folder):
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._need_room()
            self._temporary.mkdir()
            try:
                self._pixels = self._files.create(self._temporary / PIXELS)
            except BaseException:
                self._temporary.rmdir()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pixels.close()
        shutil.rmtree(self._temporary, ignore_errors=True)

    @property
    def count(self) -> int:
        """How many pictures were added."""
        return len(self.names)

    def add(
        self,
        name: str,
        pixels: NDArray[np.uint8],
        label: str | None,
        caption: str,
        embedding: NDArray[np.float32] | None = None,
    ) -> None:
        """Append one picture, uint8 (C, H, W), contiguous."""
        with _told(self._folder):
            self._files.write(self._pixels, pixels.data)
        self._fingerprint.add(pixels)
        self.names.append(name)
        self._labels.append(label)
        self._captions.append(caption)
        self._embeddings.append(embedding)

    def finish(
        self,
        refused: Sequence[Refused],
        duplicates: Sequence[tuple[str, str]],
        near_duplicates: Sequence[tuple[str, str]],
        notes: Sequence[str],
    ) -> CacheHeader:
        """Write the header, synchronise everything and put the dataset in its place."""
        embeddings, note = _together(self._embeddings)
        header = self._header(refused, duplicates, near_duplicates, [*notes, *note], embeddings)
        with _told(self._folder):
            self._files.sync(self._pixels)
            self._pixels.close()
            if embeddings is not None:
                self._write(EMBEDDINGS, to_bytes(embeddings))
            self._write(HEADER, header.model_dump_json().encode())
            self._files.sync_folder(self._temporary)
            self._files.replace(self._temporary, self._folder)
            self._files.sync_folder(self._folder.parent)
        return header

    def _write(self, name: str, data: bytes) -> None:
        with self._files.create(self._temporary / name) as stream:
            self._files.write(stream, data)
            self._files.sync(stream)

    def _header(
        self,
        refused: Sequence[Refused],
        duplicates: Sequence[tuple[str, str]],
        near_duplicates: Sequence[tuple[str, str]],
        notes: Sequence[str],
        embeddings: NDArray[np.float32] | None,
    ) -> CacheHeader:
        classes = classes_of(self._labels)
        labels = numbers_of(self._labels, classes)
        captions = tuple(self._captions) if any(self._captions) else None
        return CacheHeader(
            spec=DataSpec(
                count=self.count,
                channels=self._options.channels,
                height=self._options.height,
                width=self._options.width,
                classes=classes,
                unlabelled=labels.count(UNKNOWN) if labels else 0,
                captioned=captions is not None,
                embedding=0 if embeddings is None else embeddings.shape[1],
            ),
            fingerprint=self._fingerprint.finish(classes, labels, captions, embeddings),
            names=tuple(self.names),
            labels=labels,
            captions=captions,
            options=self._options.model_dump(),
            refused=tuple((item.file, item.reason) for item in refused),
            duplicates=tuple(duplicates),
            near_duplicates=tuple(near_duplicates),
            notes=tuple(notes),
        )

    def _need_room(self) -> None:
        needed, free = self._most + _SPARE, self._files.free(self._folder.parent)
        if free < needed:
            raise DiskFullError(
                f"This import needs about {_megabytes(needed)}, but the disk that holds “{self._folder.parent}” has "
                f"only {_megabytes(free)} free. Make some room there, or choose a smaller size."
            )


def _together(embeddings: Sequence[NDArray[np.float32] | None]) -> tuple[NDArray[np.float32] | None, list[str]]:
    """All embeddings, (N, D), if every picture has one of the same width; else None, and a sentence if some have."""
    some = [embedding for embedding in embeddings if embedding is not None]
    if not some:
        return None, []
    if len(some) == len(embeddings) and len({len(embedding) for embedding in some}) == 1:
        return np.stack(some), []
    return None, ["Embeddings were left out: not every picture has one of the same width."]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn failures of the disk into sentences."""
    try:
        yield
    except GenStudioError:
        raise
    except OSError as error:
        if error.errno in FULL:
            raise DiskFullError(
                f"The disk that holds “{folder.parent}” became full during the import. Nothing of it was kept; make "
                "some room there and import again."
            ) from None
        raise DataError(f"“{folder.parent}” cannot be written: {error.strerror or error}.") from None
