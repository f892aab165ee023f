"""What is found in folders and zips, under which label and caption, and why files are refused."""

import io
import json
import os
import stat
import struct
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genstudio.core.errors import Cancelled, DataError
from genstudio.data.labels import folder_labels
from genstudio.data.names import is_safe, natural_key, shown
from genstudio.data.options import ImportOptions
from genstudio.data.scan import Scan, scan
from genstudio.data.treat import image_of
from tests.unit.data.image_files import encoded, photos, picture, write

PNG = encoded(picture())


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def names(found: Scan) -> list[str]:
    return [item.name for item in found.items]


def reasons(found: Scan) -> dict[str, str]:
    return {refused.file: refused.reason for refused in found.refused}


def test_that_pictures_are_found_in_the_order_people_expect(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(["10.png", "9.png", "b/2.png", "b/10.png", "a/x.png", "B2.PNG"], PNG))
    with scan(tmp_path) as found:
        assert names(found) == ["9.png", "10.png", "B2.PNG", "a/x.png", "b/2.png", "b/10.png"]


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_that_numbers_in_names_are_sorted_by_size(one: int, other: int) -> None:
    assert (natural_key(f"a{one:05}.png") < natural_key(f"a{other}.png")) == (one < other)


def test_that_hidden_files_and_clutter_are_passed_over_in_silence(tmp_path: Path) -> None:
    clutter = [".hidden.png", ".git/x.png", "__MACOSX/x.png", "Thumbs.db", "a/desktop.ini", "a/.DS_Store"]
    write(tmp_path, dict.fromkeys(["a/1.png", *clutter], PNG))
    with scan(tmp_path) as found:
        assert names(found) == ["a/1.png"]
        assert not found.refused


def test_that_every_other_file_is_refused_with_its_reason(tmp_path: Path) -> None:
    files = {
        "1.png": PNG,
        "drawing.svg": b"<svg/>",
        "model.pt": b"x",
        "notes.md": b"x",
        "alone.txt": b"x",
        "phone.heic": b"x",
        "README": b"x",
        "old.tar": b"x",
    }
    with scan(write(tmp_path, files)) as found:
        said = reasons(found)
    assert set(said) == set(files) - {"1.png"}
    assert "export it as PNG" in said["drawing.svg"]
    assert "never opened" in said["model.pt"]
    assert said["alone.txt"] == "it is the caption of no picture"
    assert said["README"] == said["notes.md"] == "it is not a picture"


def test_that_a_picture_without_a_suffix_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    with scan(write(tmp_path, {"a1b2c3": PNG})) as found:
        assert names(found) == ["a1b2c3"]


