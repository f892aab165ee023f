"""From a loss to changed weights: gradients, clipping, the guard against non-finite numbers, the optimizer, the EMA.

Nothing here waits for the device: whether a step was finite is decided on the device, by the fused optimizer.
"""

from collections.abc import Callable, Iterable

from torch import Tensor, nn

Schedule = Callable[[int], float]
"""Maps images seen to a factor on the learning rate."""


class Ema(nn.Module):
    """An exponential moving average of a module's parameters (and a copy of its buffers).

    The decay ramps up, min(decay, (1 + n) / (10 + n)) after n updates, so short runs are not averaged with noise.
    """

    def __init__(self, module: nn.Module, decay: float = 0.999) -> None:
        raise NotImplementedError


class Updater:
    """One optimizer (fused AdamW) with what belongs to it.

    Several updaters make a GAN. State is reached through `state_tensors` / `load_state_tensors`, tensors only.
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
        raise NotImplementedError

    def step(self, loss: Tensor, images_seen: int) -> Tensor:
        """Backpropagate and update once; returns the gradient norm before clipping, a scalar on the device.

        Under torch.distributed, gradients are averaged over the ranks first. If the loss or any gradient is not
        finite, nothing changes, now or in any later step: `blocked` stays set until the state is loaded anew.
        """
        raise NotImplementedError

    @property
    def blocked(self) -> Tensor:
        """A bool scalar on the device: whether a non-finite loss or gradient was met."""
        raise NotImplementedError

    def state_tensors(self) -> dict[str, Tensor]:
        """Everything a bit-exact resume needs, by parameter name."""
        raise NotImplementedError

    def load_state_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `state_tensors` gave. Raises `CheckpointError` when names or shapes differ."""
        raise NotImplementedError


def warmup_cosine(total: int, warmup: int, floor: float = 0.1) -> Schedule:
    """Rise linearly over `warmup` images, then fall along a cosine to `floor` at `total` images."""
    raise NotImplementedError
