"""Progress of a whole, told by its parts."""

from torch import Tensor

from genstudio.training.learner import Watch


def part_of(watch: Watch, before: int, steps: int) -> Watch:
    """A watch for one part of a whole of so many `steps` that begins after `before` of them."""

    def told(
        done: int,
        total: int,  # noqa: ARG001 - of the part
        pictures: Tensor | None = None,
        uncertainty: Tensor | None = None,
    ) -> None:
        watch(before + done, steps, pictures, uncertainty)

    return told
