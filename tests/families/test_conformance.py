"""Every family that comes with the studio keeps the contract it asks of others."""

from collections.abc import Callable

import pytest

from genstudio.plugins import PluginHost
from genstudio.testing import CheckReport
from genstudio.testing.suite import CHECKS


def installed() -> list[str]:
    host = PluginHost()
    host.load()
    return [family.name for family in host.families()]


def test_that_every_plugin_that_comes_with_the_studio_loads(host: PluginHost) -> None:
    assert [(report.name, report.problem) for report in host.reports() if report.state != "ok"] == []


@pytest.mark.parametrize("check", [name for name, _ in CHECKS])
@pytest.mark.parametrize("family", installed())
def test_that_it_passes(family: str, check: str, report_of: Callable[[str], CheckReport]) -> None:
    found = {made.name: made for made in report_of(family).checks}
    assert found[check].passed, found[check].detail
