"""A flat layout in which points that are near one another in many dimensions stay near one another. No torch here.

The idea is that of UMAP (McInnes, Healy and Melville 2018), in a small form of our own: edges between nearest
neighbours with fuzzy weights pull their ends together, points drawn by chance push one another apart, both by the
kernel 1 / (1 + d²) of t-SNE, and all points move at once. It begins with the principal axes, and chance has a fixed
seed: the same points always give the same layout.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.generation.latent_map import Places, principal_axes
from genstudio.generation.points import Latents

NEIGHBOURS = 15
_ROUNDS = 250
_STRANGERS = 6
_ELBOW = 0.4
_PATIENCE = 40  # halvings in the search for a point's reach
_MOST_STEP = 0.25
_CHUNK = 512

Told = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class _Edges:
    """Ends (E,) and (E,), and how much each edge pulls, (E,) from 0 to 1."""

    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    weights: NDArray[np.float64]


def neighbour_places(latents: Latents, told: Told = lambda _done, _total: None) -> Places:
    """Lay out latents (N, D), (N, 2). `told` hears how far it is and may raise `Cancelled`."""
    count = len(latents)
    start = principal_axes(latents)
    places = start.project(latents).astype(np.float64) * 10
    if count <= 4:
        return start.project(latents)
    edges = _edges(latents, min(NEIGHBOURS, count - 1))
    random = np.random.default_rng(0)
    speed = np.zeros_like(places)
    for done in range(_ROUNDS):
        told(done, _ROUNDS)
        cooling = 1 - done / _ROUNDS
        force = _pull(places, edges) + _push(places, edges, random)
        speed = 0.5 * speed + _bounded(force, _MOST_STEP * (0.1 + cooling))
        places = places + speed * cooling
    places -= places.mean(0)
    return (places / (2 * np.sqrt((places**2).mean()) or 1.0)).astype(np.float32)


def nearest_neighbours(latents: Latents, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The `count` nearest others of each point and their distances, (N, count) each, nearest first."""
    rows = latents.astype(np.float32)
    squares = (rows**2).sum(1)
    chosen = np.empty((len(rows), count), np.int64)
    distances = np.empty((len(rows), count), np.float64)
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, min(start + _CHUNK, len(rows)))
        apart = squares[part, None] + squares - 2 * rows[part] @ rows.T
        apart[np.arange(apart.shape[0]), np.arange(part.start, part.stop)] = np.inf
        some = np.argpartition(apart, count - 1, axis=1)[:, :count]
        found = np.take_along_axis(apart, some, 1)
        order = found.argsort(1, kind="stable")
        chosen[part] = np.take_along_axis(some, order, 1)
        distances[part] = np.sqrt(np.maximum(np.take_along_axis(found, order, 1), 0))
    return chosen, distances


def _edges(latents: Latents, count: int) -> _Edges:
    """Each point is tied to its neighbours, to the nearest one fully; ties of both ways are joined (w + v - w v)."""
    chosen, distances = nearest_neighbours(latents, count)
    beyond = np.maximum(distances - distances[:, :1], 0)
    weights = np.exp(-beyond / _reach(beyond, np.log2(max(count, 2)))[:, None])
    size = len(latents)
    heads = np.repeat(np.arange(size), count)
    tails = chosen.reshape(-1)
    names = np.concatenate([heads * size + tails, tails * size + heads])
    pairs, where = np.unique(names, return_inverse=True)
    both = np.zeros((2, len(pairs)))
    both[0, where[: len(heads)]] = weights.reshape(-1)
    both[1, where[len(heads) :]] = weights.reshape(-1)
    return _Edges(pairs // size, pairs % size, both.sum(0) - both.prod(0))


def _reach(beyond: NDArray[np.float64], goal: float) -> NDArray[np.float64]:
    """How far each point reaches, so that its ties sum to `goal`; found by halving."""
    low, high = np.zeros(len(beyond)), np.full(len(beyond), beyond.max() * 10 + 1e-6)
    for _ in range(_PATIENCE):
        middle = (low + high) / 2
        much = np.exp(-beyond / np.maximum(middle, 1e-12)[:, None]).sum(1) > goal
        low, high = np.where(much, low, middle), np.where(much, middle, high)
    reach: NDArray[np.float64] = np.maximum(high, 1e-9)
    return reach


def _pull(places: NDArray[np.float64], edges: _Edges) -> NDArray[np.float64]:
    """Neighbours come together, but not nearer than about a third of a unit: on a heap nobody can see pictures."""
    apart = places[edges.tails] - places[edges.heads]
    squares = (apart**2).sum(1)
    strength = edges.weights * (1 / (1 + squares) - _ELBOW / (_ELBOW / 2 + squares))
    return _summed(edges.heads, apart * strength[:, None], len(places))


def _push(places: NDArray[np.float64], edges: _Edges, random: np.random.Generator) -> NDArray[np.float64]:
    """As many strangers for a point as `_STRANGERS` times the weight of its ties."""
    heads = np.repeat(np.arange(len(places)), _STRANGERS)
    tails = random.integers(len(places), size=len(heads))
    ties = np.bincount(edges.heads, edges.weights, len(places))
    apart = places[heads] - places[tails]
    squares = (apart**2).sum(1)
    strength = ties[heads] / ((0.05 + squares) * (1 + squares))
    return _summed(heads, apart * strength[:, None], len(places))


def _summed(where: NDArray[np.int64], what: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.stack([np.bincount(where, what[:, axis], count) for axis in range(2)], 1)


def _bounded(force: NDArray[np.float64], most: float) -> NDArray[np.float64]:
    length = np.linalg.norm(force, axis=1, keepdims=True)
    bounded: NDArray[np.float64] = force * (most / np.maximum(length, most))
    return bounded
