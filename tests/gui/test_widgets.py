"""The small controls: plain text, calm wheels, names, reasons."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from genstudio.ui.widgets.buttons import Button, IconButton, Reason, disable_because
from genstudio.ui.widgets.cards import Fold, HotCard, Notice
from genstudio.ui.widgets.drop_area import DropArea
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.layouts import FlowLayout
from genstudio.ui.widgets.numbers import ComboBox, DoubleSpinBox, Slider, SliderSpin, SpinBox
from genstudio.ui.widgets.pictures import PictureRow
from genstudio.ui.widgets.progress import ProgressLine
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import ElidedLabel, PlainLabel, plain_tip

CANARY = "<b>bold</b><img src='canary.png'>"


def turn_wheel(widget: QWidget) -> bool:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_that_labels_and_tips_show_markup_as_it_is(qtbot: QtBot) -> None:
    label, elided = PlainLabel(CANARY), ElidedLabel(CANARY)
    for widget in (label, elided):
        qtbot.addWidget(widget)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert "<img" not in elided.toolTip()
    assert plain_tip(CANARY).startswith("<span>&lt;b&gt;")
    assert len(plain_tip("x" * 100_000)) < 3000


@pytest.mark.parametrize("kind", ["int", "float", "choice", "slider"])
def test_that_scrolling_over_a_control_changes_nothing(qtbot: QtBot, kind: str) -> None:
    box, whole, part, slider = ComboBox("c"), SpinBox("n", 0, 9, 5), DoubleSpinBox("n", 0, 1, 0.5), Slider("s", 0, 9, 5)
    box.addItems(["a", "b", "c"])
    box.setCurrentIndex(1)
    widgets: dict[str, QWidget] = {"int": whole, "float": part, "choice": box, "slider": slider}
    for made in widgets.values():
        qtbot.addWidget(made)
    widgets[kind].show()
    widgets[kind].clearFocus()
    assert not turn_wheel(widgets[kind])
    assert (box.currentIndex(), whole.value(), part.value(), slider.value()) == (1, 5, 0.5, 5)


def test_that_a_disabled_button_says_why_and_forgets_it(qtbot: QtBot) -> None:
    button, beside = Button("Start", tip="Begin"), Reason()
    for widget in (button, beside):
        qtbot.addWidget(widget)
    disable_because(button, "There is no dataset <yet>.", "Begin", beside)
    assert not button.isEnabled()
    assert button.accessibleDescription() == "There is no dataset <yet>."
    assert "&lt;yet&gt;" in button.toolTip()
    assert beside.text() == "There is no dataset <yet>."
    disable_because(button, "", "Begin", beside)
    assert button.isEnabled()
    assert "Begin" in button.toolTip()
    assert beside.isHidden()


def test_that_an_ampersand_in_a_name_is_shown_and_not_taken_for_a_mnemonic(qtbot: QtBot) -> None:
    button = Button("Salt & Pepper")
    qtbot.addWidget(button)
    assert button.text() == "Salt && Pepper"
    assert button.accessibleName() == "Salt & Pepper"


def test_that_an_icon_button_has_a_name(qtbot: QtBot) -> None:
    button = IconButton("trash", "Delete “<i>x</i>”")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Delete “<i>x</i>”"
    assert "<i>" not in button.toolTip()


def test_that_an_error_takes_the_place_of_the_help_line_until_it_is_mended(qtbot: QtBot) -> None:
    field = SpinBox("Beta", 0, 10, 1)
    row = FieldRow("Beta", field, "How strongly it is pulled together.")
    qtbot.addWidget(row)
    row.show_error("It must be at least 1.")
    assert row.error == "It must be at least 1."
    assert field.accessibleDescription() == "It must be at least 1."
    row.show_error("")
    assert row.error == ""
    assert field.accessibleDescription() == "How strongly it is pulled together."


def test_that_slider_and_field_agree_on_a_logarithmic_scale(qtbot: QtBot) -> None:
    pair = SliderSpin("Length", 1, 1_000_000, 1000, log=True)
    qtbot.addWidget(pair)
    heard: list[float] = []
    pair.changed.connect(heard.append)
    assert pair.slider.value() == 500
    pair.slider.setValue(1000)
    assert pair.value() == 1_000_000
    pair.field.setValue(1)
    assert pair.slider.value() == 0
    pair.set_value(10)
    assert heard == [1_000_000, 1]


def test_that_segments_tell_only_what_a_person_chose(qtbot: QtBot) -> None:
    segments = Segments("Fit", [("crop", "Crop", ""), ("pad", "Pad", "")], "crop")
    qtbot.addWidget(segments)
    heard: list[str] = []
    segments.changed.connect(heard.append)
    segments.set_value("pad")
    assert heard == []
    segments.button("crop").click()
    assert heard == ["crop"]
    assert segments.value() == "crop"
    assert segments.button("pad").accessibleName() == "Fit: Pad"


def test_that_a_card_can_be_chosen_by_key_and_by_click(qtbot: QtBot) -> None:
    card = HotCard("Open demo")
    qtbot.addWidget(card)
    card.resize(100, 50)
    card.show()
    chosen: list[int] = []
    card.chosen.connect(lambda: chosen.append(1))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(card, key)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    QTest.mouseClick(card, Qt.MouseButton.RightButton)
    assert len(chosen) == 3


def test_that_a_notice_without_words_is_not_there(qtbot: QtBot) -> None:
    notice = Notice("Something")
    qtbot.addWidget(notice)
    notice.show_text("")
    assert notice.isHidden()


def test_that_a_fold_hides_its_content(qtbot: QtBot) -> None:
    content = PlainLabel("inside")
    fold = Fold("Advanced", content)
    qtbot.addWidget(fold)
    assert not fold.is_open()
    assert content.isHidden()
    fold.set_open(True)
    assert not content.isHidden()


def test_that_dropped_files_are_handed_over(qtbot: QtBot) -> None:
    area = DropArea("Drop", "here")
    qtbot.addWidget(area)
    heard: list[list[str]] = []
    area.dropped.connect(lambda paths: heard.append([path.name for path in paths]))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/cats"), QUrl("https://example.org/x.png")])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    area.dropEvent(event)
    assert heard == [["cats"]]


def test_that_a_bar_without_a_total_moves_only_while_it_is_seen(qtbot: QtBot) -> None:
    bar = ProgressLine("Import")
    qtbot.addWidget(bar)
    bar.show_share(None)
    before = bar.grab().toImage()
    bar.resize(200, 4)
    bar.show()
    qtbot.waitUntil(lambda: bar.grab().toImage() != before)
    bar.show_share(0.5)
    assert bar.accessibleDescription() == "50%"


def test_that_cards_wrap_to_the_width_and_fill_it(qtbot: QtBot) -> None:
    holder = QWidget()
    flow = FlowLayout(200, 10)
    cards = [QWidget() for _ in range(5)]
    for card in cards:
        card.setFixedHeight(50)
        flow.addWidget(card)
    holder.setLayout(flow)
    qtbot.addWidget(holder)
    flow.setGeometry(QRect(0, 0, 650, 500))
    assert [card.geometry().x() for card in cards] == [0, 220, 440, 0, 220]
    assert cards[0].width() == 210
    assert flow.heightForWidth(650) == 110
    assert flow.heightForWidth(100) == 5 * 50 + 4 * 10
    assert flow.itemAt(99) is None


def test_that_a_small_picture_stays_in_squares_of_one_colour(qtbot: QtBot) -> None:
    image = QImage(2, 1, QImage.Format.Format_RGB32)
    image.setPixel(0, 0, 0xFFFF0000)
    image.setPixel(1, 0, 0xFF0000FF)
    row = PictureRow(1, radius=0)
    qtbot.addWidget(row)
    row.show_images([image])
    row.resize(QSize(80, 80))
    seen = row.grab().toImage()
    assert seen.pixelColor(38, 40).name() == "#ff0000"
    assert seen.pixelColor(42, 40).name() == "#0000ff"


def test_that_settings_scroll_under_the_pointer_instead_of_changing(qtbot: QtBot) -> None:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    pair = SliderSpin("Length", 1, 100, 50)
    layout.addWidget(pair)
    qtbot.addWidget(holder)
    holder.show()
    assert not turn_wheel(pair.slider)
    assert not turn_wheel(pair.field)
    assert pair.value() == 50
