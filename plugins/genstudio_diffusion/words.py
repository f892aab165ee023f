"""Words to draw by, read by another run's model that reads texts.

That model stays as it is: it is no part of the learner that asks it, nor of its checkpoints. What it says of a text is
kept, for captions come again every epoch. Each text is read alone, for networks round differently in other company, and
what is new together depends on what is kept: a run that was resumed would not be the same to the bit.
"""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor

from genstudio.api import BuildContext, DataSpec, FamilyError, Learner, MatchesText, Reading
from genstudio.nn.transfer import sent
from genstudio_diffusion.config import DenoisingConfig

_KEPT = 256 * 2**20  # bytes of readings on the device; the oldest are forgotten


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
        self._read: OrderedDict[str, Reading] = OrderedDict()  # each of one text and no more tokens than it has
        self._bytes = 0

    def read(self, texts: Sequence[str], device: torch.device) -> Reading:
        """Texts as numbers, on a device; of a text of no words nothing is known."""
        self._move(device)
        texts = [text.strip() for text in texts]
        self._learn([text for text in dict.fromkeys(texts) if text not in self._read])
        together = self._together([self._read[text] for text in texts])
        self._forget()  # only now, because a batch may be larger than what is kept
        return together

    def fit(self, images: Tensor, whole: Tensor) -> Tensor:
        """How well pictures (N, C, H, W) in [-1, 1] fit texts (N, E): cosines, (N,); 0 where there is no text."""
        return (self._matches.look(images) * whole).sum(1)

    def _move(self, device: torch.device) -> None:
        if device != self._device:
            self._model.to(device)
            self._device = device
            self._read.clear()
            self._bytes = 0

    @torch.inference_mode(False)  # numbers made in inference mode could not be trained with
    @torch.no_grad()
    def _learn(self, texts: Sequence[str]) -> None:
        """Read new texts, and keep of each as many tokens as it has."""
        if not texts:
            return
        readings = [self._matches.read([text]) if text else self._nothing() for text in texts]
        places = torch.arange(1, self._longest + 1, device=self._device)
        counts = (torch.cat([one.known for one in readings]) * places).amax(1).tolist()  # waits for the device, once
        for text, one, count in zip(texts, readings, counts, strict=True):
            # Clones, for a part would hold on to the memory of the whole.
            self._read[text] = Reading(one.words[:, :count].clone(), one.known[:, :count].clone(), one.whole)
            self._bytes += _size(self._read[text])

    def _forget(self) -> None:
        while self._bytes > _KEPT:
            self._bytes -= _size(self._read.popitem(last=False)[1])

    def _together(self, readings: Sequence[Reading]) -> Reading:
        """One of all, with zeros behind the end of each text."""
        first = readings[0]
        words = torch.cat([first.words.new_zeros(1, 1, self.text), *(one.words for one in readings)], 1)[0]
        known = torch.cat([first.known.new_zeros(1, 1), *(one.known for one in readings)], 1)[0]
        counts = sent(torch.tensor([one.known.shape[1] for one in readings]), self._device)
        there = torch.arange(self._longest, device=self._device) < counts[:, None]
        rows = there.flatten().cumsum(0).view_as(there) * there  # row 0 has nothing in it
        return Reading(words[rows], known[rows], torch.cat([one.whole for one in readings]))

    def _nothing(self) -> Reading:
        words = torch.zeros(1, self._longest, self.text, device=self._device)
        known = torch.zeros(1, self._longest, dtype=torch.bool, device=self._device)
        return Reading(words, known, torch.zeros(1, self.whole, device=self._device))


def _size(reading: Reading) -> int:
    """Bytes."""
    return reading.words.nbytes + reading.known.nbytes + reading.whole.nbytes


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
