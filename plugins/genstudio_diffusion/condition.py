"""What a picture is to be like: told to the denoiser along with the noisy picture."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass(frozen=True)
class Condition:
    """Any of these, or none of them, for each of N pictures.

    labels: int64 (N,) class numbers, -1 for "any". tokens: float (N, T, D), a row for each word of a text, read by
    cross-attention. picture: float (N, C, H, W) in [-1, 1], of the size that is drawn. augmentation: float (N, A), what
    was done to a training picture; None for nothing.
    """

    labels: Tensor | None = None
    tokens: Tensor | None = None
    picture: Tensor | None = None
    augmentation: Tensor | None = None

    def beside(self, other: "Condition") -> "Condition":
        """Both, one batch after the other."""
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return Condition(**{name: None if one is None else torch.cat([one, two]) for name, (one, two) in pairs.items()})

    def any_label(self) -> "Condition":
        """The same, told no label."""
        labels = None if self.labels is None else torch.full_like(self.labels, -1)
        return Condition(labels, self.tokens, self.picture, self.augmentation)
