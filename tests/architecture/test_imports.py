"""What an import linter cannot see: everything outside the window imports with Qt blocked, much without torch."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

IMPORT_ALL = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ImportError(name + " is blocked here")
        return None

sys.meta_path.insert(0, Blocked())
for module in {modules!r}:
    importlib.import_module(module)
print(len({modules!r}))
"""


def modules_under(root: Path, package: str) -> list[str]:
    names = []
    for file in sorted((root / package).rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return [name for name in names if not name.endswith("__main__")]


def import_with_blocked(blocked: set[str], modules: list[str]) -> None:
    script = IMPORT_ALL.format(blocked=blocked, modules=modules)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) == len(modules) > 0


def plugin_modules() -> list[str]:
    packages = [place.parent.name for place in (ROOT / "plugins").glob("*/__init__.py")]
    return [name for package in packages for name in modules_under(ROOT / "plugins", package)]


def test_that_everything_outside_the_window_imports_without_qt() -> None:
    studio = [name for name in modules_under(ROOT, "genstudio") if not name.startswith("genstudio.ui")]
    plugins = [name for name in plugin_modules() if not name.endswith(".panel")]
    import_with_blocked({"PySide6", "shiboken6", "pyqtgraph"}, studio + plugins)


def test_that_listing_window_and_command_line_import_without_torch() -> None:
    needs_torch = ("genstudio.training", "genstudio.nn", "genstudio.testing")
    may = ("genstudio.data.batches", "genstudio.data.source", "genstudio.generation", "genstudio.evaluation")
    free = [name for name in modules_under(ROOT, "genstudio") if not name.startswith((*needs_torch, *may))]
    listing = [name for name in plugin_modules() if name.count(".") == 0 or name.endswith(".config")]
    import_with_blocked({"torch"}, [*free, "genstudio.core.environment", "genstudio.generation.export", *listing])
