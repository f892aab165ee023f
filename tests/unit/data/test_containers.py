"""MNIST's, CIFAR's and NumPy's files."""

import gzip
import io
import os
import pickle
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from genstudio.core.errors import DataError
from genstudio.data.cifar import read_python
from genstudio.data.levels import stack
from genstudio.data.pickled import read_plain
from genstudio.data.refusal import UnreadableError
from genstudio.data.scan import Scan, scan
from tests.unit.data.image_files import encoded, picture, write

DIGITS = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
NUMBERS = np.arange(12, dtype=np.uint8) % 11
COLOURS = np.random.default_rng(1).integers(0, 256, (5, 3, 32, 32), dtype=np.uint8)


def idx(array: NDArray[np.uint8]) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def npy(array: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def npz(**arrays: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=True, **arrays)
    return stream.getvalue()


def loaded(found: Scan) -> NDArray[np.uint8]:
    return np.stack([np.asarray(item.load()) for item in found.items])


def labels(found: Scan) -> list[str | None]:
    return [item.label for item in found.items]


def python_2_batch(pictures: NDArray[np.uint8], numbers: list[int], key: bytes = b"labels") -> bytes:
    """A batch as Python 2 wrote it: text as byte strings, an array rebuilt from bytes (protocol 2)."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    raw = pictures.reshape(len(pictures), -1)
    array = b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85" + text(b"b") + b"\x87Rq\x03"
    kind = (
        b"cnumpy\ndtype\nq\x04"
        + text(b"u1")
        + b"K\x00K\x01\x87R(K\x03"
        + text(b"|")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    state = b"(K\x01K" + bytes([len(raw)]) + b"M" + struct.pack("<H", raw.shape[1]) + b"\x86" + kind + b"\x89"
    state += b"T" + struct.pack("<I", raw.size) + raw.tobytes() + b"tb"
    listed = b"](" + b"".join(b"K" + bytes([number]) for number in numbers) + b"e"
    items = text(b"batch_label") + text(b"testing batch 1 of 1") + text(key) + listed + text(b"data") + array + state
    return b"\x80\x02}q\x00(" + items + b"u."


def python_3_batch(pictures: NDArray[np.uint8], numbers: list[int]) -> bytes:
    return pickle.dumps({b"data": pictures.reshape(len(pictures), -1), b"labels": numbers}, protocol=2)


@pytest.mark.parametrize("zip_it", [False, True])
def test_that_mnist_files_are_paired_by_name(tmp_path: Path, zip_it: bool) -> None:
    pack, end = (gzip.compress, ".gz") if zip_it else (bytes, "")
    files = {
        f"train-images-idx3-ubyte{end}": pack(idx(DIGITS)),
        f"train-labels-idx1-ubyte{end}": pack(idx(NUMBERS)),
        f"t10k-images.idx3-ubyte{end}": pack(idx(DIGITS[:2])),
        f"t10k-labels.idx1-ubyte{end}": pack(idx(NUMBERS[:2])),
    }
    with scan(write(tmp_path, files)) as found:
        assert (loaded(found) == np.concatenate([DIGITS[:2], DIGITS])).all()
        assert labels(found) == [str(number) for number in [*NUMBERS[:2], *NUMBERS]]
        assert found.labelled
        assert not found.refused
    with scan(tmp_path / f"train-images-idx3-ubyte{end}") as found:
        assert labels(found) == [str(number) for number in NUMBERS]


def test_that_mnist_inside_a_zip_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mnist.zip", "w") as archive:
        archive.writestr("x/train-images-idx3-ubyte.gz", gzip.compress(idx(DIGITS)))
    with scan(tmp_path / "mnist.zip") as found:
        assert (loaded(found) == DIGITS).all()
        assert not found.labelled


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\x08",
        idx(DIGITS)[:-1],
        idx(DIGITS) + b"x",
        b"\0\0\x0d" + idx(DIGITS)[3:],
        bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**32 - 1, 2**32 - 1, 2**32 - 1),
        gzip.compress(idx(DIGITS))[:-40],
    ],
)
def test_that_a_damaged_idx_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with scan(write(tmp_path, {"x-images-idx3-ubyte": data, "1.png": encoded(picture())})) as found:
        assert [refused.file for refused in found.refused] == ["x-images-idx3-ubyte"]


@pytest.mark.parametrize("batch", [python_2_batch, python_3_batch])
def test_that_cifar_batches_are_read_without_unpickling(tmp_path: Path, batch: Any, monkeypatch: Any) -> None:
    files = {
        "data_batch_1": batch(COLOURS, [0, 1, 2, 1, 0]),
        "test_batch": batch(COLOURS[:2], [2, 2]),
        "batches.meta": pickle.dumps({"label_names": ["cat", "dog", "emu"]}, protocol=2),
    }
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, None)
    with scan(write(tmp_path, files)) as found:
        assert labels(found) == ["cat", "dog", "emu", "dog", "cat", "emu", "emu"]
        assert (loaded(found)[:5] == COLOURS.transpose(0, 2, 3, 1)).all()
        assert not found.refused
    with scan(tmp_path / "data_batch_1") as found:
        assert labels(found) == ["cat", "dog", "emu", "dog", "cat"]


def test_that_cifar_100_uses_its_fine_labels(tmp_path: Path) -> None:
    names = pickle.dumps({"fine_label_names": ["ant", "bee"], "coarse_label_names": ["insect"]}, protocol=2)
    files = {"train": python_2_batch(COLOURS, [0, 1, 1, 0, 1], key=b"fine_labels"), "meta": names}
    with scan(write(tmp_path, files)) as found:
        assert labels(found) == ["ant", "bee", "bee", "ant", "bee"]


def test_that_cifar_in_binary_form_is_read(tmp_path: Path) -> None:
    ten = b"".join(bytes([number]) + COLOURS[number].tobytes() for number in range(5))
    with scan(write(tmp_path / "10", {"data_batch_1.bin": ten, "batches.meta.txt": "a\nb\nc\n\n"})) as found:
        assert labels(found) == ["a", "b", "c", "3", "4"]
        assert (loaded(found) == COLOURS.transpose(0, 2, 3, 1)).all()
    hundred = b"".join(bytes([9, number]) + COLOURS[number].tobytes() for number in range(5))
    with scan(write(tmp_path / "100", {"train.bin": hundred})) as found:
        assert labels(found) == ["0", "1", "2", "3", "4"]
    with pytest.raises(DataError, match="whole number of pictures"):
        scan(write(tmp_path / "cut", {"test_batch.bin": ten[:-1]}))


class Evil:
    """What a hostile pickle holds: a program to be run on reading."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("protocol", range(6))
def test_that_a_hostile_pickle_is_refused_and_not_run(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "ran"
    data = pickle.dumps({"data": Evil(mark), "labels": []}, protocol=protocol)
    with pytest.raises(DataError, match="“data_batch_1” was refused"):
        scan(write(tmp_path / "set", {"data_batch_1": data}))
    assert not mark.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"\x80\x02}.",
        b"\x80\x02K\x01.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.",
        b"\x80\x02cnumpy\nndarray\n)R.",
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x001X\x03\x00\x00\x00zip\x86R.",
        b"\x80\x02(" * 3,
        b"\x80\x02h\x00.",
        b"\x80\x02]]]" + b"a" * 9 + b".",
        b"\x80\x02}]N" + b"s.",
        b"\x80\x02T\xff\xff\xff\xff.",
        b"\x80\x02K\x01b.",
        b"\x80\x02}\x8c\x04dataK\x05s.",
    ],
)
def test_that_a_pickle_of_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_python(data, ())


