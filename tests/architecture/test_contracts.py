"""The rules of who may know whom hold, would notice a breach, and cover every folder on disk."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

# One breach for each contract: (file, line added to it).
BREACHES = {
    "layers": ("genstudio/store/canary.py", "import genstudio.jobs"),
    "qt": ("genstudio/training/canary.py", "import PySide6.QtCore"),
    "sqlite": ("genstudio/jobs/canary.py", "import sqlite3"),
    "families": ("plugins/genstudio_vae/canary.py", "import genstudio.store"),
    "core-names-no-family": ("genstudio/generation/canary.py", "import genstudio_vae"),
}


def contracts() -> list[dict[str, Any]]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return list(configuration["tool"]["importlinter"]["contracts"])


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(folder / "plugins")])}
    return subprocess.run(
        [LINTER, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("breached")
    ignored = shutil.ignore_patterns("__pycache__")
    for root in ("genstudio", "plugins"):
        shutil.copytree(ROOT / root, folder / root, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for file, line in BREACHES.values():
        (folder / file).write_text(line + "\n")
    result = lint(folder)
    assert result.returncode != 0
    return result.stdout


def test_that_every_contract_has_a_canary() -> None:
    assert {contract["id"] for contract in contracts()} == set(BREACHES)


@pytest.mark.parametrize("identifier", sorted(BREACHES))
def test_that_a_breach_is_noticed(identifier: str, breached: str) -> None:
    name = next(contract["name"] for contract in contracts() if contract["id"] == identifier)
    assert re.search(rf"^{re.escape(name)} BROKEN$", breached, re.MULTILINE)


def test_that_the_contracts_cover_every_room_on_disk() -> None:
    on_disk = {
        f"genstudio.{place.stem}"
        for place in (ROOT / "genstudio").iterdir()
        if (place.is_dir() and (place / "__init__.py").is_file()) or place.suffix == ".py"
    } - {"genstudio.__init__"}
    by_id = {contract["id"]: contract for contract in contracts()}
    assert set(by_id["qt"]["source_modules"]) == on_disk - {
        "genstudio.ui",
        "genstudio.cli",
        "genstudio.__main__",
    }
    assert {m for m in by_id["sqlite"]["source_modules"] if m.startswith("genstudio.")} == on_disk - {
        "genstudio.store",
        "genstudio.__main__",
    }


def test_that_the_contracts_cover_every_plugin_on_disk() -> None:
    on_disk = {place.name for place in (ROOT / "plugins").iterdir() if (place / "__init__.py").is_file()}
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    by_id = {contract["id"]: contract for contract in contracts()}
    assert set(by_id["families"]["source_modules"]) == on_disk
    assert set(by_id["core-names-no-family"]["forbidden_modules"]) == on_disk
    assert set(configuration["tool"]["importlinter"]["root_packages"]) == on_disk | {"genstudio"}
    assert set(configuration["project"]["entry-points"]["genstudio.plugins"]) == on_disk
