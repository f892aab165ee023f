"""Directions in a latent space that mean something: towards a label, or pictures somebody likes. No torch here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genstudio.core.errors import DataError
from genstudio.generation.points import Latents

Kind = Literal["mean", "boundary"]
"""How a direction is found: from the mean of all to the mean of some, or across the boundary between them."""

_STEPS = 30
_RIDGE = 1.0
_CHANCES = 99  # draws by chance that have to lie less apart


@dataclass(frozen=True, eq=False)
class Direction:
    """A way to go: `unit` float32 (D,) of length 1; pictures are `sigma` (one deviation) apart along it."""

    unit: NDArray[np.float32]
    sigma: float

    def step(self, sigmas: float) -> NDArray[np.float32]:
        """How far that is in the latent space, (D,)."""
        return self.unit * np.float32(sigmas * self.sigma)


def direction(latents: Latents, chosen: NDArray[np.bool_], kind: Kind = "mean") -> Direction:
    """Find the direction towards the chosen ones among latents (N, D). Raises `DataError` when all or none are chosen.

    "mean" points from the mean of all to that of the chosen. "boundary" is at right angles to the plane that parts
    them best (logistic regression with a ridge of one deviation), which leaves other things alone more often but
    looks less typical.
    """
    count = int(chosen.sum())
    if not 0 < count < len(latents):
        raise DataError("A direction needs some pictures that have what it stands for, and some that have not.")
    found = _mean(latents, chosen) if kind == "mean" else _boundary(latents, chosen)
    length = float(np.linalg.norm(found))
    if length < 1e-12:
        raise DataError("The chosen pictures lie just where the others are, so that no direction leads to them.")
    unit = (found / length).astype(np.float32)
    return Direction(unit, float((latents @ unit).std()) or 1.0)


def lie_apart(latents: Latents, chosen: NDArray[np.bool_]) -> bool:
    """Whether the chosen ones among latents (N, D) lie elsewhere than as many drawn by chance would.

    A permutation test of the distance between their mean and that of all, in deviations, at one in a hundred. Where a
    model is told labels beside its latents, latents know nothing of them.
    """
    rows = (latents - latents.mean(0)) / (latents.std(0) + np.float32(1e-9))
    drawn = np.random.default_rng(0).permuted(np.tile(chosen, (_CHANCES, 1)), axis=1)
    distances = np.linalg.norm(np.vstack([chosen, drawn]).astype(np.float32) @ rows, axis=1)
    return bool(distances[0] > distances[1:].max())


def moved(base: NDArray[np.float32], directions: Sequence[Direction], sigmas: Sequence[float]) -> NDArray[np.float32]:
    """Go from a latent (D,) along several directions at once, so many deviations along each."""
    steps = [one.step(amount) for one, amount in zip(directions, sigmas, strict=True) if amount]
    return (base + np.sum(steps, 0, dtype=np.float32)).astype(np.float32) if steps else base


def _mean(latents: Latents, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows = latents.astype(np.float64)
    difference: NDArray[np.float64] = rows[chosen].mean(0) - rows.mean(0)
    return difference


def _boundary(latents: Latents, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Logistic regression by Newton's steps, classes weighted equally, on numbers scaled to one deviation each."""
    rows = latents.astype(np.float64)
    widths = rows.std(0) + 1e-9
    inputs = np.column_stack([(rows - rows.mean(0)) / widths, np.ones(len(rows))])
    goal = chosen.astype(np.float64)
    weights = np.where(chosen, 0.5 / goal.mean(), 0.5 / (1 - goal.mean()))
    ridge = np.full(inputs.shape[1], _RIDGE)
    ridge[-1] = 1e-6  # where the plane lies costs nothing
    found = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        slope = inputs.T @ (weights * (chance - goal)) + ridge * found
        curve = (inputs.T * (weights * chance * (1 - chance))) @ inputs + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-8:
            break
    across: NDArray[np.float64] = found[:-1] / widths
    return across
