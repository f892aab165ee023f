"""From a loss to changed weights: gradients, clipping, the guard against non-finite numbers, the optimizer, the EMA.

Nothing here waits for the device: whether a step was finite is decided on the device, by the fused optimizer.
"""

import copy
import math
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from genstudio.core.errors import CheckpointError
from genstudio.training.distributed import average_over_ranks

Schedule = Callable[[int], float]
"""Maps images seen to a factor on the learning rate."""

_EPSILON = 1e-8


class Ema(nn.Module):
    """An exponential moving average of a module's parameters (and a copy of its persistent buffers).

    The decay ramps up, min(decay, (1 + n) / (10 + n)) after n updates, so short runs are not averaged with noise.
    The averaged copy is `module`; calling the Ema calls it. It is always in eval mode and needs no gradients.
    """

    updates: Tensor

    def __init__(self, module: nn.Module, decay: float = 0.999) -> None:
        super().__init__()
        self.decay = decay
        self.module = copy.deepcopy(module).requires_grad_(False).eval()
        self.register_buffer("updates", torch.zeros(()))
        self._source = (module,)  # in a tuple, so that it does not become a submodule of its own average
        self._pairs: _Pairs | None = None

    def forward(self, *args: object, **kwargs: object) -> object:
        """Call the averaged module."""
        return self.module(*args, **kwargs)

    def train(self, mode: bool = True) -> "Ema":  # noqa: ARG002 - an average never trains
        """Stay in eval mode."""
        return super().train(False)

    @torch.no_grad()
    def update(self, blocked: Tensor) -> None:
        """Move towards the source by one step, or not at all where `blocked` (a bool scalar on the device) is set."""
        go = blocked.logical_not().to(self.updates.dtype)
        pull = 1 - torch.clamp((1 + self.updates) / (10 + self.updates), max=self.decay)
        if self._pairs is None:
            self._pairs = _Pairs(self.module, self._source[0])
        pairs = self._pairs
        torch._foreach_lerp_(pairs.averages, pairs.parameters, [pull * go] * len(pairs.averages))
        for kept, buffer in zip(pairs.kept, pairs.buffers, strict=True):
            kept.copy_(torch.where(blocked, kept, buffer))
        self.updates.add_(go)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Ema":
        self._pairs = None  # moving to a device replaces the tensors
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call] # torch leaves it untyped
        return self


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


