"""Muon: steps in which a matrix turns in all directions alike.

The gradient of a matrix mostly points along a few directions, and so do Adam's steps; whatever lies along the others is
learned slowly. Muon (Jordan et al. 2024, "Muon, an optimizer for hidden layers in neural networks") keeps a momentum
and steps along the nearest orthogonal matrix to it, U Vᵀ of its singular value decomposition U S Vᵀ: all directions are
learned at one pace. It is for matrices between layers of features, kernels of convolutions included, which count as
matrices (outputs, inputs · places). First and last layers, tables of labels, biases and gains are AdamW's.

Steps are scaled to the size of AdamW's, 0.2 in the root mean square, so that one learning rate serves both (Liu et al.
2025, "Muon is scalable for LLM training", equation 4).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genstudio.nn.precision import halves

MOMENTUM = 0.95
_SIZE = 0.2
_ROUNDS = 5
_A, _B, _C = 3.4445, -4.7750, 2.0315  # steep at 0: after five rounds 0.01 and 1 are both near 1 (Jordan et al.)
_LEAST = 1e-14  # of a squared norm


def orthogonalised(stacks: Sequence[Tensor]) -> list[Tensor]:
    """Stacks of matrices (B, rows, columns) to nearly U Vᵀ of each: singular values of 0.68 to 1.14.

    With X of norm 1, Newton and Schulz's rounds take X to Q X, Q = a + b A + c A² and A = X Xᵀ. All Q commute, so that
    it is enough to follow the square A, which becomes Q A Q, and to multiply X once in the end: with kernels, whose
    rows are long, a third of the work, and stacks of as many rows go together. It needs all digits of float32, for A
    holds the squares of small singular values; where products have fewer (cards with TF32) X itself is followed.
    """
    wide = [stack if stack.shape[1] <= stack.shape[2] else stack.mT for stack in stacks]
    if stacks and stacks[0].device.type == "cpu":
        turned = [turn @ x for turn, x in zip(_turns([x @ x.mT for x in wide]), wide, strict=True)]
    else:
        turned = [_followed(x) for x in wide]
    return [found if x is stack else found.mT for found, x, stack in zip(turned, wide, stacks, strict=True)]


def _turns(squares: list[Tensor]) -> list[Tensor]:
    """For stacks of X Xᵀ, (B, n, n), what X has to be multiplied by."""
    sizes = [square.shape[1] for square in squares]
    together = {size: torch.cat([one for one in squares if one.shape[1] == size]) for size in dict.fromkeys(sizes)}
    counts = {size: [len(one) for one in squares if one.shape[1] == size] for size in together}
    turns = {size: iter(torch.split(_turn(square), counts[size])) for size, square in together.items()}
    return [next(turns[size]) for size in sizes]


def _turn(squares: Tensor) -> Tensor:
    """The same for one stack: the product of all Q, and one over the norm of X."""
    norm = squares.diagonal(dim1=1, dim2=2).sum(1).clamp_min(_LEAST)[:, None, None]
    a, total = squares / norm, torch.eye(squares.shape[1], device=squares.device) / norm.sqrt()
    for left in reversed(range(_ROUNDS)):
        q = torch.baddbmm(a, a, a, beta=_B, alpha=_C)
        q.diagonal(dim1=1, dim2=2).add_(_A)
        total = q.bmm(total)
        a = q.bmm(a).bmm(q) if left else a
    return total


def _followed(x: Tensor) -> Tensor:
    """Wide matrices, round by round, of bfloat16 numbers where a card has them: the result need not be exact."""
    rows: Tensor = x / torch.linalg.vector_norm(x, dim=(1, 2), keepdim=True).clamp_min(math.sqrt(_LEAST))
    rows = rows.bfloat16() if x.device.type != "cpu" and halves(x.device) else rows
    for _ in range(_ROUNDS):
        a = rows @ rows.mT
        rows = torch.baddbmm(rows, torch.baddbmm(a, a, a, beta=_B, alpha=_C), rows, beta=_A)
    return rows.to(x.dtype)


class Muon:
    """The momentum of every matrix, on the device, those of one shape in one tensor: they are turned together."""

    def __init__(self, parameters: Sequence[nn.Parameter], weight_decay: float) -> None:
        if any(parameter.ndim < 2 for parameter in parameters):
            raise ValueError("only matrices and kernels have directions that can be made orthogonal")
        self._parameters, self._weight_decay = parameters, weight_decay
        shapes = [_rows(parameter).shape for parameter in parameters]
        self._groups = [
            _Group(chosen := [i for i, each in enumerate(shapes) if each == shape], _nothing(parameters, chosen))
            for shape in dict.fromkeys(shapes)
        ]

    @property
    def momenta(self) -> list[Tensor]:
        """In the order of the parameters, each (rows, columns) and a view into the state."""
        found = {i: row for group in self._groups for i, row in zip(group.chosen, group.momentum, strict=True)}
        return [found[i] for i in range(len(self._parameters))]

    @property
    def device(self) -> torch.device:
        """Where the momentum is."""
        return self._groups[0].momentum.device

    def move(self, device: torch.device) -> None:
        """Follow the parameters to another device."""
        for group in self._groups:
            group.momentum = group.momentum.to(device)

    def step(self, gradients: Sequence[Tensor], rate: float, blocked: Tensor) -> None:
        """Update in place, or leave everything as it is where `blocked` (a bool scalar on the device) is set."""
        pace = rate * blocked.logical_not()
        directions = orthogonalised([group.ahead(gradients, blocked) for group in self._groups])
        for group, direction in zip(self._groups, directions, strict=True):
            changes = direction * (pace * _SIZE * math.sqrt(max(direction.shape[1:])))
            for i, change in zip(group.chosen, changes, strict=True):
                parameter = self._parameters[i]
                if self._weight_decay:
                    parameter.mul_(1 - pace * self._weight_decay)
                parameter.sub_(_like(parameter, change))


@dataclass
class _Group:
    """Matrices of one shape: where they stand among all, and their momentum, (B, rows, columns)."""

    chosen: list[int]
    momentum: Tensor

    def ahead(self, gradients: Sequence[Tensor], blocked: Tensor) -> Tensor:
        """Take in gradients, and look a step ahead (Nesterov's momentum)."""
        news = torch.stack([_rows(gradients[i]) for i in self.chosen])
        news = torch.where(blocked, self.momentum, news)  # the momentum then stays as it is
        self.momentum.lerp_(news, 1 - MOMENTUM)
        return news.lerp_(self.momentum, MOMENTUM)


def _nothing(parameters: Sequence[nn.Parameter], chosen: list[int]) -> Tensor:
    return torch.stack([torch.zeros_like(_rows(parameters[i].detach())) for i in chosen])


def _rows(tensor: Tensor) -> Tensor:
    """(outputs, inputs, height, width) to (outputs, height · width · inputs): the order it lies in, channels last."""
    return tensor.movedim(1, -1).flatten(1) if tensor.ndim > 2 else tensor


def _like(parameter: Tensor, rows: Tensor) -> Tensor:
    """Back again."""
    if parameter.ndim == 2:
        return rows
    return rows.view(parameter.shape[0], *parameter.shape[2:], parameter.shape[1]).movedim(-1, 1)
