"""What the place of training knows, without a window: a run's state, its previews, how fast this computer is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genstudio.core import words
from genstudio.core.config import FamilyConfig
from genstudio.core.errors import DatasetGoneError
from genstudio.core.events import (
    CheckpointSaved,
    Finished,
    Metric,
    Outcome,
    Paused,
    Preview,
    Resumed,
    Started,
    Warned,
)
from genstudio.core.spec import DataSpec
from genstudio.plugins import PluginHost
from genstudio.store.records import PreviewRecord, RunRecord, RunStatus
from genstudio.ui.models.facts import config_facts, figure_facts, run_facts
from genstudio.ui.models.history import PreviewHistory
from genstudio.ui.models.live import LiveState, Phase, Wish
from genstudio.ui.models.pace import Pace
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.statuses import can_resume, last_word, status_look
from genstudio.ui.models.strips import read_strip
from genstudio.ui.pages.train.datasets import facts
from genstudio.ui.pages.train.header import facts_text
from genstudio.ui.pages.train.knobs import rate_of
from tests.workshop import load_host

RUN = RunRecord(
    id="run",
    name="Run",
    family="eigenpictures",
    dataset="data",
    config={"images": 1000, "batch_size": 16, "parts": 4, "learning_rate": 0.02},
    settings={"seed": 3},
    status=RunStatus.READY,
    created=0.0,
    images_seen=0,
    budget=1000,
    seconds=0.0,
    figures={},
)


def metric(images: int, seconds: float) -> Metric:
    return Metric("run", images, seconds, {"error": 1 / (images + 1)}, rate=1e9, memory=5)


@pytest.fixture(scope="module")
def host() -> PluginHost:
    return load_host()


def test_that_a_runs_events_move_its_state() -> None:
    state = LiveState(RUN).heard(Started("run", 0, 2000, "processor"))
    assert state.phase is Phase.TRAINING and state.record.budget == 2000 and state.device == "processor"
    state = state.heard(metric(500, 1.0))
    assert state.record.images_seen == 500 and state.share == 0.25 and state.record.figures["error"] > 0
    state = state.wished(Wish.PAUSE).heard(Paused("run", 500))
    assert state.phase is Phase.PAUSED and not state.wishes and state.seconds_left is None
    state = state.heard(Resumed("run", 500)).heard(Warned("run", 500, "Careful."))
    assert state.phase is Phase.TRAINING and state.warnings == ("Careful.",)
    state = state.wished(Wish.STOP).heard(Finished("run", 600, Outcome.DIVERGED, "It ran away."))
    assert state.phase is Phase.RESTING and state.record.status is RunStatus.DIVERGED and not state.wishes
    assert state.record.message == "It ran away."


def test_that_wishes_are_answered_by_what_they_ask_for() -> None:
    state = LiveState(RUN).wished(Wish.SAVE).wished(Wish.PREVIEW)
    state = state.heard(CheckpointSaved("run", 1, "file", 1))
    assert state.wishes == {Wish.PREVIEW} and state.saved_at == 1
    state = state.heard(Preview("run", 1, "samples", np.zeros((1, 2, 2, 1), np.uint8)))
    assert not state.wishes


def test_that_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace(0, 0.0).moved(16, 1e-9)
    for second in range(1, 6):
        pace = pace.moved(100 * second, float(second))
    assert pace.rate == pytest.approx(100, rel=0.05)
    for second in range(6, 60):
        pace = pace.moved(pace.at_images + 400, float(second))
    assert pace.rate == pytest.approx(400, rel=0.01)


def test_that_time_left_heeds_a_limit_in_minutes() -> None:
    record = replace(RUN, settings={"minutes": 1}, budget=10_000_000)
    state = LiveState(record).heard(Started("run", 0, 10_000_000, "")).heard(metric(0, 0.0)).heard(metric(100, 30.0))
    assert state.seconds_left == pytest.approx(30.0)
    assert state.share == pytest.approx(0.5)


def test_that_a_run_is_told_in_words() -> None:
    state = LiveState(RUN).heard(Started("run", 0, 2000, "processor")).heard(metric(0, 0.0)).heard(metric(500, 10.0))
    assert facts_text(state) == "500 of 2,000 images · 50 images/s · 30 s left · 5 bytes · processor"
    rested = LiveState(replace(RUN, images_seen=1000, seconds=75.0, status=RunStatus.COMPLETED))
    assert facts_text(rested) == "1,000 of 1,000 images · 1 min 15 s of training"


def test_that_only_runs_with_something_left_can_resume() -> None:
    assert can_resume(replace(RUN, status=RunStatus.INTERRUPTED, images_seen=10))
    assert not can_resume(replace(RUN, status=RunStatus.RUNNING, images_seen=10))
    assert not can_resume(replace(RUN, status=RunStatus.COMPLETED, images_seen=1000))


@pytest.mark.parametrize("status", list(RunStatus))
def test_that_every_status_has_a_word_and_a_drawing(status: RunStatus) -> None:
    look = status_look(status)
    assert look.word and look.icon


def test_that_an_interrupted_run_says_that_nothing_is_lost() -> None:
    text, _ = last_word(replace(RUN, status=RunStatus.INTERRUPTED))
    assert "Nothing saved was lost" in text
    assert last_word(RUN)[0] == ""


def test_that_previews_are_found_by_name_and_clock() -> None:
    history = PreviewHistory()
    history.add_records(PreviewRecord("run", clock, "reconstructions", "f", 1, 1) for clock in (0, 100))
    history.add_records(PreviewRecord("run", clock, "samples", "f", 1, 1) for clock in (100, 0, 400))
    assert history.names() == ("samples", "reconstructions")
    assert history.moments("samples") == (0, 100, 400)
    assert history.nearest("samples", 260) == 400 and history.nearest("samples", 240) == 100
    assert history.nearest("none", 1) is None
    history.add_event(Preview("run", 500, "samples", np.zeros((1, 2, 2, 1), np.uint8)))
    assert history.moments("samples")[-1] == 500 and history.pictures("samples", 500) is not None
    assert history.pictures("samples", 0) is None and history.record("samples", 0) is not None


def test_that_old_pictures_make_room_for_new_ones() -> None:
    history = PreviewHistory()
    for clock in range(70):
        history.keep("samples", clock, np.zeros((1, 1024, 1024, 1), np.uint8))
    assert history.pictures("samples", 0) is None
    assert history.pictures("samples", 69) is not None


def test_that_facts_bear_the_titles_and_units_of_the_form(host: PluginHost) -> None:
    family = host.family("eigenpictures")
    config = {title: value for title, value, _ in config_facts({**RUN.config, "old": None}, family)}
    assert config["Length"] == "1,000 images" and config["Parts"] == "4" and config["Old"] == "automatic"
    record = replace(RUN, figures={"error": 0.5, "heldout/error": 0.25, "heldout/bits_per_dim": 3.0})
    titles = [title for title, _, _ in figure_facts(record, family)]
    assert titles == ["Error", "Error, held-out", "Bits per dim, held-out"]
    assert figure_facts(record, None)[0][1] == words.figure(0.5)
    named = replace(RUN, figures={"heldout/accuracy": 0.913, "heldout/plain_accuracy": 0.948, "heldout/chance": 0.0444})
    assert [(title, said) for title, said, _ in figure_facts(named, family)] == [
        ("Labels named right", "91.3 %"),
        ("Labels a plain classifier named right", "94.8 %"),
        ("Share of the commonest label", "4.4 %"),
    ]
    assert ("Data", "waves", "") in run_facts(record, family, "waves")


def test_that_a_former_run_with_the_same_knobs_tells_how_fast_this_computer_is(host: PluginHost) -> None:
    family = host.family("eigenpictures")
    config = family.presets["Draft"]
    assert isinstance(config, FamilyConfig)
    same = replace(RUN, config={**config.model_dump(), "images": 5}, images_seen=600, seconds=3.0)
    other = replace(RUN, config={**config.model_dump(), "parts": 99}, images_seen=600, seconds=1.5)
    assert rate_of(family, config, [other, same]) == 200.0
    assert rate_of(family, config, [other]) is None


def test_that_a_dataset_is_told_in_a_line() -> None:
    spec = DataSpec(count=4212, channels=3, width=32, height=16, classes=("a", "b"))
    assert facts(spec) == "4,212 pictures · 32 × 16 RGB · 2 labels"


def test_that_a_strip_is_read_evenly_and_says_when_it_cannot(tmp_path: Path) -> None:
    spec = DataSpec(count=6, channels=3, width=2, height=2)
    pixels = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((1, 3, 2, 2), np.uint8)
    pixels.tofile(tmp_path / "pixels.u8")
    assert [int(picture[0, 0, 0]) for picture in read_strip(tmp_path, spec, 3)] == [0, 2, 4]
    assert read_strip(tmp_path, spec, 99)[0].shape == (2, 2, 3)
    with pytest.raises(DatasetGoneError):
        read_strip(tmp_path, spec.model_copy(update={"count": 60}), 60)
    with pytest.raises(DatasetGoneError):
        read_strip(tmp_path / "gone", spec, 3)


def test_that_a_reader_reads_and_ends() -> None:
    reader = Reader(2)
    assert reader.read(max, 3, 4).result() == 4
    reader.close()
