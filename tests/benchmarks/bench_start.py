"""How long it takes until the window is first painted, against windows that do nothing.

Run: python -m tests.benchmarks.bench_start [--rounds N] [--json FILE]

Every start is a fresh process, turn by turn:

bare       an empty QWidget: what Python and Qt cost by themselves.
realistic  a plain main window as people write it: toolbar, menus, four tabs of twenty fields, a dock, a style sheet.
studio     `genstudio` as it is started from a menu, up to the first paint of Home.
eager      the studio with torch and pyqtgraph imported first, as most programs of its kind do.

Figures are CPU seconds of the process up to the first paint (least and median), and wall seconds (least). The ratios
are of least CPU times: below 1.5 against `realistic` is the aim.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAINTED = """
import json, os, sys, time
def painted():
    print(json.dumps({"cpu": time.process_time(), "wall": time.time() - float(os.environ["BEGUN"])}), flush=True)
    os._exit(0)
"""
WINDOW = """
from PySide6 import QtCore, QtGui, QtWidgets
app = QtWidgets.QApplication([])
class Window(QtWidgets.QMainWindow):
    def event(self, event):
        done = super().event(event)
        if event.type() == QtCore.QEvent.Type.Paint:
            QtCore.QTimer.singleShot(0, painted)
        return done
window = Window()
"""
FIELDS = """
bar = window.addToolBar("Tools")
for name in "File Edit View Run Help".split():
    menu = window.menuBar().addMenu(name)
    for number in range(8):
        bar.addAction(menu.addAction(f"{name} {number}"))
tabs = QtWidgets.QTabWidget()
for page in range(4):
    body = QtWidgets.QWidget()
    form = QtWidgets.QFormLayout(body)
    kinds = [QtWidgets.QLineEdit, QtWidgets.QSpinBox, QtWidgets.QComboBox, QtWidgets.QCheckBox]
    for number in range(20):
        form.addRow(f"Field {number}", kinds[number % 4]())
    tabs.addTab(body, f"Page {page}")
window.setCentralWidget(tabs)
dock = QtWidgets.QDockWidget("Dock")
dock.setWidget(QtWidgets.QTextEdit())
window.addDockWidget(QtCore.Qt.DockWidgetArea.RightDockWidgetArea, dock)
app.setStyleSheet("QWidget { font-size: 13px } QPushButton, QLineEdit { border: 1px solid #888; border-radius: 4px }")
window.resize(1280, 800)
"""
SHOW = """
window.show()
app.exec()
"""
STUDIO = """
from genstudio import cli
from genstudio.ui import app as program
program.Session._painted = lambda self: painted()
sys.argv = ["genstudio"]
cli.main()
"""
PROGRAMS = {
    "bare": PAINTED + WINDOW + SHOW,
    "realistic": PAINTED + WINDOW + FIELDS + SHOW,
    "studio": PAINTED + STUDIO,
    "eager": PAINTED + "import torch, pyqtgraph\n" + STUDIO,
}


def start(name: str, home: Path) -> dict[str, float]:
    """Start one program and return its CPU and wall seconds up to the first paint."""
    places = {key: str(home) for key in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    environment = {**os.environ, **places, "BEGUN": str(time.time()), "QT_QPA_PLATFORM": "offscreen"}
    environment |= {"PYTHONPYCACHEPREFIX": str(home / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", PROGRAMS[name]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Start every program so often, turn by turn; the first round only fills the caches of disk and bytecode."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as home:
        for turn in range(rounds + 1):
            for name in PROGRAMS:
                figures = start(name, Path(home))
                if turn:
                    found[name].append(figures)
    return {name: _summary(starts) for name, starts in found.items()}


def _summary(starts: list[dict[str, float]]) -> dict[str, float]:
    cpu = [figures["cpu"] for figures in starts]
    return {
        "cpu_least_s": round(min(cpu), 4),
        "cpu_median_s": round(statistics.median(cpu), 4),
        "wall_least_s": round(min(figures["wall"] for figures in starts), 4),
    }


def main() -> int:
    """Measure, print, and write the figures if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = measure(arguments.rounds)
    least = {name: summary["cpu_least_s"] for name, summary in figures.items()}
    ratios = {f"studio_over_{name}": round(least["studio"] / least[name], 3) for name in ("bare", "realistic", "eager")}
    for name, summary in figures.items():
        print(f"{name:10} CPU {summary['cpu_least_s']:.3f} s (median {summary['cpu_median_s']:.3f})", end="   ")
        print(f"wall {summary['wall_least_s']:.3f} s")
    print(json.dumps(ratios))
    if arguments.json:
        arguments.json.write_text(json.dumps({"programs": figures, "ratios": ratios}, indent=2))
    return int(ratios["studio_over_realistic"] > 1.5)


if __name__ == "__main__":
    sys.exit(main())
