"""A project with one dataset of tiny pictures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.records import DatasetRecord
from tests import workshop


@pytest.fixture(scope="session")
def host() -> PluginHost:
    return workshop.load_host()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workshop.paint_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def ws(tmp_path: Path, host: PluginHost) -> Iterator[Workspace]:
    made = workshop.new_workspace(tmp_path / "project", host)
    yield made
    made.project.close()


@pytest.fixture
def dataset(ws: Workspace, pictures: Path) -> DatasetRecord:
    return workshop.import_pictures(ws, pictures)
