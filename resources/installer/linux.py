"""The packages for Linux: a .deb, and a tarball with an install script for everybody else."""

import gzip
import os
import platform
import shutil
import tarfile
from pathlib import Path

from resources.installer.desktop import write_desktop
from resources.installer.freeze import internal, last_change
from resources.installer.words import BUILD, DIST, ROOT, BuildError, bytes_in, run

HERE = Path(__file__).parent
# The oldest C library that what the build took along works with; everything else a bare Debian lacks is named too.
DEPENDS = "libc6 (>= 2.36), libgl1, libegl1, fontconfig"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

CONTROL = """Package: genstudio
Version: {version}
Section: graphics
Priority: optional
Architecture: {architecture}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: fonts-dejavu-core, xdg-utils
Suggests: libnotify-bin
Maintainer: The GenStudio authors <noreply@invalid>
Description: train small generative models on your own images
 A desktop studio in which designers, offline on one workstation, train small
 generative models on their own images, watch them learn, and generate with
 them. Contains its own Python and PyTorch ({variant} build). Projects lie in
 folders of yours and stay when this package is removed.
"""


def make_deb(program: Path, version: str, variant: str) -> Path:
    """Pack the program for Debian and its kin: /opt/genstudio, a command, a menu entry, the kind of its projects."""
    if shutil.which("dpkg-deb") is None:
        raise BuildError("dpkg-deb is not at hand. Install the package dpkg-dev, or make only the tarball.")
    root = BUILD / "deb"
    shutil.rmtree(root, ignore_errors=True)
    home = root / "opt" / "genstudio"
    _link_tree(program, home)
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "genstudio").symlink_to("/opt/genstudio/genstudio")
    write_desktop(root / "usr" / "share", "genstudio")
    documents = root / "usr" / "share" / "doc" / "genstudio"
    documents.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", documents / "copyright")
    _zip(ROOT / "CHANGELOG.md", documents / "changelog.gz")
    _write_control(root, version, variant)
    target = DIST / f"genstudio_{version}_{architecture()}{'' if variant == 'cpu' else '-' + variant}.deb"
    _settle(root)
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(last_change())}
    run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", root, target], environment=environment)
    return target


def make_tarball(program: Path, version: str, variant: str) -> Path:
    """Pack the program as a folder that may lie anywhere, with a script that puts it in a person's menu."""
    name = f"genstudio-{version}-linux-{platform.machine()}-{variant}"
    root = BUILD / "tar" / name
    shutil.rmtree(root.parent, ignore_errors=True)
    _link_tree(program, root / "program")
    write_desktop(root / "share", "@COMMAND@")
    for script in ("install.sh", "uninstall.sh"):
        shutil.copyfile(HERE / script, root / script)
        (root / script).chmod(0o755)
    shutil.copyfile(ROOT / "LICENSE", root / "LICENSE")
    target = DIST / f"{name}.tar.gz"
    _tar(root, target)
    return target


def architecture() -> str:
    """Debian's name of this machine's processor."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


def _write_control(root: Path, version: str, variant: str) -> None:
    control = root / "DEBIAN" / "control"
    control.parent.mkdir()
    text = CONTROL.format(
        version=version,
        architecture=architecture(),
        kilobytes=bytes_in(root) // 1024,
        depends=DEPENDS,
        variant=variant.upper(),
    )
    control.write_text(text, "utf-8")


def _link_tree(source: Path, target: Path) -> None:
    """Hard links instead of copies: the program is most of a gigabyte."""
    if not internal(source).is_dir():
        raise BuildError("There is no frozen program yet. Run build_installer.py --only freeze first.")
    shutil.copytree(source, target, symlinks=True, copy_function=os.link)


def _settle(root: Path) -> None:
    """Give everything the modes that a package has, whatever the builder's umask was."""
    for path in root.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        elif not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _zip(source: Path, target: Path) -> None:
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as stream:
        stream.write(source.read_bytes())


def _tar(root: Path, target: Path) -> None:
    """Sorted, without owners, all of the same date: the same folder gives the same bytes."""
    moment = last_change()

    def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = moment
        return entry

    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in [root, *sorted(root.rglob("*"))]:
            place = path.relative_to(root.parent).as_posix()
            archive.add(path, place, recursive=False, filter=anonymous)
