"""Telling a model of pixels what to draw."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Condition(nn.Module):
    """What is known about a picture as one vector: its class, its embedding, both, or nothing.

    A vector for each class, and one more for "any class", learned together with the model; classes may be none. An
    embedding, `embedding` numbers that came with the picture (0: there are none), adds what a linear layer makes of
    it; one that is not known adds nothing. What is not known is learned from pictures of which it is hidden (`hide`):
    one network then knows both p(x | what is known) and p(x), and drawing can be guided away from the second (Ho and
    Salimans 2022).
    """

    def __init__(self, classes: int, width: int, embedding: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.table = nn.Embedding(classes + 1, width)
        self.project = nn.Linear(embedding, width) if embedding else None

    def forward(
        self, labels: Tensor | None, count: int, embeddings: Tensor | None = None, known: Tensor | None = None
    ) -> Tensor:
        """Return vectors (N, width) for int64 labels (N,), None for `count` times any, and float32 embeddings (N, D).

        known: bool (N,), whose embeddings count; all if None.
        """
        if labels is None:
            labels = torch.full((count,), self.classes, device=self.table.weight.device)
        vectors: Tensor = self.table(labels)
        if self.project is None or embeddings is None:
            return vectors
        told = self.project(embeddings)
        return vectors + (told if known is None else torch.where(known[:, None], told, 0))

    def hide(self, labels: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Turn a random share of labels (N,) into "any class"; returns them, and where that was done, bool (N,)."""
        hidden = torch.rand(labels.shape, generator=generator, device=labels.device) < share
        return torch.where(hidden, self.classes, labels), hidden


class Scene(nn.Module):
    """What is known about a picture, spread over its places: s = m(h) (van den Oord et al. 2016b, section 2.3).

    A class does not only say what is drawn but where; and with no classes at all, what tends to be where. The vector
    becomes features at half the height and width, which a transposed convolution brings to the full size.
    """

    def __init__(self, condition: int, features: int, height: int, width: int) -> None:
        super().__init__()
        self.size, self.features = (height, width), features
        self.coarse = (features, (height + 1) // 2, (width + 1) // 2)
        self.spread = nn.Linear(condition, math.prod(self.coarse))
        self.grow = nn.ConvTranspose2d(features, features, 4, stride=2, padding=1)

    def forward(self, condition: Tensor | None) -> Tensor:
        """(B, condition) to (B, features, H, W)."""
        assert condition is not None
        height, width = self.size
        grown: Tensor = self.grow(F.relu(self.spread(condition)).view(-1, *self.coarse))
        return grown[:, :, :height, :width]
