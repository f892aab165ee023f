"""What the window remembers between starts."""

from pathlib import Path

from genstudio.ui.settings import Settings


def test_that_values_come_back_after_a_save(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "settings.json"
    settings = Settings(file)
    settings.set("smoothing", 0.6)
    settings.set("theme", "light")
    settings.save()
    again = Settings(file)
    assert again.get("smoothing", 0.0) == 0.6
    assert again.get("theme", "") == "light"


def test_that_a_value_of_another_kind_than_asked_for_is_ignored(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"theme": 7, "recent projects": ["/a", 3, "/b"]}')
    settings = Settings(file)
    assert settings.get("theme", "system") == "system"
    assert settings.recent_projects == [Path("/a"), Path("/b")]


def test_that_a_damaged_file_means_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    for text in ("{not json", "[1, 2]", ""):
        file.write_text(text)
        assert Settings(file).get("theme", "system") == "system"


def test_that_recent_projects_are_latest_first_without_repeats(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.json")
    for name in ("a", "b", "a"):
        settings.remember_project(Path(name))
    assert settings.recent_projects == [Path("a"), Path("b")]
    settings.forget_project(Path("a"))
    assert settings.recent_projects == [Path("b")]


def test_that_a_file_that_cannot_be_written_costs_nothing_but_the_settings(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    settings = Settings(blocked / "settings.json")
    settings.set("theme", "dark")
    settings.save()
    assert settings.get("theme", "") == "dark"
