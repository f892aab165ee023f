"""What the build says, and how it runs other programs."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
DIST = ROOT / "dist"


class BuildError(Exception):
    """The build cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """Tell the person what happens."""
    print(f"· {text}", flush=True)


def run(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, cwd: Path = ROOT) -> str:
    """Run a program to its end and return what it printed. Raises `BuildError` with its last lines if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, env=environment, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-25:])
        raise BuildError(f"{' '.join(words[:3])} … ended with {done.returncode}:\n{last}")
    return done.stdout


def bytes_in(folder: Path) -> int:
    """Add up the files of a folder; links count nothing."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def megabytes(folder: Path) -> str:
    """The size and the number of files of a folder, in words."""
    count = sum(1 for file in folder.rglob("*") if file.is_file())
    return f"{bytes_in(folder) / 1e6:.0f} MB in {count} files"
