"""Adding up losses on the device, and reading them about ten times a second."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor


class Meter:
    """Means of the scalars that steps return. `add` never waits for the device, `take` does."""

    def __init__(self) -> None:
        self.steps = 0
        self._names: tuple[str, ...] = ()
        self._sums: Tensor | None = None

    @torch.no_grad()
    def add(self, values: Mapping[str, Tensor]) -> None:
        """Add one step's scalars; every step must name the same ones."""
        self.steps += 1
        if not values:
            return
        column = torch.stack([value.detach() for value in values.values()])
        if self._sums is None:
            self._names, self._sums = tuple(values), column.float()
        else:
            if tuple(values) != self._names:
                raise ValueError(f"a step reported {', '.join(values)}; earlier ones {', '.join(self._names)}")
            self._sums += column

    def take(self) -> dict[str, float]:
        """Return the means since the last call and begin anew."""
        steps, sums = self.steps, self._sums
        self.steps, self._sums = 0, None
        if sums is None:
            return {}
        return dict(zip(self._names, (sums / steps).tolist(), strict=True))


def first_not_finite(values: Mapping[str, float]) -> str | None:
    """The name of the first figure that is not a finite number."""
    return next((name for name, value in values.items() if not math.isfinite(value)), None)


def only_finite(values: Mapping[str, float]) -> dict[str, float]:
    """The figures that are finite numbers."""
    return {name: value for name, value in values.items() if math.isfinite(value)}
