"""Pictures every place of the window, dark and light, into `screenshots/`. No display is needed.

    .venv/bin/python resources/docs/make_screenshots.py [--images 40000]

It plays a short story in the real window: a project is made, built-in data are imported, a model is trained while
one looks on, pictures are generated. What is to be seen is therefore what the studio really does in that time.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1.5")

from PIL import Image
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from genstudio.core.control import Control
from genstudio.core.settings import RunSettings
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run, train_run
from genstudio.store.records import SampleRecord
from genstudio.ui.app import Session, make_app
from genstudio.ui.context import Place, Subject, SubjectKind
from genstudio.ui.pages.data import DataPage
from genstudio.ui.pages.explore import ExplorePage
from genstudio.ui.theme import ThemeChoice

FOLDER = Path(__file__).parent / "screenshots"
SIZE = (1280, 800)
MOST_BYTES = 300_000
POLL_MS = 50
PATIENCE_SECONDS = 1800

Condition = Callable[[], bool]


class Story:
    """Plays a generator of conditions: it goes on as soon as the one it yielded last holds."""

    def __init__(self, session: Session, projects: Path, images: int) -> None:
        self.projects = projects
        self.window = session.window
        self.context = session.context
        self.images = images
        self._waited = 0
        self._condition: Condition = lambda: True
        self._play = self.play()
        self._timer = QTimer()
        self._timer.timeout.connect(self._go_on)
        self._timer.start(POLL_MS)

    def _go_on(self) -> None:
        self._waited += POLL_MS
        if self._waited > 1000 * PATIENCE_SECONDS:
            sys.exit("The story came to a standstill.")
        if self._condition():
            self._waited = 0
            self._condition = next(self._play, None) or self._end()

    def _end(self) -> Condition:
        self._timer.stop()
        self.window.close()
        return lambda: False

    def play(self) -> Iterator[Condition]:
        """The story."""
        yield lambda: self.context.made_studio is not None
        yield self._rest(0.5)
        yield from self._picture("home")
        self.context.projects.create(self.projects / "Letters and emoji")
        yield lambda: self.context.project is not None
        yield from self._data()
        yield from self._train()
        yield from self._generate()
        yield from self._explore()
        yield from self._rest_of_it()

    def _data(self) -> Iterator[Condition]:
        self.window.go(Place.DATA)
        page = self.window.page(Place.DATA)
        assert isinstance(page, DataPage)
        page.import_builtin("emoji")
        yield self._rest(4)
        yield from self._picture("data-import")
        for name in ("glyphs", "emoji"):
            yield self._done(partial(import_dataset, self.context.workspace, name, None, name.title(), quiet, never))
        page.show_shelf()
        page.shown()
        yield self._rest(2)
        yield from self._picture("data")
        self.window.go(Place.DATA, Subject(SubjectKind.DATASET, self._dataset("Emoji")))
        yield self._rest(3)
        yield from self._picture("data-look")

    def _train(self) -> Iterator[Condition]:
        letters = self._dataset("Glyphs")
        self.window.go(Place.TRAIN, Subject(SubjectKind.DATASET, letters))
        yield self._rest(3)
        yield from self._picture("train-new")
        yield self._done(lambda: self._quick_run(letters))
        config = self.context.workspace.host.family("vae").presets["Draft"].replaced({"images": self.images})
        run = create_run(self.context.workspace, "vae", config, letters, RunSettings(), "Letters, a draft")
        self.window.go(Place.TRAIN, Subject(SubjectKind.RESUME, run.id))
        yield lambda: (state := self.context.activity.training) is not None and state.share > 0.8
        yield from self._picture("train")
        yield lambda: self.context.activity.training is None

    def _quick_run(self, dataset: str) -> None:
        workspace = self.context.workspace
        config = workspace.host.family("vae").presets["Draft"].replaced({"beta": 4.0, "images": self.images // 3})
        settings = RunSettings(seed=1)
        run = create_run(workspace, "vae", config, dataset, settings, "Letters, simpler")
        train_run(workspace, run.id, lambda _: None, Control())

    def _generate(self) -> Iterator[Condition]:
        run = next(run for run in self.context.workspace.project.runs() if run.name == "Letters, a draft")
        request = GenerateRequest(run=run.id, checkpoint=None, count=60, seed=7, batch=60, label=None, options={})
        make = partial(generate, progress=lambda *_: None, on_samples=self._star, cancelled=never)
        yield self._done(partial(make, self.context.workspace, request))
        self.window.go(Place.GENERATE, Subject(SubjectKind.RUN, run.id))
        yield self._rest(3)
        yield from self._picture("generate")

    def _star(self, samples: list[SampleRecord]) -> None:
        for sample in samples[3:40:9]:
            self.context.workspace.project.star(sample.id)

    def _explore(self) -> Iterator[Condition]:
        run = next(run for run in self.context.workspace.project.runs() if run.name == "Letters, a draft")
        self.window.go(Place.EXPLORE, Subject(SubjectKind.RUN, run.id))
        page = self.window.page(Place.EXPLORE)
        assert isinstance(page, ExplorePage)
        yield lambda: "neighbours" in page.desk.session.maps and len(page.desk.picks) >= 4
        canvas = page.map.canvas
        for across, down in ((0.4, 0.5), (0.62, 0.4), (0.66, 0.36)):
            QTest.mouseMove(canvas, QPoint(int(across * canvas.width()), int(down * canvas.height())))
            yield self._rest(0.5)
        yield from self._picture("explore-map")
        page.map.show_as.button("everywhere").click()
        yield self._rest(4)
        yield from self._picture("explore-everywhere")
        page.go_part("sliders")
        for label, amount in zip(page.desk.session.classes[::9], (1.5, -1.0, 0.5), strict=False):
            page.sliders.add_label(label)
            page.sliders.rows[-1].amount.set_value(amount)
        page.sliders.rows[0].turned.emit()
        for name in ("sliders", "grid", "evolve"):
            page.go_part(name)
            yield self._rest(3)
            yield from self._picture(f"explore-{name}")

    def _rest_of_it(self) -> Iterator[Condition]:
        self.window.go(Place.RUNS)
        yield self._rest(3)
        QTest.keyClick(QApplication.focusWidget() or self.window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        yield self._rest(2)
        yield from self._picture("runs")
        self.window.go(Place.HOME)
        yield self._rest(1)
        yield from self._picture("home-project")
        self.window.actions_book.show_palette()
        yield self._rest(1)
        yield from self._picture("palette")

    def _dataset(self, name: str) -> str:
        return self.context.workspace.project.dataset(name).id

    def _picture(self, name: str) -> Iterator[Condition]:
        for look in (ThemeChoice.DARK, ThemeChoice.LIGHT):
            self.context.theme.choose(look)
            yield self._rest(0.4)
            save(self.window.grab().toImage(), FOLDER / f"{name}-{look.value}.png")
            print(f"{name} {look.value}", flush=True)
        self.context.theme.choose(ThemeChoice.DARK)

    def _rest(self, seconds: float) -> Condition:
        left = [round(1000 * seconds / POLL_MS)]

        def over() -> bool:
            left[0] -= 1
            return left[0] <= 0

        return over

    def _done(self, work: Callable[[], object]) -> Condition:
        return self.context.studio.on_device(work).done


def quiet(_done: int, _total: int, _what: str) -> None:
    """Hear nothing of the progress."""


def never() -> bool:
    """Nobody cancels."""
    return False


def save(image: QImage, file: Path) -> None:
    """Write a picture as a PNG of at most 300 kB, with fewer colours if it must be."""
    pixels = image.convertToFormat(QImage.Format.Format_RGB888)
    picture = Image.frombytes(
        "RGB", (pixels.width(), pixels.height()), bytes(pixels.constBits()), "raw", "RGB", pixels.bytesPerLine()
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        picture.quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)


def tell(make: Callable[[Session, Path], Story]) -> None:
    """Play a story in a folder that is forgotten afterwards; it is made of the window and where projects go."""
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        home = Path(folder)
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = str(home / name.lower())
        os.environ["HOME"] = str(home)
        app = make_app()
        session = Session(app)
        session.window.show()
        session.window.resize(*SIZE)
        story = make(session, home / "Documents" / "GenStudio")
        app.exec()
        session.end()
        del story


def main() -> None:
    """Play the story of every place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=40_000, help="how long the model on show is trained")
    arguments = parser.parse_args()
    tell(lambda session, projects: Story(session, projects, arguments.images))


if __name__ == "__main__":
    main()
