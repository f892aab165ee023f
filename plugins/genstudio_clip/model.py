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

import math
from collections.abc import Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.api import Batch, DataSpec, Ema, Learner, PreviewRequest, Reading, Updater, warmup_cosine
from genstudio_clip.augment import augmented
from genstudio_clip.config import ClipConfig
from genstudio_clip.contrast import contrastive, found
from genstudio_clip.towers import PictureTower, TextTower
from genstudio_clip.words import Tokens, Words

LENGTH = 24
"""Tokens of a text at most: words, and the end."""
_PIECES = 8192
_MATCH = 128  # width of what is compared
_START = math.log(1 / 0.07)  # of the inverse temperature (section 2.5 of the paper)
_MOST = math.log(100.0)


class Towers(nn.Module):
    """Both towers and the temperature."""

    def __init__(self, config: ClipConfig, spec: DataSpec) -> None:
        super().__init__()
        self.size = (spec.height, spec.width)
        self.pictures = PictureTower(max(self.size), config.width, config.depth, _MATCH)
        self.texts = TextTower(_PIECES, LENGTH, config.text_width, config.text_depth, _MATCH)
        self.log_scale = nn.Parameter(torch.tensor(_START))

    def look(self, pictures: Tensor) -> Tensor:
        """(N, 4, H, W), see `layered`, to (N, E) of length 1."""
        return F.normalize(self.pictures(pictures), dim=1)

    def read(self, tokens: Tokens) -> Reading:
        """Tokens to a reading."""
        words, whole = self.texts(tokens)
        return Reading(words, tokens.known, F.normalize(whole, dim=1))

    def scale(self) -> Tensor:
        """The inverse temperature, at most 100; at the bound the gradient still passes, so that it can come back."""
        held = self.log_scale.clamp(max=_MOST)
        return (self.log_scale + (held - self.log_scale).detach()).exp()

    def fitted(self, images: Tensor) -> Tensor:
        """Pictures of any size and channels (N, C, H, W) in [-1, 1], as the tower takes them."""
        pictures = layered(images)
        if pictures.shape[2:] != self.size:
            pictures = F.interpolate(pictures, self.size, mode="bicubic", antialias=True, align_corners=False)
        return pictures


def layered(images: Tensor) -> Tensor:
    """Grey, RGB or RGBA pictures (N, C, H, W) in [-1, 1] as colours laid over mid grey, and opacity: (N, 4, H, W)."""
    colours = images[:, :3] if images.shape[1] >= 3 else images[:, :1].expand(-1, 3, -1, -1)
    if images.shape[1] == 4:
        opacity = (images[:, 3:] + 1) / 2
        return torch.cat([colours * opacity, opacity], 1)
    return torch.cat([colours, torch.ones_like(colours[:, :1])], 1)


