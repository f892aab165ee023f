"""Steps, spacings and schedules of diffusion against those of a public library, frozen in a file."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from genstudio_diffusion import samplers
from genstudio_diffusion.config import Spacing
from genstudio_diffusion.denoiser import Guess
from genstudio_diffusion.levels import (
    cosine_alphas,
    discrete_levels,
    linear_alphas,
    sigmas_of,
    spaced_steps,
    zero_terminal,
)

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "scheduler_reference.json").read_text())
ALPHAS = linear_alphas()


def unheard(done: int, clean: Tensor) -> None:
    pass


def of(numbers: list[float]) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def clean_of(case: dict[str, Any], *, clip: bool) -> Tensor:
    """The clean picture that a prediction of the noise stands for."""
    alpha = ALPHAS[case["step"]]
    clean = (of(case["x"]) - (1 - alpha).sqrt() * of(case["epsilon"])) / alpha.sqrt()
    return clean.clamp(-1, 1) if clip else clean


def taken(case: dict[str, Any], before: int, *, clip: bool, **how: Any) -> Tensor:
    """One of our steps, from the library's shrunk picture and back to it."""
    alpha, then = ALPHAS[case["step"]], ALPHAS[before] if before >= 0 else torch.tensor(1.0, dtype=torch.float64)
    levels = [float(sigmas_of(alpha)), float(sigmas_of(then))]
    clean, noise = clean_of(case, clip=clip), of(case["noise"])
    x = of(case["x"]) / alpha.sqrt()
    sampler = samplers.ddpm if "variance" in how else samplers.ddim
    return then.sqrt() * sampler(lambda *_: Guess(clean, None), x, levels, unheard, fresh=lambda: noise, **how)


@pytest.mark.parametrize("case", REFERENCE["ddpm"], ids=lambda case: f"{case['variance']}-{case['step']}")
def test_that_a_step_of_ddpm_is_the_librarys(case: dict[str, Any]) -> None:
    after = taken(case, case["step"] - 1, clip=True, variance=case["variance"])
    torch.testing.assert_close(after, of(case["after"]), rtol=0, atol=1e-10)


@pytest.mark.parametrize("case", REFERENCE["ddim"], ids=lambda case: f"{case['eta']}-{case['step']}")
def test_that_a_step_of_ddim_is_the_librarys(case: dict[str, Any]) -> None:
    after = taken(case, case["step"] - 100, clip=False, eta=case["eta"])
    torch.testing.assert_close(after, of(case["after"]), rtol=0, atol=1e-10)


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
def test_that_steps_are_spaced_as_in_the_library(spacing: Spacing) -> None:
    assert spaced_steps(1000, 10, spacing) == REFERENCE["spacings"][spacing]


def test_that_spacings_are_the_published_ones() -> None:
    assert spaced_steps(1000, 10, "leading") == list(range(900, -1, -100))
    assert spaced_steps(1000, 10, "trailing") == list(range(999, 0, -100))
    assert spaced_steps(1000, 10, "linspace") == [999, 888, 777, 666, 555, 444, 333, 222, 111, 0]
    assert spaced_steps(1000, 1, "trailing") == spaced_steps(1000, 1, "linspace") == [999]


@pytest.mark.parametrize(("name", "ours"), [("cosine", cosine_alphas()), ("zero-terminal", zero_terminal(ALPHAS))])
def test_that_schedules_are_the_librarys(name: str, ours: Tensor) -> None:
    for step, alpha in REFERENCE[name].items():
        assert float(ours[int(step)]) == pytest.approx(alpha, rel=2e-5, abs=1e-9)


def test_that_the_linear_schedule_is_the_papers() -> None:
    betas = 1 - ALPHAS / torch.cat([torch.ones(1, dtype=torch.float64), ALPHAS[:-1]])
    torch.testing.assert_close(betas[[0, -1]], of([1e-4, 0.02]))
    assert float(ALPHAS[-1]) == pytest.approx(4.0e-5, rel=0.02)


def test_that_a_zero_terminal_schedule_ends_in_noise_alone_and_begins_where_it_did() -> None:
    ours = zero_terminal(ALPHAS)
    assert float(ours[-1]) == 0
    assert float(ours[0]) == pytest.approx(float(ALPHAS[0]))
    assert discrete_levels(ours, 5, "trailing")[0] == 1e6


def test_that_all_levels_fall_to_zero() -> None:
    for spacing in ("leading", "trailing", "linspace"):
        for steps in (1, 2, 7, 50, 1000, 5000):
            levels = discrete_levels(ALPHAS, steps, spacing)
            assert levels[-1] == 0 and sorted(set(levels), reverse=True) == levels
