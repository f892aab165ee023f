"""The gallery as a person meets it: mouse, keys, pictures on the screen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from genstudio.ui.views.gallery import Gallery
from genstudio.ui.views.gallery_size import CellSizeSlider
from genstudio.ui.views.image import qimage_from_array

LEFT = Qt.MouseButton.LeftButton
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
CANARY = "<b>bold</b><img src='x'>"


class Model:
    """Numbered pictures; counts what it is asked."""

    def __init__(self, count: int) -> None:
        self.size = count
        self.asked = 0

    def count(self) -> int:
        return self.size

    def key(self, index: int) -> str:
        self.asked += 1
        assert 0 <= index < self.size
        return f"k{index}"

    def star(self, index: int) -> bool:
        return index == 1

    def caption(self, index: int) -> str:
        return f"{CANARY} {index}"

    def path(self, index: int) -> Path | None:
        return Path(f"/pictures/{index}.png") if index % 2 == 0 else None


class Provider:
    """Answers at once, with a picture of blocks."""

    def __init__(self, image: QImage | None = None) -> None:
        self.image = image
        self.requests: list[str] = []

    def request(self, key: str, edge: int, deliver: Callable[[str, int, QImage | None], None]) -> None:
        self.requests.append(key)
        if self.image is not None:
            deliver(key, edge, self.image)

    def forget(self, key: str, edge: int) -> None:
        self.requests.remove(key)


@pytest.fixture
def gallery(qtbot: QtBot) -> Iterator[Gallery]:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(600, 450)
    gallery.set_model(Model(100), Provider())
    gallery.show()
    QApplication.processEvents()
    yield gallery
    gallery.close()


def place(gallery: Gallery, index: int) -> QPoint:
    return gallery.cell_rect(index).center()


def click(gallery: Gallery, index: int, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(gallery.viewport(), LEFT, modifier, place(gallery, index))


def move(gallery: Gallery, to: QPoint) -> None:
    there = QPointF(gallery.viewport().mapToGlobal(to))
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(to), there, LEFT, LEFT, NONE)
    QApplication.sendEvent(gallery.viewport(), event)


def test_that_clicks_choose_as_everywhere(gallery: Gallery) -> None:
    click(gallery, 1)
    assert gallery.chosen_keys() == ["k1"]
    click(gallery, 4, SHIFT)
    assert gallery.chosen_keys() == ["k1", "k2", "k3", "k4"]
    click(gallery, 2, CTRL)
    assert gallery.chosen_keys() == ["k1", "k3", "k4"]
    click(gallery, 3)
    assert gallery.chosen_keys() == ["k3"]
    QTest.mouseClick(gallery.viewport(), LEFT, NONE, QPoint(2, 2))
    assert gallery.chosen_keys() == []


def test_that_a_press_on_many_keeps_them_for_dragging_and_a_release_chooses_one(gallery: Gallery) -> None:
    gallery.choose_all()
    QTest.mousePress(gallery.viewport(), LEFT, NONE, place(gallery, 2))
    assert len(gallery.chosen_keys()) == 100
    QTest.mouseRelease(gallery.viewport(), LEFT, NONE, place(gallery, 2))
    assert gallery.chosen_keys() == ["k2"]


def test_that_a_rubber_band_chooses_what_it_touches(gallery: Gallery) -> None:
    QTest.mousePress(gallery.viewport(), LEFT, NONE, QPoint(2, 2))
    move(gallery, place(gallery, 1))
    assert gallery.chosen_keys() == ["k0", "k1"]
    gallery.grab()
    below = gallery.grid.columns + 1
    move(gallery, place(gallery, below))
    assert set(gallery.chosen_keys()) == {"k0", "k1", f"k{below - 1}", f"k{below}"}
    QTest.mouseRelease(gallery.viewport(), LEFT, NONE, place(gallery, 1))
    assert gallery._scroll_timer == 0


def test_that_the_keyboard_does_everything(gallery: Gallery) -> None:
    columns = gallery.grid.columns
    key = Qt.Key
    for pressed, modifier, chosen, current in [
        (key.Key_Right, NONE, ["k0"], "k0"),
        (key.Key_Right, NONE, ["k1"], "k1"),
        (key.Key_Right, SHIFT, ["k1", "k2"], "k2"),
        (key.Key_Right, CTRL, ["k1", "k2"], "k3"),
        (key.Key_Space, CTRL, ["k1", "k2", "k3"], "k3"),
        (key.Key_Home, NONE, ["k0"], "k0"),
        (key.Key_Down, NONE, [f"k{columns}"], f"k{columns}"),
        (key.Key_End, NONE, ["k99"], "k99"),
        (key.Key_Escape, NONE, [], "k99"),
    ]:
        QTest.keyClick(gallery, pressed, modifier)
        assert gallery.chosen_keys() == chosen
        assert gallery.current_key() == current
    assert gallery.viewport().rect().contains(gallery.cell_rect(99))
    QTest.keyClick(gallery, key.Key_A, CTRL)
    assert len(gallery.chosen_keys()) == 100


@pytest.mark.parametrize(
    ("pressed", "signal", "said"),
    [
        (Qt.Key.Key_Space, "opened", "k4"),
        (Qt.Key.Key_Return, "opened", "k4"),
        (Qt.Key.Key_S, "star_wanted", ["k4"]),
        (Qt.Key.Key_Delete, "delete_wanted", ["k4"]),
    ],
)
def test_that_keys_say_what_is_wanted(
    gallery: Gallery, qtbot: QtBot, pressed: Qt.Key, signal: str, said: object
) -> None:
    gallery.go(4)
    with qtbot.waitSignal(getattr(gallery, signal)) as wanted:
        QTest.keyClick(gallery, pressed)
    assert wanted.args == [said]


def test_that_a_double_click_opens_and_a_menu_is_asked_for(gallery: Gallery, qtbot: QtBot) -> None:
    click(gallery, 5)
    with qtbot.waitSignal(gallery.opened) as opened:
        QTest.mouseDClick(gallery.viewport(), LEFT, NONE, place(gallery, 5))
    assert opened.args == ["k5"]
    with qtbot.waitSignal(gallery.menu_wanted):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place(gallery, 5), QPoint(10, 10))
        QApplication.sendEvent(gallery.viewport(), event)


def test_that_a_drag_carries_the_files_there_are(gallery: Gallery) -> None:
    gallery.choose_all()
    urls = gallery.drag_data().urls()
    assert [url.toLocalFile() for url in urls[:2]] == ["/pictures/0.png", "/pictures/2.png"]
    assert len(urls) == 50


def test_that_tiny_pictures_stay_crisp(qtbot: QtBot) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(2 * 12 + 4 * 140 - 12, 300)
    gallery.set_model(Model(4), Provider(qimage_from_array(pixels)))
    gallery.show()
    QApplication.processEvents()
    cell = gallery.cell_rect(0)
    assert cell.width() == 128
    shot = gallery.grab(cell).toImage()
    for y in range(0, 128, 3):
        for x in range(0, 128, 3):
            colour = shot.pixelColor(x, y)
            assert (colour.red(), colour.green(), colour.blue()) == tuple(pixels[y // 8, x // 8])
    gallery.set_smooth(True)
    smooth = gallery.grab(cell).toImage()
    assert smooth.pixelColor(8, 8) != shot.pixelColor(8, 8)


def test_that_the_cost_does_not_grow_with_the_number_of_pictures(qtbot: QtBot) -> None:
    asked = []
    for count in (1_000, 1_000_000):
        model, provider = Model(count), Provider(QImage(64, 64, QImage.Format.Format_RGB32))
        gallery = Gallery()
        qtbot.addWidget(gallery)
        gallery.resize(800, 600)
        gallery.set_model(model, provider)
        gallery.show()
        for step in range(20):
            gallery.verticalScrollBar().setValue(step * 300)
            QApplication.processEvents()
        asked.append(model.asked)
    assert asked[1] <= asked[0] + 50


def test_that_pictures_scrolled_away_are_no_longer_wanted(gallery: Gallery) -> None:
    provider = Provider()
    gallery.set_model(Model(100_000), provider)
    for value in range(0, 200_000, 5_000):
        gallery.verticalScrollBar().setValue(value)
        QApplication.processEvents()
    in_view = gallery.grid.between(value, value + gallery.viewport().height())
    assert set(provider.requests) >= {f"k{index}" for index in in_view}
    assert len(provider.requests) <= 2 * len(in_view)


def test_that_the_top_row_stays_when_cells_or_width_change(gallery: Gallery) -> None:
    gallery.set_model(Model(10_000), Provider())
    gallery.verticalScrollBar().setValue(40_000)
    first = gallery.grid.between(gallery.verticalScrollBar().value() + 20, 10**9).start
    gallery.set_cell_size(200)
    top = gallery.cell_rect(first).top()
    assert -gallery.grid.pitch < top < 2 * gallery.grid.pitch
    gallery.resize(900, 450)
    QApplication.processEvents()
    top = gallery.cell_rect(first).top()
    assert -2 * gallery.grid.pitch < top < 2 * gallery.grid.pitch


def test_that_ctrl_and_wheel_size_the_cells_and_the_slider_follows(gallery: Gallery, qtbot: QtBot) -> None:
    slider = CellSizeSlider(gallery)
    qtbot.addWidget(slider)
    event = QWheelEvent(
        QPointF(50, 50),
        QPointF(50, 50),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        CTRL,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(gallery.viewport(), event)
    assert gallery.cell_size == slider.value() == 147
    slider.setValue(64)
    assert gallery.cell_size == 64


def test_that_pictures_come_and_go_under_the_choice(gallery: Gallery) -> None:
    model = gallery._model
    assert isinstance(model, Model)
    gallery.go(5)
    model.size = 103
    gallery.inserted(0, 3)
    assert gallery.current_key() == "k8"
    model.size = 100
    gallery.removed(0, 3)
    assert gallery.chosen_keys() == ["k5"]
    model.size = 0
    gallery.removed(0, 100)
    assert gallery.chosen_keys() == []
    assert gallery.current_key() is None
    gallery.set_empty_text(CANARY)
    gallery.grab()


def test_that_a_caption_is_painted_as_it_is(gallery: Gallery) -> None:
    gallery.go(0)
    bare = gallery.grab().toImage()
    move(gallery, place(gallery, 0))
    assert gallery.grab().toImage() != bare
    assert CANARY in gallery.accessibleDescription()
    assert "Picture 1 of 100" in gallery.accessibleDescription()


def test_that_the_focus_is_seen(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.activateWindow()
    gallery.setFocus()
    qtbot.waitUntil(gallery.hasFocus)
    gallery.go(3)
    gallery.choose_none()
    with_focus = gallery.grab().toImage()
    gallery.clearFocus()
    assert gallery.grab().toImage() != with_focus


def test_that_stepping_ends_at_the_ends(gallery: Gallery) -> None:
    gallery.go(98)
    assert gallery.step(1) == "k99"
    assert gallery.step(1) is None
    gallery.go(0)
    assert gallery.step(-1) is None
