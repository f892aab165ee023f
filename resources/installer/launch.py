"""Where the frozen program begins."""

import multiprocessing  # PyInstaller's own hook has loaded it already
import os
import sys


def _give_back_library_path() -> None:
    """Let system programs that we start (a file manager, say) load the system's libraries and not ours.

    The bootloader points the loader at our folder; for this process that has been read already. Our own children are
    told to begin like a first process: otherwise their bootloader would take for granted what was taken away here.
    """
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if original is not None:
        os.environ["LD_LIBRARY_PATH"] = original


def _give_streams() -> None:
    """A program without a console has no streams on Windows, and libraries that print would fail."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for the whole run


if __name__ == "__main__":
    if sys.platform.startswith("linux"):
        _give_back_library_path()
    _give_streams()
    multiprocessing.freeze_support()  # a process that multiprocessing starts is no second window
    from genstudio.cli import main

    sys.exit(main())
