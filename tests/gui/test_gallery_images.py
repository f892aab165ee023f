"""Arrays as pictures, the grid of a live preview, and the view that zooms into one."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from genstudio.ui.views.checks import checkerboard
from genstudio.ui.views.image import Pixels, fitted, qimage_from_array, scaled
from genstudio.ui.views.image_grid import ImageGridView
from genstudio.ui.views.image_zoom import ZoomView

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CANARY = "<b>bold</b><img src='x'>"


def noise(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def rgba(image: QImage, x: int, y: int) -> tuple[int, int, int, int]:
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue(), colour.alpha()


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (1, 1, 3), (3, 301, 3)])
def test_that_every_pixel_arrives(shape: tuple[int, ...]) -> None:
    pixels = noise(*shape)
    image = qimage_from_array(pixels)
    assert image.format() == QImage.Format.Format_RGB32
    colours = np.broadcast_to(pixels.reshape(*shape[:2], -1), (*shape[:2], 3))
    for y in range(shape[0]):
        for x in range(shape[1]):
            assert rgba(image, x, y) == (*colours[y, x].tolist(), 255)


def test_that_alpha_is_kept_and_colours_survive_it() -> None:
    pixels = noise(6, 6, 4)
    pixels[0, 0, 3], pixels[0, 1, 3] = 0, 255
    image = qimage_from_array(pixels)
    assert image.format() == QImage.Format.Format_ARGB32_Premultiplied
    assert rgba(image, 0, 0)[3] == 0
    assert rgba(image, 1, 0) == tuple(pixels[0, 1].tolist())
    for y in range(6):
        for x in range(6):
            alpha = int(pixels[y, x, 3])
            assert rgba(image, x, y)[3] == alpha
            if alpha > 64:
                got, wanted = np.array(rgba(image, x, y)[:3]), pixels[y, x, :3].astype(int)
                assert np.abs(got - wanted).max() <= 3


def test_that_the_picture_owns_its_memory() -> None:
    pixels = noise(8, 8, 3)
    image = qimage_from_array(pixels)
    before = image.copy()
    pixels[:] = 0
    del pixels
    assert image == before


def test_that_slices_and_read_only_arrays_are_taken() -> None:
    pixels = noise(16, 16, 3)[::2, ::-1]
    pixels.flags.writeable = False
    assert rgba(qimage_from_array(pixels), 0, 1)[:3] == tuple(pixels[1, 0].tolist())


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (2, 4, 4, 3)])
def test_that_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        qimage_from_array(noise(*shape))


@pytest.mark.parametrize(
    ("size", "box", "fits"),
    [
        ((16, 16), (128, 128), (128, 128)),
        ((28, 28), (128, 128), (112, 112)),  # four whole steps
        ((90, 90), (128, 128), (128, 128)),  # one step would waste a third
        ((400, 200), (100, 100), (100, 50)),
        ((1, 4000), (100, 100), (1, 100)),
    ],
)
def test_that_pictures_fill_their_box_by_whole_steps_where_they_can(
    size: tuple[int, int], box: tuple[int, int], fits: tuple[int, int]
) -> None:
    assert fitted(QSize(*size), QSize(*box), smooth=False) == QSize(*fits)


def test_that_enlarging_by_a_part_of_a_step_keeps_pixels_apart() -> None:
    image = qimage_from_array(np.array([[[0], [255]], [[255], [0]]], dtype=np.uint8))
    large = scaled(image, QSize(25, 25), smooth=False)
    greys = {rgba(large, x, 3)[0] for x in range(25)}
    assert {0, 255} <= greys
    assert sum(0 < grey < 255 for grey in greys) <= 1


@pytest.fixture
def grid(qtbot: QtBot) -> Iterator[ImageGridView]:
    grid = ImageGridView()
    qtbot.addWidget(grid)
    grid.resize(400, 300)
    grid.show()
    yield grid
    grid.close()


@pytest.mark.parametrize("channels", [1, 3])
def test_that_a_batch_is_shown_pixel_by_pixel(grid: ImageGridView, channels: int) -> None:
    images = noise(6, 8, 8, channels)
    grid.set_images(images)
    shot = grid.grab().toImage()
    for index in range(6):
        area = grid.cell_rect(index)
        step = area.width() / 8
        assert step == int(step) >= 8
        for y in range(8):
            for x in range(8):
                at = area.topLeft() + QPointF(x + 0.5, y + 0.5) * step
                for dx in (-step / 2 + 0.5, 0.0, step / 2 - 1):
                    got = rgba(shot, int(at.x() + dx), int(at.y()))[:3]
                    wanted = np.broadcast_to(images[index, y, x], 3)
                    assert got == tuple(wanted.tolist())


def test_that_the_next_batch_uses_the_same_memory(grid: ImageGridView) -> None:
    grid.set_images(noise(9, 16, 16, 3))
    grid.grab()
    sheet = grid._sheet
    assert sheet is not None
    address = np.frombuffer(sheet.constBits(), np.uint8).ctypes.data
    for batch in range(3):
        grid.set_images(np.full((9, 16, 16, 3), batch, dtype=np.uint8))
        grid.grab()
    assert grid._sheet is sheet
    assert np.frombuffer(sheet.constBits(), np.uint8).ctypes.data == address


@pytest.mark.parametrize("shape", [(1, 300, 500, 3), (64, 100, 100, 4), (5, 7, 9, 3), (500, 2, 2)])
def test_that_every_batch_fits_inside(grid: ImageGridView, shape: tuple[int, ...]) -> None:
    grid.set_images(noise(*shape))
    cells = [grid.cell_rect(index) for index in range(shape[0])]
    assert all(QRectF(grid.rect()).contains(cell) for cell in cells)
    assert not any(a.intersects(b) for n, a in enumerate(cells[:80]) for b in cells[:n])
    grid.grab()


def test_that_a_click_says_which_picture(grid: ImageGridView, qtbot: QtBot) -> None:
    grid.set_images(noise(6, 8, 8, 3))
    with qtbot.waitSignal(grid.clicked) as clicked:
        QTest.mouseClick(grid, LEFT, NONE, grid.cell_rect(4).center().toPoint())
    assert clicked.args == [4]
    QTest.keyClick(grid, Qt.Key.Key_Right)
    with qtbot.waitSignal(grid.clicked) as clicked:
        QTest.keyClick(grid, Qt.Key.Key_Return)
    assert clicked.args == [5]
    grid.clear()
    assert grid.count() == 0
    grid.set_empty_text(CANARY)
    grid.grab()


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[QWidget]:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(800, 600)
    page.show()
    yield page
    page.close()


def test_that_the_zoom_covers_the_page_and_escape_gives_it_back(page: QWidget, qtbot: QtBot) -> None:
    zoom = ZoomView(page)
    assert not zoom.isVisible()
    zoom.show_picture(qimage_from_array(noise(16, 16, 3)), CANARY)
    assert zoom.geometry() == page.rect()
    page.resize(700, 500)
    QApplication.processEvents()
    assert zoom.geometry() == page.rect()
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in zoom.findChildren(QLabel))
    with qtbot.waitSignal(zoom.closed):
        QTest.keyClick(zoom, Qt.Key.Key_Escape)
    assert not zoom.isVisible()


def test_that_the_wheel_keeps_the_pixel_under_the_pointer(page: QWidget) -> None:
    zoom = ZoomView(page)
    zoom.show_picture(qimage_from_array(noise(64, 48, 3)), "")
    at = QPointF(300, 250)
    for turned in (120, 120, -120, 240, -600):
        before = zoom.pixel_at(at)
        event = QWheelEvent(
            at, at, QPoint(0, 0), QPoint(0, turned), Qt.MouseButton.NoButton, NONE,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(zoom, event)
        after = zoom.pixel_at(at)
        assert (after - before).manhattanLength() < 1e-6
        zoom.grab()


def test_that_zooming_has_ends_and_keys(page: QWidget, qtbot: QtBot) -> None:
    zoom = ZoomView(page)
    zoom.show_picture(qimage_from_array(noise(3000, 2000, 4)), "")
    fits = zoom.scale
    assert fits < 1
    QTest.keyClick(zoom, Qt.Key.Key_1)
    assert zoom.scale == pytest.approx(1)
    zoom.zoom(1e9)
    assert zoom.scale == 128
    zoom.grab()
    zoom.zoom(1e-9)
    assert zoom.scale == 1 / 32
    QTest.keyClick(zoom, Qt.Key.Key_0)
    assert zoom.scale == fits
    for key, by in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, -1)):
        with qtbot.waitSignal(zoom.step_wanted) as step:
            QTest.keyClick(zoom, key)
        assert step.args == [by]
    for key, signal in ((Qt.Key.Key_S, "star_wanted"), (Qt.Key.Key_Delete, "delete_wanted")):
        with qtbot.waitSignal(getattr(zoom, signal)):
            QTest.keyClick(zoom, key)


def test_that_enlarged_pixels_are_blocks_of_one_colour(page: QWidget) -> None:
    pixels = noise(4, 4, 3)
    zoom = ZoomView(page)
    zoom.show_picture(qimage_from_array(pixels), "")
    shot = zoom.grab().toImage()
    area = zoom._area()
    step = zoom.scale
    for y in range(4):
        for x in range(4):
            for part in (0.1, 0.5, 0.9):
                at = area.topLeft() + QPointF(x + part, y + part) * step
                got = rgba(shot, int(at.x()), int(at.y()))[:3]
                assert got == tuple(pixels[y, x].tolist())


def test_that_clear_parts_show_the_checkerboard(page: QWidget) -> None:
    pixels = np.zeros((4, 4, 4), dtype=np.uint8)
    zoom = ZoomView(page)
    zoom.show_picture(qimage_from_array(pixels), "")
    shot = zoom.grab().toImage()
    tile = QImage(16, 16, QImage.Format.Format_RGB32)
    painter = QPainter(tile)
    painter.fillRect(tile.rect(), checkerboard(zoom.palette()))
    painter.end()
    seen = {rgba(shot, x, 300)[:3] for x in range(350, 450)}
    assert {rgba(tile, 0, 0)[:3], rgba(tile, 12, 0)[:3]} <= seen
