"""Telling a model of pixels what to draw."""

import torch
from torch import Tensor, nn


class ClassCondition(nn.Module):
    """A vector for each class, and one more for "any class", learned together with the model.

    The vector for any class is learned from pictures whose label is hidden (`hide`): one network then knows both
    p(x | class) and p(x), and drawing can be guided away from the second (Ho and Salimans 2022).
    """

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.classes = classes
        self.table = nn.Embedding(classes + 1, width)

    def forward(self, labels: Tensor | None, count: int) -> Tensor:
        """Return vectors (N, width) for int64 labels (N,); for None, `count` times the vector of any class."""
        if labels is None:
            labels = torch.full((count,), self.classes, device=self.table.weight.device)
        vectors: Tensor = self.table(labels)
        return vectors

    def hide(self, labels: Tensor, share: float, generator: torch.Generator) -> Tensor:
        """Turn a random share of labels (N,) into "any class"."""
        hidden = torch.rand(labels.shape, generator=generator, device=labels.device) < share
        return torch.where(hidden, self.classes, labels)
