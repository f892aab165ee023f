"""Axes: whatever the figures, a bounded number of labels, and no warning."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genstudio.ui.views import plot_numbers as numbers
from genstudio.ui.views.plot_scale import DecadeScale, LinearScale, Scale

wild = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, -1.0, 1e-300, 1e300, 5e-324, 1.7e308, np.nan, np.inf, -np.inf]),
)


@pytest.mark.parametrize("scale", [LinearScale(), DecadeScale()])
@settings(max_examples=300, deadline=1000)
@given(st.lists(wild, min_size=1, max_size=30), st.floats(1, 3000))
def test_that_no_figures_make_an_axis_hang_or_warn(scale: Scale, figures: list[float], height: float) -> None:
    y = np.array(figures)
    places = scale.places(np.arange(len(y), dtype=float), np.where(np.isfinite(y), y, np.nan))
    places = places[np.isfinite(places)]
    if len(places) == 0:
        return
    low, high = scale.snapped(float(places.min()), float(places.max()), height)
    assert low < high
    assert low <= places.min() + 1e-5 * (high - low)
    assert high >= places.max() - 1e-5 * (high - low)
    ticks = scale.ticks(low, high, height)
    assert len(ticks) <= 66
    assert all(isinstance(text, str) and len(text) < 16 for _, text in ticks)


def test_that_decades_are_whole_and_few() -> None:
    scale = DecadeScale()
    assert scale.snapped(np.log10(3.0), np.log10(480.0), 300) == (0.0, 3.0)
    assert [text for _, text in scale.ticks(0.0, 3.0, 100)] == ["1", "10", "100", "1,000"]
    assert len(scale.ticks(-300.0, 300.0, 400)) <= 7


def test_that_one_decade_is_marked_in_between() -> None:
    assert [text for _, text in DecadeScale().ticks(0.0, 1.0, 300)] == ["1", "2", "5", "10"]


def test_that_a_column_that_touches_zero_keeps_its_highest() -> None:
    places = DecadeScale().places(np.array([1.0, 1.0, 2.0]), np.array([0.0, 100.0, -5.0]))
    assert places[:2].tolist() == [2.0, 2.0]
    assert np.isnan(places[2])


def test_that_a_flat_line_gets_an_axis_with_room() -> None:
    low, high = LinearScale().snapped(7.0, 7.0, 300)
    assert low < 7.0 < high


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (102.468, "102.5"),
        (1234.5, "1,234"),
        (0.01234, "0.0123"),
        (-2.5, "−2.500"),
        (3.2e8, "3.20e+08"),
        (1e-7, "1.00e−07"),
        (float("nan"), "—"),
    ],
)
def test_that_values_are_written_with_the_digits_that_matter(value: float, text: str) -> None:
    assert numbers.value_text(value) == text


@pytest.mark.parametrize(
    ("count", "step", "text"),
    [(0, 50, "0"), (1500, 500, "1.5k"), (20_000, 10_000, "20k"), (1_250_000, 50_000, "1.25M")],
)
def test_that_counts_are_short_and_told_apart(count: float, step: float, text: str) -> None:
    assert numbers.short_count(count, step) == text


@settings(max_examples=200, deadline=None)
@given(st.floats(0, 1e15), st.floats(1e-3, 1e15))
def test_that_neighbouring_counts_have_different_labels(start: float, span: float) -> None:
    step, ticks = numbers.linear_ticks(start, start + span, 6)
    if step < 1e-6 * max(start, 1.0):
        return
    labels = [numbers.short_count(tick, step) for tick in ticks]
    assert len(set(labels)) == len(labels)
