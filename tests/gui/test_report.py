"""A report holds what it lists and nothing private that was not asked for."""

import json
import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel

from genstudio.core import paths
from genstudio.jobs.reporting import collect, without_home, write_report
from genstudio.plugins import PluginReport
from genstudio.ui.context import UiContext
from genstudio.ui.dialogs import about, parts
from genstudio.ui.dialogs.about import AboutSheet
from genstudio.ui.dialogs.report import ReportSheet
from genstudio.ui.main_window import MainWindow
from genstudio.ui.reporting import begin_report
from genstudio.ui.widgets.buttons import Button
from tests.gui.conftest import WaitFor, settle
from tests.workshop import import_pictures, paint_pictures


def test_that_a_report_leaves_out_projects_and_the_name_of_the_account() -> None:
    home = Path.home()
    settings = {"last project": str(home / "secret"), "recent projects": [str(home / "secret")], "theme": "dark"}
    found = {part.file: part for part in collect([PluginReport("p", "1", "here", "ok")], settings, None)}
    assert json.loads(found["settings.json"].text) == {"theme": "dark"}
    assert set(found) == {"versions.txt", "plugins.txt", "settings.json"}
    assert without_home(f"{home}/a and {home}/b") == "~/a and ~/b"


def test_that_logs_are_in_it_with_the_home_folder_shortened(tmp_path: Path) -> None:
    paths.logs().mkdir(parents=True)
    (paths.logs() / "genstudio.log").write_text(f"opened {Path.home()}/fish", "utf-8")
    (paths.logs() / "crash-7.txt").write_text("Segmentation fault", "utf-8")
    write_report(tmp_path / "report.zip", collect([], {}, None))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert archive.read("genstudio.log").decode() == "opened ~/fish"
        assert "crash-7.txt" in archive.namelist()


def test_that_a_person_sees_and_chooses_what_goes_in(
    window: MainWindow, context: UiContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    import_pictures(window.context.workspace, paint_pictures(tmp_path / "pictures"))
    begin_report(window, window.context)
    wait_for(lambda: window.findChild(ReportSheet) is not None)
    sheet = window.findChild(ReportSheet)
    assert sheet is not None
    boxes = {box.text().split()[0]: box for box in sheet.findChildren(QCheckBox)}
    assert not boxes["project.json"].isChecked()
    assert all(box.isChecked() for name, box in boxes.items() if name != "project.json")
    boxes["settings.json"].setChecked(False)
    target = tmp_path / "report.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    next(found for found in sheet.findChildren(Button) if found.text() == "Save…").click()
    wait_for(target.is_file)
    wait_for(lambda: any("The report is saved" in text for text in window.context.toasts.texts()))
    with zipfile.ZipFile(target) as archive:
        assert set(archive.namelist()) == set(boxes) - {"project.json", "settings.json"}


def test_that_an_installed_program_shows_its_parts_and_their_licences(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [{"name": name, "version": "1", "licence": "MIT"} for name in ("genstudio", "torch", "<b>numpy</b>")]
    (tmp_path / "parts.json").write_text(json.dumps(listed), "utf-8")
    for module in (about, parts):
        monkeypatch.setattr(module, "notices_folder", lambda: tmp_path)
    sheet = AboutSheet(window, None)
    sheet.open()
    next(found for found in sheet.findChildren(Button) if found.text().startswith("Parts")).click()
    settle()
    found = window.findChild(parts.PartsSheet)
    assert found is not None
    texts = [label.text() for label in found.findChildren(QLabel)]
    assert "<b>numpy</b>" in texts
    assert "This program contains 2 parts by others. Thank you." in texts
    found.leave()
    settle()