def test_that_links_are_followed_only_to_files_inside(tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere", {"secret.png": PNG}) / "secret.png"
    root = write(tmp_path / "root", {"a/1.png": PNG})
    (root / "inside.png").symlink_to(root / "a" / "1.png")
    (root / "outside.png").symlink_to(secret)
    (root / "up.png").symlink_to("../elsewhere/secret.png")
    (root / "dangling.png").symlink_to(root / "nothing")
    (root / "loop").symlink_to(root)
    (root / "self.png").symlink_to(root / "self.png")
    with scan(root) as found:
        assert names(found) == ["inside.png", "a/1.png"]
        assert set(reasons(found)) == {"outside.png", "up.png", "dangling.png", "loop", "self.png"}


def test_that_a_pipe_is_refused_and_never_opened(tmp_path: Path) -> None:
    write(tmp_path, {"1.png": PNG})
    os.mkfifo(tmp_path / "pipe.png")
    with scan(tmp_path) as found:
        assert reasons(found) == {"pipe.png": "it is not a regular file"}


def test_that_odd_names_are_kept_as_plain_text(tmp_path: Path) -> None:
    write(
        tmp_path, {"<b>bold</b><img src=x>.png".replace("/", "∕"): PNG, "tab\tand\u202eevil.png": PNG, "👩‍💻.png": PNG}
    )
    (tmp_path / os.fsdecode(b"bytes\xff.png")).write_bytes(PNG)
    with scan(tmp_path) as found:
        assert set(names(found)) == {"<b>bold<∕b><img src=x>.png", "tab�and�evil.png", "👩‍💻.png", "bytes�.png"}
        assert all(item.load() == PNG for item in found.items)


@given(st.text())
def test_that_any_name_can_be_shown(name: str) -> None:
    shown(name).encode()
    assert all(unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") for sign in shown(name))
    assert not set(shown(name)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@pytest.mark.parametrize(
    ("paths", "labels"),
    [
        (["cat/1.png", "dog/2.png"], ["cat", "dog"]),
        (["cat/sub/1.png", "cat/2.png", "dog/3.png"], ["cat", "cat", "dog"]),
        (["all/cat/1.png", "all/dog/2.png"], ["cat", "dog"]),
        (["train/cat/1.png", "test/dog/2.png"], ["cat", "dog"]),
        (["set/train/cat/1.png", "set/val/dog/2.png"], ["cat", "dog"]),
        (["1.png", "cat/2.png"], [None, "cat"]),
        (["cats/1.png", "cats/2.png"], [None, None]),
        ([], []),
    ],
)
def test_that_labels_are_the_first_folders_that_tell_pictures_apart(paths: list[str], labels: list[str | None]) -> None:
    assert folder_labels(paths) == labels


def test_that_a_single_label_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(["1.png", "cat/2.png"], PNG))
    with scan(tmp_path) as found:
        assert not found.labelled
        assert found.notes == ["Labels were left out: 1 of 2 pictures have no label, and the others all have the same."]


@pytest.mark.parametrize("loose", ["1.png", "unlabelled/1.png", "Unlabeled/1.png", "no label/1.png"])
def test_that_some_pictures_may_be_without_a_label(tmp_path: Path, loose: str) -> None:
    write(tmp_path, dict.fromkeys([loose, "cat/2.png", "dog/3.png"], PNG))
    with scan(tmp_path) as found:
        assert found.labelled
        assert sorted(str(item.label) for item in found.items) == ["None", "cat", "dog"]
        assert found.notes[0].startswith("1 of 3 pictures have no label.")


def test_that_captions_come_from_a_file_beside_the_picture(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a/1.png": PNG, "a/1.txt": "  a red\ncat \u202e ", "a/2.png": PNG, "a/3.png": PNG, "a/3.txt": b"\xff"},
    )
    with scan(tmp_path) as found:
        assert [item.caption for item in found.items] == ["a red cat", "", "�"]
        assert not found.refused


def test_that_metadata_gives_labels_and_captions_relative_to_where_it_stands(tmp_path: Path) -> None:
    rows = [
        {"file_name": "1.png", "label": "red", "caption": "one"},
        {"file_name": "sub/2.png", "label": 7, "text": "<b>two</b>", "more": [1]},
        {"file_name": "../../etc/passwd", "label": "x"},
    ]
    write(tmp_path, {"d/1.png": PNG, "d/sub/2.png": PNG, "d/metadata.jsonl": "\n".join(map(json.dumps, rows)) + "\n\n"})
    with scan(tmp_path) as found:
        assert [(item.label, item.caption) for item in found.items] == [("red", "one"), ("7", "<b>two</b>")]
        assert found.labelled
        assert not found.refused


def test_that_metadata_may_be_a_table(tmp_path: Path) -> None:
    write(
        tmp_path, {"1.png": PNG, "2.png": PNG, "metadata.csv": 'file_name,label,text\n1.png,a,"one, 1"\n2.png,b,two\n'}
    )
    with scan(tmp_path) as found:
        assert [(item.label, item.caption) for item in found.items] == [("a", "one, 1"), ("b", "two")]


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000, '{"name": "1.png"}', "\0"])
def test_that_damaged_metadata_is_refused_and_the_pictures_stay(tmp_path: Path, text: str) -> None:
    with scan(write(tmp_path, {"1.png": PNG, "metadata.jsonl": text})) as found:
        assert names(found) == ["1.png"]
        assert set(reasons(found)) == {"metadata.jsonl"}


def test_that_a_single_picture_can_be_imported_with_its_caption(tmp_path: Path) -> None:
    write(tmp_path, {"1.png": PNG, "1.txt": "one", "2.png": PNG})
    with scan(tmp_path / "1.png") as found:
        assert [(item.name, item.caption) for item in found.items] == [("1.png", "one")]


