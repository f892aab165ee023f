"""A flat map of a latent space, on which every place has a latent: the empty ones too. No torch here."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genstudio.generation.points import Latents

Places = NDArray[np.float32]
"""float32 (N, 2): where pictures lie on a map; a map is about one unit wide in each direction from its middle."""

Layout = Literal["neighbours", "axes"]
"""How a map is drawn: so that what is alike lies together, or along the two axes along which pictures differ most."""

NEAREST = 10
"""How many pictures have a say in what lies between them."""


@dataclass(frozen=True, eq=False)
class Axes:
    """The principal axes of latents: `mean` (D,), `axes` (2, D) of length 1, and the `width` of a unit of the map."""

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    width: float

    def project(self, latents: Latents) -> Places:
        """Where latents (N, D) lie on the map, (N, 2)."""
        places: Places = ((latents - self.mean) @ self.axes.T / self.width).astype(np.float32)
        return places

    def on_plane(self, places: Places) -> Latents:
        """The latents (N, D) of places (N, 2) in the plane of the two axes."""
        latents: Latents = (places @ self.axes * np.float32(self.width) + self.mean).astype(np.float32)
        return latents


def principal_axes(latents: Latents, count: int = 2) -> Axes:
    """Find the axes along which latents (N, D) differ most (principal component analysis).

    They come from the smaller of the two products of the centred latents with themselves. An axis points to where its
    largest number is positive, so that the same latents always give the same map.
    """
    mean = latents.mean(0, dtype=np.float64)
    centred = latents.astype(np.float64) - mean
    if centred.shape[0] < centred.shape[1]:
        _, left = np.linalg.eigh(centred @ centred.T)
        axes = left[:, ::-1][:, :count].T @ centred
    else:
        _, right = np.linalg.eigh(centred.T @ centred)
        axes = right[:, ::-1][:, :count].T
    axes = _padded(axes, count)
    axes /= np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-12)
    axes *= np.sign(axes[np.arange(count), np.abs(axes).argmax(1)])[:, None]
    width = 2 * float(np.sqrt(((centred @ axes.T) ** 2).mean())) or 1.0
    return Axes(mean.astype(np.float32), axes.astype(np.float32), width)


def _padded(axes: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """A latent of one number has only one axis; the other one leads nowhere."""
    return np.pad(axes, ((0, count - len(axes)), (0, 0)))


_LOOK_EDGE = 16


def looks(pictures: NDArray[np.uint8]) -> Latents:
    """What pictures uint8 (N, H, W, C) look like from afar, (N, K): numbers of which alike pictures have alike ones.

    Each is a mean over a few pixels, on white where a picture is clear.
    """
    count, height, width, channels = pictures.shape
    seen = pictures.astype(np.float32) / 255
    if channels == 4:
        seen = seen[..., :3] * seen[..., 3:] + (1 - seen[..., 3:])
    for axis, side in ((1, height), (2, width)):
        edges = np.linspace(0, side, min(side, _LOOK_EDGE), endpoint=False).astype(np.int64)
        lengths = np.diff(edges, append=side).astype(np.float32)
        shape = (1, -1, 1, 1) if axis == 1 else (1, 1, -1, 1)
        seen = np.add.reduceat(seen, edges, axis) / lengths.reshape(shape)
    return np.ascontiguousarray(seen.reshape(count, -1), np.float32)


class LatentMap:
    """Latents (N, D) with their places (N, 2) on a map, and the way back from any place.

    With `looks` (N, K) pictures that look alike lie together, whatever their latents are; new ones are found a place by
    what they look like. That is for models whose latents are noise, of which neighbours have nothing in common.

    On a map along axes the way back is exact in the plane; what the plane does not hold comes from the nearest
    pictures. On a map of neighbours all of it does. At a picture's own place the way back leads to that picture.
    """

    def __init__(self, latents: Latents, places: Places, axes: Axes | None, looks: Latents | None = None) -> None:
        self.latents, self.places, self.axes, self.looks = latents, places, axes, looks
        self._mean = latents.mean(0)
        self._rest = latents - (self._mean if axes is None else axes.on_plane(axes.project(latents)))

    @classmethod
    def along_axes(cls, latents: Latents) -> "LatentMap":
        """Draw the map along the two principal axes."""
        axes = principal_axes(latents)
        return cls(latents, axes.project(latents), axes)

    def __len__(self) -> int:
        return len(self.latents)

    def nearest(self, place: tuple[float, float]) -> int:
        """The picture nearest to a place."""
        return int(self._squares(place).argmin())

    def likeliest(self, place: tuple[float, float], labels: NDArray[np.int64]) -> tuple[int, float] | None:
        """The label that the nearest pictures have at a place, and how much of their say it has, 0 to 1.

        labels: int64 (N,), below 0 where there is none. None when none of the nearest has one.
        """
        chosen, weights = self._weights(place)
        known = labels[chosen] >= 0
        if not known.any():
            return None
        says = np.bincount(labels[chosen][known], weights[known])
        return int(says.argmax()), float(says.max() / weights.sum())

    def lift(self, place: tuple[float, float]) -> NDArray[np.float32]:
        """The latent (D,) at a place: continuous, and a picture's own latent at its place.

        The nearest pictures are weighted so that the furthest of them counts nothing (Franke and Little's variant of
        Shepard's interpolation). What they have in common would be shorter than any of them and so look washed out:
        it is brought to the length they have on average.
        """
        chosen, weights = self._weights(place)
        rest = self._rest[chosen]
        mixed = weights @ rest
        length, wanted = float(np.linalg.norm(mixed)), float(weights @ np.linalg.norm(rest, axis=1))
        if length > 0.1 * wanted:
            mixed = mixed * np.float32(wanted / length)
        if self.axes is None:
            return np.asarray(self._mean + mixed, np.float32)
        return np.asarray(self.axes.on_plane(np.array([place], np.float32))[0] + mixed, np.float32)

    def locate(self, latents: Latents, pictures: NDArray[np.uint8] | None = None) -> Places:
        """Where other latents (N, D) lie: exactly on a map along axes, else among those they are nearest to.

        pictures: uint8 (N, H, W, C), what is drawn there; on a map of looks they say what is nearest.
        """
        if self.axes is not None:
            return self.axes.project(latents)
        known, new = self.latents, latents
        if self.looks is not None and pictures is not None:
            known, new = self.looks, looks(pictures)
        found = [self._among(((known - one) ** 2).sum(1)) for one in new]
        return np.array(found, np.float32).reshape(-1, 2)

    def _among(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        chosen, weights = _shepard(squares, 3)
        place: NDArray[np.float32] = weights @ self.places[chosen]
        return place

    def _weights(self, place: tuple[float, float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return _shepard(self._squares(place), NEAREST)

    def _squares(self, place: tuple[float, float]) -> NDArray[np.float32]:
        squares: NDArray[np.float32] = ((self.places - np.array(place, np.float32)) ** 2).sum(1)
        return squares


def _shepard(squares: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The nearest of all by their squared distances, and their weights, which sum to 1."""
    count = min(count, len(squares) - 1)
    if count < 1:
        return np.zeros(1, np.int64), np.ones(1, np.float32)
    chosen = np.argpartition(squares, count)[: count + 1]
    chosen = chosen[np.argsort(squares[chosen], kind="stable")].astype(np.int64)
    distances = np.sqrt(squares[chosen].astype(np.float64))
    if distances[0] < 1e-7:
        return chosen[:1], np.ones(1, np.float32)
    radius = distances[-1] * (1 + 1e-9)
    weights = ((radius - distances) / (radius * distances)) ** 2
    return chosen, (weights / weights.sum()).astype(np.float32)
