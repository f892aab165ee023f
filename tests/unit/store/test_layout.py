"""Nothing a project file says can name anything outside the project's folder."""

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genstudio.core.errors import ProjectError
from genstudio.store.layout import checked, checkpoint_file, new_id, preview_file, resolve, sample_file, slug

PARTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["..", ".", "", "~", "C:", "con", "NUL.txt", "a b", "x.", "\\", "..\\..", "a\x00b", "\u202egnp", "ok"]
    ),
)


@given(st.lists(PARTS, min_size=1, max_size=5).map("/".join))
@example("../x")
@example("/etc/passwd")
@example("a//b")
@example("a/../../b")
@example("C:/x")
@example("..\\x.png")
@example("\\\\server\\share")
@example("com1.png")
@example("x" * 300)
def test_that_a_path_is_safe_on_every_system_or_refused(text: str) -> None:
    try:
        safe = checked(text)
    except ProjectError:
        return
    for path in (PurePosixPath(safe), PureWindowsPath(safe)):
        assert not path.is_absolute()
        assert not path.drive
        assert not path.is_reserved()
        assert ".." not in path.parts
        assert path.as_posix() == safe
    assert safe.isprintable()


@given(st.text(max_size=60), st.integers(0, 10**10))
def test_that_what_the_layout_makes_of_any_name_is_safe(name: str, images_seen: int) -> None:
    run = new_id(name)
    for file in (
        checkpoint_file(run, images_seen),
        preview_file(run, images_seen, name),
        sample_file(run, new_id(name)),
    ):
        assert checked(file) == file


@pytest.mark.parametrize(("name", "expected"), [("Größe 3", "groe-3"), ("  A/B\\C ", "a-b-c"), ("日本", "untitled")])
def test_that_a_name_becomes_a_plain_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_that_previews_of_different_names_have_different_files() -> None:
    names = ["samples", "Samples", "α", "β", "a b", "a-b", "untitled"]
    assert len({preview_file("run", 1, name) for name in names}) == len(names)
    assert preview_file("run", 1, "samples") == "runs/run/previews/000000000001-samples.png"


def test_that_ids_differ_for_the_same_name() -> None:
    assert len({new_id("x") for _ in range(100)}) == 100


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_that_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder, outside = tmp_path / "project", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.png").write_bytes(b"")
    (folder / "samples").symlink_to(outside)
    with pytest.raises(ProjectError, match="leads out of the project"):
        resolve(folder, "samples/secret.png")


def test_that_a_path_inside_is_resolved(tmp_path: Path) -> None:
    assert resolve(tmp_path, "runs/a/previews/1.png") == tmp_path / "runs" / "a" / "previews" / "1.png"
