"""Children of favourite points: pairs of parents are crossed, and every child strays a little by chance.

Chance enters as fresh draws from the model's own prior, so that children stay where the model knows pictures, whatever
its prior looks like.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.core.seeds import mixed_seed
from genstudio.generation.interpolate import slerp
from genstudio.generation.points import Point


def children(parents: Sequence[Point], strangers: Sequence[Point], *, strength: float, seed: int) -> list[Point]:
    """Make as many children as there are strangers (fresh draws from the prior).

    A child of one parent goes `strength` (0 to 1) of the way towards its stranger along a great circle; with several
    parents, two of them are crossed before: half of the children lie on the way between the two, the other half take
    each number from either. The same seed gives the same children.
    """
    random = np.random.default_rng(mixed_seed("evolve", seed))
    return [_child(parents, stranger, strength, random) for stranger in strangers]


def _child(parents: Sequence[Point], stranger: Point, strength: float, random: np.random.Generator) -> Point:
    first = parents[int(random.integers(len(parents)))]
    latent = first.flat
    if len(parents) > 1:
        others = [parent for parent in parents if parent is not first]
        latent = _crossed(latent, others[int(random.integers(len(others)))].flat, random)
    return first.at(_towards(latent, stranger.flat, strength))


def _crossed(one: NDArray[np.float32], other: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    if random.random() < 0.5:
        return _towards(one, other, float(random.uniform(0.25, 0.75)))
    return np.where(random.random(one.shape) < 0.5, one, other)


def _towards(one: NDArray[np.float32], other: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    way: NDArray[np.float32] = slerp(
        torch.from_numpy(np.array(one)), torch.from_numpy(np.array(other)), torch.tensor([share])
    )[0].numpy()
    return way