def test_that_mutated_batches_are_read_or_refused_and_nothing_else() -> None:
    chance = np.random.default_rng(0)
    whole = python_2_batch(COLOURS[:1], [1])
    for _ in range(3000):
        data = bytearray(whole)
        for at in chance.integers(0, 250, 3):
            data[at] = chance.integers(0, 256)
        try:
            assert read_python(bytes(data), ()).count >= 0
        except UnreadableError as refusal:
            assert str(refusal)


def test_that_a_pickle_of_endless_steps_is_given_up() -> None:
    with pytest.raises(UnreadableError, match="far more than pictures"):
        read_plain(b"\x80\x02" + b"N" * 3_100_000)


@pytest.mark.parametrize(
    ("array", "first"),
    [
        (DIGITS, DIGITS[0]),
        (DIGITS[..., None], DIGITS[0][..., None]),
        (COLOURS, COLOURS[0].transpose(1, 2, 0)),
        (COLOURS.transpose(0, 2, 3, 1), COLOURS[0].transpose(1, 2, 0)),
        (DIGITS.astype(np.int64), DIGITS[0]),
        (DIGITS.astype(np.float32), DIGITS[0]),
        (DIGITS / 255, DIGITS[0]),
        (DIGITS / 127.5 - 1, DIGITS[0]),
        (DIGITS.astype(np.uint16) * 257, DIGITS[0]),
        (DIGITS > 127, (DIGITS[0] > 127) * 255),
        (np.asfortranarray(DIGITS), DIGITS[0]),
        (DIGITS.astype(">f8"), DIGITS[0]),
    ],
)
def test_that_arrays_become_levels(tmp_path: Path, array: NDArray[Any], first: NDArray[np.uint8]) -> None:
    with scan(write(tmp_path, {"x.npy": npy(array)}) / "x.npy") as found:
        assert len(found.items) == len(array)
        assert (np.asarray(found.items[0].load()) == first).all()


