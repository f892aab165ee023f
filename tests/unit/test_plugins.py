"""Plugins are found, checked and called one by one; whatever they do, the studio lives."""

import subprocess
import sys
from pathlib import Path

import pytest

from genstudio.core.errors import FamilyError
from genstudio.plugins import PluginHost, PluginReport

FOLDER = Path(__file__).parent.parent / "plugins"

FAILING = {
    "raises_on_import": "RuntimeError: the moon is in the wrong house",
    "raises_in_hook": "ValueError: no families today",
    "misspelt_hook": "“genstudio_familys”, which is no hook. The hooks are: genstudio_families",
    "wrong_version": "written for version 99",
    "no_version": "GENSTUDIO_API = 1",
    "calls_exit": "tried to end the program",
    "exits_in_hook": "tried to end the program",
    "same_family": "already a family called “eigenpictures”",
    "unmarked_hook": "@hookimpl",
    "wrong_arguments": "colour",
}


@pytest.fixture(scope="module")
def host() -> PluginHost:
    host = PluginHost()
    host.load(FOLDER)
    return host


def report(host: PluginHost, name: str) -> PluginReport:
    return next(report for report in host.reports() if report.name == name)


@pytest.mark.parametrize("name", FAILING)
def test_that_a_bad_plugin_becomes_a_sentence(host: PluginHost, name: str) -> None:
    told = report(host, name)
    assert told.state == "failed"
    assert FAILING[name] in told.problem
    assert "\n" not in told.problem
    assert told.families == ()
    assert told.origin == str(FOLDER / f"{name}.py")


def test_that_the_good_ones_among_bad_ones_work(host: PluginHost) -> None:
    good = report(host, "eigenpictures")
    assert (good.state, good.problem, good.version) == ("ok", "", "1.2.0")
    assert good.families == ("eigenpictures",)
    assert host.family("eigenpictures").title == "Eigenpictures"
    assert {"eigenpictures", "second-look"} <= {family.name for family in host.families()}


def test_that_every_plugin_in_the_folder_has_one_report(host: PluginHost) -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} | {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    found = [told.name for told in host.reports() if told.origin.startswith(str(FOLDER))]
    assert sorted(found) == sorted(files)


def test_that_a_missing_family_is_named_with_those_that_are_there(host: PluginHost) -> None:
    with pytest.raises(FamilyError, match=r"“nothing”.*eigenpictures.*could not be loaded: .*calls_exit"):
        host.family("nothing")


def test_that_listing_needs_neither_torch_nor_qt() -> None:
    code = (
        "import sys; from pathlib import Path; from genstudio.plugins import PluginHost; host = PluginHost(); "
        f"host.load(Path({str(FOLDER)!r})); assert host.family('eigenpictures');"
        "print(sorted({'torch', 'PySide6', 'sqlite3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_that_a_keyboard_interrupt_is_not_taken_for_a_plugins_failure(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        PluginHost().load(tmp_path)


def test_that_a_folder_that_is_not_there_holds_no_plugins(tmp_path: Path) -> None:
    host = PluginHost()
    host.load(tmp_path / "nowhere")
    assert all(told.origin == "genstudio" for told in host.reports())


def test_that_hidden_and_unusable_names_are_left_alone(tmp_path: Path) -> None:
    for name in ("_private.py", ".hidden.py", "not-a-name.py", "notes.txt"):
        (tmp_path / name).write_text("raise RuntimeError")
    (tmp_path / "folder_without_init").mkdir()
    host = PluginHost()
    host.load(tmp_path)
    assert not [told for told in host.reports() if told.origin.startswith(str(tmp_path))]


def test_that_a_second_host_sees_its_own_folder_only(tmp_path: Path) -> None:
    source = (
        "from genstudio.api import hookimpl\nGENSTUDIO_API = 1\n@hookimpl\ndef genstudio_families():\n    return []\n"
    )
    (tmp_path / "eigenpictures.py").write_text(source)
    host = PluginHost()
    host.load(tmp_path)
    assert report(host, "eigenpictures").families == ()
    assert report(host, "eigenpictures").state == "ok"


def test_that_what_is_no_family_is_refused(tmp_path: Path) -> None:
    source = (
        "from genstudio.api import hookimpl\nGENSTUDIO_API = 1\n@hookimpl\ndef genstudio_families():\n    return [7]\n"
    )
    (tmp_path / "numbers_only.py").write_text(source)
    host = PluginHost()
    host.load(tmp_path)
    assert "returned int where a Family was expected" in report(host, "numbers_only").problem


def test_that_the_good_plugin_passes_the_conformance_suite(host: PluginHost) -> None:
    from genstudio.testing import check_family

    report = check_family(host.family("eigenpictures"))
    assert report.passed, [check for check in report.checks if not check.passed]


@pytest.mark.usefixtures("qapp")
def test_that_a_plugins_panel_is_used_and_a_failing_one_passed_by() -> None:
    from genstudio.ui.panels import PanelContext, TrainingPanel

    def no_form(*_: object) -> TrainingPanel:
        raise AssertionError("the host makes no forms")

    host = PluginHost()
    host.load(FOLDER)
    family = host.family("eigenpictures")
    panel = host.training_panel(family, PanelContext(None, no_form))
    assert panel is not None
    panel.show_config(family.presets["Balanced"])
    assert panel.values() == {"parts": 16, "images": 20_000}
    assert host.training_panel(host.family("second-look"), PanelContext(None, no_form)) is None
    told = report(host, "panel_raises")
    assert told.state == "failed"
    assert "panel could not be made" in told.problem
