"""Rows of numbers: shown beside every preview, means over the held-out examples, and never a reason to stop."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from genstudio.core.events import Preview, Profiled, Warned
from genstudio.core.settings import RunSettings
from genstudio.data.batches import Batch
from tests.unit.training.support import BATCH, HELDOUT, make_source, run
from tests.unit.training.toy import ToyConfig
from tests.unit.training.toy.model import ToyLearner


class Shows(ToyLearner):
    """Two rows: which examples it was given, and where its training stands."""

    def profiles(self, batch: Batch) -> Mapping[str, Tensor]:
        assert not self.training and not torch.is_grad_enabled()
        seen = torch.zeros(30)
        seen[batch.index] = 1.0 / len(batch)
        return {"seen": seen, "twos": torch.full((3,), 2.0)}


class Fails(ToyLearner):
    def profiles(self, batch: Batch) -> Mapping[str, Tensor]:
        raise ZeroDivisionError


def config() -> ToyConfig:
    return ToyConfig(images=1000, batch_size=BATCH)


def test_that_rows_of_numbers_follow_every_preview_and_are_means_over_held_out_examples() -> None:
    torch.manual_seed(0)
    learner = Shows(config(), make_source().dataset.spec)
    ran = run(learner, settings=RunSettings(seed=3, preview_count=2, preview_every=20))
    shown = [event for event in ran.events if isinstance(event, Profiled)]
    assert [event.images_seen for event in shown] == [event.images_seen for event in ran.of(Preview) for _ in range(2)]
    assert {event.name for event in shown} == {"seen", "twos"}
    assert shown[1].values == (2.0, 2.0, 2.0)
    spread = [1 / len(HELDOUT) if index in HELDOUT else 0.0 for index in range(30)]
    assert shown[0].values == pytest.approx(spread)
    assert learner.training


def test_that_a_learner_that_fails_to_show_its_numbers_goes_on_learning() -> None:
    torch.manual_seed(0)
    ran = run(Fails(config(), make_source().dataset.spec))
    assert ran.finished.outcome == "completed"
    assert len(ran.of(Warned)) == 1 and not ran.of(Profiled)


def test_that_most_learners_show_none() -> None:
    torch.manual_seed(0)
    assert not run(ToyLearner(config(), make_source().dataset.spec)).of(Profiled)
