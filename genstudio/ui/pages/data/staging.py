"""Several files dropped at once, gathered into one folder so that they are imported as one source."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path


def gather(paths: Sequence[Path]) -> Path:
    """Return what to import: the path itself, or a temporary folder that holds several. Blocks.

    Files are linked where the disk allows it, else copied; folders keep their names, which become labels.
    """
    if len(paths) == 1:
        return paths[0]
    folder = Path(tempfile.mkdtemp(prefix="genstudio-")) / paths[0].parent.name
    folder.mkdir()
    for path in paths:
        target = _free(folder, path)
        if path.is_dir():
            shutil.copytree(path, target, copy_function=_link_or_copy)
        elif path.is_file():
            _link_or_copy(str(path), str(target))
    return folder


def forget(source: Path) -> None:
    """Remove a folder that `gather` made; anything else is left alone. Blocks."""
    if source.parent.name.startswith("genstudio-") and source.parent.parent == Path(tempfile.gettempdir()):
        shutil.rmtree(source.parent, ignore_errors=True)


def _free(folder: Path, path: Path) -> Path:
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem} {number}{path.suffix}"
    return target


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
