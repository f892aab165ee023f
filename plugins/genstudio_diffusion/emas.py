"""Averages of the weights whose length is chosen after training (Karras et al. 2024, "EDM2", section 3).

A power-function average forgets in proportion to how long training has gone on: after t updates the weights of update
τ count in proportion to τ^γ. Its length is the standard deviation of that profile as a share of the run. Two of them,
one short, one long, are kept while training; a mixture of both has nearly the profile of any length near theirs.
"""

import copy
import math

import numpy as np
import torch
from torch import Tensor

from genstudio.api import Ema
from genstudio_diffusion.denoiser import Denoiser

SHORT, LONG = 0.05, 0.10


def exponent(length: float) -> float:
    """γ of a length (equation 3.4 there): length² = (γ + 1) / ((γ + 2)² (γ + 3))."""
    t = length**-2
    return float(max(root.real for root in np.roots([1, 7, 16 - t, 12 - t]) if abs(root.imag) < 1e-9))


def share_of_long(length: float) -> float:
    """How much of the long average to mix into the short one, so that the profile is the nearest to a length's.

    Least squares over profiles (γ + 1) τ^γ on [0, 1], whose inner products are (γ + 1)(η + 1) / (γ + η + 1); the two
    shares add up to 1.
    """
    one, two, wanted = (exponent(each) for each in (SHORT, LONG, length))

    def product(a: float, b: float) -> float:
        return (a + 1) * (b + 1) / (a + b + 1)

    apart = product(one, one) - 2 * product(one, two) + product(two, two)
    return (product(one, one) - product(one, two) - product(one, wanted) + product(two, wanted)) / apart


class PowerEma(Ema[Denoiser]):
    """One power-function average: β = (1 - 1/t)^(γ + 1) at update t."""

    def __init__(self, module: Denoiser, length: float) -> None:
        super().__init__(module)
        self._power = exponent(length) + 1

    def pull(self) -> Tensor:
        """How far the next update moves towards the source; all the way at the first."""
        return 1 - (1 - 1 / (self.updates + 1)) ** self._power


class TwoEmas(PowerEma):
    """The short average, with the long one as `long`."""

    def __init__(self, module: Denoiser) -> None:
        super().__init__(module, SHORT)
        self.long = PowerEma(module, LONG)

    @torch.no_grad()
    def update(self, blocked: Tensor) -> None:
        """Update both."""
        super().update(blocked)
        self.long.update(blocked)

    @torch.no_grad()
    def at(self, length: float) -> Denoiser:
        """The denoiser whose weights are averaged over (nearly) this length; it may be one of the two themselves."""
        share = share_of_long(length)
        if math.isclose(share, 0, abs_tol=1e-9):
            return self.module
        if math.isclose(share, 1, abs_tol=1e-9):
            return self.long.module
        mixed = copy.deepcopy(self.module)
        for mine, theirs in zip(mixed.parameters(), self.long.module.parameters(), strict=True):
            mine.lerp_(theirs, share)
        return mixed
