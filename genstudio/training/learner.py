"""The trainable thing a family builds, and the protocols of what a trained one can do.

A learner is a `torch.nn.Module` that keeps all of its state in parameters, buffers and updaters; that is what makes
every checkpoint complete and every resume bit-exact without a line of the family's own code.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from torch import Tensor, nn

from genstudio.core.config import SamplingConfig
from genstudio.data.batches import Batch
from genstudio.training.noise import Noise
from genstudio.training.updater import Updater


class Watch(Protocol):
    """Called between the stages of generation; it may raise `Cancelled`."""

    def __call__(
        self, done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None
    ) -> None:
        """See the pictures so far, (N, C, H, W) in [-1, 1], where a family has them.

        `uncertainty` is (N, H, W): the entropy in bits of each pixel that was drawn, where a family knows it.
        """


def unwatched(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class SampleRequest:
    """What to generate: as many samples as `noise` has streams.

    labels: int64 (N,) class numbers, or None for any. options: the family's sampling knobs.
    """

    noise: Noise
    labels: Tensor | None
    options: SamplingConfig
    watch: Watch = unwatched

    def __len__(self) -> int:
        return len(self.noise)


@dataclass(frozen=True)
class PreviewRequest:
    """What to show of a run in progress: samples from fixed seeds, and held-out examples to redraw."""

    sample: SampleRequest
    examples: Batch


class Learner(nn.Module, ABC):
    """A model and how it learns. See the plugin guide for a worked example."""

    @property
    def updaters(self) -> Mapping[str, Updater]:
        """The updaters set as attributes, by attribute name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Updater)}

    @abstractmethod
    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Learn from one batch.

        Returns detached scalars on the device, named as in `Family.series`; never call `.item()` here. A step updates
        weights only through its updaters, which keep non-finite gradients out of them.
        """

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:  # noqa: ARG002 - for the ones that override it
        """Return figures of held-out examples, each (B,), named as in `Family.series`.

        Runs in eval mode and without gradients.
        """
        return {}

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Yield named pictures (N, C, H, W) in [-1, 1] that show how far training has come."""
        if isinstance(self, Samples):
            yield "samples", self.sample(request.sample)


@runtime_checkable
class Samples(Protocol):
    """Ability SAMPLE, and CLASS_CONDITION when it heeds `request.labels`."""

    def sample(self, request: SampleRequest) -> Tensor:
        """Draw pictures (N, C, H, W) in [-1, 1]."""


@runtime_checkable
class Reconstructs(Protocol):
    """Ability RECONSTRUCT."""

    def reconstruct(self, images: Tensor) -> Tensor:
        """Redraw pictures: (N, C, H, W) in [-1, 1] to the same."""


@runtime_checkable
class Interpolates(Protocol):
    """Ability INTERPOLATE: a latent space in which the studio walks."""

    def draw_latents(self, request: SampleRequest) -> Tensor:
        """Draw latents (N, ...) from the prior, as `sample` would."""

    def encode(self, images: Tensor) -> Tensor:
        """Return the latents (N, ...) of given pictures (N, C, H, W) in [-1, 1]."""

    def decode(self, latents: Tensor, request: SampleRequest) -> Tensor:
        """Turn latents into pictures (N, C, H, W) in [-1, 1]."""


@runtime_checkable
class ScoresLikelihood(Protocol):
    """Ability LIKELIHOOD."""

    likelihood_kind: Literal["exact", "lower bound"]

    def log_likelihood(self, batch: Batch) -> Tensor:
        """Return log p(image) in nats, (B,), of the pixels as stored (discrete levels)."""


@dataclass(frozen=True)
class CompletionRequest:
    """What to finish: a picture for each of `sample.noise`'s streams.

    images: float32 (N, C, H, W) in [-1, 1], the given pictures. known: bool (N, H, W), true where the pixels are kept.
    """

    sample: SampleRequest
    images: Tensor
    known: Tensor


@runtime_checkable
class Completes(Protocol):
    """Ability COMPLETE."""

    def complete(self, request: CompletionRequest) -> Tensor:
        """Draw pictures (N, C, H, W) in [-1, 1] that keep every known pixel exactly."""

    def completion_note(self, known: Tensor) -> str:
        """Say in one plain sentence what is done for a mask (H, W) of known pixels that the model treats inexactly.

        Empty when completing is exact sampling from the model given the known pixels.
        """


@runtime_checkable
class MapsSurprise(Protocol):
    """Ability SURPRISE."""

    def surprise(self, batch: Batch) -> Tensor:
        """Return minus log p of every pixel in nats, (B, H, W); a picture's sum is minus its log-likelihood."""
