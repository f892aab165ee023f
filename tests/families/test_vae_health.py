"""Collapse is named when it happens, with what to do, and not when all is well."""

import pytest

from genstudio.api import History
from genstudio_vae.config import VaeConfig
from genstudio_vae.health import collapsed, crowded
from genstudio_vae.relatives import VqConfig

CONFIG = VaeConfig(images=10_000, batch_size=16)


def history(**curves: list[float]) -> History:
    """Figures reported at even distances over a whole run."""
    told = History()
    length = len(next(iter(curves.values())))
    for index in range(length):
        told.add(10_000 * (index + 1) // length, {name: values[index] for name, values in curves.items()})
    return told


def test_that_silent_latents_are_named_with_figures_and_one_change() -> None:
    verdict = collapsed(CONFIG, history(kl=[9.0, 3.0, 0.5, 0.2, 0.1], active=[5.0, 2.0, 1.0, 0.0, 0.0]))
    assert verdict is not None
    assert verdict.kind == "posterior collapse"
    assert "Of 32 latents 0 say something, together 0.1" in verdict.evidence
    assert "Free information" in verdict.advice


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"beta": 16.0}, "Beta at 4 in place of 16"),
        ({"free_bits": 0.2}, "warm-up"),
        ({"free_bits": 0.2, "warmup": 0.5}, "learning rate"),
    ],
)
def test_that_the_change_suggested_fits_the_config(changes: dict[str, object], advice: str) -> None:
    verdict = collapsed(CONFIG.replaced(changes), history(kl=[0.1] * 5, active=[0.0] * 5))
    assert verdict is not None
    assert advice in verdict.advice


def test_that_talkative_latents_and_the_beginning_of_a_run_are_left_alone() -> None:
    assert collapsed(CONFIG, history(kl=[0.1, 5.0, 40.0, 60.0], active=[0.0, 3.0, 20.0, 32.0])) is None
    assert collapsed(CONFIG, History()) is None
    early, brief = History(), History()
    early.add(1_000, {"kl": 0.0, "active": 0.0})
    brief.add(10_000, {"kl": 0.0, "active": 0.0})
    assert collapsed(CONFIG, early) is None
    assert collapsed(CONFIG.replaced({"batch_size": 64}), brief) is None, "so few steps say nothing"


def test_that_unused_codes_are_named() -> None:
    config = VqConfig(images=10_000, codes=256, batch_size=16)
    verdict = crowded(config, history(used=[3.0, 3.0, 3.0, 2.0]))
    assert verdict is not None
    assert "Of 256 codes pictures make use of about 2" in verdict.evidence
    assert crowded(config, history(used=[3.0, 20.0, 60.0, 80.0])) is None
