"""From a loss to changed weights: gradients, clipping, the guard against non-finite numbers, the optimizer, the EMA.

Nothing here waits for the device: whether a step was finite is decided on the device, by the fused optimizer.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from genstudio.core.errors import CheckpointError
from genstudio.training.adamw import AdamW
from genstudio.training.distributed import average_over_ranks
from genstudio.training.ema import Ema
from genstudio.training.halves import Halves
from genstudio.training.muon import Muon

__all__ = ["Ema", "Schedule", "Updater", "check_alike", "warmup_cosine"]

Schedule = Callable[[int], float]
"""Maps images seen to a factor on the learning rate."""


class Updater:
    """One optimizer (fused AdamW) with what belongs to it.

    Several updaters make a GAN. Weight decay spares vectors and scalars (biases, gains). `hidden` are those of the
    parameters that Muon updates in AdamW's place: matrices and kernels between layers of features, which then learn
    in fewer steps (`genstudio.training.muon` says which are meant). State is reached through `state_tensors`
    / `load_state_tensors`, tensors only.
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
        hidden: Iterable[nn.Parameter] = (),
    ) -> None:
        named = list(module.named_parameters() if isinstance(module, nn.Module) else module)
        self.parameters = {name: parameter for name, parameter in named if parameter.requires_grad}
        if not self.parameters or len(dict(named)) < len(named):
            raise ValueError("an updater needs parameters that require gradients, each under a name of its own")
        self.lr, self.betas, self.weight_decay, self.clip = lr, betas, weight_decay, clip
        self.schedule, self.ema = schedule, ema
        turned = set(hidden)
        self._hidden = [name for name, parameter in self.parameters.items() if parameter in turned]
        self._others = [name for name in self.parameters if name not in set(self._hidden)]
        if not self._others:
            raise ValueError("the first and last layers of a network are not hidden: leave some parameters to AdamW")
        self._blocked: Tensor | None = None
        self._state: AdamW | None = None
        self._turning: Muon | None = None
        self._halves = Halves()

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
            gradients = [_gradient(parameter) for parameter in parameters]
            with torch.no_grad():
                return self._update(gradients, loss.detach(), images_seen)
        finally:
            _forget_gradients(parameters)

    def step_on_halves(self, losses: Sequence[Callable[[], Tensor]], images_seen: int) -> Tensor:
        """The same for a loss that is the sum of two, of the halves of a batch, worked out side by side.

        See `genstudio.training.halves` for when that pays, and for what the losses must not do. Returns their sum.
        """
        parameters = list(self.parameters.values())

        def half(loss_of: Callable[[], Tensor]) -> tuple[Tensor, Sequence[Tensor]]:
            loss = loss_of()
            return loss.detach(), torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)

        (one, gradients), (other, more) = self._halves.work([partial(half, loss) for loss in losses])
        with torch.no_grad():
            self._update(list(torch._foreach_add(list(gradients), list(more))), one + other, images_seen)
        return one + other

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
        for name, mean, square in zip(self._others, state.means, state.squares, strict=True):
            tensors |= {f"{name}/mean": mean, f"{name}/square": square}
        momenta = self._muon.momenta if self._hidden else []
        return tensors | {f"{name}/mean": mean for name, mean in zip(self._hidden, momenta, strict=True)}

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
            self._state = AdamW([self.parameters[name] for name in self._others], self.betas, self.weight_decay)
        elif self._state.steps.device != self._device:
            self._state.move(self._device)
        return self._state

    @property
    def _muon(self) -> Muon:
        """The same for the matrices it turns."""
        if self._turning is None:
            self._turning = Muon([self.parameters[name] for name in self._hidden], self.weight_decay)
        elif self._turning.device != self._device:
            self._turning.move(self._device)
        return self._turning

    def _update(self, gradients: list[Tensor], loss: Tensor, images_seen: int) -> Tensor:
        named = dict(zip(self.parameters, gradients, strict=True))
        average_over_ranks([loss, *gradients])
        norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        self.blocked.logical_or_(torch.isfinite(loss + norm).logical_not())
        if self.clip is not None:
            torch._foreach_mul_(gradients, torch.clamp(self.clip / (norm + 1e-6), max=1.0))
        rate = self.lr * (self.schedule(images_seen) if self.schedule else 1.0)
        self._adam.step([named[name] for name in self._others], rate, self.blocked)
        if self._hidden:
            self._muon.step([named[name] for name in self._hidden], rate, self.blocked)
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
