"""Opening the window. Loaded by itself when there is no command, so that nothing else delays the first paint."""

import gc
import os
import sys
from pathlib import Path

from genstudio.core.errors import GenStudioError


def open_window(project: Path | None = None) -> int:
    """Open the window and return its exit code when it is closed. Raises `GenStudioError` without a display."""
    check_display()
    gc.disable()  # nothing that is loaded now is garbage; the window collects its own once it is there
    try:
        from genstudio.ui.app import run_window

        return run_window(project)
    finally:
        gc.enable()


def check_display() -> None:
    """Raise `GenStudioError` where no window can be opened: Qt would end the process."""
    if sys.platform == "linux" and not _has_display():
        raise GenStudioError(
            "There is no display to open a window on; without one, use commands such as `genstudio train` (see --help)."
        )


def _has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
