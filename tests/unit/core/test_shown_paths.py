from pathlib import Path

import pytest

from genstudio.core import paths


def test_that_a_path_under_the_home_folder_begins_with_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert Path(paths.shown(tmp_path / "GenStudio" / "Leaves")) == Path("~") / "GenStudio" / "Leaves"
    assert paths.shown(tmp_path.parent / "elsewhere") == str(tmp_path.parent / "elsewhere")
    assert paths.shown(Path("glyphs")) == "glyphs"


def test_that_a_path_is_whole_where_nobody_knows_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nowhere() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", nowhere)
    assert paths.shown(tmp_path) == str(tmp_path)
