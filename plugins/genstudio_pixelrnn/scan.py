"""An LSTM going through pictures step by step, as one node of autograd.

Through plain autograd every step of the recurrence leaves a dozen nodes behind, each with tensors of its own. Here all
states lie in a few tensors that are filled step by step, the way back is written out by hand, and the gradient of the
state-to-state weights is one matrix product at the end.

With h' and c' for what a place sees of the step before (van den Oord et al. 2016, equation 3):

    [o, f, i, g] = [σ, σ, σ, tanh](input + K h')        c = f c' + i g        h = o tanh(c)
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .courses import Link, Steps


def scan(inputs: Tensor, bias: Tensor, weight: Tensor, steps: Steps) -> Tensor:
    """Return h (G, places * B, h) of G scans side by side, each with weights of its own. Differentiable once.

    inputs: (G, places * B, 4 h), what the gates o, f, i, g get from the input, places in the order of the steps.
    bias: (G, B, 4 h), for each of B pictures. weight: (G, taps * h, 4 h), the state-to-state convolution.
    """
    hidden: Tensor = _Scan.apply(inputs, bias, weight, steps)  # type: ignore[no-untyped-call] # torch's own
    return hidden


def open_gates(gates: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Turn (..., 4 h) into o, f, i and g, each (..., h), in place."""
    each = gates.shape[-1] // 4
    gates[..., : 3 * each].sigmoid_()
    gates[..., 3 * each :].tanh_()
    o, f, i, g = gates.chunk(4, -1)
    return o, f, i, g


class _Context(Protocol):
    """What autograd keeps until the way back."""

    steps: Steps
    count: int
    saved_tensors: tuple[Tensor, ...]

    def save_for_backward(self, *tensors: Tensor) -> None: ...


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: _Context, inputs: Tensor, bias: Tensor, weight: Tensor, steps: Steps) -> Tensor:
        groups, rows, wide = inputs.shape
        gates, hidden = torch.empty_like(inputs), inputs.new_empty(groups, rows, wide // 4)
        memory, squashed = torch.zeros_like(hidden), torch.empty_like(hidden)
        seen = inputs.new_zeros(groups, rows, weight.shape[1])
        states = (inputs, seen, gates, memory, squashed, hidden)
        by_step = zip(*(torch.split(x, list(steps.sizes), 1) for x in states), strict=True)
        there = [_There(*parts) for parts in by_step]
        for now, after, links in zip(there, [*there[1:], None], [*steps.links, ()], strict=True):
            _advance(now, bias, weight)
            if after is not None:
                _hand_on(now, after, links, steps.carry)
        ctx.steps, ctx.count = steps, bias.shape[1]
        ctx.save_for_backward(weight, seen, gates, memory, squashed)
        return hidden

    @staticmethod
    @once_differentiable
    def backward(ctx: _Context, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        weight, seen, gates, memory, squashed = ctx.saved_tensors
        steps, turned = ctx.steps, weight.transpose(1, 2).contiguous()
        d_gates, d_memory = torch.empty_like(gates), torch.zeros_like(memory)
        d_hidden = gradient.clone(memory_format=torch.contiguous_format)
        states = (gates, memory, squashed, d_gates, d_memory, d_hidden)
        by_step = zip(*(torch.split(x, list(steps.sizes), 1) for x in states), strict=True)
        back = [_Back(*parts) for parts in by_step]
        for now, before, links in zip(back[::-1], [*back[-2::-1], None], [*steps.links[::-1], ()], strict=True):
            _retreat(now)
            if before is not None:
                _hand_back(now, before, links, steps.carry, now.d_gates @ turned)
        d_bias = d_gates.view(len(gates), -1, ctx.count, gates.shape[2]).sum(1)
        return d_gates, d_bias, seen.transpose(1, 2) @ d_gates, None


class _There(NamedTuple):
    """One step's part of all states on the way there: (G, rows, features), views.

    memory: until the step is taken, what is handed on to it.
    """

    inputs: Tensor
    seen: Tensor
    gates: Tensor
    memory: Tensor
    squashed: Tensor
    hidden: Tensor


def _advance(now: _There, bias: Tensor, weight: Tensor) -> None:
    """Take one step."""
    by_picture = (len(bias), -1, *bias.shape[1:])
    torch.add(now.inputs.view(by_picture), bias[:, None], out=now.gates.view(by_picture))
    now.gates.baddbmm_(now.seen, weight)
    o, f, i, g = open_gates(now.gates)
    now.memory.mul_(f).addcmul_(i, g)
    torch.tanh(now.memory, out=now.squashed)
    torch.mul(o, now.squashed, out=now.hidden)


def _hand_on(now: _There, after: _There, links: Sequence[Link], carry: int) -> None:
    """Put what the next step sees in its place."""
    for link, seen in zip(links, after.seen.chunk(len(links), -1), strict=True):
        seen[:, link.target] = now.hidden[:, link.source]
    after.memory[:, links[carry].target] = now.memory[:, links[carry].source]


class _Back(NamedTuple):
    """One step's part of all states and gradients on the way back: (G, rows, features), views.

    d_memory, d_hidden: until the step is taken back, what came from the step after it and from outside.
    """

    gates: Tensor
    memory: Tensor
    squashed: Tensor
    d_gates: Tensor
    d_memory: Tensor
    d_hidden: Tensor


def _retreat(now: _Back) -> None:
    """Take one step back: fill `d_gates`, the gradient of what goes into the gates."""
    o, _, i, g = now.gates.chunk(4, -1)
    d_o, d_f, d_i, d_g = now.d_gates.chunk(4, -1)
    now.d_memory.add_(torch.ops.aten.tanh_backward(now.d_hidden * o, now.squashed))
    torch.mul(now.d_hidden * o, now.squashed, out=d_o)
    torch.mul(i, g, out=d_i)
    torch.sub(now.memory, d_i, out=d_f)  # f c', without keeping c'
    d_i.mul_(now.d_memory)
    d_f.mul_(now.d_memory)
    valves = now.d_gates[..., : -g.shape[-1]]
    valves.addcmul_(valves, now.gates[..., : -g.shape[-1]], value=-1)  # σ' = σ (1 - σ)
    torch.ops.aten.tanh_backward.grad_input(now.d_memory * i, g, grad_input=d_g)


def _hand_back(now: _Back, before: _Back, links: Sequence[Link], carry: int, d_seen: Tensor) -> None:
    """Add what the step before is answerable for to its gradients."""
    for link, part in zip(links, d_seen.chunk(len(links), -1), strict=True):
        before.d_hidden[:, link.source] += part[:, link.target]
    f, link = now.gates.chunk(4, -1)[1], links[carry]
    torch.mul(now.d_memory[:, link.target], f[:, link.target], out=before.d_memory[:, link.source])
