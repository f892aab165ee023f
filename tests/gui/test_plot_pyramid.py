"""The pyramid and the smoothing behind the plot, against plain loops over every point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genstudio.ui.views.plot_pyramid import Floats, MinMaxPyramid
from genstudio.ui.views.plot_smooth import MOST_GROUPS, GroupMeans, column_means, smoothed

figures = st.one_of(st.floats(-1e300, 1e300), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e-300]))


def rising(first: int, count: int) -> Floats:
    return np.array([3.0 * n for n in range(first, first + count)], dtype=np.float64)


def filled(chunks: list[list[float]]) -> MinMaxPyramid:
    pyramid = MinMaxPyramid()
    for chunk in chunks:
        start = len(pyramid)
        pyramid.append(rising(start, len(chunk)), np.array(chunk, dtype=np.float64))
    return pyramid


def extremes(y: np.ndarray) -> tuple[float, float] | None:
    finite = y[np.isfinite(y)]
    return (finite.min(), finite.max()) if len(finite) else None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(figures, max_size=60), max_size=12),
    st.integers(1, 20),
    st.floats(-10, 2000),
    st.floats(0, 2000),
)
def test_that_a_query_has_the_extremes_of_a_plain_search(
    chunks: list[list[float]], width: int, x0: float, length: float
) -> None:
    pyramid = filled(chunks)
    x, y = pyramid.query(x0, x0 + length, width)
    assert len(x) == len(y) <= 2 * width + 2
    assert np.all(np.diff(x) >= 0)
    every_x, every_y = pyramid.x, pyramid.y
    first = max(int(np.searchsorted(every_x, x0)) - 1, 0)
    last = int(np.searchsorted(every_x, x0 + length, "right")) + 1
    assert extremes(y) == extremes(every_y[first:last])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(figures, max_size=90), max_size=12))
def test_that_every_level_holds_the_extremes_of_its_whole_buckets(
    chunks: list[list[float]],
) -> None:
    pyramid = filled(chunks)
    size = 1
    for lows, highs in pyramid._levels:
        size *= 4
        assert len(lows) == len(highs) == len(pyramid) // size
        for bucket, (low, high) in enumerate(zip(lows.view(), highs.view(), strict=True)):
            wanted = extremes(pyramid.y[bucket * size : (bucket + 1) * size])
            assert (low, high) == wanted if wanted else np.isnan(low) and np.isnan(high)


def test_that_a_stretch_without_figures_stays_a_gap_at_every_zoom() -> None:
    y = np.sin(np.arange(100_000) / 500.0)
    y[40_000:60_000] = np.nan
    pyramid = MinMaxPyramid()
    pyramid.append(np.arange(100_000.0), y)
    x, drawn = pyramid.query(0, 99_999, 500)
    assert np.all(np.isnan(drawn[(x > 41_000) & (x < 59_000)]))
    assert np.all(np.isfinite(drawn[(x < 39_000) | (x > 61_000)]))


def test_that_nothing_is_forgotten() -> None:
    pyramid = filled([[float(i)] for i in range(1000)])
    assert pyramid.y.tolist() == list(range(1000))


@pytest.mark.parametrize("x", [[1.0, 1.0], [2.0, 1.0], [np.nan, 1.0]])
def test_that_x_must_rise(x: list[float]) -> None:
    with pytest.raises(ValueError, match="rise"):
        MinMaxPyramid().append(np.array(x), np.zeros(2))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 100), st.floats(-1e6, 1e6)), min_size=2, max_size=80),
    st.floats(0.01, 0.99),
)
def test_that_smoothing_is_the_weighted_mean_it_says(steps: list[tuple[float, float]], strength: float) -> None:
    x = np.cumsum([step for step, _ in steps])
    y = np.array([figure for _, figure in steps])
    reference = (x[-1] - x[0]) / min(len(x) - 1, 1000)
    stands_for = np.diff(x, prepend=x[0] - reference) / reference
    weights = np.tril(strength ** np.maximum((x[:, None] - x[None]) / reference, 0))
    weights *= 1 - strength**stands_for
    wanted = (weights * y).sum(axis=1) / weights.sum(axis=1)
    np.testing.assert_allclose(smoothed(x, y, strength), wanted, rtol=1e-6, atol=1e-3)


def test_that_a_constant_stays_what_it_is_however_strong_the_smoothing() -> None:
    x = np.cumsum(np.random.default_rng(0).exponential(size=5000))
    np.testing.assert_allclose(smoothed(x, np.full(5000, 3.5), 0.99), 3.5, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=6))
def test_that_groups_do_not_depend_on_how_the_points_came(sizes: list[int]) -> None:
    y = np.random.default_rng(1).normal(size=sum(sizes))
    x = rising(0, len(y))
    at_once, in_parts = GroupMeans(), GroupMeans()
    at_once.append(x, y)
    start = 0
    for size in sizes:
        in_parts.append(x[start : start + size], y[start : start + size])
        start += size
    np.testing.assert_allclose(in_parts.means(), at_once.means())
    groups = len(at_once.means()[0])
    assert groups <= MOST_GROUPS
    size = -(-len(y) // MOST_GROUPS)
    size = 1 << (size - 1).bit_length()
    np.testing.assert_allclose(at_once.means()[1][0], y[:size].mean())


def test_that_columns_keep_the_two_ends() -> None:
    x = np.arange(10_000.0)
    mean_x, mean_y = column_means(x, x * 2, (0, 9_999), 100)
    assert len(mean_x) <= 102
    assert mean_x[-1] == 9_999
    np.testing.assert_allclose(mean_y, mean_x * 2)
