"""Thresholds and ROC curves against known answers."""

import numpy as np
import pytest

from genstudio.core.errors import FamilyError
from genstudio.evaluation.anomaly import judge, roc, threshold


def test_that_a_quantile_of_usual_pictures_stays_at_or_below_the_threshold() -> None:
    usual = np.arange(1.0, 101.0)
    assert (usual <= threshold(usual, 0.95)).mean() >= 0.95
    assert (usual <= threshold(usual, 0.95) - 1).mean() < 0.96
    assert threshold(np.array([3.0]), 0.5) == 3.0


def test_that_what_is_told_apart_for_sure_has_area_one() -> None:
    assert roc(np.array([1.0, 2.0]), np.array([3.0, 4.0])).area == 1.0
    assert roc(np.array([3.0, 4.0]), np.array([1.0, 2.0])).area == 0.0


def test_that_equal_scores_are_a_guess() -> None:
    curve = roc(np.ones(5), np.ones(3))
    assert curve.area == 0.5
    assert curve.false_alarms.tolist() == curve.found.tolist() == [0.0, 1.0]


def test_that_the_area_is_the_chance_that_an_odd_one_scores_higher() -> None:
    random = np.random.default_rng(0)
    usual, odd = random.integers(0, 8, 40).astype(float), random.integers(2, 10, 30).astype(float)
    pairs = np.sign(odd[:, None] - usual).mean() / 2 + 0.5
    curve = roc(usual, odd)
    assert curve.area == pytest.approx(pairs)
    assert (np.diff(curve.false_alarms) >= 0).all()
    assert (np.diff(curve.found) >= 0).all()
    assert curve.false_alarms[-1] == curve.found[-1] == 1.0


def test_that_a_model_that_cannot_says_so() -> None:
    from genstudio.training.learner import Learner

    class Nothing(Learner):
        def step(self, batch):  # type: ignore[no-untyped-def] # never called
            raise NotImplementedError

    with pytest.raises(FamilyError, match="how unusual"):
        judge(Nothing(), np.zeros((1, 8, 8, 1), np.uint8), batch=1, device="cpu")
