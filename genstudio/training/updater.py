"""From a loss to changed weights: gradients, clipping, the guard against non-finite numbers, the optimizer, the EMA.

Nothing here waits for the device: whether a step was finite is decided on the device, by the fused optimizer.
"""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from genstudio.core.errors import CheckpointError
from genstudio.training.adamw import AdamW
from genstudio.training.distributed import average_over_ranks
from genstudio.training.ema import Ema

__all__ = ["Ema", "Schedule", "Updater", "check_alike", "warmup_cosine"]

Schedule = Callable[[int], float]
"""Maps images seen to a factor on the learning rate."""


class Updater:
    """One optimizer (fused AdamW) with what belongs to it.

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
        ema: Ema[nn.Module] | None = None,
    ) -> None:
        named = list(module.named_parameters() if isinstance(module, nn.Module) else module)
        self.parameters = {name: parameter for name, parameter in named if parameter.requires_grad}
        if not self.parameters or len(dict(named)) < len(named):
            raise ValueError("an updater needs parameters that require gradients, each under a name of its own")
        self.lr, self.betas, self.weight_decay, self.clip = lr, betas, weight_decay, clip
        self.schedule, self.ema = schedule, ema
        self._blocked: Tensor | None = None
        self._state: AdamW | None = None

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
    def _adam(self) -> AdamW:
        """Made at first use, and always on the device of the parameters."""
        if self._state is None:
            self._state = AdamW(list(self.parameters.values()), self.betas, self.weight_decay)
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
        self._adam.step(gradients, rate, self.blocked)
        if self.ema is not None:
            self.ema.update(self.blocked)
        return norm


def _forget_gradients(parameters: Iterable[nn.Parameter]) -> None:
    for parameter in parameters:
        parameter.grad = None


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


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
