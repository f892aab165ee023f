"""Help: pages, search, links, pictures; and that the documents themselves lead nowhere dead."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QKeySequence, QTextDocument
from PySide6.QtTest import QTest

from genstudio.core import paths
from genstudio.plugins import PluginHost
from genstudio.ui.context import Place
from genstudio.ui.dialogs import help as help_dialog
from genstudio.ui.dialogs.help import HelpSheet, open_family_help
from genstudio.ui.main_window import MainWindow
from genstudio.ui.models import help_pages
from genstudio.ui.models.help_pages import Group, HelpPage, list_pages, read_page
from genstudio.ui.pages.train import TrainPage
from genstudio.ui.theme import ThemeChoice
from tests.gui.conftest import WaitFor, settle

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "resources" / "docs"
SHIPPED = sorted(DOCS.rglob("*.md"))


@pytest.fixture
def sheet(window: MainWindow) -> Iterator[HelpSheet]:
    window.activateWindow()
    settle()
    QTest.keySequence(window, QKeySequence("F1"))
    found = window.findChild(HelpSheet)
    assert found is not None
    yield found
    found.leave()
    settle()


def write_page(folder: Path, text: str) -> HelpPage:
    folder.mkdir(exist_ok=True)
    (folder / "page.md").write_text(text, "utf-8")
    return read_page(folder / "page.md", folder)


def resource(sheet: HelpSheet, name: str) -> QImage:
    image = sheet.view.document().resource(QTextDocument.ResourceType.ImageResource.value, QUrl(name))
    assert isinstance(image, QImage)
    return image


def click(sheet: HelpSheet, link: str) -> None:
    sheet.view.anchorClicked.emit(QUrl(link))


def test_that_help_opens_at_the_first_steps_with_every_group_of_pages(sheet: HelpSheet) -> None:
    assert sheet.page is not None
    assert sheet.page.title == "First steps"
    assert "First steps" in sheet.view.toPlainText()
    listed = [sheet.list.item(row).text() for row in range(sheet.list.count())]
    assert listed[:2] == ["Using GenStudio", "First steps"]
    assert {"Models", "For plugin authors", "Write a family", "How good are the pictures?"} <= set(listed)


def test_that_the_arrows_walk_through_the_pages_and_not_over_the_heads_of_groups(sheet: HelpSheet) -> None:
    seen = [sheet.page]
    for _ in sheet.shown_titles()[1:]:
        QTest.keyClick(sheet.search, Qt.Key.Key_Down)
        seen.append(sheet.page)
    assert [page.title for page in seen if page] == sheet.shown_titles()
    QTest.keyClick(sheet.search, Qt.Key.Key_Up)
    assert sheet.page == seen[-2]


def test_that_search_looks_into_the_text_and_marks_what_it_found(sheet: HelpSheet) -> None:
    QTest.keyClicks(sheet.search, "sliced wasserstein")
    assert "How good are the pictures?" in sheet.shown_titles()
    assert "Write a family" not in sheet.shown_titles()
    assert sheet.view.textCursor().selectedText().casefold() == "sliced wasserstein"


def test_that_a_search_without_result_says_so_and_clearing_it_brings_all_back(sheet: HelpSheet) -> None:
    before = sheet.shown_titles()
    sheet.search.setText("xylophone")
    assert sheet.shown_titles() == []
    assert sheet.nothing.isVisible()
    assert "xylophone" in sheet.nothing.text()
    sheet.search.clear()
    assert sheet.shown_titles() == before
    assert not sheet.nothing.isVisible()


def test_that_a_link_leads_to_its_page_and_back_leads_back(sheet: HelpSheet) -> None:
    click(sheet, "quality.md")
    assert sheet.page is not None
    assert sheet.page.file.name == "quality.md"
    assert sheet.list.currentItem().text() == sheet.page.title
    click(sheet, "decisions/0005-features-for-quality.md")
    assert sheet.page.file.parent.name == "decisions"
    QTest.keyClick(sheet, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert sheet.page.file.name == "quality.md"
    sheet.back.click()
    assert sheet.page.file.name == "help.md"
    assert not sheet.back.isVisible()


@pytest.mark.parametrize("link", ["nowhere.md", "../../README.md", "families/vae-emoji.png", "/etc/hosts.md"])
def test_that_a_link_to_nothing_of_ours_is_told_and_the_page_stays(sheet: HelpSheet, link: str) -> None:
    click(sheet, link)
    assert sheet.page is not None
    assert sheet.page.file.name == "help.md"
    assert "“" in sheet.leads.text()


def test_that_only_a_click_leads_abroad_and_only_through_the_desktop(
    sheet: HelpSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url.toString()))
    sheet.view.highlighted.emit(QUrl("https://example.org/paper"))
    assert sheet.leads.text() == "https://example.org/paper"
    assert asked == []
    click(sheet, "https://example.org/paper")
    click(sheet, "file:///etc/hosts")
    click(sheet, "javascript:alert(1)")
    assert asked == ["https://example.org/paper"]


def test_that_pictures_are_shown_no_wider_than_the_page(sheet: HelpSheet, wait_for: WaitFor) -> None:
    assert sheet.page is not None
    (name,) = sheet.page.pictures()
    wait_for(lambda: resource(sheet, name).width() > 1)
    assert resource(sheet, name).width() <= sheet.view.room * sheet.devicePixelRatioF() + 1
    assert sheet.view.document().size().width() <= sheet.view.viewport().width()


def test_that_a_picture_of_the_window_is_the_one_in_its_own_look(
    window: MainWindow, sheet: HelpSheet, wait_for: WaitFor
) -> None:
    assert sheet.page is not None
    (name,) = sheet.page.pictures()

    def shows(dark: bool) -> bool:
        image = resource(sheet, name)
        return image.width() > 300 and (image.pixelColor(300, 20).lightness() < 128) is dark

    window.context.theme.choose(ThemeChoice.DARK)
    wait_for(lambda: shows(dark=True))
    window.context.theme.choose(ThemeChoice.LIGHT)
    wait_for(lambda: shows(dark=False))


@pytest.mark.parametrize("name", ["gone.png", "../outside.png", "broken.png"])
def test_that_a_picture_that_cannot_be_shown_is_told_in_words(
    sheet: HelpSheet, tmp_path: Path, wait_for: WaitFor, name: str
) -> None:
    page = write_page(tmp_path / "docs", f"# A page\n\n![A cat]({name})\n")
    Image.new("RGB", (8, 8)).save(tmp_path / "outside.png")
    (tmp_path / "docs" / "broken.png").write_bytes(b"no picture")
    sheet.show_page(page)
    wait_for(lambda: "The picture is missing: A cat" in sheet.view.toPlainText())


def test_that_markup_inside_a_page_is_plain_text(sheet: HelpSheet, tmp_path: Path) -> None:
    sheet.show_page(write_page(tmp_path / "docs", "# A page\n\nSee <b>this</b> and <img src='x.png'>.\n"))
    assert "<b>this</b>" in sheet.view.toPlainText()
    assert "<img src='x.png'>" in sheet.view.toPlainText()


def test_that_help_without_its_documents_says_so(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(help_pages, "documents", lambda: tmp_path)
    monkeypatch.setattr(help_dialog, "documents", lambda: tmp_path)
    sheet = HelpSheet(window, window.context)
    sheet.begin()
    assert "help.md" in sheet.leads.text()
    sheet.leave()


def test_that_help_is_there_before_the_studio_is(early_window: MainWindow) -> None:
    sheet = HelpSheet(early_window, early_window.context)
    sheet.begin()
    assert "First steps" in sheet.shown_titles()
    sheet.leave()
    settle()


def test_that_train_leads_to_the_page_of_the_chosen_family(window: MainWindow) -> None:
    window.go(Place.TRAIN)
    page = window.page(Place.TRAIN)
    assert isinstance(page, TrainPage)
    for family, document in (("vq-vae", "vae.md"), ("pixelcnn", "pixelcnn.md")):
        page.setup.choose_family(family)
        page.setup.learn_more.click()
        sheet = window.findChildren(HelpSheet)[-1]
        assert sheet.page is not None
        assert sheet.page.file.name == document
        sheet.leave()
        settle()


def test_that_a_family_without_a_page_is_told(window: MainWindow) -> None:
    open_family_help(window, window.context, "nobody's")
    sheet = window.findChild(HelpSheet)
    assert sheet is not None
    assert "brings no page" in sheet.leads.text()
    sheet.leave()
    settle()


def test_that_the_readme_of_somebody_elses_plugin_is_a_page_about_its_family(tmp_path: Path) -> None:
    package = tmp_path / "stencils"
    package.mkdir()
    source = (ROOT / "plugins" / "genstudio_pixelrnn" / "__init__.py").read_text("utf-8")
    source = source.replace("from .", "from genstudio_pixelrnn.").replace('"pixelrnn"', '"stencils"')
    source = source.replace("from genstudio_pixelrnn. import", "from genstudio_pixelrnn import")
    (package / "__init__.py").write_text(source, "utf-8")
    (package / "README.md").write_text("# Stencils\n\nDraws stencils.\n", "utf-8")
    host = PluginHost()
    host.load(tmp_path)
    assert "stencils" in {family.name for family in host.families()}, host.reports()
    assert host.readme("stencils") == package / "README.md"
    assert "Stencils" in [page.title for page in list_pages(host)[Group.MODELS]]
    assert host.readme("nobody's") is None


@pytest.mark.parametrize("file", SHIPPED, ids=[str(file.relative_to(DOCS)) for file in SHIPPED])
def test_that_no_page_has_a_dead_link_or_a_picture_that_is_not_there(file: Path) -> None:
    page = read_page(file, DOCS)
    assert page.title != file.stem, "a page begins with a heading"
    for name in page.links():
        if "://" not in name:
            target = page.place(name)
            assert target is not None and target.is_file(), f"{name} is dead"
    for name in page.pictures():
        for dark in (True, False):
            picture = page.picture(name, dark=dark)
            assert picture is not None and picture.is_file(), f"{name} is not there"


def test_that_every_built_in_family_has_a_page_and_all_of_it_is_packed(window: MainWindow) -> None:
    host = window.context.studio.host
    ours = [report for report in host.reports() if report.origin == "genstudio"]
    assert ours
    for family in (family for report in ours for family in report.families):
        page = help_pages.family_page(host, family)
        assert page is not None and page.root == paths.resources() / "docs", f"{family} has no page"
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "resources" in wheel["only-include"]
    assert not [left for left in wheel["exclude"] if left.startswith("resources/docs")]