class Updater:
    """One optimizer with what belongs to it: AdamW (Loshchilov and Hutter 2019, algorithm 2), fused into one kernel.

    Several updaters make a GAN. Weight decay spares vectors and scalars (biases, gains). State is reached through
    `state_tensors` / `load_state_tensors`, tensors only.
    """

    def __init__(
        self,
        module: nn.Module | Iterable[tuple[str, nn.Parameter]],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        clip: float | None = None,
        schedule: Schedule | None = None,
        ema: Ema | None = None,
    ) -> None:
        named = module.named_parameters() if isinstance(module, nn.Module) else module
        self.parameters = {name: parameter for name, parameter in named if parameter.requires_grad}
        self.lr, self.betas, self.weight_decay, self.clip = lr, betas, weight_decay, clip
        self.schedule, self.ema = schedule, ema
        self._blocked: Tensor | None = None
        self._state: _AdamState | None = None

    def step(self, loss: Tensor, images_seen: int) -> Tensor:
        """Backpropagate and update once; returns the gradient norm before clipping, a scalar on the device.

        Only this updater's own parameters receive gradients, and none is left behind. A parameter the loss does not
        depend on counts as having gradient zero. Under torch.distributed, gradients are averaged over the ranks
        first. If the loss or any gradient is not finite, nothing changes, now or in any later step: `blocked` stays
        set until the state is loaded anew.
        """
        parameters = list(self.parameters.values())
        _forget_gradients(parameters)  # those somebody else left there are not ours
        try:
            torch.autograd.backward(loss, inputs=parameters)
            with torch.no_grad():
                return self._update(parameters, loss.detach(), images_seen)
        finally:
            _forget_gradients(parameters)

    @property
    def blocked(self) -> Tensor:
        """A bool scalar on the device: whether a non-finite loss or gradient was met."""
        if self._blocked is None or self._blocked.device != self._device:
            self._blocked = torch.zeros((), dtype=torch.bool, device=self._device)
        return self._blocked

    def share_guard(self, blocked: Tensor) -> None:
        """Use this flag from now on: updaters of one learner stop together, however they take turns."""
        self._blocked = blocked

    def state_tensors(self) -> dict[str, Tensor]:
        """Everything a bit-exact resume needs, by parameter name."""
        state = self._adam
        tensors = {"steps": state.steps}
        for name, mean, square in zip(self.parameters, state.means, state.squares, strict=True):
            tensors |= {f"{name}/mean": mean, f"{name}/square": square}
        return tensors

    def load_state_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `state_tensors` gave. Raises `CheckpointError` when names or shapes differ."""
        own = self.state_tensors()
        check_alike(own, tensors)
        for name, tensor in own.items():
            tensor.copy_(tensors[name])
        self.blocked.zero_()

    @property
    def _device(self) -> torch.device:
        return next(iter(self.parameters.values())).device

    @property
    def _adam(self) -> "_AdamState":
        """Made at first use, and always on the device of the parameters."""
        if self._state is None:
            self._state = _AdamState(list(self.parameters.values()))
        elif self._state.steps.device != self._device:
            self._state.move(self._device)
        return self._state

    def _update(self, parameters: list[nn.Parameter], loss: Tensor, images_seen: int) -> Tensor:
        gradients = [_gradient(parameter) for parameter in parameters]
        average_over_ranks([loss, *gradients])
        norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        self.blocked.logical_or_(torch.isfinite(loss + norm).logical_not())
        if self.clip is not None:
            torch._foreach_mul_(gradients, torch.clamp(self.clip / (norm + 1e-6), max=1.0))
        rate = self.lr * (self.schedule(images_seen) if self.schedule else 1.0)
        self._adam.step(parameters, gradients, rate, self.betas, self.weight_decay, self.blocked)
        if self.ema is not None:
            self.ema.update(self.blocked)
        return norm


def _forget_gradients(parameters: Iterable[nn.Parameter]) -> None:
    for parameter in parameters:
        parameter.grad = None


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


class _AdamState:
    """The two moments of every parameter and one count of steps, all on the device."""

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self.means = [torch.zeros_like(parameter, requires_grad=False) for parameter in parameters]
        self.squares = [torch.zeros_like(parameter, requires_grad=False) for parameter in parameters]
        self.steps = torch.zeros((), device=parameters[0].device)

    def move(self, device: torch.device) -> None:
        """Follow the parameters to another device."""
        self.means = [mean.to(device) for mean in self.means]
        self.squares = [square.to(device) for square in self.squares]
        self.steps = self.steps.to(device)

    def step(
        self,
        parameters: Sequence[nn.Parameter],
        gradients: Sequence[Tensor],
        rate: float,
        betas: tuple[float, float],
        weight_decay: float,
        blocked: Tensor,
    ) -> None:
        """Update in place, or leave everything as it is where `blocked` is set."""
        if blocked.device.type == "mps" and bool(blocked):  # the Metal kernel overlooks `found_inf`
            return
        found = blocked.to(torch.float32)
        self.steps.add_(1 - found)
        for decay, chosen in _by_decay(parameters, weight_decay):
            torch._fused_adamw_(
                [parameters[i] for i in chosen],
                [gradients[i] for i in chosen],
                [self.means[i] for i in chosen],
                [self.squares[i] for i in chosen],
                [],
                [self.steps] * len(chosen),
                lr=rate,
                beta1=betas[0],
                beta2=betas[1],
                weight_decay=decay,
                eps=_EPSILON,
                amsgrad=False,
                maximize=False,
                found_inf=found,
            )


def _by_decay(parameters: Sequence[nn.Parameter], weight_decay: float) -> list[tuple[float, list[int]]]:
    """Split positions into those decayed (matrices, kernels) and those spared, in one group when nothing decays."""
    if weight_decay == 0.0:
        return [(0.0, list(range(len(parameters))))]
    decayed = [i for i, parameter in enumerate(parameters) if parameter.ndim >= 2]
    spared = [i for i, parameter in enumerate(parameters) if parameter.ndim < 2]
    return [(decay, chosen) for decay, chosen in ((weight_decay, decayed), (0.0, spared)) if chosen]


def check_alike(own: dict[str, Tensor], given: dict[str, Tensor]) -> None:
    """Raise `CheckpointError` unless both have the same names, shapes and kinds of numbers."""
    for names, what in ((own.keys() - given.keys(), "lacks"), (given.keys() - own.keys(), "has an unknown")):
        if names:
            raise CheckpointError(f"The checkpoint does not fit the model: it {what} “{min(names)}”.")
    for name, tensor in own.items():
        other = given[name]
        if tensor.shape != other.shape or tensor.dtype != other.dtype:
            raise CheckpointError(
                f"The checkpoint does not fit the model: “{name}” is {_shape(other)} there, "
                f"the model needs {_shape(tensor)}."
            )


def _shape(tensor: Tensor) -> str:
    kind = str(tensor.dtype).removeprefix("torch.")
    return f"{kind} ({' × '.join(str(size) for size in tensor.shape) or 'one number'})"


def warmup_cosine(total: int, warmup: int, floor: float = 0.1) -> Schedule:
    """Rise linearly over `warmup` images, then fall along a cosine to `floor` at `total` images."""

    def factor(images_seen: int) -> float:
        if images_seen < warmup:
            return images_seen / warmup
        done = min((images_seen - warmup) / max(total - warmup, 1), 1.0)
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))

    return factor
