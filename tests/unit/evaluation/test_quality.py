"""The features, and the figures together: known damages are noticed, more of them more."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genstudio.core.errors import DataError
from genstudio.evaluation.appearance import as_seen, at_most
from genstudio.evaluation.features import DIMENSIONS, Features
from genstudio.evaluation.quality import Likeness, divide, measure_likeness

Pixels = NDArray[np.uint8]


def figures(count: int, seed: int, kinds: tuple[int, ...] = (0, 1, 2, 3)) -> Pixels:
    """Bars of four directions, thick and thin, at random places."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:16, 0:16] - 7.5
    pictures = np.empty((count, 1, 16, 16))
    for picture in pictures:
        angle = np.pi * random.choice(kinds) / 4
        across = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-3, 3)
        picture[:] = 255 / (1 + np.exp(4 * (np.abs(across) - random.uniform(1, 3))))
    return pictures.round().astype(np.uint8)


@pytest.fixture(scope="module")
def features() -> Features:
    return Features.fit(as_seen(figures(300, 99)))


def like(pictures: Pixels, features: Features) -> Likeness:
    return measure_likeness(pictures, figures(150, 1), features)


def damaged(amount: float) -> Pixels:
    noise = np.random.default_rng(4).normal(0, amount, (150, 1, 16, 16))
    return (figures(150, 2) + noise).clip(0, 255).astype(np.uint8)


def test_that_noise_is_noticed_and_more_of_it_more(features: Features) -> None:
    found = [like(damaged(amount), features) for amount in (0, 12, 40)]
    assert [one.precision for one in found] == sorted((one.precision for one in found), reverse=True)
    assert found[0].precision > 0.85 > 0.4 > found[2].precision
    assert found[0].kernel < found[1].kernel < found[2].kernel
    assert found[0].sliced < found[1].sliced < found[2].sliced


def test_that_a_dropped_kind_lowers_coverage_and_recall_but_not_precision(features: Features) -> None:
    whole, dropped = like(figures(150, 2), features), like(figures(150, 2, (0, 1)), features)
    assert dropped.precision > 0.85
    assert dropped.recall < whole.recall - 0.15
    assert dropped.coverage < whole.coverage - 0.2


def test_that_a_collapse_is_noticed(features: Features) -> None:
    collapsed = like(np.repeat(figures(5, 2), 30, axis=0), features)
    assert collapsed.precision > 0.6
    assert collapsed.coverage < 0.3
    assert collapsed.recall < 0.1


def test_that_identical_sets_are_as_like_as_can_be(features: Features) -> None:
    found = like(figures(150, 1), features)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    assert found.kernel <= 0


def test_that_a_real_point_is_about_8_long_and_features_follow_from_the_pictures_alone(features: Features) -> None:
    points = features(as_seen(figures(200, 5)))
    assert points.shape == (200, DIMENSIONS)
    assert float(points.square().sum(1).mean()) == pytest.approx(DIMENSIONS, rel=0.25)
    again = Features.fit(as_seen(figures(300, 99)))(as_seen(figures(200, 5)))
    assert torch.allclose(points @ points.T, again @ again.T, atol=1e-2)


def test_that_pictures_in_which_nothing_differs_can_be_fitted() -> None:
    points = Features.fit(torch.zeros(4, 1, 8, 8))(torch.zeros(3, 1, 8, 8))
    assert torch.isfinite(points).all()


def test_that_a_dataset_is_divided_alike_for_every_run() -> None:
    training, heldout = np.arange(10, 300), np.arange(10)
    one, other = (divide(training, heldout, "abc", 100) for _ in range(2))
    assert np.array_equal(one.reference, other.reference)
    assert (one.count, len(one.control), one.unseen) == (100, 100, 10)
    assert set(range(10)) <= set(one.reference.tolist())
    assert not set(one.reference.tolist()) & (set(one.control.tolist()) | set(one.others.tolist()))
    assert divide(training, heldout, "abc", 5000).count == 150
    assert divide(training, np.arange(10, 300), "abc", 100).unseen == 0  # nothing was held out


def test_that_too_small_a_dataset_is_a_sentence() -> None:
    with pytest.raises(DataError, match="At least 20"):
        divide(np.arange(18), np.arange(18), "abc", 10)


def test_that_hidden_colours_are_not_seen() -> None:
    pixels = np.zeros((2, 4, 4, 4), dtype=np.uint8)
    pixels[0, :3] = 200
    assert torch.equal(*as_seen(pixels))
    assert at_most(torch.zeros(1, 3, 128, 64), 32).shape == (1, 3, 32, 16)
