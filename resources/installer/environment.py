"""The build's own Python environment, from a lock with hashes and a wheel of this checkout."""

import hashlib
import shutil
import sys
import venv
from pathlib import Path

from resources.installer.lock import lock_file
from resources.installer.words import BUILD, ROOT, BuildError, run, say

VENV = BUILD / "venv"
_NEEDED = 6e9  # bytes: environment, PyInstaller's work, the program, its packages


def prepare(variant: str) -> Path:
    """Return the Python of an environment that holds what the lock names, and this checkout as a wheel.

    Raises `BuildError` where there is no lock for this machine, or too little room.
    """
    lock = lock_file(variant)
    if not lock.is_file():
        raise BuildError(
            f"There is no lock for this machine ({lock.name}). Make one with `python -m resources.installer.lock`, "
            "with the torch at hand that the program is to have."
        )
    BUILD.mkdir(exist_ok=True)
    if shutil.disk_usage(BUILD).free < _NEEDED:
        raise BuildError(f"{BUILD} needs {_NEEDED / 1e9:.0f} GB of free disk.")
    python = _environment(lock)
    _install_checkout(python)
    return python


def _source() -> Path:
    """What is committed, in a folder of its own; outside git, the folder as it is."""
    if not (ROOT / ".git").exists():
        return ROOT
    source, archive = BUILD / "source", BUILD / "source.tar"
    shutil.rmtree(source, ignore_errors=True)
    run(["git", "archive", "--output", archive, "HEAD"])
    shutil.unpack_archive(archive, source, filter="data")
    return source


def _environment(lock: Path) -> Path:
    python = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp, wanted = VENV / "made-from.txt", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return python
    say(f"making the environment from {lock.name}")
    venv.create(VENV, clear=True, with_pip=True, symlinks=sys.platform != "win32")
    run([python, "-m", "pip", "install", "-q", "--require-hashes", "--no-deps", "--no-compile", "-r", lock])
    stamp.write_text(wanted, "utf-8")
    return python


def _install_checkout(python: Path) -> None:
    """A wheel, never the checkout itself: what the wheel lacks must be noticed here and not by a person."""
    say("installing what is committed, as a wheel")
    wheels = BUILD / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    run([python, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", wheels, _source()])
    (wheel,) = wheels.glob("*.whl")
    run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--force-reinstall", wheel])
