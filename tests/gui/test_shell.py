"""The main window: places, menus, palette, names, plain text, what it remembers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QScrollArea, QWidget

from genstudio.core.events import Finished, Metric, Outcome, Paused, Resumed, Started
from genstudio.ui.actions import Entry
from genstudio.ui.activity import Work
from genstudio.ui.command_palette import CommandPalette, match
from genstudio.ui.context import Place, UiContext
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.main_window import MainWindow
from genstudio.ui.status_bar import StatusBar
from tests.gui.conftest import WaitFor, close_window, settle
from tests.workshop import import_pictures, make_run, paint_pictures, train

CANARY = "<b>canary</b><img src=x.png>"


@pytest.fixture
def everywhere(window: MainWindow) -> MainWindow:
    """The window after a visit to every place."""
    for place in Place:
        window.go(place)
        settle()
    return window


def all_widgets(window: QWidget) -> Iterator[QWidget]:
    yield window
    yield from window.findChildren(QWidget)


def test_that_every_place_is_reached_by_its_number(window: MainWindow) -> None:
    window.activateWindow()
    for number, place in enumerate(Place, 1):
        QTest.keySequence(window, QKeySequence(f"Ctrl+{number}"))
        assert window.place is place
        page = window.page(place)
        assert page is not None
        assert page.isVisible()


def test_that_pages_are_made_when_they_are_wanted_and_only_once(window: MainWindow) -> None:
    assert window.made_pages() == {Place.HOME}
    window.go(Place.DATA)
    assert window.made_pages() == {Place.HOME, Place.DATA}
    assert window.page(Place.DATA) is window.page(Place.DATA)


def test_that_without_a_project_places_lead_home(early_window: MainWindow) -> None:
    early_window.go(Place.TRAIN)
    assert early_window.page(Place.TRAIN) is None
    assert any("No project is open" in label.text() for label in early_window.findChildren(QLabel) if label.isVisible())


def test_that_every_action_is_in_a_menu_with_a_shortcut_of_its_own(everywhere: MainWindow) -> None:
    entries = list(everywhere.actions_book.entries())
    in_menus = {id(entry.action) for entry in entries}
    for place in Place:
        page = everywhere.page(place)
        assert page is not None
        assert {id(action) for action in page.actions()} <= in_menus
    recent = {"Open recent"}
    for entry in entries:
        assert entry.text
        assert entry.shortcut or entry.menu in recent, f"“{entry.text}” has no shortcut"
    assert_no_shortcut_twice(everywhere, entries)


def assert_no_shortcut_twice(window: MainWindow, entries: list[Entry]) -> None:
    titles = set(window.titles.values())
    common = [entry for entry in entries if entry.menu not in titles]
    for title in titles:
        here = common + [entry for entry in entries if entry.menu == title]
        keys = [keys.toString() for entry in here for keys in entry.action.shortcuts()]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"at {title}: {twice}"


def test_that_the_menu_of_a_place_is_there_only_while_the_place_is(everywhere: MainWindow) -> None:
    def visible_menus() -> set[str]:
        return {action.text() for action in everywhere.menuBar().actions() if action.isVisible()}

    for place, title in everywhere.titles.items():
        everywhere.go(place)
        assert visible_menus() & set(everywhere.titles.values()) == {title}


def test_that_every_control_has_a_name(everywhere: MainWindow) -> None:
    nameless = [describe(widget) for widget in all_widgets(everywhere) if wants_name(widget) and not name_of(widget)]
    assert not nameless


def wants_name(widget: QWidget) -> bool:
    focusable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    inner = widget.objectName().startswith("qt_") or isinstance(widget, QScrollArea)
    return focusable and not inner and not isinstance(widget, QMenu)


def name_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def describe(widget: QWidget) -> str:
    parents: list[str] = []
    here: QWidget | None = widget
    while here is not None and len(parents) < 4:
        parents.append(type(here).__name__)
        here = here.parentWidget()
    return " in ".join(parents)


def test_that_text_from_files_is_never_taken_for_markup(window: MainWindow, tmp_path: Path, wait_for: WaitFor) -> None:
    fill_with_canaries(window, tmp_path)
    for place in Place:
        window.go(place)
        settle()
    wait_for(lambda: any(CANARY in text for text in texts_of_labels(window)))
    settle()
    for label in window.findChildren(QLabel):
        plain = label.textFormat() is Qt.TextFormat.PlainText
        assert plain or "<" not in label.text(), f"{describe(label)} guesses: {label.text()[:80]}"
    for widget in all_widgets(window):
        assert CANARY not in widget.toolTip(), f"{describe(widget)} has a tip that is markup"
    for action in window.findChildren(QAction):
        assert CANARY not in action.toolTip(), f"the action “{action.text()}” has a tip that is markup"


def texts_of_labels(window: QWidget) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel)]


def fill_with_canaries(window: MainWindow, folder: Path) -> None:
    workspace = window.context.workspace
    dataset = import_pictures(workspace, paint_pictures(folder / "pictures"), CANARY)
    run = make_run(workspace, dataset.id, images=64)
    workspace.project.rename_run(run.id, CANARY)
    train(workspace, run.id)
    window.context.settings.remember_project(folder / CANARY.replace("/", ""))
    window.context.toasts.undoable(CANARY, lambda: None)
    window.context.activity.report("x", Work(CANARY, None, Place.DATA, lambda: None))


def test_that_the_palette_finds_by_words_and_by_letters() -> None:
    entry = Entry("Train", QAction("Start training"))
    assert match("start", entry) > match("train", entry) > match("strng", entry) > 0
    assert match("xyz", entry) == 0
    assert match("", entry) > 0


def test_that_the_palette_does_what_is_chosen(window: MainWindow) -> None:
    window.activateWindow()
    QTest.keySequence(window, QKeySequence("Ctrl+K"))
    palette = window.findChild(CommandPalette)
    assert palette is not None
    assert palette.isVisible()
    QTest.keyClicks(QApplication.focusWidget() or palette, "light")
    assert palette.shown_texts()[0] == "Light"
    QTest.keyClick(QApplication.focusWidget() or palette, Qt.Key.Key_Return)
    settle()
    assert not window.context.theme.dark
    assert window.findChild(CommandPalette) is None


def test_that_the_palette_goes_to_the_place_of_what_is_chosen(window: MainWindow) -> None:
    window.actions_book.show_palette()
    palette = window.findChild(CommandPalette)
    assert palette is not None
    QTest.keyClicks(QApplication.focusWidget() or palette, "all datasets")
    QTest.keyClick(QApplication.focusWidget() or palette, Qt.Key.Key_Return)
    assert window.place is Place.DATA


@pytest.mark.parametrize("keys", ["F1", "Ctrl+?", "Ctrl+Alt+P", "Ctrl+Alt+A", "Ctrl+K"])
def test_that_a_sheet_opens_by_its_keys_and_closes_by_escape(window: MainWindow, keys: str) -> None:
    window.activateWindow()
    QTest.keySequence(window, QKeySequence(keys))
    sheet = window.findChild(Overlay)
    assert sheet is not None
    assert sheet.isVisible()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    settle()
    assert window.findChild(Overlay) is None


def test_that_focus_stays_in_a_sheet_and_goes_back_afterwards(window: MainWindow) -> None:
    window.activateWindow()
    before = next(widget for widget in all_widgets(window) if wants_name(widget) and widget.isVisible())
    before.setFocus()
    QTest.keySequence(window, QKeySequence("F1"))
    sheet = window.findChild(Overlay)
    assert sheet is not None
    for _ in range(12):
        QTest.keyClick(QApplication.focusWidget() or sheet, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        assert sheet.isAncestorOf(focus)
    sheet.leave()
    settle()
    assert window.focusWidget() is before


def test_that_the_window_comes_back_as_large_as_it_was(context: UiContext, wait_for: WaitFor) -> None:
    first = MainWindow(context)
    first.show()
    first.resize(960, 640)
    settle()
    close_window(first)
    second = MainWindow(context)
    second.show()
    wait_for(lambda: second.height() == 640)
    close_window(second)


def test_that_undo_in_the_menu_names_what_it_takes_back(window: MainWindow) -> None:
    undo = next(entry.action for entry in window.actions_book.entries() if entry.text.startswith("Undo"))
    assert not undo.isEnabled()
    taken_back: list[int] = []
    window.context.toasts.undoable("“cats” was deleted.", lambda: taken_back.append(1))
    assert undo.isEnabled()
    assert undo.text() == "Undo: “cats” was deleted."
    window.activateWindow()
    QTest.keySequence(window, QKeySequence("Ctrl+Z"))
    assert taken_back == [1]
    assert not undo.isEnabled()


def test_that_disabled_actions_say_why(early_window: MainWindow) -> None:
    for entry in early_window.actions_book.entries():
        if not entry.action.isEnabled():
            assert entry.action.toolTip() not in ("", entry.text)


def bar_texts(window: MainWindow) -> str:
    bar = window.findChild(StatusBar)
    assert bar is not None
    return bar.accessibleName()


def test_that_the_bar_tells_of_a_run_from_start_to_end(window: MainWindow, wait_for: WaitFor) -> None:
    said = window.context.bridge.events.emit
    said(Started("r", 0, budget=20_000, device="CPU"))
    metric = Metric("r", 5_000, seconds=25.0, values={}, rate=200.0, memory=312_000_000)
    said(replace(metric, images_seen=1, seconds=1e-9, rate=1e9))
    said(metric)
    wait_for(lambda: "5,000 of 20,000 images" in bar_texts(window))
    assert "1 min 15 s left" in bar_texts(window)
    assert "312 MB · CPU" in bar_texts(window)
    assert window.windowTitle().startswith("25%")
    said(Paused("r", 5_000))
    assert "paused" in bar_texts(window)
    said(Resumed("r", 5_000))
    said(replace(metric, run="another", images_seen=9_999))
    settle()
    assert "5,000 of 20,000 images" in bar_texts(window)
    said(Finished("r", 20_000, Outcome.COMPLETED))
    assert bar_texts(window) == "Ready"


def test_that_the_bar_tells_of_other_work_and_of_the_engine(window: MainWindow) -> None:
    activity = window.context.activity
    activity.set_preparing(True)
    assert "Preparing" in bar_texts(window)
    activity.report("import", Work("Importing cats", 0.5, Place.DATA, lambda: None))
    assert "Importing cats" in bar_texts(window)
    bar = window.findChild(StatusBar)
    assert bar is not None
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton)
    assert window.place is Place.DATA
    activity.done("import")
    activity.set_preparing(False)
    assert bar_texts(window) == "Ready"


def test_that_changing_the_look_leaves_no_widget_in_the_old_one(everywhere: MainWindow) -> None:
    everywhere.go(Place.HOME)
    trigger = {entry.text: entry.action.trigger for entry in everywhere.actions_book.entries()}
    corners = []
    for look in ("Light", "Dark"):
        trigger[look]()
        settle()
        image = everywhere.grab().toImage()
        corners.append([image.pixelColor(x, y).lightness() > 128 for x, y in corners_of(everywhere)])
    assert corners == [[True] * 4, [False] * 4]


def corners_of(window: QWidget) -> list[tuple[int, int]]:
    right, bottom = window.width() - 3, window.height() - 3
    return [(2, 2), (right, 2), (2, bottom), (right, bottom)]


def test_that_the_window_bears_text_twice_as_large(everywhere: MainWindow) -> None:
    everywhere.context.theme.scale_text(8)
    for place in Place:
        everywhere.go(place)
        settle()
    everywhere.context.theme.scale_text(0)
