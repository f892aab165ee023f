"""The parts of the build that need no build: what is trimmed, locked, listed and packed."""

import gzip
import hashlib
import re
import tarfile
from pathlib import Path

import pytest

from resources.installer import desktop, freeze, icons, linux, lock, notices, pictures, trim
from resources.installer.freeze import listing


@pytest.mark.parametrize(
    "place",
    [
        "torch/bin/torch_shm_manager",
        "torch/testing/_internal/__init__.py",
        "torch/lib/libtorch_cpu.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "genstudio/_resources/sample_data/glyphs.zip",
        "genstudio/_resources/docs/help.md",
        "genstudio/_resources/docs/screenshots/train-new-dark.png",
        "genstudio_vae/README.md",
        "genstudio-0.1.0.dist-info/entry_points.txt",
    ],
)
def test_that_what_the_program_needs_travels(place: str) -> None:
    assert trim.wanted(place)
    assert trim.wanted(place.replace("/", "\\")), "on Windows too"


@pytest.mark.parametrize(
    "place",
    [
        "torch/bin/protoc",
        "torch/include/torch/csrc/api.h",
        "torch/lib/libjitbackend_test.so",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/plugins/platforms/libqlinuxfb.so",
        "PySide6/Qt/translations/qt_de.qm",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "libgtk-3.so.0",
        "numpy/_core/tests/test_umath.py",
        "genstudio-0.1.0.dist-info/direct_url.json",
    ],
)
def test_that_what_nobody_uses_stays_behind(place: str) -> None:
    assert not trim.wanted(place)


def test_that_every_locked_package_has_a_version_and_a_hash() -> None:
    files = list((Path(lock.__file__).parent / "locks").glob("*.txt"))
    assert files
    for file in files:
        lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
        assert lines == sorted(lines)
        for line in lines:
            assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+ --hash=sha256:[0-9a-f]{64}", line), line
        names = {line.partition("==")[0] for line in lines}
        assert {"torch", "pyside6-essentials", "pyinstaller", "numpy", "pydantic"} <= names


def _package(name: str, digest: str) -> dict[str, object]:
    return {
        "metadata": {"name": name, "version": "1.0"},
        "download_info": {"archive_info": {"hashes": {"sha256": digest}}},
    }


def test_that_a_lock_knows_which_torch_it_holds() -> None:
    plain = [_package("torch", "aa"), _package("Some_Name", "bb")]
    assert lock.lines(plain) == ["some-name==1.0 --hash=sha256:bb", "torch==1.0 --hash=sha256:aa"]
    assert lock.variant_of(plain) == "cpu"
    assert lock.variant_of([*plain, _package("nvidia-cublas", "cc")]) == "cuda"


def test_that_two_folders_of_the_same_content_list_alike_whatever_the_order(tmp_path: Path) -> None:
    for name, order in (("one", "ab"), ("two", "ba")):
        (tmp_path / name / "deep").mkdir(parents=True)
        for letter in order:
            (tmp_path / name / "deep" / letter).write_text(letter)
        (tmp_path / name / "link").symlink_to("deep/a")
    assert listing(tmp_path / "one") == listing(tmp_path / "two")
    (tmp_path / "two" / "deep" / "a").write_text("changed")
    assert listing(tmp_path / "one") != listing(tmp_path / "two")


def test_that_the_tarball_of_the_same_folder_has_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linux, "last_change", lambda: 1_700_000_000)
    hashes = []
    for turn, order in enumerate(("ab", "ba")):
        root = tmp_path / str(turn) / "genstudio"
        root.mkdir(parents=True)
        for letter in order:
            (root / letter).write_text(letter)
        linux._tar(root, tmp_path / f"{turn}.tar.gz")
        hashes.append(hashlib.sha256((tmp_path / f"{turn}.tar.gz").read_bytes()).hexdigest())
    assert hashes[0] == hashes[1]
    with gzip.open(tmp_path / "0.tar.gz") as raw, tarfile.open(fileobj=raw) as archive:
        assert archive.getnames() == ["genstudio", "genstudio/a", "genstudio/b"]
        assert {(entry.uid, entry.mtime) for entry in archive} == {(0, 1_700_000_000)}


def test_that_the_desktop_learns_of_the_program_and_its_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = tmp_path / "icons"
    drawn.mkdir()
    for size in icons.SIZES:
        (drawn / f"genstudio-{size}.png").write_bytes(b"png")
    monkeypatch.setattr(desktop, "ICONS", drawn)
    desktop.write_desktop(tmp_path / "share", "/opt/x/genstudio")
    entry = (tmp_path / "share" / "applications" / "genstudio.desktop").read_text("utf-8")
    assert "Exec=/opt/x/genstudio %f" in entry
    assert "MimeType=application/x-genstudio-project;" in entry
    kind = (tmp_path / "share" / "mime" / "packages" / "genstudio.xml").read_text("utf-8")
    assert "*.gsproj" in kind
    assert (tmp_path / "share" / "icons" / "hicolor" / "scalable" / "apps" / "genstudio.svg").is_file()


def test_that_the_magic_number_of_projects_is_the_stores() -> None:
    from genstudio.store.migrations import APPLICATION_ID

    assert f"0x{APPLICATION_ID:X}" in desktop.KIND


def test_that_the_bill_of_materials_is_the_same_every_time() -> None:
    part = notices.Part("numpy", "2", "BSD-3-Clause", "package", "https://numpy.org", "pkg:pypi/numpy@2", ("text",))
    own = notices.Part("genstudio", "1", "Apache-2.0", "package", "", "pkg:pypi/genstudio@1", ())
    bill = notices.bill_of_materials([own, part])
    assert bill == notices.bill_of_materials([own, part])
    assert bill["metadata"]["component"]["name"] == "genstudio"
    assert [component["purl"] for component in bill["components"]] == ["pkg:pypi/numpy@2"]
    assert "numpy 2 – BSD-3-Clause" in notices.notices([own, part])


def test_that_the_pictures_of_the_check_can_be_read(tmp_path: Path) -> None:
    from genstudio.generation.export import read_image

    pictures.write_pictures(tmp_path / "p", count=3, side=24)
    files = sorted((tmp_path / "p").iterdir())
    assert len(files) == 3
    assert read_image(files[0]).shape == (24, 24, 3)


def test_that_the_date_of_everything_built_is_that_of_the_last_commit() -> None:
    assert freeze.last_change() == freeze.last_change() > 0