class ClipLearner(Learner):
    """Trains `Towers`; everything is read and looked at with the moving average of their weights."""

    evaluated_together = 256

    def __init__(self, config: ClipConfig, spec: DataSpec) -> None:
        super().__init__()
        self.config = config
        self.words = Words(LENGTH, _PIECES)
        self.text_shape, self.match_width = (LENGTH, config.text_width), _MATCH
        self.towers = Towers(config, spec)
        self.ema = Ema(self.towers, decay=0.999)
        self.updater = Updater(
            self.towers,
            lr=config.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=config.weight_decay,
            clip=1.0,
            schedule=warmup_cosine(config.images, min(100 * config.batch_size, config.images // 10)),
            ema=self.ema,
        )

    def step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Tell the pictures and captions of a batch apart."""
        tokens = self._tokens(batch)
        shorter, excused = shortened(tokens, self.config.shorten, batch.generator)
        pictures = augmented(self.towers.fitted(batch.images), batch.generator, mirror=self.config.mirror)
        fits = self.towers.look(pictures) @ self.towers.read(shorter).whole.T
        counts = captioned(tokens)
        losses = contrastive(self.towers.scale() * fits, excused, counts)
        self.updater.step(losses.sum() / counts.sum().clamp_min(1), batch.images_seen)
        return self._means(self._figures(losses, fits, excused, self.towers.scale()), counts)

    def evaluate(self, batch: Batch) -> Mapping[str, Tensor]:
        """The same figures of the average's on whole captions; pictures without one count as the mean of the others."""
        tokens, towers = self._tokens(batch), self.ema.module
        fits = towers.look(towers.fitted(batch.images)) @ towers.read(tokens).whole.T
        counts, same = captioned(tokens), alike(tokens)
        losses = contrastive(towers.scale() * fits, same, counts)
        fits = fits.masked_fill(~counts[:, None], -2.0)
        figures = self._figures(losses, fits, same, towers.scale())
        means = self._means(figures, counts)
        return {name: torch.where(counts, values, means[name]) for name, values in figures.items()}

    def previews(self, request: PreviewRequest) -> Iterator[tuple[str, Tensor]]:
        """Held-out pictures, each followed by the one of them that its caption fits best."""
        images, captions = request.examples.images, request.examples.captions
        if captions is not None:
            best = (self.look(images) @ self.read(captions).whole.T).argmax(0)
            yield "found", torch.stack([images, images[best]], 1).flatten(0, 1)

    def read(self, texts: Sequence[str]) -> Reading:
        """Read texts; what is behind the 23rd word is cut off."""
        reading = self.ema.module.read(self.words(texts, self._device))
        missing = LENGTH - reading.known.shape[1]
        words, known = F.pad(reading.words, (0, 0, 0, missing)), F.pad(reading.known, (0, missing))
        return Reading(words, known, reading.whole)

    def look(self, images: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] to (N, E) of length 1, differentiable; any size, grey, RGB or RGBA."""
        return self.ema.module.look(self.ema.module.fitted(images))

    @property
    def _device(self) -> torch.device:
        return self.towers.log_scale.device

    def _tokens(self, batch: Batch) -> Tokens:
        captions = batch.captions
        return self.words(captions if captions is not None else [""] * len(batch), self._device)

    def _figures(self, losses: Tensor, fits: Tensor, excused: Tensor, scale: Tensor) -> dict[str, Tensor]:
        """Each (B,), named as in the family's series."""
        one, five = (found(fits.detach(), excused, among) for among in (1, 5))
        warmth = (1 / scale.detach()).expand(len(fits))
        return {"loss": losses.detach(), "found@1": one, "found@5": five, "temperature": warmth}

    def _means(self, figures: Mapping[str, Tensor], counts: Tensor) -> dict[str, Tensor]:
        return {name: (values * counts).sum() / counts.sum().clamp_min(1) for name, values in figures.items()}


def captioned(tokens: Tokens) -> Tensor:
    """Which texts have any words, bool (N,)."""
    return (tokens.words > 0).any(1)


def alike(tokens: Tokens) -> Tensor:
    """Which texts have all the same words, bool (N, N); a text is not its own other."""
    theirs = _held(tokens)
    same = (theirs[:, None] == theirs).all(2)
    return same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)


def shortened(tokens: Tokens, share: float, generator: torch.Generator) -> tuple[Tokens, Tensor]:
    """Take half of the words from a share of the texts, at random.

    Returns the texts, and which pictures i and shortened texts j are not held against each other, bool (N, N): those
    where the words of j are in the whole text of i, and of texts left whole those that have the same words.
    """
    count, device = len(tokens.rows), tokens.rows.device
    whole = _held(tokens)
    chosen = torch.rand(count, 1, generator=generator, device=device) < share
    gone = chosen & (torch.rand(count, tokens.count, generator=generator, device=device) < 0.5)
    gone[:, 0] = False  # the end stays
    left = whole & ~gone
    within = (left.float() @ (~whole).float().T == 0).T  # (i, j): nothing of the shortened j is not in i
    excused = (within & chosen.T) | alike(tokens)
    excused &= ~torch.eye(count, dtype=torch.bool, device=device)
    kept = tokens.known & ~gone.gather(1, tokens.words)
    order = kept.logical_not().long().argsort(dim=1, stable=True)
    rows, words = tokens.rows.gather(1, order), tokens.words.gather(1, order)
    return Tokens(rows, tokens.table, kept.gather(1, order), words, tokens.count), excused


def _held(tokens: Tokens) -> Tensor:
    """Which words each text has, bool (N, V)."""
    held = torch.zeros(len(tokens.words), tokens.count, dtype=torch.bool, device=tokens.words.device)
    return held.scatter(1, tokens.words, True)
