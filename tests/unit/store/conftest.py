"""An open project in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from genstudio.store.project import Project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "My project ü"


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    made = Project.create(folder)
    yield made
    made.close()
