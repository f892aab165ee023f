"""Explore with a real studio and one trained run."""

from collections.abc import Callable

import pytest

from genstudio.store.records import RunRecord, SampleRecord
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.explore import ExplorePage
from tests.gui.conftest import WaitFor

Keep = Callable[[Page], Page]


@pytest.fixture
def page(context: UiContext, drop_page: Keep) -> ExplorePage:
    page = ExplorePage(context)
    drop_page(page)
    page.resize(1200, 900)
    return page


@pytest.fixture
def ready(page: ExplorePage, run: RunRecord, wait_for: WaitFor) -> ExplorePage:
    """The page with its map drawn, and the four pictures it begins with in the tray."""
    page.shown()
    wait_for(lambda: "neighbours" in page.desk.session.maps and len(page.desk.picks) == 4)
    return page


def samples(page: ExplorePage) -> list[SampleRecord]:
    assert page.context.project is not None
    return page.context.project.samples(None, False)


def kept(page: ExplorePage) -> bool:
    """Whether the window knows by now that something was kept."""
    return page.context.toasts.next_undo.startswith("Kept")
