"""Files are written whole or not at all."""

import errno
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from genstudio.core.errors import DiskFullError
from genstudio.core.files import Files, need_room, write_whole


def test_that_a_file_is_written_piece_by_piece_and_its_hash_known(tmp_path: Path) -> None:
    path = tmp_path / "a"
    written = write_whole(path, [b"abc", memoryview(b"defg")])
    assert path.read_bytes() == b"abcdefg"
    assert (written.bytes, written.sha256) == (7, hashlib.sha256(b"abcdefg").hexdigest())
    write_whole(path, [b"new"])
    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_that_pieces_which_cannot_be_made_leave_no_trace(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"abc"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a", pieces())
    assert not list(tmp_path.iterdir())


class Held(Files):
    """A file that a scanner holds open for the first few attempts, as Windows reports it."""

    def __init__(self, times: int) -> None:
        self.times = times

    def replace(self, source: Path, target: Path) -> None:
        self.times -= 1
        if self.times >= 0:
            error = PermissionError(errno.EACCES, "in use")
            error.winerror = 32  # type: ignore[attr-defined, unused-ignore] # Windows has it
            raise error
        super().replace(source, target)


def test_that_a_file_held_open_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    write_whole(tmp_path / "a", [b"abc"], Held(5))
    assert (tmp_path / "a").read_bytes() == b"abc"


def test_that_a_file_held_open_for_good_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "a", [b"abc"], Held(100))
    assert not list(tmp_path.iterdir())


def test_that_an_ordinary_refusal_is_not_tried_again(tmp_path: Path) -> None:
    class Refusing(Files):
        calls = 0

        def replace(self, source: Path, target: Path) -> None:
            self.calls += 1
            raise PermissionError(errno.EACCES, "no")

    refusing = Refusing()
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "a", [b"abc"], refusing)
    assert refusing.calls == 1


def test_that_a_failed_synchronisation_is_never_tried_again(tmp_path: Path) -> None:
    class Failing(Files):
        calls = 0

        def sync(self, stream: BinaryIO) -> None:
            self.calls += 1
            raise OSError(errno.EIO, "Input/output error")

    failing = Failing()
    with pytest.raises(OSError, match="Input/output"):
        write_whole(tmp_path / "a", [b"abc"], failing)
    assert failing.calls == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_that_every_kind_of_full_is_a_full_disk(tmp_path: Path, code: int) -> None:
    class Full(Files):
        def write(self, stream: BinaryIO, chunk: bytes | memoryview) -> None:
            raise OSError(code, "full")

    with pytest.raises(DiskFullError, match="what was saved before is safe"):
        write_whole(tmp_path / "a", [b"abc"], Full())
    assert not list(tmp_path.iterdir())


def test_that_room_is_asked_for_beforehand(tmp_path: Path) -> None:
    need_room(tmp_path, 1)
    with pytest.raises(DiskFullError):
        need_room(tmp_path, 2**62)
