"""Samplers: from noise to pictures along falling levels, each a short function.

All of them see x = x₀ + σ ε and a denoiser D(x, σ), whatever it predicts inside. `levels` fall from the first to 0;
`x` is noise times the first level; `step` is told after each step how many are done, and the clean picture as it is
guessed at so far.

A step without fresh noise keeps the noise ε̂ = (x - D) / σ it sees and shrinks it: x' = D + (σ'/σ)(x - D). That one
line is Euler's step of the probability-flow equation, DDIM with η = 0 and the step of a rectified flow: they differ in
the levels they visit (`karras_levels`, `discrete_levels`, `flow_levels`), not in what they do there. In this form
nothing is divided by a small number or is lost when σ is huge.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

from torch import Tensor

from genstudio_diffusion.config import Variance
from genstudio_diffusion.denoiser import Guess

Denoise = Callable[[Tensor, float], Guess]
"""Noisy pictures (N, C, H, W) and their level to a guess at the clean ones."""

Fresh = Callable[[], Tensor]
"""Draws standard normal noise of the pictures' shape."""


_FRESH = 0.9  # of the noise after a jump; the rest, in the square, is the noise it came from


class Step(Protocol):
    """Hears of every step."""

    def __call__(self, done: int, clean: Tensor) -> None:
        """`done` steps are taken; `clean` is the latest guess."""


def euler(denoise: Denoise, x: Tensor, levels: Sequence[float], step: Step) -> Tensor:
    """Follow the direction at the beginning of each step (Karras et al. 2022, equation 4)."""
    for done, (now, then) in enumerate(pairwise(levels), 1):
        clean = denoise(x, now).clean
        x = clean + then / now * (x - clean)
        step(done, clean)
    return x


def heun(denoise: Denoise, x: Tensor, levels: Sequence[float], step: Step) -> Tensor:
    """Follow the mean of the directions at both ends of each step (Karras et al. 2022, algorithm 1)."""
    for done, (now, then) in enumerate(pairwise(levels), 1):
        clean = denoise(x, now).clean
        ahead = clean + then / now * (x - clean)
        if then > 0:
            there = denoise(ahead, then).clean
            slope = (x - clean) / now, (ahead - there) / then
            ahead = x + (then - now) * (slope[0] + slope[1]) / 2
        x = ahead
        step(done, clean)
    return x


def dpm_solver(denoise: Denoise, x: Tensor, levels: Sequence[float], step: Step) -> Tensor:
    """Continue the guess in a straight line from the last two (Lu et al. 2022, DPM-Solver++(2M), algorithm 2)."""
    before: Tensor | None = None
    last = math.inf
    for done, (now, then) in enumerate(pairwise(levels), 1):
        clean = ahead = denoise(x, now).clean
        if before is not None and then > 0:
            ratio = math.log(last / now) / math.log(now / then)  # of the last step's length to this one's, in ln σ
            ahead = clean + (clean - before) / (2 * ratio)
        x = ahead + then / now * (x - ahead)
        before, last = clean, now
        step(done, clean)
    return x


def ddim(
    denoise: Denoise, x: Tensor, levels: Sequence[float], step: Step, *, eta: float = 0.0, fresh: Fresh | None = None
) -> Tensor:
    """Shrink the noise seen and replace a part of it by fresh noise (Song et al. 2021, equations 12 and 16)."""
    for done, (now, then) in enumerate(pairwise(levels), 1):
        clean = denoise(x, now).clean
        new = eta * then * math.sqrt(1 - (then / now) ** 2)
        x = clean + math.sqrt(then**2 - new**2) / now * (x - clean)
        if new > 0 and fresh is not None:
            x = x + new * fresh()
        step(done, clean)
    return x


def ddpm(
    denoise: Denoise, x: Tensor, levels: Sequence[float], step: Step, *, variance: Variance, fresh: Fresh
) -> Tensor:
    """Draw from q(x_{t-1} | x_t, x₀ = D), with one of three variances (Ho et al. 2020, equations 6 and 7)."""
    for done, (now, then) in enumerate(pairwise(levels), 1):
        clean, spread = denoise(x, now)
        x = clean + (then / now) ** 2 * (x - clean)
        if then > 0:
            x = x + _deviation(now, then, variance, spread) * fresh()
        step(done, clean)
    return x


def _deviation(now: float, then: float, variance: Variance, spread: Tensor | None) -> float | Tensor:
    """Standard deviation of a DDPM step, in units of the unshrunk picture.

    Learned: between the two on a logarithmic scale (Nichol and Dhariwal 2021, equation 15).
    """
    small, large = step_variances(now, then)
    if variance == "learned" and spread is not None:
        return (0.5 * (spread * math.log(large) + (1 - spread) * math.log(small))).exp()
    return math.sqrt(large if variance == "large" else small)


def step_variances(now: float, then: float) -> tuple[float, float]:
    """β̃ and β of a step from one level to a lower one, both divided by ᾱ there: x is not shrunk here."""
    beta = (now**2 - then**2) / (1 + now**2)  # 1 - ᾱ/ᾱ', as ᾱ = 1 / (1 + σ²)
    return then**2 * (1 - (then / now) ** 2), beta * (1 + then**2)


def jumps(denoise: Denoise, x: Tensor, levels: Sequence[float], step: Step, *, fresh: Fresh) -> Tensor:
    """Take each guess for the end, and noise it again to the next level (Song et al. 2023, algorithm 1).

    Most of that noise is fresh, some is the noise it came from (as in Kim et al. 2024, "Consistency trajectory models",
    algorithm 4): a twin that has not learned for long guesses too plainly, and with fresh noise alone every jump is
    plainer than the last (decision 10). For a twin that has learned the ends: see `quick`.
    """
    kept = math.sqrt(1 - _FRESH**2)
    for done, (now, then) in enumerate(pairwise(levels), 1):
        clean = denoise(x, now).clean
        x = clean if then == 0 else clean + then * (kept / now * (x - clean) + _FRESH * fresh())
        step(done, clean)
    return x


def repaint(denoise: Denoise, x: Tensor, levels: Sequence[float], step: Step, rounds: int, fresh: Fresh) -> Tensor:
    """Take every step `rounds` times, noised again to where it began in between (Lugmayr et al. 2022, algorithm 1).

    The paper steps with fresh noise (DDPM's), a thousand times. Where steps are few and large that noise drowns what
    was found, and what is drawn gets plain; Euler's steps keep it, and noising again brings chance enough.
    """
    for done, (now, then) in enumerate(pairwise(levels), 1):
        for turn in range(rounds if then > 0 else 1):
            if turn:
                x = x + math.sqrt(now**2 - then**2) * fresh()
            clean = denoise(x, now).clean
            x = clean + then / now * (x - clean)
        step(done, clean)
    return x


def inverted(denoise: Denoise, x: Tensor, levels: Sequence[float]) -> Tensor:
    """The noise that pictures would be drawn from: Heun's steps backwards, from the lowest level to the highest.

    `levels` as for drawing. The first step, from no noise, takes the guess at the lowest level for the direction.
    Returns noise of about unit variance (Song et al. 2021, section 4.3, for DDIM).
    """
    rising = list(levels[-2::-1])
    for now, then in pairwise(rising):
        slope = (x - denoise(x, now).clean) / now
        there = (x + (then - now) * slope - denoise(x + (then - now) * slope, then).clean) / then
        x = x + (then - now) * (slope + there) / 2
    return x / rising[-1]
