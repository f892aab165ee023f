"""The plugin guide's example, executed exactly as it is printed there."""

import re
from pathlib import Path

from genstudio.core import paths
from genstudio.plugins import PluginHost
from genstudio.testing import check_family

CODE = re.compile(r"^```python file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write_example(folder: Path) -> None:
    guide = (paths.resources() / "docs" / "plugin_guide.md").read_text()
    files = dict(CODE.findall(guide))
    assert set(files) == {"templates/__init__.py", "templates/model.py"}
    for name, code in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(code)


def test_that_the_guides_family_is_found_and_keeps_the_contract(tmp_path: Path) -> None:
    write_example(tmp_path)
    host = PluginHost()
    host.load(tmp_path)
    report = check_family(host.family("templates"))
    assert report.passed, [check for check in report.checks if not check.passed]