def test_that_a_zip_is_read_from_inside(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", {"top/cat/1.png": PNG, "top/dog/2.png": PNG, "__MACOSX/top/x.png": b"x"})
    before = set(tmp_path.rglob("*"))
    with scan(path) as found:
        assert [(item.name, item.label) for item in found.items] == [("top/cat/1.png", "cat"), ("top/dog/2.png", "dog")]
        assert all(item.load() == PNG for item in found.items)
    assert set(tmp_path.rglob("*")) == before


def test_that_paths_that_lead_out_of_a_zip_are_refused(tmp_path: Path) -> None:
    bad = ["../x.png", "/etc/x.png", "a/../../x.png", "C:/x.png", "..\\x.png", "C:\\x.png"]
    with scan(zipped(tmp_path / "set.zip", dict.fromkeys(["1.png", *bad], PNG))) as found:
        assert names(found) == ["1.png"]
        assert set(reasons(found).values()) == {"its path leads out of the zip"}
        assert len(found.refused) == len(bad)


@given(st.text(alphabet=st.sampled_from("./\\aC:\0"), max_size=12))
def test_that_a_safe_path_stays_below_where_it_stands(name: str) -> None:
    if is_safe(name):
        assert os.path.normpath(f"/root/below/{name}").startswith("/root/below")


def test_that_a_zip_bomb_is_refused_entry_by_entry(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"1.png": PNG, "bomb.png": bytes(50_000_000)})
    with scan(path) as found:
        assert names(found) == ["1.png"]
        assert reasons(found) == {"bomb.png": "it would unpack to far more than any picture does"}


def test_that_an_entry_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "lie.zip", {"1.png": PNG, "2.png": bytes(2_000_000)})
    data = path.read_bytes().replace(struct.pack("<I", 2_000_000), struct.pack("<I", 2_000))
    path.write_bytes(data)
    with scan(path) as found, pytest.raises(Exception, match="cannot be read from the zip"):
        found.items[1].load()


def test_that_links_and_locked_files_in_a_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", PNG)
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with scan(path) as found:
        assert reasons(found) == {"link.png": "it is a link or a device, not a file"}


def test_that_a_damaged_zip_is_said_in_a_sentence(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "set.zip", photos(3)).read_bytes()
    at = whole.rfind(b"PK\x05\x06")
    huge = whole[: at + 12] + struct.pack("<I", 2**31) + whole[at + 16 :]
    for data in (huge, whole[: at - 30] + whole[at:]):
        (tmp_path / "set.zip").write_bytes(data)
        with pytest.raises(DataError, match="cannot be opened as a zip"):
            scan(tmp_path / "set.zip")


def test_that_a_damaged_entry_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", PNG)
        archive.writestr("2.png", PNG + b"to be changed")
    path.write_bytes(path.read_bytes().replace(b"to be changed", b"that has been"))
    with scan(path) as found:
        assert found.items[0].load() == PNG
        with pytest.raises(Exception, match="cannot be read from the zip"):
            found.items[1].load()


def test_that_a_picture_with_a_zip_behind_it_is_a_picture(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("other.png", PNG)
    write(tmp_path, {"both.png": PNG + inner.getvalue()})
    with scan(tmp_path / "both.png") as found:
        assert names(found) == ["both.png"]


def test_that_nothing_to_import_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file or folder"):
        scan(tmp_path / "nowhere")
    with pytest.raises(DataError, match="No pictures were found in “empty”"):
        scan(write(tmp_path, {"empty/.x": b""}) / "empty")
    with pytest.raises(DataError, match=r"“a\.svg” was refused: drawings are not read"):
        scan(write(tmp_path / "drawings", {"a.svg": b""}))


def test_that_an_empty_or_too_large_file_is_refused_when_loaded(tmp_path: Path) -> None:
    write(tmp_path, {"0.png": b"", "1.png": PNG})
    with (tmp_path / "2.png").open("wb") as stream:
        stream.truncate(300 * 2**20)
    with scan(tmp_path) as found:
        for index, reason in ((0, "the file is empty"), (2, "larger than 256 MB")):
            with pytest.raises(Exception, match=reason):
                found.items[index].load()
        assert image_of(found.items[1].load(), ImportOptions()).size == (16, 16)


def test_that_looking_can_be_stopped(tmp_path: Path) -> None:
    def stop(name: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        scan(write(tmp_path, photos(2)), stop)
    with pytest.raises(Cancelled):
        scan(zipped(tmp_path / "set.zip", photos(2)), stop)
