import pytest

from genstudio.core import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (1500, "25 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_that_durations_are_said_as_people_do(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (64_000, "64 kB"), (2_500_000, "2.5 MB"), (3_100_000_000, "3.1 GB")],
)
def test_that_sizes_have_units(number: int, said: str) -> None:
    assert words.size(number) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0.0000"), (104.24, "104.2"), (0.03123, "0.0312"), (3.1e-6, "3.10e-06"), (12.345, "12.35")],
)
def test_that_figures_have_the_digits_people_read(value: float, said: str) -> None:
    assert words.figure(value) == said
