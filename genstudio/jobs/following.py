"""Data-parallel training under torchrun: the first process has the project open, the others follow its plan."""

import signal
import threading
from collections.abc import Callable

from genstudio.core.control import Control
from genstudio.core.errors import GenStudioError
from genstudio.core.events import CheckpointSaved, Event, Outcome
from genstudio.jobs.building import Families
from genstudio.jobs.plan import Plan, carry_out


def follow_if_not_first(load_families: Callable[[], Families]) -> bool:
    """Train along when this is not the first process of a training; returns whether it was not.

    Raises `GenStudioError` when this process fails, so that its exit code tells torchrun to end the others.
    """
    from genstudio.training.distributed import World

    world = World.from_environment()
    if world.leads:
        return False
    _leave_interrupts_to_the_first()
    meet(world.rank, world.size)
    try:
        text = share("")
        if text:
            finished = carry_out(Plan.model_validate_json(text), load_families(), world, _unheard, Control(), _host)
            if finished.outcome is Outcome.FAILED:
                raise GenStudioError(finished.message)
    finally:
        world.leave()
    return True


def meet(rank: int, size: int) -> None:
    """Join the processes of a training: gloo between processors, nccl between cards."""
    from genstudio.training.distributed import World

    World(rank, size).join()


def share(text: str) -> str:
    """Return the first process's text in every process."""
    import torch
    from torch import distributed

    data = torch.frombuffer(bytearray(text.encode()) or bytearray(1), dtype=torch.uint8)
    size = torch.tensor(len(text.encode()))
    distributed.broadcast(size, src=0)
    if distributed.get_rank() != 0:
        data = torch.zeros(max(int(size), 1), dtype=torch.uint8)
    distributed.broadcast(data, src=0)
    return bytes(data.tolist()[: int(size)]).decode()


class _Silent:
    """The host of a process that neither saves nor serves."""

    def save(self, learner: object, progress: object, score: object) -> CheckpointSaved:  # noqa: ARG002
        raise GenStudioError("Only the first process of a training saves.")

    def keep_best(self, best: object) -> None:
        """The first process keeps it."""

    def rate(self, images_seen: int, score: float) -> None:
        """The first process does."""

    def between(self) -> None:
        """Nobody waits for this process."""


def _host(_header: object) -> _Silent:
    return _Silent()


def _unheard(_event: Event) -> None:
    """The first process speaks for all."""


def _leave_interrupts_to_the_first() -> None:
    """A person's interrupt reaches every process; the first one stops all of them together after a step."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
