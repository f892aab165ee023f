"""Freezing: PyInstaller by our spec, then the notices, then a list of what is inside."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from resources.installer.words import BUILD, ROOT, BuildError, run, say

HERE = Path(__file__).parent
PROGRAM = BUILD / "program" / "genstudio"
"""The folder of the frozen program."""

CONTENTS = BUILD / "contents.json"
ICONS = BUILD / "icons"
_STRIPPED = ("libtorch_cpu.so", "libtorch_python.so", "libpython3*.so*")


def executable(program: Path) -> Path:
    """The program's file in its folder."""
    return program / ("genstudio.exe" if sys.platform == "win32" else "genstudio")


def freeze(python: Path, variant: str) -> Path:
    """Freeze the environment's studio and return the program's folder. Raises `BuildError`."""
    environment = os.environ | {
        "GENSTUDIO_ICONS": str(ICONS),
        "GENSTUDIO_CONTENTS": str(CONTENTS),
        "PYTHONHASHSEED": "0",  # sets are written in the same order by every build
        "SOURCE_DATE_EPOCH": str(last_change()),
    }
    run([python, "-m", "resources.installer.icons", ICONS])
    say("freezing; this takes minutes")
    command: list[str | Path] = [python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    run(
        [*command, "--distpath", PROGRAM.parent, "--workpath", BUILD / "pyinstaller", HERE / "genstudio.spec"],
        environment=environment,
        cwd=BUILD,  # not the checkout: `-m` puts the folder it runs in on the path
    )
    _check_torch(python, variant)
    _strip()
    notices = internal(PROGRAM) / "genstudio" / "_resources" / "notices"
    say(run([python, "-m", "resources.installer.notices", CONTENTS, notices]).strip() + " named in the notices")
    print(json.loads(CONTENTS.read_text("utf-8"))["sizes"])
    (BUILD / "contents.txt").write_text(listing(PROGRAM), "utf-8")
    return PROGRAM


def internal(program: Path) -> Path:
    """The folder that holds everything but the program's own file."""
    return program / "_internal"


def last_change() -> int:
    """When the checkout was last committed to, in seconds: the date of everything that is built. 0 without git."""
    answer = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return int(answer) if answer.isdigit() else 0


def listing(folder: Path) -> str:
    """Every file with its hash, sorted: two builds of the same commit give the same text."""
    lines = []
    for file in sorted(folder.rglob("*")):
        place = file.relative_to(folder).as_posix()
        if file.is_symlink():
            lines.append(f"{'-> ' + str(file.readlink()):64}  {place}")
        elif file.is_file():
            lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {place}")
    return "\n".join(lines) + "\n"


def _check_torch(python: Path, variant: str) -> None:
    version = run([python, "-c", "from importlib.metadata import version; print(version('torch'))"]).strip()
    found = "cpu" if "+cpu" in version or sys.platform == "darwin" else "cuda"
    if found != variant:
        raise BuildError(f"A {variant} program was asked for, but the lock holds torch {version}.")
    say(f"packed torch {version} ({variant})")


def _strip() -> None:
    """Take names that only debuggers read out of the largest libraries."""
    if shutil.which("strip") is None or sys.platform == "win32":
        return
    for pattern in _STRIPPED:
        for file in internal(PROGRAM).rglob(pattern):
            if not file.is_symlink():
                run(["strip", "--strip-unneeded" if sys.platform != "darwin" else "-x", file])
