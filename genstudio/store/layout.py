"""Where a project's things lie in its folder, and the check that nothing escapes it.

Paths are kept as text relative to the folder, with `/`, so that a project copied to another computer stays whole.
They come from a file that somebody else may have written: every one is checked before it is used.
"""

import hashlib
import re
import secrets
import unicodedata
from pathlib import Path

from genstudio.core.errors import ProjectError

PROJECT_FILE = "project.gsproj"
DATASETS = "datasets"
RUNS = "runs"
SAMPLES = "samples"
GIVEN = "given"
TRASH = "trash"

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_LONGEST_PART = 200
_LONGEST_PATH = 800


def slug(text: str) -> str:
    """Turn a name into at most 40 lower-case letters, digits and dashes; never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "untitled"


def new_id(name: str) -> str:
    """Make an id that is also a folder name: the name's slug and eight random hexadecimal digits."""
    return f"{slug(name)}-{secrets.token_hex(4)}"


def checkpoint_file(run: str, images_seen: int) -> str:
    """The relative path of a run's checkpoint."""
    return f"{RUNS}/{run}/checkpoints/{images_seen:012d}.safetensors"


def preview_file(run: str, images_seen: int, name: str) -> str:
    """The relative path of a sheet of a run's previews; different names get different files."""
    plain = slug(name)
    suffix = "" if plain == name else f"-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"
    return f"{RUNS}/{run}/previews/{images_seen:012d}-{plain}{suffix}.png"


def quality_file(run: str, name: str) -> str:
    """The relative path of a file that says how good a run's pictures are."""
    return f"{RUNS}/{run}/quality/{name}"


def sample_file(run: str, sample: str) -> str:
    """The relative path of a generated picture."""
    return f"{SAMPLES}/{run}/{sample}.png"


def survey_file(run: str, images_seen: int, source: str) -> str:
    """The relative path of where the pictures of a run lie in its latent space; it can always be made anew."""
    return f"{RUNS}/{run}/surveys/{images_seen:012d}-{slug(source)}.npz"


def tray_file(run: str) -> str:
    """The relative path of the points that were picked in a run's latent space."""
    return f"{RUNS}/{run}/tray.json"


def given_file(digest: str) -> str:
    """The relative path of a picture that was given to be completed, by its digest."""
    return f"{GIVEN}/{digest}.png"


def checked(relative: str) -> str:
    """Return a relative path as it is, or raise `ProjectError` when it could name anything outside the project."""
    parts = relative.split("/")
    if len(relative) > _LONGEST_PATH or not all(_plain(part) for part in parts):
        raise ProjectError(
            f"The project refers to a file by a path that is not safe ({relative[:80]!r}). "
            "It was damaged or made by somebody else; the file was left alone."
        )
    return relative


def _plain(part: str) -> bool:
    if not part or len(part) > _LONGEST_PART or part[-1] in ". " or part.startswith(" "):
        return False
    if any(unicodedata.category(letter).startswith("C") or letter in '\\:*?"<>|' for letter in part):
        return False
    return part.split(".")[0].lower() not in _RESERVED


def resolve(folder: Path, relative: str) -> Path:
    """Return the absolute path of a file of the project; raises `ProjectError` when it lies outside the folder."""
    path = folder / checked(relative)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ProjectError(
            f"“{relative}” leads out of the project's folder through a link. "
            "Replace the link by the file itself, then open the project again."
        )
    return path
