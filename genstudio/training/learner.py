"""The trainable thing a family builds, and the protocols of what a trained one can do.

A learner is a `torch.nn.Module` that keeps all of its state in parameters, buffers and updaters; that is what makes
every checkpoint complete and every resume bit-exact without a line of the family's own code.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
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

    labels: int64 (N,) class numbers, or None for any. options: the family's sampling knobs. embeddings: float32
    (N, D), numbers as they came with the pictures of the data, or None. texts: N prompts, "" for any, or None.
    """

    noise: Noise
    labels: Tensor | None
    options: SamplingConfig
    watch: Watch = unwatched
    embeddings: Tensor | None = None
    texts: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.noise)


@dataclass(frozen=True)
class PreviewRequest:
    """What to show of a run in progress: samples from fixed seeds, and held-out examples to redraw."""

    sample: SampleRequest
    examples: Batch


class Learner(nn.Module, ABC):
    """A model and how it learns. See the plugin guide for a worked example.

    evaluated_together: how many examples `evaluate` wants at once, where its figures depend on their company; None
    where any number will do.
    """

    evaluated_together: int | None = None

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

    def profiles(self, batch: Batch) -> Mapping[str, Tensor]:  # noqa: ARG002 - for the ones that override it
        """Return rows of numbers of held-out examples, each (K,), named as in `Family.profiles`.

        Called like `evaluate`; the studio shows the means over batches.
        """
        return {}

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Yield named pictures (N, C, H, W) in [-1, 1] that show how far training has come."""
        if isinstance(self, Samples):
            yield "samples", self.sample(request.sample)


@runtime_checkable
class Prepares(Protocol):
    """A learner that looks at all examples once, before the first step of every stretch of its run."""

    def prepare(self, count: int, batches: Iterator[Batch]) -> None:
        """See every example, trained on or held out, in the order of the dataset and in batches that are always alike.

        Called in eval mode and without gradients, on every process of a distributed training. `batch.index` says which
        examples they are, all below `count`. What is kept follows from them alone, and stays out of the checkpoint.
        """


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


@dataclass(frozen=True)
class RestyleRequest:
    """What to draw anew: a picture for each of `sample.noise`'s streams.

    images: float32 (N, C, H, W) in [-1, 1], the given pictures. strength: how far to go from them, 0 to 1.
    """

    sample: SampleRequest
    images: Tensor
    strength: float


@runtime_checkable
class Restyles(Protocol):
    """Ability IMAGE_TO_IMAGE."""

    def restyle(self, request: RestyleRequest) -> Tensor:
        """Draw pictures (N, C, H, W) in [-1, 1] anew: strength 0 gives them back, 1 has forgotten them."""


@dataclass(frozen=True)
class UpscaleRequest:
    """What to enlarge: a picture for each of `sample.noise`'s streams.

    images: float32 (N, C, h, w) in [-1, 1], of any size the learner takes.
    """

    sample: SampleRequest
    images: Tensor


@runtime_checkable
class Upscales(Protocol):
    """Ability UPSCALE. upscale_factor: how many times as wide and high pictures become."""

    upscale_factor: int

    def upscale(self, request: UpscaleRequest) -> Tensor:
        """Draw pictures (N, C, f h, f w) in [-1, 1] that look like the small ones from afar."""


@runtime_checkable
class MapsSurprise(Protocol):
    """Ability SURPRISE."""

    def surprise(self, batch: Batch) -> Tensor:
        """Return minus log p of every pixel in nats, (B, H, W); a picture's sum is minus its log-likelihood."""


@runtime_checkable
class Classifies(Protocol):
    """A learner that names labels itself; others are asked by Bayes' rule (`genstudio.evaluation.classifier`)."""

    def class_log_probabilities(self, images: Tensor) -> Tensor:
        """Return log p(label | picture) in nats, (B, K), for pictures (B, C, H, W) in [-1, 1]."""


@dataclass(frozen=True, eq=False)
class Anomaly:
    """How odd pictures are: `scores` (B,), higher is odder, and `maps` (B, H, W), where that is seen, never below 0."""

    scores: Tensor
    maps: Tensor


@runtime_checkable
class ScoresAnomaly(Protocol):
    """Ability SCORE_ANOMALY. `anomaly_score` says in plain sentences what the score is, with its unit."""

    anomaly_score: str

    def anomaly(self, batch: Batch) -> Anomaly:
        """Score pictures, whatever their labels are; scores of different runs need not compare."""


@runtime_checkable
class Autoencodes(Protocol):
    """Ability ENCODE: small maps that another model (latent diffusion) can learn in place of pictures.

    Every channel of the maps has about mean 0 and variance 1 over the pictures the learner was trained on.
    latent_shape: (c, h, w) of a map.
    """

    latent_shape: tuple[int, int, int]

    def to_latents(self, images: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] to maps (N, c, h, w), without noise."""

    def from_latents(self, latents: Tensor) -> Tensor:
        """Maps (N, c, h, w) to pictures (N, C, H, W) in [-1, 1]."""


@runtime_checkable
class Tokenises(Protocol):
    """Ability TOKENISE: pictures as few whole numbers, for models of sequences.

    code_count: codes are 0 to `code_count` - 1. code_shape: (h, w) of a picture's codes.
    """

    code_count: int
    code_shape: tuple[int, int]

    def codes(self, images: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] to codes int64 (N, h, w)."""

    def decode_codes(self, codes: Tensor) -> Tensor:
        """Codes int64 (N, h, w) to pictures (N, C, H, W) in [-1, 1]."""


@dataclass(frozen=True, eq=False)
class Reading:
    """Texts as numbers, of N texts of at most T tokens.

    words: float (N, T, D), a vector for each token. known: bool (N, T), where there is a token. whole: float (N, E) of
    length 1, all of a text, to be compared with pictures.
    """

    words: Tensor
    known: Tensor
    whole: Tensor


@runtime_checkable
class MatchesText(Protocol):
    """Ability MATCH_TEXT: says how well texts and pictures fit, and reads texts for models that draw by them.

    text_shape: (T, D) of a reading's words. match_width: E of what is compared.
    """

    text_shape: tuple[int, int]
    match_width: int

    def read(self, texts: Sequence[str]) -> Reading:
        """Read texts, of any length; what is too long is cut off."""

    def look(self, images: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] to (N, E) of length 1, differentiable; times `whole` that is the fit.

        They are grey, RGB or RGBA and of any size, whatever the learner was trained on.
        """
