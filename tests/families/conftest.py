"""What tests of families share: the installed families, and each one's conformance report, made once."""

from collections.abc import Callable, Iterator

import pytest

from genstudio.core.family import AnyFamily
from genstudio.plugins import PluginHost
from genstudio.testing import CheckReport, check_family


@pytest.fixture(autouse=True, scope="session")
def whole_numbers() -> Iterator[None]:
    """The same arithmetic on every processor: products of float32, wherever numbers of half the size would be used."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genstudio.nn.precision.processor_has_halves", lambda: False)
        yield


@pytest.fixture(scope="session")
def host() -> PluginHost:
    """The installed plugins."""
    host = PluginHost()
    host.load()
    return host


@pytest.fixture(scope="session")
def report_of(host: PluginHost) -> Callable[[str], CheckReport]:
    """Give the conformance report of the family of this name."""
    reports: dict[str, CheckReport] = {}

    def report_of(name: str) -> CheckReport:
        if name not in reports:
            family: AnyFamily = host.family(name)
            reports[name] = check_family(family)
        return reports[name]

    return report_of
