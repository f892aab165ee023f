"""Words to draw by, read by another run's model that reads texts.

That model stays as it is: it is no part of the learner that asks it, nor of its checkpoints. What it says of a text is
kept, for captions come again every epoch. Each text is read alone, so that its numbers do not depend on its company.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from genstudio.api import BuildContext, DataSpec, FamilyError, Learner, MatchesText, Reading
from genstudio_diffusion.config import DenoisingConfig

_KEPT = 20_000  # readings; then they are forgotten, and begun anew


class Reader:
    """A frozen model that reads texts, and the texts it has read.

    text, whole: how many numbers it has for a token of a text and for all of it.
    """

    def __init__(self, model: Learner) -> None:
        assert isinstance(model, MatchesText)
        self._model, self._matches = model.eval().requires_grad_(False), model
        self._longest, self.text = model.text_shape
        self.whole = model.match_width
        self._device = torch.device("cpu")
        self._read: dict[str, Reading] = {}

    def read(self, texts: Sequence[str], device: torch.device) -> Reading:
        """Texts as numbers, on a device; of a text of no words nothing is known."""
        self._move(device)
        readings = [self._one(text.strip()) for text in texts]
        return Reading(
            torch.cat([one.words for one in readings]),
            torch.cat([one.known for one in readings]),
            torch.cat([one.whole for one in readings]),
        )

    def fit(self, images: Tensor, whole: Tensor) -> Tensor:
        """How well pictures (N, C, H, W) in [-1, 1] fit texts (N, E): cosines, (N,); 0 where there is no text."""
        return (self._matches.look(images) * whole).sum(1)

    def _move(self, device: torch.device) -> None:
        if device != self._device:
            self._model.to(device)
            self._device = device
            self._read.clear()

    def _one(self, text: str) -> Reading:
        if text not in self._read:
            if len(self._read) >= _KEPT:
                self._read.clear()
            self._read[text] = self._look_up(text) if text else self._nothing()
        return self._read[text]

    def _look_up(self, text: str) -> Reading:
        # Numbers made in inference mode could not be trained with.
        with torch.inference_mode(False), torch.no_grad():
            return self._matches.read([text])

    def _nothing(self) -> Reading:
        words = torch.zeros(1, self._longest, self.text, device=self._device)
        known = torch.zeros(1, self._longest, dtype=torch.bool, device=self._device)
        return Reading(words, known, torch.zeros(1, self.whole, device=self._device))


def reader_of(config: DenoisingConfig, spec: DataSpec, context: BuildContext) -> Reader | None:
    """The reader a config asks for. Raises `FamilyError` where it cannot serve."""
    if config.words is None:
        return None
    if not spec.captioned:
        raise FamilyError(
            "These pictures have no captions, so that there are no words to learn. Import pictures with captions, or "
            "leave “Words from” empty."
        )
    model = context.load_run(config.words)
    if not isinstance(model, MatchesText):
        raise FamilyError("The run chosen in “Words from” does not read words. Choose one that matches words.")
    return Reader(model)
