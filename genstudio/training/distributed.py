"""Data-parallel training under torchrun: who we are among the processes, and averaging over them.

No wrapper around the model: gradients are averaged where they are used, so it works for any learner, with several
updaters and with second derivatives alike.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from genstudio.core.errors import ConfigError

_PATIENCE = timedelta(days=7)


@dataclass(frozen=True)
class World:
    """The processes of one training: this one's `rank` among `size`. Rank 0 alone speaks and saves."""

    rank: int = 0
    size: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "World":
        """Read what torchrun says; a process started otherwise is alone."""
        return cls(int(environment.get("RANK", "0")), int(environment.get("WORLD_SIZE", "1")))

    @property
    def leads(self) -> bool:
        """Whether this process is the one that speaks and saves."""
        return self.rank == 0

    def check_batch(self, batch_size: int) -> None:
        """Raise `ConfigError` unless a batch can be split evenly."""
        if batch_size % self.size:
            raise ConfigError(
                f"A batch of {batch_size} images cannot be shared evenly by {self.size} processes. "
                f"Choose a batch size that {self.size} divides.",
                {"batch_size": f"{self.size} processes must be able to share it evenly."},
            )

    def join(self) -> None:
        """Meet the other processes (nothing to do when alone): nccl among cards, gloo among processors.

        The others wait while rank 0 is paused or makes a preview, so nobody gives up soon; should a process die,
        torchrun ends all of them.
        """
        if self.size > 1 and not dist.is_initialized():
            backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
            dist.init_process_group(backend, rank=self.rank, world_size=self.size, timeout=_PATIENCE)

    def leave(self) -> None:
        """Part from the other processes."""
        if dist.is_initialized():
            dist.destroy_process_group()


def _together() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


@torch.no_grad()
def average_over_ranks(tensors: Sequence[Tensor]) -> None:
    """Replace tensors by their means over the ranks, in place, in one flattened exchange. Alone: nothing."""
    if not _together():
        return
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    parts = torch.split(flat, [tensor.numel() for tensor in tensors])
    torch._foreach_copy_(list(tensors), [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)])


@torch.no_grad()
def same_start(module: nn.Module) -> None:
    """Give every rank the parameters and buffers of rank 0."""
    if not _together():
        return
    for tensor in module.state_dict().values():
        dist.broadcast(tensor, src=0)


def agreed(word: int) -> int:
    """Return rank 0's word on every rank (alone: the word itself). It travels between processors: no card waits."""
    if not _together():
        return word
    said = torch.tensor(word)
    dist.broadcast(said, src=0)
    return int(said)


def leads() -> bool:
    """Whether this process speaks and saves: it is alone, or rank 0."""
    return not _together() or dist.get_rank() == 0
