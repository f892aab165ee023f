"""An exponential moving average of a model's weights: what is drawn with, while the model itself trains on."""

import copy
from collections.abc import Callable
from typing import Generic, Self, TypeVar

import torch
from torch import Tensor, nn

ModuleT = TypeVar("ModuleT", bound=nn.Module, covariant=True)


class Ema(nn.Module, Generic[ModuleT]):
    """An exponential moving average of a module's parameters (and a copy of its persistent buffers).

    The decay ramps up, min(decay, (1 + n) / (10 + n)) after n updates, so short runs are not averaged with noise.
    The averaged copy is `module`; calling the Ema calls it. It is always in eval mode and needs no gradients.
    """

    module: ModuleT
    updates: Tensor

    def __init__(self, module: ModuleT, decay: float = 0.999) -> None:
        super().__init__()
        self.decay = decay
        self.module = copy.deepcopy(module).requires_grad_(False).eval()
        self.register_buffer("updates", torch.zeros(()))
        self._source = (module,)  # in a tuple, so that it does not become a submodule of its own average
        self._pairs: _Pairs | None = None

    def forward(self, *args: object, **kwargs: object) -> object:
        """Call the averaged module."""
        return self.module(*args, **kwargs)

    def train(self, mode: bool = True) -> Self:  # noqa: ARG002 - an average never trains
        """Stay in eval mode."""
        return super().train(False)

    def pull(self) -> Tensor:
        """How far the next update moves towards the source, a scalar on the device."""
        return 1 - torch.clamp((1 + self.updates) / (10 + self.updates), max=self.decay)

    @torch.no_grad()
    def update(self, blocked: Tensor) -> None:
        """Move towards the source by one step, or not at all where `blocked` (a bool scalar on the device) is set."""
        go = blocked.logical_not().to(self.updates.dtype)
        pull = self.pull()
        if self._pairs is None:
            self._pairs = _Pairs(self.module, self._source[0])
        pairs = self._pairs
        move(pairs.averages, pairs.parameters, pull * go)
        for kept, buffer in zip(pairs.kept, pairs.buffers, strict=True):
            kept.copy_(torch.where(blocked, kept, buffer))
        self.updates.add_(go)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        self._pairs = None  # moving to a device replaces the tensors
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call] # torch leaves it untyped
        return self


def move(averages: list[Tensor], parameters: list[Tensor], share: Tensor) -> None:
    """Move averages towards parameters by a share of the way, a scalar on their device.

    On cards all of them in three kernels; `_foreach_lerp_` would take one for each tensor, its share being on the
    device. Processors go from tensor to tensor anyhow, once in place of three times.
    """
    if averages and averages[0].device.type == "cuda":
        ways = torch._foreach_sub(parameters, averages)
        torch._foreach_mul_(ways, share)
        torch._foreach_add_(averages, ways)
    else:
        torch._foreach_lerp_(averages, parameters, [share] * len(averages))


class _Pairs:
    """The tensors of an average and of its source, looked up once: walking through modules takes longer."""

    def __init__(self, average: nn.Module, source: nn.Module) -> None:
        self.averages: list[Tensor] = list(average.parameters())
        self.parameters: list[Tensor] = list(source.parameters())
        self.kept, self.buffers = persistent_buffers(average), persistent_buffers(source)


def persistent_buffers(module: nn.Module) -> list[Tensor]:
    """The buffers that change while training; the others are constants and need neither copying nor saving."""
    buffers = dict(module.named_buffers())
    return [buffers[name] for name in module.state_dict() if name in buffers]
