"""Words and pictures: a small CLIP (Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
Supervision").

Two networks, the towers, turn a picture and a text into vectors of length 1. Their product is how well the two fit.
From a batch of N pictures with their captions the model learns to find, for every picture, its own caption among all N,
and for every caption its picture:

    loss = ½ ( -log softmax over texts of τ fit(i, ·) at i  -  log softmax over pictures of τ fit(·, i) at i )

with a learned inverse temperature τ of at most 100 (section 2.5). It draws nothing; models that draw by text read
their texts with it, and its fit ranks what they drew.

Where this differs from the paper, because a designer has a thousand captions and not 400 million:

- The towers are small, and begin without any knowledge, see `towers` and `words`; weights trained elsewhere, see
  `original`.
- Captions lose words at random, so that parts of them become prompts. A picture is then not held against another
  picture's shortened text if all words of that are in its own caption too: "heart" is no wrong text for a red heart.
  For the same reason, captions of the same words are never held against each other.
- Pictures are changed at random (`augment`), and an average of the weights is what is used.
- Pictures without a caption are not learned from.
"""

from collections.abc import Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from genstudio.api import Batch, Ema, Learner, PreviewRequest, Reading, Updater, warmup_cosine
from genstudio_clip.augment import augmented
from genstudio_clip.config import ClipConfig
from genstudio_clip.contrast import contrastive, found
from genstudio_clip.tokens import Reader, Tokens
from genstudio_clip.towers import Towers, layered


class ClipLearner(Learner):
    """Trains `Towers`; everything is read and looked at with the moving average of their weights.

    pace: what the learning rate is multiplied by. averages: whether there is a moving average at all.
    """

    pace = 1.0
    averages = True

    evaluated_together = 256

    def __init__(self, config: ClipConfig, towers: Towers, reader: Reader) -> None:
        super().__init__()
        self.config, self.reader, self.towers = config, reader, towers
        self.text_shape, self.match_width = towers.text_shape, towers.match_width
        self.ema = Ema(towers, decay=0.999) if self.averages else None
        self.updater = Updater(
            towers,
            lr=self.pace * config.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=config.weight_decay,
            clip=1.0,
            schedule=warmup_cosine(config.images, min(100 * config.batch_size, config.images // 10)),
            ema=self.ema,
        )

    @property
    def shown(self) -> Towers:
        """What reads and looks."""
        return self.towers if self.ema is None else self.ema.module

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Tell the pictures and captions of a batch apart."""
        tokens = self._tokens(batch)
        shorter, excused = tokens.shortened(self.config.shorten, batch.generator)
        pictures = augmented(layered(batch.images), batch.generator, mirror=self.config.mirror)
        fits = self.towers.look(pictures) @ self.towers.read(shorter).whole.T
        counts = tokens.captioned()
        losses = contrastive(self.towers.scale() * fits, excused, counts)
        self.updater.step(losses.sum() / counts.sum().clamp_min(1), batch.images_seen)
        return _means(_figures(losses, fits, excused, self.towers.scale()), counts)

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the average's on whole captions; pictures without one count as the mean of the others."""
        tokens, towers = self._tokens(batch), self.shown
        fits = towers.look(layered(batch.images)) @ towers.read(tokens).whole.T
        counts, same = tokens.captioned(), tokens.alike()
        losses = contrastive(towers.scale() * fits, same, counts)
        figures = _figures(losses, fits.masked_fill(~counts[:, None], -2.0), same, towers.scale())
        means = _means(figures, counts)
        return {name: torch.where(counts, values, means[name]) for name, values in figures.items()}

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Held-out pictures, each followed by the one of them that its caption fits best."""
        images, captions = request.examples.images, request.examples.captions
        if captions is not None:
            best = (self.look(images) @ self.read(captions).whole.T).argmax(0)
            yield "found", torch.stack([images, images[best]], 1).flatten(0, 1)

    def read(self, texts: Sequence[str]) -> Reading:
        """Read texts; what is behind the last token there is room for is cut off."""
        reading = self.shown.read(self.reader(texts, self.towers.logit_scale.device))
        missing = self.text_shape[0] - reading.known.shape[1]
        words, known = F.pad(reading.words, (0, 0, 0, missing)), F.pad(reading.known, (0, missing))
        return Reading(words, known, reading.whole)

    def look(self, images: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] to (N, E) of length 1, differentiable; any size, grey, RGB or RGBA."""
        return self.shown.look(layered(images))

    def _tokens(self, batch: Batch) -> Tokens:
        captions = batch.captions if batch.captions is not None else ("",) * len(batch)
        return self.reader(captions, batch.images.device)


def _figures(losses: Tensor, fits: Tensor, excused: Tensor, scale: Tensor) -> dict[str, Tensor]:
    """Each (B,), named as in the family's series."""
    one, five = (found(fits.detach(), excused, among) for among in (1, 5))
    warmth = (1 / scale.detach()).expand(len(fits))
    return {"loss": losses.detach(), "found@1": one, "found@5": five, "temperature": warmth}


def _means(figures: Mapping[str, Tensor], counts: Tensor) -> dict[str, Tensor]:
    return {name: (values * counts).sum() / counts.sum().clamp_min(1) for name, values in figures.items()}
