"""The loss that pulls a picture and its text together and all others apart, and how often the right one is found."""

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive(fits: Tensor, excused: Tensor, counts: Tensor) -> Tensor:
    """The symmetric loss of the paper (Radford et al. 2021, figure 3) in nats, (N,): each picture's own.

    fits: (N, N), how well picture i (row) and text j (column) fit, times the temperature's inverse. excused: bool
    (N, N), pairs of a picture and a text of another picture that are not held against each other: they are left out
    of both sums, as if they were not in the batch. counts: bool (N,), whose pairs are learned from; the others neither
    count nor stand against anybody.
    """
    alone = torch.eye(len(fits), dtype=torch.bool, device=fits.device)
    missing = (excused | ~counts[:, None] | ~counts) & ~alone
    left = fits.masked_fill(missing, -torch.inf)
    right = torch.arange(len(fits), device=fits.device)
    both = F.cross_entropy(left, right, reduction="none") + F.cross_entropy(left.T, right, reduction="none")
    return both / 2 * counts


def found(fits: Tensor, excused: Tensor, among: int) -> Tensor:
    """1 for each text whose picture is among the `among` that fit it best, else 0, (N,).

    fits: (N, N), rows are pictures. Excused pairs do not compete. A tie counts against the text.
    """
    own = fits.diagonal()
    alone = torch.eye(len(fits), dtype=torch.bool, device=fits.device)
    better = (fits >= own) & ~excused & ~alone  # (N, N): column j compares with text j's own
    return (better.sum(0) < among).float()
