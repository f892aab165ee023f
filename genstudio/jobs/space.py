"""The latent space of a run at one of its checkpoints, for the thread that owns the device."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genstudio.core.abilities import Ability
from genstudio.core.config import parse
from genstudio.core.errors import DataError, FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.points import Point, unpacked
from genstudio.jobs.keeping import device_of, label_number
from genstudio.jobs.loading import load
from genstudio.jobs.prompting import prompt_of, said
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.core.config import SamplingConfig
    from genstudio.core.spec import DataSpec
    from genstudio.store.records import CheckpointRecord

EXPLORED = "explore"
"""The ability written into the recipes of pictures that were found in a latent space."""


class LatentSpace:
    """What can be drawn, found and seen between the pictures of a run. Every method belongs to the device's thread.

    The checkpoint is chosen, and its file checked, once; afterwards the learner is taken from the shelf, so that a
    picture costs no more than its decoding. When another learner was used meanwhile, this one is loaded again.
    """

    def __init__(self, ws: Workspace, loaded: Loaded) -> None:
        self._ws = ws
        self._place = str(device_of(loaded))
        self.checkpoint: CheckpointRecord = loaded.checkpoint
        self.spec: DataSpec = loaded.header.spec
        self.fingerprint = loaded.header.fingerprint
        self.heeds_labels = Ability.CLASS_CONDITION in loaded.abilities
        self.encodes_quickly = Ability.RECONSTRUCT in loaded.abilities
        self.heeds_words = Ability.TEXT_CONDITION in loaded.abilities
        self._abilities = loaded.abilities
        self._options: SamplingConfig = loaded.family.sampling_type()

    @classmethod
    def open(cls, ws: Workspace, run: str, checkpoint: int | None = None) -> "LatentSpace":
        """Load a run (by name or id). Raises `CheckpointError`, and `FamilyError` when it has no latent space."""
        loaded = load(ws, run, checkpoint)
        if Ability.INTERPOLATE not in loaded.abilities:
            raise FamilyError(f"A {loaded.family.title} has no space between pictures to explore.")
        return cls(ws, loaded)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of its pictures."""
        return self.spec.height, self.spec.width, self.spec.channels

    def loaded(self) -> Loaded:
        """The learner, from the shelf or loaded again."""
        ready = self._ws.shelf.take(self.checkpoint.sha256, self._place)
        return ready or load(self._ws, self.checkpoint.run, self.checkpoint.images_seen)

    def words(self, prompt: str | None) -> str | None:
        """What somebody typed as this model is told it, None for nothing. Raises `ConfigError` like `said`."""
        return said(self._abilities, prompt)

    def draw(
        self, streams: Sequence[tuple[int, int]], label: str | None = None, text: str | None = None
    ) -> list[Point]:
        """Draw a point for each (seed, index): where the sample of that seed and index lies. text: what it shows."""
        from genstudio.generation.latents import draw_points

        loaded = self.loaded()
        number = label_number(loaded, label)
        device = device_of(loaded)
        return draw_points(loaded.learner, streams, options=self._options, label=number, device=device, text=text)

    def decode(self, points: Sequence[Point]) -> "NDArray[np.uint8]":
        """Draw the pictures at points, uint8 (N, H, W, C)."""
        from genstudio.generation.latents import decode_points

        loaded = self.loaded()
        return decode_points(loaded.learner, points, options=self._options, device=device_of(loaded))

    def encode(self, images: "NDArray[np.uint8]") -> "NDArray[np.float32]":
        """Find the latents (N, ...) of pictures uint8 (N, H, W, C). Raises `DataError` for another size."""
        from genstudio.generation.latents import encode

        if images.shape[1:] != self.shape:
            height, width, channels = self.shape
            raise DataError(f"This model knows pictures of {width}×{height} pixels in {channels} channels.")
        loaded = self.loaded()
        return encode(loaded.learner, images, device_of(loaded))

    def project(self, image: "NDArray[np.uint8]", label: int | None = None, about: str = "") -> Point:
        """Find the point whose picture comes nearest to a given one, uint8 (H, W, C)."""
        return Point(self.encode(image[None])[0].copy(), label if self.heeds_labels else None, about=about)

    def of_sample(self, recipe: Recipe | None, image: "NDArray[np.uint8]", about: str = "") -> Point:
        """Find the point of a picture that was made: exactly when it was made here, else as near as it can be found."""
        if recipe is not None and recipe.checkpoint == self.checkpoint.sha256:
            if recipe.ability == EXPLORED:
                return point_of(self.loaded(), recipe, about)
            if recipe.ability == Ability.SAMPLE.value:
                return self._drawn_again(recipe, about)
        return self.project(image, about=about)

    def _drawn_again(self, recipe: Recipe, about: str) -> Point:
        from genstudio.generation.latents import draw_points

        loaded = self.loaded()
        point = draw_points(
            loaded.learner,
            [(recipe.seed, recipe.index)],
            options=parse(loaded.family.sampling_type, recipe.options),
            label=label_number(loaded, recipe.label),
            device=device_of(loaded),
            text=prompt_of(loaded, recipe),
        )[0]
        return point.at(point.latent, about)


def point_of(loaded: Loaded, recipe: Recipe, about: str = "") -> Point:
    """The point that the recipe of an explored picture names. Raises `DataError` or `ConfigError` when it cannot be."""
    latent = unpacked(recipe.extra)
    index = recipe.extra.get("stream") or 0
    if not isinstance(index, int) or not 0 <= index < 2**32:
        raise DataError("The recipe inside this picture cannot be right: it was changed.")
    label = label_number(loaded, recipe.label)
    said_of = about or str(recipe.extra.get("about") or "")
    return Point(latent, label, (recipe.seed, index), said_of, prompt_of(loaded, recipe))
