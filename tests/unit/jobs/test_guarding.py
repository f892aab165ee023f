"""Learning by heart and copying are said once, in plain words, and taken back when they no longer hold."""

from dataclasses import replace

import numpy as np
import pytest

from genstudio.core.events import Event, Metric, Preview, Recovered, Warned
from genstudio.core.family import AnyFamily, JudgedBy
from genstudio.core.health import History
from genstudio.jobs.copy_look import NEAR_COPIES
from genstudio.jobs.guarding import BY_HEART, COPYING, Guarding, LearnsByHeart, copies, unrest
from tests.workshop import load_host


@pytest.fixture(scope="module")
def family() -> AnyFamily:
    return load_host().family("eigenpictures")


def history(values: list[float], name: str = "heldout/error") -> History:
    made = History()
    for index, value in enumerate(values):
        made.add(1000 * index, {name: value})
    return made


def turning_up(noise: float = 0.0, rise: float = 0.01, count: int = 40) -> list[float]:
    random = np.random.default_rng(0)
    course = [1 / (1 + 0.3 * step) if step < 20 else 1 / 7 + rise * (step - 20) for step in range(count)]
    return [value + noise * random.normal() for value in course]


def test_that_learning_by_heart_is_said_with_the_best_moment_and_what_to_do(family: AnyFamily) -> None:
    verdict = LearnsByHeart(family)(history(turning_up()))
    assert verdict is not None and verdict.kind == BY_HEART
    assert verdict.text == (
        "It has begun to learn your pictures by heart. On held-out pictures “Error” was best at 20,000 images, 0.1429; "
        "now it is 0.3229. Generate from the best checkpoint, which is kept; with more pictures, or with augmentation "
        "where the model offers it, it can learn for longer."
    )


@pytest.mark.parametrize(
    "values",
    [
        turning_up()[:20],  # still falling
        turning_up()[:24],  # too early to say
        turning_up(noise=0.05, rise=0.001),  # no more than unrest
        turning_up(rise=0.00005),  # worse by next to nothing
        turning_up(noise=0.02, rise=0.0),  # a plateau
        [1.0],
        [],
    ],
)
def test_that_a_run_that_does_well_hears_nothing(family: AnyFamily, values: list[float]) -> None:
    assert LearnsByHeart(family)(history(values)) is None


def test_that_a_plateau_is_rarely_taken_for_learning_by_heart(family: AnyFamily) -> None:
    random = np.random.default_rng(1)
    runs = [[1 / (1 + step) + 0.3 + 0.01 * random.normal() for step in range(50)] for _ in range(200)]
    assert sum(LearnsByHeart(family)(history(values)) is not None for values in runs) <= 2


def test_that_a_figure_of_which_more_is_better_is_read_the_other_way(family: AnyFamily) -> None:
    right = replace(family, judged_by=JudgedBy("error", highest=True))
    falling = [1 - value for value in turning_up()]
    verdict = LearnsByHeart(right)(history(falling))
    assert verdict is not None and "was best at 20,000 images, 0.8571; now it is 0.6771" in verdict.text
    assert LearnsByHeart(right)(history(turning_up()[:20])) is not None
    assert LearnsByHeart(replace(family, judged_by=None))(history(turning_up())) is None


def test_that_unrest_is_that_of_the_noise_wherever_the_curve_goes() -> None:
    random = np.random.default_rng(0)
    curve = [(step, 5.0 - 0.3 * step + 0.1 * random.normal()) for step in range(400)]
    assert unrest(curve) == pytest.approx(0.1, rel=0.15)
    assert unrest(curve[:2]) == 0


def test_that_copying_is_said_once_several_looks_find_it_or_one_beyond_doubt() -> None:
    def said(*shares: float) -> bool:
        return copies(history(list(shares), NEAR_COPIES)) is not None

    assert said(0.2, 0.2) and said(0.4) and said(0.0, 0.3, 0.3)
    assert not said() and not said(0.2) and not said(0.5, 0.5, 0.0) and not said(0.06, 0.06, 0.12)
    verdict = copies(history([0.3, 0.3], NEAR_COPIES))
    assert verdict is not None
    assert verdict.text.startswith(
        "It has begun to copy your pictures. Of the pictures it draws 3 in 10 are near copies"
    )


def test_that_each_kind_is_said_once_and_taken_back_by_itself(family: AnyFamily) -> None:
    said: list[Event] = []
    kept = History()

    def keep(event: Event) -> None:
        said.append(event)
        if isinstance(event, Metric):
            kept.add(event.images_seen, event.values)

    sink = Guarding({BY_HEART: LearnsByHeart(family), COPYING: copies}, kept, keep, {COPYING: "said before"})
    pictures = np.zeros((1, 2, 2, 1), dtype=np.uint8)
    for step, value in enumerate([*turning_up(count=30), *[0.01] * 5]):
        sink(Metric("run", 1000 * step, 1.0, {"heldout/error": value, NEAR_COPIES: 0.0}, 1.0, 0))
        sink(Preview("run", 1000 * step, "samples", pictures))
        sink(Preview("run", 1000 * step, "redrawn", pictures))
    words = [event for event in said if isinstance(event, Warned | Recovered)]
    assert [(type(word), word.kind) for word in words] == [
        (Recovered, COPYING),
        (Warned, BY_HEART),
        (Recovered, BY_HEART),
    ]
    assert said.index(words[1]) < len(said) - 15
