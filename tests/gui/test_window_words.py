"""The words of the window can be translated, and are plain."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import genstudio.ui

FILES = sorted(Path(genstudio.ui.__file__).parent.rglob("*.py"))
TRANSLATORS = {"tr", "_tr", "translate", "say"}


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a file, with the name of what is called."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            yield (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")), node


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_that_no_translated_text_is_put_together_before_it_is_translated(file: Path) -> None:
    for name, call in calls(file):
        if name in TRANSLATORS:
            composed = [text for text in call.args if isinstance(text, ast.JoinedStr | ast.BinOp)]
            assert not composed, f"{file.name}:{call.lineno} translates a text that is put together"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_that_nothing_modal_is_used_but_file_dialogs(file: Path) -> None:
    banned = {
        "QMessageBox",
        "QColorDialog",
        "QFontDialog",
        "QInputDialog",
        "QProgressDialog",
        "QWizard",
        "QErrorMessage",
    }
    for name, call in calls(file):
        assert name not in banned, f"{file.name}:{call.lineno} makes a {name}; see genstudio/ui/dialogs"
