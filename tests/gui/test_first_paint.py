"""What is loaded when the window is first painted: Qt and our own shell, and nothing that takes long."""

import json
import os
import subprocess
import sys
from pathlib import Path

SLOW = ("torch", "numpy", "pyqtgraph", "PIL", "pydantic", "pluggy", "sqlite3", "genstudio_vae", "genstudio.studio")
MOST_MODULES_OF_OURS = 60

PROGRAM = """
import enum, json, sys
from PySide6.QtCore import QEvent, QObject
from genstudio.ui import app as program
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
            windows.append(type(watched).__name__)
        return False
windows = []
watch = Watch()
application = program.make_app()
if sys.argv[1:] == ["watched"]:
    application.installEventFilter(watch)
session = program.Session(application)
def painted():
    # `painted` is emitted in the turn of the event loop after the first paint, so nothing else has happened yet.
    kinds = (enum.Enum, enum.Flag, enum.IntEnum, enum.IntFlag)
    enums = [made.__qualname__ for kind in kinds for made in kind.__subclasses__()]
    print(json.dumps({"modules": sorted(sys.modules), "windows": windows, "enums": enums}))
    session.window.may_close()
    session.window.close()
    application.quit()
session.window.painted.disconnect()
session.window.painted.connect(painted)
session.window.show()
application.exec()
session.end()
"""


def start(folder: Path, *words: str) -> dict[str, list[str]]:
    """What a first start has done when the window is painted."""
    environment = {**os.environ, "GENSTUDIO_HOME": str(folder)}
    command = [sys.executable, "-c", PROGRAM, *words]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert run.returncode == 0, run.stderr
    found: dict[str, list[str]] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_that_nothing_slow_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    loaded = set(start(tmp_path)["modules"])
    assert not loaded & set(SLOW)
    assert sum(name.startswith("genstudio.") for name in loaded) < MOST_MODULES_OF_OURS


def test_that_no_widget_flashes_as_a_window_of_its_own_before_it_has_a_parent(tmp_path: Path) -> None:
    assert start(tmp_path, "watched")["windows"] == ["MainWindow"]


def test_that_enumerations_that_take_long_are_not_loaded_before_the_first_paint(tmp_path: Path) -> None:
    """Asking Qt for a QStyle, or for a plain QWidget that it made itself, loads those of every class it could be."""
    loaded = set(start(tmp_path)["enums"])
    assert {"Qt.Key", "QEvent.Type"} <= loaded
    assert not {"QStyle.PixelMetric", "QWizard.WizardStyle"} & loaded
