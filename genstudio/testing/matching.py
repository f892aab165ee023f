"""The check of a family that says how well words and pictures fit."""

import torch

from genstudio.data.batches import Batch
from genstudio.testing.lab import Lab
from genstudio.testing.report import Broken, require
from genstudio.training.learner import Learner, MatchesText, Reading

_TEXTS = ("a red disc", "ein grüner Ring", "", "word " * 500, "赤い輪", "❤ 🙂")
_CLOSE = 1e-4


def check_matches(_: Lab, learner: Learner, batch: Batch) -> None:
    """It reads any text and looks at any picture of its kind; both become vectors of length 1."""
    if not isinstance(learner, MatchesText):
        raise Broken("It declares “match-text” but lacks read, look, text_shape or match_width.")
    _check_reading(learner, learner.read(_TEXTS))
    _check_company(learner)
    _check_looking(learner, batch)


def _check_reading(learner: MatchesText, reading: Reading) -> None:
    wanted = (len(_TEXTS), *learner.text_shape)
    require(tuple(reading.words.shape) == wanted, f"Words have shape {tuple(reading.words.shape)}, not {wanted}.")
    require(reading.known.dtype is torch.bool, f"known is {reading.known.dtype}, not bool.")
    require(tuple(reading.known.shape) == wanted[:2], f"known has shape {tuple(reading.known.shape)}.")
    require(
        bool(reading.known.any(1).all()), "A text has no known token at all; there must be one even in an empty text."
    )
    require(bool(torch.isfinite(reading.words).all()), "Words are not finite.")
    _check_lengths(reading.whole, learner.match_width, "Whole texts", len(_TEXTS))
    require(not torch.allclose(reading.whole[0], reading.whole[1]), "Two different texts are read alike.")


def _check_company(learner: MatchesText) -> None:
    """A text is read alike alone and beside longer ones, and the same way every time."""
    alone, beside = learner.read(_TEXTS[:1]), learner.read(_TEXTS)
    places = alone.known[0]
    require(torch.equal(places, beside.known[0]), "How many tokens a text has depends on the texts beside it.")
    for what, one, other in (
        ("The words", alone.words[0][places], beside.words[0][places]),
        ("The whole", alone.whole[0], beside.whole[0]),
    ):
        require(torch.allclose(one, other, atol=_CLOSE), f"{what} of a text depends on the texts beside it.")
    again = learner.read(_TEXTS)
    require(torch.equal(beside.whole, again.whole), "The same texts are read differently the second time.")


def _check_looking(learner: MatchesText, batch: Batch) -> None:
    with torch.enable_grad():
        images = batch.images.clone().requires_grad_()
        seen = learner.look(images)
        _check_lengths(seen, learner.match_width, "Looks at pictures", len(images))
        require(seen.requires_grad, "Looking is not differentiable: no gradient reaches the pictures.")
        (gradient,) = torch.autograd.grad(seen[:, 0].sum(), images)
    require(bool(torch.isfinite(gradient).all() and gradient.any()), "The gradient at the pictures is zero or worse.")
    for channels in (1, 3, 4):
        other = learner.look(torch.zeros(1, channels, 20, 24))
        _check_lengths(other, learner.match_width, f"Looks at a picture of {channels} channels and 24 × 20 pixels", 1)
    one, beside = learner.look(batch.images[:1]), learner.look(batch.images)[:1]
    require(torch.allclose(one, beside, atol=_CLOSE), "How a picture looks depends on the pictures beside it.")


def _check_lengths(vectors: torch.Tensor, width: int, what: str, count: int) -> None:
    require(tuple(vectors.shape) == (count, width), f"{what} have shape {tuple(vectors.shape)}, not {(count, width)}.")
    require(bool(torch.isfinite(vectors).all()), f"{what} are not finite.")
    even = torch.allclose(vectors.norm(dim=1), torch.ones_like(vectors[:, 0]), atol=_CLOSE)
    require(even, f"{what} are not of length 1.")
