"""How large the installed program is and how fast it starts, against a bare frozen window and the unfrozen studio.

Run: python -m tests.benchmarks.bench_frozen [--program FILE] [--rounds N] [--json FILE]

bare       a frozen program of an empty QMainWindow, made here by the build's own PyInstaller (build/venv).
realistic  the same with toolbar, menus, tabs of fields, a dock and a style sheet (see bench_start).
installed  the installed program, up to the first paint of Home, and until its engine is loaded.
unfrozen   the same from the checkout's environment.

Every start is a fresh process with settings of its own, turn by turn; what is told is the least and the median of
wall and processor seconds. Cold: the files are first put out of the system's cache (posix_fadvise), which a
system may decline to do; how much it did is told as the share of pages that were gone.
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

from resources.installer.freeze import PROGRAM, executable
from resources.installer.words import BUILD, bytes_in
from tests.benchmarks.bench_start import FIELDS

BARE = """
import os, sys, time
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

def painted():
    with open(os.environ["GENSTUDIO_START_REPORT"], "a") as file:
        file.write(f"painted {time.time()} {time.process_time()}\\n")
    QApplication.exit()

class Window(QMainWindow):
    def event(self, event):
        done = super().event(event)
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, painted)
        return done

app = QApplication(sys.argv)
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
"""
REALISTIC = BARE.replace("window.resize(1280, 800)\n", "from PySide6 import QtCore, QtWidgets\n" + FIELDS)
Start = dict[str, float]


def make_small(name: str, code: str) -> Path:
    """Freeze a program of one file, once."""
    folder = BUILD / "small"
    program = folder / "dist" / name / name
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(code, "utf-8")
        words = [BUILD / "venv" / "bin" / "python", "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
        subprocess.run([*map(str, words), "--distpath", "dist", f"{name}.py"], cwd=folder, check=True)
    return program


def start(command: list[str], *, until: str) -> Start:
    """Start a program and return its wall and processor seconds up to a moment it reports."""
    with tempfile.TemporaryDirectory(prefix="gs-") as home:
        report = Path(home) / "report.txt"
        environment = {name: os.environ[name] for name in ("PATH", "OMP_NUM_THREADS") if name in os.environ}
        environment |= {"HOME": home, "GENSTUDIO_HOME": home, "XDG_RUNTIME_DIR": home, "QT_QPA_PLATFORM": "offscreen"}
        environment |= {"GENSTUDIO_START_REPORT": str(report), "LANG": "C.UTF-8"}
        begun = time.time()
        process = subprocess.Popen(
            command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        moments: dict[str, tuple[float, float]] = {}
        while until not in moments:
            if process.poll() is not None and not report.exists():
                raise RuntimeError(f"{command[0]} ended with {process.returncode}")
            time.sleep(0.005)
            moments = _moments(report)
        process.terminate()
        process.wait()
        return {f"{name}_wall": moments[name][0] - begun for name in moments} | {
            f"{name}_cpu": moments[name][1] for name in moments
        }


def _moments(report: Path) -> dict[str, tuple[float, float]]:
    if not report.exists():
        return {}
    lines = [line.split() for line in report.read_text("utf-8").splitlines()]
    return {name: (float(wall), float(cpu)) for name, wall, cpu in lines}


def forget(folder: Path) -> None:
    """Ask the system to put a folder's files out of its cache."""
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            handle = os.open(file, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


def measure(program: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Start each program so often, turn by turn, warm; then each once, cold."""
    programs = {
        "bare": [str(make_small("bare", BARE))],
        "realistic": [str(make_small("realistic", REALISTIC))],
        "installed": [str(program)],
        "unfrozen": [sys.executable, "-m", "genstudio"],
    }
    last = {"bare": "painted", "realistic": "painted", "installed": "ready", "unfrozen": "ready"}
    found: dict[str, list[Start]] = {name: [] for name in programs}
    for turn in range(rounds + 1):
        for name, command in programs.items():
            figures = start(command, until=last[name])
            if turn:
                found[name].append(figures)
    summary = {name: _summary(starts) for name, starts in found.items()}
    for name in ("bare", "realistic", "installed"):
        forget(Path(programs[name][0]).parent)
        cold = start(programs[name], until=last[name])
        summary[name] |= {f"cold_{figure}": round(value, 3) for figure, value in cold.items()}
    return summary


def _summary(starts: list[Start]) -> dict[str, float]:
    found = {}
    for name in starts[0]:
        values = [figures[name] for figures in starts]
        found[name] = round(min(values), 3)
        found[f"{name}_median"] = round(statistics.median(values), 3)
    return found


def main() -> int:
    """Measure, print, and write the figures if asked; 1 when the first paint takes 1.5 times the bare window's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=executable(PROGRAM))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    figures = measure(program, arguments.rounds)
    sizes = {"installed_mb": round(bytes_in(program.parent) / 1e6, 1)}
    sizes |= {
        product.name: round(product.stat().st_size / 1e6, 1) for product in sorted(BUILD.parent.glob("dist/gen*"))
    }
    ratios = {
        f"first_paint_{kind}_over_{other}": round(
            figures["installed"][f"painted_{kind}"] / figures[other][f"painted_{kind}"], 2
        )
        for kind in ("wall", "cpu")
        for other in ("bare", "realistic", "unfrozen")
    }
    for name, summary in figures.items():
        print(f"{name:10} {summary}")
    print(json.dumps({"sizes_mb": sizes, "ratios": ratios}))
    if arguments.json:
        arguments.json.write_text(json.dumps({"programs": figures, "sizes_mb": sizes, "ratios": ratios}, indent=2))
    return int(ratios["first_paint_cpu_over_bare"] > 1.5)


if __name__ == "__main__":
    sys.exit(main())
