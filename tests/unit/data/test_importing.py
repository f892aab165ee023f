"""A source becomes a dataset, whole or not at all."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genstudio.core.errors import Cancelled, DataError, DiskFullError
from genstudio.core.files import Files
from genstudio.data.dataset import ImageDataset
from genstudio.data.importing import ImportOptions, import_source
from genstudio.data.writing import DatasetWriter
from tests.unit.data.image_files import Content, encoded, photos, picture, run_import, write

SMALL = ImportOptions(width=16, height=16)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_that_a_folder_becomes_a_dataset(tmp_path: Path) -> None:
    files: Content = {
        "cat/1.png": encoded(picture(seed=1)),
        "dog/2.jpg": encoded(picture(seed=2), "JPEG"),
        "dog/2.txt": "a dog",
    }
    report = run_import(write(tmp_path / "set", files), tmp_path / "project" / "data")
    dataset = ImageDataset.open(tmp_path / "project" / "data")
    assert report.imported == len(dataset) == 2
    assert report.spec == dataset.spec
    assert report.fingerprint == dataset.fingerprint
    assert dataset.spec.classes == ("cat", "dog")
    assert dataset.names == ("cat/1.png", "dog/2.jpg")
    assert dataset.captions == ("", "a dog")
    assert dataset.labels is not None
    assert dataset.labels.tolist() == [0, 1]
    assert (dataset.image(0) == np.asarray(picture(seed=1))).all()


def test_that_unlabelled_pictures_have_neither_labels_nor_captions(tmp_path: Path) -> None:
    run_import(write(tmp_path / "set", photos(3)), tmp_path / "data")
    dataset = ImageDataset.open(tmp_path / "data")
    assert dataset.labels is None
    assert dataset.captions is None
    assert dataset.spec.classes == ()
    assert not dataset.spec.captioned


@pytest.mark.parametrize(("mode", "channels"), [("grey", 1), ("rgb", 3), ("rgba", 4)])
def test_that_the_same_source_gives_the_same_dataset(tmp_path: Path, mode: str, channels: int) -> None:
    source = write(tmp_path / "set", photos(40, 20, 30))
    one = run_import(source, tmp_path / "one", mode=mode)
    other = run_import(source, tmp_path / "other", mode=mode)
    assert one.fingerprint == other.fingerprint
    assert one.spec.channels == channels
    assert (tmp_path / "one" / "pixels.u8").read_bytes() == (tmp_path / "other" / "pixels.u8").read_bytes()


def test_that_the_fingerprint_covers_pixels_labels_and_captions(tmp_path: Path) -> None:
    pictures: Content = {"a/0.png": encoded(picture(seed=0)), "b/1.png": encoded(picture(seed=1))}
    sources: dict[str, Content] = {
        "plain": pictures,
        "pixels": pictures | {"b/1.png": encoded(picture(seed=2))},
        "label": {"a/0.png": pictures["a/0.png"], "c/1.png": pictures["b/1.png"]},
        "caption": pictures | {"b/1.txt": "one"},
        "caption moved": pictures | {"a/0.txt": "one"},
        "order": {"a/0.png": pictures["b/1.png"], "b/1.png": pictures["a/0.png"]},
    }
    prints = {
        name: run_import(write(tmp_path / name, files), tmp_path / f"{name} data").fingerprint
        for name, files in sources.items()
    }
    assert len(set(prints.values())) == len(sources)


def test_that_every_refused_file_is_listed_with_its_reason(tmp_path: Path) -> None:
    whole = encoded(picture(64, 64), "JPEG")
    files = {"0.png": b"", "1.png": b"hello", "2.jpg": whole[: len(whole) // 2], "3.md": b"x", "4.jpg": whole}
    report = run_import(write(tmp_path / "set", files), tmp_path / "data")
    assert report.imported == 1
    assert {refused.file: refused.reason for refused in report.refused} == {
        "0.png": "the file is empty",
        "1.png": "it is not a picture, or of a kind that is not supported",
        "2.jpg": "the file is cut off",
        "3.md": "it is not a picture",
    }


def test_that_the_first_of_exact_duplicates_is_kept(tmp_path: Path) -> None:
    same = encoded(picture(seed=1))
    files = {"1.png": same, "2.png": encoded(picture(seed=2)), "3.bmp": encoded(picture(seed=1), "BMP"), "4.png": same}
    report = run_import(write(tmp_path / "set", files), tmp_path / "data")
    assert report.imported == 2
    assert report.duplicates == (("1.png", "3.bmp"), ("1.png", "4.png"))
    assert report.near_duplicates == ()


def test_that_the_same_picture_under_two_labels_stays_twice(tmp_path: Path) -> None:
    same = encoded(picture(seed=1))
    report = run_import(write(tmp_path / "set", {"O/1.png": same, "0/1.png": same}), tmp_path / "data")
    assert report.imported == 2
    assert report.duplicates == ()
    assert report.near_duplicates == (("0/1.png", "O/1.png"),)


def test_that_near_duplicates_are_reported_and_kept(tmp_path: Path) -> None:
    large = picture(64, 64, seed=7)
    files = photos(20) | {
        "again.jpg": encoded(large, "JPEG", quality=60),
        "original.png": encoded(large),
        "smaller.png": encoded(large.resize((40, 40))),
    }
    report = run_import(write(tmp_path / "set", files), tmp_path / "data")
    assert report.imported == 23
    assert {later for _, later in report.near_duplicates} >= {"original.png", "smaller.png"}


def test_that_no_usable_picture_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "set", {"1.png": b"hello"})
    with pytest.raises(DataError, match=r"No picture in “set” could be used.*“1\.png” was refused"):
        run_import(source, tmp_path / "project" / "data")
    assert left(tmp_path / "project") == []


def test_that_an_existing_folder_is_never_touched(tmp_path: Path) -> None:
    source = write(tmp_path / "set", photos(1))
    write(tmp_path / "data", {"mine": "x"})
    with pytest.raises(DataError, match="already something"):
        run_import(source, tmp_path / "data")
    assert left(tmp_path / "data") == ["mine"]


def test_that_a_source_that_vanishes_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "set", photos(400))

    def vanish(done: int, total: int, what: str) -> None:
        if total and source.exists():
            source.rename(tmp_path / "gone")

    with pytest.raises(DataError, match="vanished during the import"):
        import_source(source, SMALL, tmp_path / "project" / "data", vanish, lambda: False)
    assert left(tmp_path / "project") == []


def test_that_an_import_can_be_cancelled_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    slow = encoded(Image.effect_noise((2000, 2000), 60))
    source = write(tmp_path / "set", {f"{index}.png": slow for index in range(40)})
    asked = threading.Event()

    def ask(done: int, total: int, what: str) -> None:
        if total and not asked.is_set():
            asked.set()
            started.append(time.perf_counter())

    started: list[float] = []
    with pytest.raises(Cancelled):
        import_source(source, SMALL, tmp_path / "project" / "data", ask, asked.is_set)
    assert time.perf_counter() - started[0] < 1  # within 0.1 s on a quiet machine
    assert left(tmp_path / "project") == []


def test_that_ten_thousand_pictures_import_with_progress(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (10_000, 16, 16, 3), dtype=np.uint8)
    np.savez(tmp_path / "set.npz", images=pixels)
    told: list[tuple[int, int, str]] = []
    start = time.perf_counter()
    report = import_source(
        tmp_path / "set.npz", SMALL, tmp_path / "data", lambda *news: told.append(news), lambda: False
    )
    assert report.imported == 10_000
    assert time.perf_counter() - start < 30
    assert len(told) > 5
    assert [done for done, total, _ in told if total] == sorted(done for done, total, _ in told if total)
    assert told[-1][:2] == (10_000, 10_000)
    assert (ImageDataset.open(tmp_path / "data").pixels == pixels.transpose(0, 3, 1, 2)).all()


class Failing(Files):
    """Files whose n-th operation fails."""

    def __init__(self, number: int, error: int) -> None:
        self.left, self.error = number, error

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(self.error, os.strerror(self.error))


for operation in ("create", "write", "sync", "replace", "sync_folder"):

    def _failing(self: Failing, *arguments: object, _name: str = operation) -> object:
        self._count()
        return getattr(super(Failing, self), _name)(*arguments)

    setattr(Failing, operation, _failing)


@pytest.mark.parametrize(("error", "expected"), [(errno.ENOSPC, DiskFullError), (errno.EIO, DataError)])
def test_that_a_disk_that_fails_at_any_point_leaves_all_or_nothing(
    tmp_path: Path, error: int, expected: type[Exception]
) -> None:
    pixels = np.zeros((3, 16, 16), dtype=np.uint8)
    for number in range(1, 12):
        folder = tmp_path / str(number) / "data"
        try:
            with DatasetWriter(folder, SMALL, 1, Failing(number, error)) as writer:
                writer.add("1.png", pixels, None, "")
                writer.finish([], [], [], [])
        except expected as failure:
            assert str(failure).endswith(".")
            if folder.exists():
                assert ImageDataset.open(folder).spec.count == 1
            assert [path for path in folder.parent.iterdir() if path != folder] == []
        else:
            assert number > 8
            assert ImageDataset.open(folder).spec.count == 1
            return
    raise AssertionError("no import went through")


def test_that_too_little_room_is_said_before_the_work(tmp_path: Path) -> None:
    class Full(Files):
        def free(self, folder: Path) -> int:
            return 20_000_000

    with pytest.raises(DiskFullError, match=r"needs about 24 MB, but .* has only 20 MB free"):
        DatasetWriter(tmp_path / "project" / "data", SMALL, 10_000, Full()).__enter__()
    assert left(tmp_path / "project") == []


def test_that_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    source = write(tmp_path / "set", photos(1))
    write(tmp_path, {"file": "x"})
    with pytest.raises(DataError, match="cannot be written"):
        run_import(source, tmp_path / "file" / "data")


@pytest.mark.skipif(os.name == "nt", reason="kills a process the POSIX way")
def test_that_a_killed_import_leaves_no_dataset_behind(tmp_path: Path) -> None:
    source = write(tmp_path / "set", photos(64))
    program = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from genstudio.data.importing import ImportOptions, import_source
        def tell(done, total, what):
            if total:
                print("going", flush=True)
                time.sleep(60)
        import_source(Path(sys.argv[1]), ImportOptions(), Path(sys.argv[2]), tell, lambda: False)
        """
    )
    arguments = [sys.executable, "-c", program, str(source), str(tmp_path / "project" / "data")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "project" / "data").exists()
    assert all(name.startswith(".tmp-") for name in left(tmp_path / "project"))


def test_that_html_in_names_and_captions_is_kept_as_it_is(tmp_path: Path) -> None:
    row = {"file_name": "<img src=x>.png", "label": "<b>", "caption": "<script>alert(1)</script>"}
    files: Content = {
        "<img src=x>.png": encoded(picture(seed=1)),
        "2.png": encoded(picture(seed=2)),
        "metadata.jsonl": json.dumps(row) + "\n" + json.dumps({"file_name": "2.png", "label": "&amp;"}),
    }
    run_import(write(tmp_path / "set", files), tmp_path / "data")
    dataset = ImageDataset.open(tmp_path / "data")
    assert dataset.names == ("2.png", "<img src=x>.png")
    assert dataset.spec.classes == ("&amp;", "<b>")
    assert dataset.captions == ("", "<script>alert(1)</script>")


def test_that_importing_needs_no_torch() -> None:
    program = "import sys, genstudio.data.importing, genstudio.data.builtin; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
