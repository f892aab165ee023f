"""What a redraw of the plot and a frame of the gallery cost, against what the libraries do.

Run: python tests/benchmarks/bench_views.py [--json FILE]

Plot: one noisy series, raw and smoothed, a new point and a redraw each round; the peer is
pyqtgraph's own `setData` of all points in a plot of the same size, in the same process. Gallery:
100,000 pictures of 128 pixels, warm, scrolled by 97 pixels and by whole pages; the peer is
QListView in icon mode with uniform item sizes. Times are CPU time of this process in
milliseconds, as medians, and as p95: nineteen frames in twenty cost less.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QListView, QWidget

from genstudio.ui.views.gallery import Gallery
from genstudio.ui.views.gallery_types import Deliver
from genstudio.ui.views.plot import LivePlot
from genstudio.ui.views.plot_pyramid import Floats

SIZE = QSize(900, 460)
PICTURES = 100_000
ROUNDS = 30
FRAMES = 60
EDGE = 128
Result = dict[str, float]


def milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e3


def curve(points: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    x = np.arange(1, points + 1, dtype=np.float64) * 64
    return x, 3 * np.exp(-3 * x / x[-1]) + rng.normal(size=points) * 0.3


def redraw_of_ours(points: int) -> Iterator[None]:
    plot = LivePlot()
    plot.resize(SIZE)
    plot.set_series("loss", "Loss", "nats", 0)
    x, y = curve(points)
    plot.append("loss", x, y)
    plot.show()
    for number in range(ROUNDS + 3):
        plot.append("loss", [x[-1] + number + 1], [0.2])
        plot.redraw()
        QApplication.processEvents()
        yield
    plot.close()


def redraw_of_peer(points: int) -> Iterator[None]:
    widget = pg.PlotWidget()
    widget.resize(SIZE)
    x, y = curve(points)
    line = widget.plot(x, y, pen=pg.mkPen("b"))
    widget.show()
    for _ in range(ROUNDS + 3):
        line.setData(x, y)
        QApplication.processEvents()
        yield
    widget.close()


def median_redraw(rounds: Iterator[None], most: int) -> float:
    """Time up to ``most`` rounds after three that warm up."""
    for _ in range(3):
        next(rounds)
    return statistics.median(milliseconds(lambda: next(rounds)) for _ in range(most))


def bench_plot() -> dict[str, Result]:
    results: dict[str, Result] = {}
    for points in (1_000, 10_000, 100_000, 1_000_000):
        ours = median_redraw(redraw_of_ours(points), ROUNDS)
        peer = median_redraw(redraw_of_peer(points), ROUNDS if points < 10**5 else 5)
        results[f"{points:,}"] = {"ours ms": ours, "setData ms": peer, "ratio": peer / ours}
    return results


class Pictures:
    """A hundred thousand pictures that are there at once."""

    def __init__(self) -> None:
        self._image = QImage(EDGE, EDGE, QImage.Format.Format_RGB32)
        self._image.fill(0xFF557799)

    def count(self) -> int:
        return PICTURES

    def key(self, index: int) -> str:
        return str(index)

    def star(self, index: int) -> bool:
        return index % 10 == 0

    def caption(self, index: int) -> str:
        return f"picture {index}"

    def path(self, index: int) -> Path | None:
        return None

    def request(self, key: str, edge: int, deliver: Deliver) -> None:
        deliver(key, edge, self._image.copy())

    def forget(self, key: str, edge: int) -> None:
        pass


class ListModel(QAbstractListModel):
    """The same for Qt's own view."""

    def __init__(self) -> None:
        super().__init__()
        pixmap = QPixmap(EDGE, EDGE)
        pixmap.fill(Qt.GlobalColor.darkCyan)
        self._icon = QIcon(pixmap)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else PICTURES

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self._icon if role == Qt.ItemDataRole.DecorationRole else None


def gallery_of_ours() -> Gallery:
    gallery, pictures = Gallery(), Pictures()
    gallery.set_model(pictures, pictures)
    return gallery


def gallery_of_peer() -> QListView:
    view = QListView()
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setIconSize(QSize(EDGE, EDGE))
    model = ListModel()
    model.setParent(view)
    view.setModel(model)
    return view


def opened(make: Callable[[], QWidget]) -> tuple[QWidget, float]:
    """Make and show a widget; give it, and the time to its first painted frame."""
    start = time.process_time()
    widget = make()
    widget.resize(1200, 800)
    widget.show()
    QApplication.processEvents()
    return widget, (time.process_time() - start) * 1e3


def scrolled(view: Gallery | QListView, step: int) -> list[float]:
    """Scroll through the same pages twice, and time the second time, when all is warm."""

    def frame(number: int) -> None:
        view.verticalScrollBar().setValue(number * step)
        QApplication.processEvents()

    for number in range(FRAMES):
        frame(number)
    return sorted(milliseconds(partial(frame, number)) for number in range(FRAMES))


def bench_gallery() -> dict[str, Result]:
    results: dict[str, Result] = {}
    empty = min(opened(QWidget)[1] for _ in range(5))
    for name, make in (("ours", gallery_of_ours), ("QListView", gallery_of_peer)):
        view, took = opened(make)
        assert isinstance(view, Gallery | QListView)
        results[name] = {"open ms above empty": took - empty}
        for way, step in (("scroll", 97), ("page", 900)):
            frames = scrolled(view, step)
            results[name][f"{way} p50 ms"] = statistics.median(frames)
            results[name][f"{way} p95 ms"] = frames[int(0.95 * len(frames))]
        view.close()
    return results


def show(title: str, results: dict[str, Result]) -> None:
    columns = list(next(iter(results.values())))
    print(f"\n{title:<12}" + "".join(f"{column:>22}" for column in columns))
    for name, row in results.items():
        print(f"{name:<12}" + "".join(f"{row[column]:>22.2f}" for column in columns))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    asked = parser.parse_args()
    app = QApplication(sys.argv[:1])
    plot, gallery = bench_plot(), bench_gallery()
    growth = plot["1,000,000"]["ours ms"] / plot["1,000"]["ours ms"]
    show("points", plot)
    print(f"cost at 1,000,000 points / cost at 1,000: {growth:.2f} (aim: at most 2.5)")
    show("gallery", gallery)
    if asked.json:
        figures = {"plot": plot, "plot growth": growth, "gallery": gallery}
        asked.json.write_text(json.dumps(figures, indent=2))
    app.quit()


if __name__ == "__main__":
    main()