def test_that_archives_of_arrays_bring_their_labels(tmp_path: Path) -> None:
    files = {
        "keras.npz": npz(x_train=DIGITS, y_train=NUMBERS, x_test=DIGITS[:2], y_test=NUMBERS[:2, None]),
        "plain.npz": npz(arr_0=DIGITS, arr_1=NUMBERS),
        "words.npz": npz(images=DIGITS[:2], labels=np.array(["cat", "dög"]), extra=np.zeros(3)),
    }
    write(tmp_path, files)
    for name, expected in {
        "keras.npz": [str(number) for number in [*NUMBERS, *NUMBERS[:2]]],
        "plain.npz": [str(number) for number in NUMBERS],
        "words.npz": ["cat", "dög"],
    }.items():
        with scan(tmp_path / name) as found:
            assert labels(found) == expected


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("x.npy", npy(np.array([Evil(Path("x"))]), allow_pickle=True), "never opened"),
        ("x.npz", npz(images=np.array([{}], dtype=object)), "never opened"),
        ("x.npy", npy(DIGITS)[:-1], "cut off"),
        ("x.npy", b"\x93NUMPY\x01\x00\x10\x00{'shape': (9**9,)}", "not a NumPy array"),
        ("x.npy", npy(np.zeros((2, 3))), "not a list of pictures"),
        ("x.npy", npy(np.zeros((2, 5, 5, 7))), "1, 3 or 4 channels"),
        ("x.npy", npy(np.full((1, 4, 4), 1e9)), "its numbers go from"),
        ("x.npy", npy(np.full((1, 4, 4), np.nan)), "its numbers go from"),
        ("x.npy", npy(np.zeros((1, 4, 4), dtype=complex)), "not levels of light"),
        ("x.npz", npz(images=DIGITS, labels=NUMBERS[:3]), "12 pictures but 3 labels"),
        ("x.npz", npz(weights=DIGITS), "none of its arrays is called"),
        ("x.npz", b"PK\x03\x04", "cannot be opened"),
    ],
)
def test_that_other_arrays_are_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        scan(write(tmp_path, {name: data}) / name)


@pytest.mark.parametrize("end", [".npz", ".npy", "-images-idx3-ubyte", ".zip"])
def test_that_mutated_files_are_read_or_refused_and_nothing_else(tmp_path: Path, end: str) -> None:
    chance = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        archive.writestr("a/1.png", encoded(picture()))
        archive.writestr("metadata.jsonl", '{"file_name": "a/1.png", "label": "a"}')
    whole = {
        ".npz": npz(images=DIGITS[:1], labels=NUMBERS[:1]),
        ".npy": npy(DIGITS[:1]),
        "-images-idx3-ubyte": idx(DIGITS[:1]),
        ".zip": (tmp_path / "whole.zip").read_bytes(),
    }[end]
    path = tmp_path / f"x{end}"
    for _ in range(300):
        data = bytearray(whole)
        at = int(chance.integers(0, len(data)))
        data[at : at + int(chance.integers(0, 4))] = chance.bytes(int(chance.integers(1, 4)))
        path.write_bytes(data)
        with suppress(DataError), scan(path) as found:
            for item in found.items:
                with suppress(UnreadableError):
                    item.load()


def test_that_labels_must_be_as_many_as_pictures() -> None:
    with pytest.raises(UnreadableError, match="2 pictures but 1 labels"):
        stack(DIGITS[:2], ("a",))
