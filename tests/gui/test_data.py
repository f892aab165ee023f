"""Data: the shelf, importing with a live look, the report, one dataset."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.pages.data import DataPage
from genstudio.ui.pages.data.detail import DetailView
from genstudio.ui.pages.data.import_view import ImportView
from genstudio.ui.pages.data.options import OptionsPanel
from genstudio.ui.pages.data.pairs import PairGrid
from genstudio.ui.pages.data.report_view import RefusedList, ReportView
from genstudio.ui.pages.data.shelf import DatasetCard, Shelf
from genstudio.ui.pages.data.staging import forget, gather
from genstudio.ui.views.gallery import Gallery
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.fields import TextField
from genstudio.ui.widgets.segments import Segments
from tests.gui.conftest import KeepPage, WaitFor, settle
from tests.workshop import import_pictures, paint_pictures

Part = TypeVar("Part", bound=QWidget)
Gone = list[tuple[Place, Subject | None]]


@pytest.fixture
def page(context: UiContext, drop_page: KeepPage) -> DataPage:
    page = drop_page(DataPage(context))
    page.resize(1100, 700)
    page.shown()
    return page


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Forty-eight pictures with two labels, one of them twice; one that is broken; a file that is no picture."""
    folder = paint_pictures(tmp_path / "waves")
    (folder / "rising" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    (folder / "layers.psd").write_bytes(b"8BPS")
    shutil.copy(folder / "rising" / "001.png", folder / "rising" / "copy of 001.png")
    return folder


def part(page: QWidget, kind: type[Part]) -> Part:
    found = page.findChild(kind)
    assert found is not None
    return found


def on_show(page: QWidget, kind: type[QWidget]) -> bool:
    return part(page, kind).isVisible()


def button(widget: QWidget, name: str) -> Button:
    return next(found for found in widget.findChildren(Button) if found.accessibleName() == name)


def is_ready(page: DataPage) -> Callable[[], bool]:
    return lambda: button(part(page, OptionsPanel), "Import").isEnabled()


def segments(widget: QWidget, name: str) -> Segments:
    return next(found for found in widget.findChildren(Segments) if found.accessibleName() == name)


def import_all(page: DataPage, source: Path, wait_for: WaitFor) -> None:
    page.import_paths([source])
    wait_for(is_ready(page))
    button(part(page, OptionsPanel), "Import").click()
    wait_for(lambda: on_show(page, ReportView))


def test_that_an_empty_project_names_the_next_step(page: DataPage) -> None:
    assert on_show(page, Shelf)
    texts = [label.text() for label in page.findChildren(QLabel)]
    assert any("Drop a folder of pictures below" in text for text in texts)
    assert {"Import Glyphs", "Import Emoji"} <= {found.accessibleName() for found in page.findChildren(Button)}


def test_that_a_source_is_seen_before_it_is_imported(page: DataPage, pictures: Path, wait_for: WaitFor) -> None:
    page.show_subject(Subject(SubjectKind.SOURCE, str(pictures)))
    assert on_show(page, ImportView)
    assert not is_ready(page)()
    wait_for(is_ready(page))
    view = part(page, ImportView)
    texts = " ".join(label.text() for label in view.findChildren(QLabel))
    assert "50 pictures · 2 labels" in texts
    assert "layers.psd" in texts
    assert len(part(view, PairGrid).pairs) == 12


def test_that_turning_an_option_changes_what_is_seen(page: DataPage, pictures: Path, wait_for: WaitFor) -> None:
    page.import_paths([pictures])
    wait_for(is_ready(page))
    grid, panel = part(part(page, ImportView), PairGrid), part(page, OptionsPanel)

    def size() -> tuple[int, int]:
        right = grid.pairs[0].right
        assert right is not None
        return right.width(), right.height()

    assert size() == (8, 8)
    segments(panel, "Size").button("16").click()
    wait_for(lambda: size() == (16, 16))
    segments(panel, "Colours").button("rgba").click()
    wait_for(lambda: (image := grid.pairs[0].right) is not None and image.hasAlphaChannel())


def test_that_a_colour_that_is_none_is_refused_beside_the_field(
    page: DataPage, pictures: Path, wait_for: WaitFor
) -> None:
    page.import_paths([pictures])
    wait_for(is_ready(page))
    panel = part(page, OptionsPanel)
    segments(panel, "Background").button("custom").click()
    field = next(found for found in panel.findChildren(TextField) if found.accessibleName() == "Background colour")
    field.setText("greenish")
    assert panel.options() is None
    assert any("six digits" in label.text() for label in panel.findChildren(QLabel))
    field.setText("#00ff00")
    options = panel.options()
    assert options is not None
    assert options.background == "#00ff00"


def test_that_an_import_ends_in_a_report_of_everything(page: DataPage, pictures: Path, wait_for: WaitFor) -> None:
    import_all(page, pictures, wait_for)
    report = part(page, ReportView)
    titles = [label.text() for label in report.findChildren(QLabel)]
    assert any("48 pictures imported into “waves”" in text for text in titles)
    refused = part(report, RefusedList)
    refused.copy()
    copied = QGuiApplication.clipboard().text()
    assert "broken.png\t" in copied
    (record,) = page.context.workspace.project.datasets()
    assert (record.name, record.spec.count, record.refused, record.duplicates) == ("waves", 48, 2, 1)
    assert page.context.activity.work is None


def test_that_an_import_can_be_stopped_and_leaves_nothing(page: DataPage, tmp_path: Path, wait_for: WaitFor) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        Image.effect_noise((256, 256), 40).save(folder / f"{number}.bmp")
    page.import_paths([folder])
    wait_for(is_ready(page))
    button(part(page, OptionsPanel), "Import").click()
    view = part(page, ImportView)
    assert view.is_running
    button(part(page, OptionsPanel), "Cancel").click()
    wait_for(lambda: not view.is_running)
    assert page.context.workspace.project.datasets() == []
    assert list((page.context.workspace.project.folder / "datasets").iterdir()) == []
    assert any("nothing of it was kept" in text for text in page.context.toasts.texts())


def test_that_an_import_goes_on_while_the_person_looks_elsewhere(
    page: DataPage, pictures: Path, wait_for: WaitFor
) -> None:
    page.import_paths([pictures])
    wait_for(is_ready(page))
    button(part(page, OptionsPanel), "Import").click()
    page.show_shelf()
    page.import_paths([pictures])
    assert on_show(page, ImportView)
    wait_for(lambda: len(page.context.workspace.project.datasets()) == 1)
    wait_for(lambda: on_show(page, ReportView))


def test_that_a_source_without_pictures_is_told_in_its_place(page: DataPage, tmp_path: Path, wait_for: WaitFor) -> None:
    (tmp_path / "empty").mkdir()
    page.import_paths([tmp_path / "empty"])
    view = part(page, ImportView)
    wait_for(lambda: any("No pictures were found" in label.text() for label in view.findChildren(QLabel)))
    assert not is_ready(page)()


def test_that_several_files_are_one_source_and_leave_no_copies(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        paint_pictures(tmp_path / folder, count=2)
    files = [*sorted(tmp_path.glob("*/*/000.png")), tmp_path / "a"]
    gathered = gather(files)
    assert sorted(path.name for path in gathered.iterdir()) == ["000 2.png", "000.png", "a"]
    assert gather([tmp_path / "a"]) == tmp_path / "a"
    forget(tmp_path / "a")
    assert (tmp_path / "a").is_dir()
    forget(gathered)
    assert not gathered.parent.exists()


@pytest.fixture
def shelf(page: DataPage, tmp_path: Path, wait_for: WaitFor) -> Shelf:
    import_pictures(page.context.workspace, paint_pictures(tmp_path / "pictures"))
    page.shown()
    wait_for(lambda: page.findChild(DatasetCard) is not None)
    return part(page, Shelf)


def test_that_a_dataset_is_shown_with_some_of_its_pictures(page: DataPage, shelf: Shelf, wait_for: WaitFor) -> None:
    card = part(shelf, DatasetCard)
    assert card.accessibleName() == "waves"
    wait_for(lambda: len(card.strip.images) == 8)


def test_that_a_deleted_dataset_comes_back_by_undo(page: DataPage, shelf: Shelf, wait_for: WaitFor) -> None:
    (record,) = page.context.workspace.project.datasets()
    shelf.delete_wanted.emit(record.id)
    wait_for(lambda: page.context.toasts.next_undo != "")
    wait_for(lambda: page.findChild(DatasetCard) is None)
    page.context.toasts.undo_latest()
    wait_for(lambda: page.findChild(DatasetCard) is not None)
    assert page.context.workspace.project.datasets() == [record]


@pytest.fixture
def detail(page: DataPage, shelf: Shelf, wait_for: WaitFor) -> DetailView:
    part(shelf, DatasetCard).chosen.emit()
    view = part(page, DetailView)
    wait_for(lambda: part(view, Gallery).count() == 48)
    return view


def test_that_pictures_are_found_by_label_and_by_name(detail: DetailView, wait_for: WaitFor) -> None:
    gallery = part(detail, Gallery)
    detail.label_field.setCurrentIndex(1)
    assert gallery.count() == 24
    QTest.keyClicks(detail.search_field, "002")
    wait_for(lambda: gallery.count() == 1)
    gallery.go(0)
    assert "falling/002.png\nfalling" in detail.about_text()


def test_that_a_dataset_is_renamed_in_its_place(page: DataPage, detail: DetailView, wait_for: WaitFor) -> None:
    field = next(found for found in detail.findChildren(TextField) if found.accessibleName() == "Name")
    field.setText("ripples <b>")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_for(lambda: page.context.workspace.project.datasets()[0].name == "ripples <b>")


def test_that_training_begins_from_a_dataset(page: DataPage, detail: DetailView, gone_to: Gone) -> None:
    button(detail, "Train on this").click()
    assert gone_to == [(Place.TRAIN, Subject(SubjectKind.DATASET, detail.dataset))]


def test_that_a_dataset_whose_files_are_gone_says_so(
    page: DataPage, shelf: Shelf, tmp_path: Path, wait_for: WaitFor
) -> None:
    (record,) = page.context.workspace.project.datasets()
    shutil.rmtree(page.context.workspace.project.path(record.folder))
    part(shelf, DatasetCard).chosen.emit()
    view = part(page, DetailView)
    wait_for(lambda: any("cannot be used" in label.text() for label in view.findChildren(QLabel)))
    settle()
