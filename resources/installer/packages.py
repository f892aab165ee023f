"""The installers of this platform, made from the frozen program.

Only Linux was tried. Windows and macOS are written against the documentation of their tools: Inno Setup 6
(https://jrsoftware.org/ishelp) and hdiutil(1), codesign(1).
"""

import hashlib
import os
import platform
import shutil
import sys
import tomllib
from pathlib import Path

from resources.installer import linux
from resources.installer.freeze import ICONS
from resources.installer.words import DIST, ROOT, BuildError, run

HERE = Path(__file__).parent


def make(program: Path, variant: str) -> list[Path]:
    """Make what this platform's people install, into dist/, with a file of hashes beside it."""
    DIST.mkdir(exist_ok=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if sys.platform == "win32":
        products = [make_setup(program, version, variant)]
    elif sys.platform == "darwin":
        products = [make_image(program.with_name("GenStudio.app"), version)]
    else:
        products = [linux.make_deb(program, version, variant), linux.make_tarball(program, version, variant)]
    sums = [f"{hashlib.sha256(product.read_bytes()).hexdigest()}  {product.name}" for product in products]
    (DIST / "SHA256SUMS").write_text("\n".join(sums) + "\n", "utf-8")
    return products


def make_setup(program: Path, version: str, variant: str) -> Path:
    """A setup program for Windows, by Inno Setup. Sign it afterwards with signtool if there is a certificate."""
    compiler = shutil.which("iscc") or r"C:\Program Files (x86)\Inno Setup 6\ISCC.exe"
    if not Path(compiler).is_file():
        raise BuildError("Inno Setup 6 is not at hand (iscc). Install it, then run build_installer.py --only pack.")
    words = {
        "Version": version,
        "Variant": variant,
        "Program": program,
        "Target": DIST,
        "Icon": ICONS / "genstudio.ico",
        "License": ROOT / "LICENSE",
    }
    run([compiler, "/Q", *(f"/D{name}={value}" for name, value in words.items()), HERE / "windows.iss"])
    return DIST / f"GenStudio-{version}-windows-{variant}.exe"


def make_image(application: Path, version: str) -> Path:
    """A disk image for macOS: signed with GENSTUDIO_IDENTITY, or for this machine alone ("-") without one."""
    identity = os.environ.get("GENSTUDIO_IDENTITY", "-")
    run(["codesign", "--force", "--deep", "--options", "runtime", "--sign", identity, application])
    folder = application.parent / "image"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copytree(application, folder / application.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    image = DIST / f"GenStudio-{version}-macos-{platform.machine()}.dmg"
    run(["hdiutil", "create", "-volname", "GenStudio", "-srcfolder", folder, "-ov", "-format", "ULFO", image])
    return image
