"""Rows of numbers of a run: ranked, counted, drawn; beside its pictures in the place of training."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from genstudio.core.events import Preview, Profiled, Recovered, Warned
from genstudio.core.family import Profile
from genstudio.store.records import PreviewRecord, ProfileRecord, RemarkRecord
from genstudio.ui.context import UiContext
from genstudio.ui.models.facts import remark_facts
from genstudio.ui.models.history import PreviewHistory
from genstudio.ui.models.live import LiveState
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.train.samples import PreviewPane
from genstudio.ui.views.profile_bars import ProfileView, rounded_up
from tests.gui.conftest import WaitFor
from tests.gui.test_train_models import RUN

SPOKEN = Profile("latents", "What each latent says", "latents", "nats", 0.01, "More is more.")


def test_that_bars_are_ranked_and_those_above_the_floor_counted(qtbot: QtBot) -> None:
    view = ProfileView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show_values(SPOKEN, [0.0, 2.5, 0.009, 0.7])
    assert [place for place, _ in view.bars.ranked] == [1, 3, 2, 0]
    assert view.summary(SPOKEN, [0.0, 2.5, 0.009, 0.7]) == "2 of 4 latents are above 0.01 nats."
    assert "2 of 4 latents" in view.bars.accessibleName()
    view.show()
    QTest.mouseMove(view.bars, QPoint(60, 100))
    assert not view.grab().isNull()


@pytest.mark.parametrize(
    ("value", "top"), [(0.0, 1.0), (0.04, 0.04), (0.041, 0.05), (2.5, 4.0), (7, 10.0), (1.0, 1.0), (float("nan"), 1.0)]
)
def test_that_the_scale_ends_at_a_round_number(value: float, top: float) -> None:
    assert rounded_up(value) == top


def test_that_rows_of_numbers_come_after_pictures_and_are_found_by_their_clock() -> None:
    history = PreviewHistory()
    history.add_rows([ProfileRecord("run", 100, "latents", (1.0, 2.0))])
    history.add_event(Preview("run", 100, "samples", np.zeros((1, 2, 2, 1), np.uint8)))
    history.add_event(Preview("run", 100, "zebras", np.zeros((1, 2, 2, 1), np.uint8)))
    assert history.names() == ("samples", "zebras", "latents")
    assert history.row("latents", 100) == (1.0, 2.0) and history.row("samples", 100) is None
    assert history.moments("latents") == (100,)


def test_that_a_run_shows_its_rows_of_numbers_live_and_back_in_time(
    context: UiContext, qtbot: QtBot, wait_for: WaitFor
) -> None:
    reader = Reader()
    pane = PreviewPane(context, reader)
    qtbot.addWidget(pane)
    kept = PreviewRecord("run", 0, "samples", "f", 1, 1), ProfileRecord("run", 0, "latents", (0.0, 0.0))
    pane.show_run("run", kept[:1], kept[1:], (SPOKEN,))
    pane.hear(Preview("run", 64, "samples", np.zeros((1, 2, 2, 1), np.uint8)))
    pane.hear(Profiled("run", 64, "latents", (0.5, 3.0)))
    pane.hear(Profiled("run", 64, "nobody's", (1.0,)))
    wait_for(lambda: pane.moment() == 64)
    assert pane.grid.isVisibleTo(pane)
    pane._choose_kind("latents")
    assert pane.bars.isVisibleTo(pane) and not pane.grid.isVisibleTo(pane)
    assert pane.bars.bars.ranked == [(1, 3.0), (0, 0.5)]
    pane.step(-1)
    assert pane.bars.bars.ranked == [(0, 0.0), (1, 0.0)]
    reader.close()


def test_that_a_warning_leaves_when_the_run_has_recovered() -> None:
    state = LiveState(RUN).heard(Warned("run", 10, "The disk is full.")).heard(Warned("run", 20, "Bad.", "collapse"))
    state = state.heard(Recovered("run", 30, "collapse", "Bad."))
    assert state.warnings == ("The disk is full.",)
    assert state.recovered == "Recovered at 30 images. Until then: Bad."
    assert state.heard(Warned("run", 40, "Bad.", "collapse")).recovered == ""
    long = Recovered("run", 50, "collapse", "It is bad. Of 3 figures 2 are. Start anew.")
    assert state.heard(long).recovered == "Recovered at 50 images. Until then: It is bad."


def test_that_remarks_say_when_they_were_made_and_until_when_they_held() -> None:
    remarks = [RemarkRecord("run", 1200, "collapse", "Bad.", 3400), RemarkRecord("run", 5000, "collapse", "Bad.")]
    assert [fact[:2] for fact in remark_facts(remarks)] == [
        ("At 1,200 images", "Recovered at 3,400 images. Until then: Bad."),
        ("At 5,000 images", "Bad."),
    ]
