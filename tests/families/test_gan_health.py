"""What the GAN's doctor says of scripted histories, and of real runs that were made to go wrong or right."""

import pytest

from genstudio.core.health import History
from genstudio_gan.config import GanConfig
from genstudio_gan.health import gan_health

IMAGES, REPORTS = 40_000, 100


def history(**ends: tuple[float, float]) -> History:
    """Figures that go evenly from one value to another; those of a healthy run where nothing is said of them."""
    usual = {
        "distance": (60.0, 12.0), "diversity": (0.3, 0.95), "real_right": (0.6, 0.75), "fake_right": (0.6, 0.75),
        "overfit": (0.2, 0.5), "margin": (0.5, 1.5), "d_gradient": (4.0, 5.0), "g_gradient": (5.0, 6.0),
        "heldout/real_right": (0.6, 0.7),
    }  # fmt: skip
    found = History()
    for report in range(1, REPORTS + 1):
        share = report / REPORTS
        values = {name: begin + share * (end - begin) for name, (begin, end) in (usual | ends).items()}
        found.add(round(share * IMAGES), values)
    return found


def kind(config: GanConfig, found: History) -> str | None:
    verdict = gan_health(config, found)
    return verdict.kind if verdict else None


def test_that_a_healthy_run_is_left_alone() -> None:
    assert kind(GanConfig(), history()) is None


def test_that_nothing_is_said_before_a_run_has_settled() -> None:
    early = History()
    early.add(100 * GanConfig().batch_size, {"diversity": 0.01, "distance": 80.0})
    assert kind(GanConfig(), early) is None


@pytest.mark.parametrize(
    ("expected", "figures"),
    [
        ("collapse", {"diversity": (0.6, 0.1)}),
        ("divergence", {"distance": (10.0, 70.0), "margin": (0.5, 40.0)}),
        ("saturation", {"real_right": (0.97, 1.0), "fake_right": (0.97, 1.0), "distance": (60.0, 60.0)}),
        ("saturation", {"real_right": (0.99, 1.0), "fake_right": (0.99, 1.0), "g_gradient": (5.0, -0.2)}),
        ("overfitting", {"overfit": (0.3, 0.95), "real_right": (0.6, 0.98), "heldout/real_right": (0.6, 0.2)}),
    ],
)
def test_that_it_names_what_goes_wrong(expected: str, figures: dict[str, tuple[float, float]]) -> None:
    assert kind(GanConfig(), history(**figures)) == expected


def test_that_a_critic_may_always_be_right() -> None:
    sure = history(real_right=(0.99, 1.0), fake_right=(0.99, 1.0), distance=(60.0, 60.0))
    assert kind(GanConfig(loss="wgan-gp"), sure) is None


def test_that_variety_that_still_grows_is_no_collapse() -> None:
    assert kind(GanConfig(), history(diversity=(0.0, 0.39))) is None


def test_that_a_verdict_has_a_finding_its_evidence_and_one_change() -> None:
    verdict = gan_health(GanConfig(variety=0.0), history(diversity=(0.6, 0.1)))
    assert verdict is not None
    assert verdict.text == f"{verdict.finding} {verdict.evidence} {verdict.advice}"
    assert "%" in verdict.evidence
    assert verdict.advice.startswith("Start a new run with the reward for variety")


def test_that_the_advice_is_never_what_the_run_has_already() -> None:
    sure = history(real_right=(0.97, 1.0), fake_right=(0.97, 1.0), distance=(60.0, 60.0))
    advice = {
        name: verdict.advice
        for name, config in {
            "minimax": GanConfig(loss="minimax"),
            "no r1": GanConfig(r1=0.0),
            "no augmentation": GanConfig(augment="none"),
            "all of it": GanConfig(),
        }.items()
        if (verdict := gan_health(config, sure))
    }
    assert len(advice) == len(set(advice.values())) == 4


def test_that_a_history_averages_over_shares_of_the_run() -> None:
    found = history(margin=(0.0, 100.0))
    assert found.mean("margin", 0.5, 1.0) == pytest.approx(75.0, abs=0.6)
    assert found.mean("margin", 0.0, 0.1) == pytest.approx(5.5, abs=0.6)
    assert len(found.means("margin", 10)) == 10
    assert found.mean("nobody") is None


def test_that_a_long_history_stays_small_and_says_the_same() -> None:
    found = History()
    for step in range(20_000):
        found.add(step, {"margin": float(step)})
    assert len(found.curves["margin"]) <= 4096
    assert found.mean("margin", 0.5, 1.0) == pytest.approx(15_000, rel=0.01)
