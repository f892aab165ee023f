"""What a picture is to be like: told to the denoiser along with the noisy picture."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor, nn

from genstudio.nn.transfer import sent

_LOOKED_AT = 256  # numbers of the noise that decide about its label


@dataclass(frozen=True)
class Condition:
    """Any of these, or none of them, for each of N pictures.

    labels: int64 (N,) class numbers, -1 for "any". tokens: float (N, T, D), a row for each word of a text, read by
    cross-attention; known: bool (N, T), where there is one, nowhere for no text; whole: float (N, E), all of the text.
    picture: float (N, C, H, W) in [-1, 1], of the size that is drawn. augmentation: float (N, A), what was done to a
    training picture; None for nothing.
    """

    labels: Tensor | None = None
    tokens: Tensor | None = None
    known: Tensor | None = None
    whole: Tensor | None = None
    picture: Tensor | None = None
    augmentation: Tensor | None = None

    def beside(self, other: "Condition") -> "Condition":
        """Both, one batch after the other."""
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return Condition(**{name: None if one is None else torch.cat([one, two]) for name, (one, two) in pairs.items()})

    def part(self, part: slice) -> "Condition":
        """That of some of the pictures."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return Condition(**{name: None if one is None else one[part] for name, one in told.items()})

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        return self.labels is not None or self.tokens is not None

    def unasked(self) -> "Condition":
        """The same, told no label and no text."""
        labels = None if self.labels is None else torch.full_like(self.labels, -1)
        return replace(self, labels=labels, known=None if self.known is None else torch.zeros_like(self.known))


def worded(texts: Sequence[str], device: torch.device) -> Tensor:
    """Which of N texts have a word, bool (N,)."""
    return sent(torch.tensor([bool(text.strip()) for text in texts]), device)


class Leaning(nn.Module):
    """A label for noise that has none: which of as many fixed directions it leans to most.

    A model that was told labels draws better with one than without. Taken from the noise itself, the label is the same
    whenever the same noise is drawn from, and changes once on the way from one noise to another.
    """

    directions: Tensor

    def __init__(self, classes: int, dimensions: int) -> None:
        super().__init__()
        self.every = max(1, dimensions // _LOOKED_AT)
        seen = -(-dimensions // self.every)
        fixed = torch.randn(seen, classes, generator=torch.Generator().manual_seed(0))
        self.register_buffer("directions", fixed / fixed.norm(dim=0), persistent=False)

    def of(self, noise: Tensor, labels: Tensor | None) -> Tensor:
        """Labels (N,) for standard normal noise (N, ...), all as likely; those that are given stay."""
        leaning = (noise.flatten(1)[:, :: self.every] @ self.directions).argmax(1)
        return leaning if labels is None else torch.where(labels < 0, leaning, labels)
