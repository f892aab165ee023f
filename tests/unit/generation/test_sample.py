"""Sampling in chunks, walking, redrawing: with a learner that draws from its noise alone."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.errors import Cancelled, FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.interpolate import interpolate, slerp
from genstudio.generation.reconstruct import reconstruct
from genstudio.generation.sample import Generated, sample, sample_chunk_of
from genstudio.training.learner import Watch, unwatched
from tests.unit.generation.painter import OPTIONS, Mute, Painter


@pytest.fixture
def painter() -> Painter:
    return Painter().train()


def draw(painter: Painter, seed: int, count: int, batch: int, watch: Watch = unwatched) -> Iterator[Generated]:
    return sample(painter, seed=seed, count=count, batch=batch, options=OPTIONS, label=None, device="cpu", watch=watch)


def recipe(index: int, count: int, batch: int, seed: int = 4) -> Recipe:
    return Recipe(
        family="painter", run="r", checkpoint="c", images_seen=0, seed=seed, index=index, count=count, batch=batch
    )


def test_that_samples_come_in_chunks_and_none_is_left_out(painter: Painter) -> None:
    chunks = list(draw(painter, 4, count=7, batch=3))
    assert [chunk.indices for chunk in chunks] == [range(3), range(3, 6), range(6, 7)]
    assert [chunk.images.shape for chunk in chunks] == [(3, 4, 5, 3), (3, 4, 5, 3), (1, 4, 5, 3)]
    assert all(chunk.images.dtype == np.uint8 for chunk in chunks)


def test_that_a_sample_depends_on_seed_and_index_alone(painter: Painter) -> None:
    large = np.concatenate([chunk.images for chunk in draw(painter, 4, count=8, batch=8)])
    small = np.concatenate([chunk.images for chunk in draw(painter, 4, count=5, batch=2)])
    other = np.concatenate([chunk.images for chunk in draw(painter, 5, count=5, batch=2)])
    assert (np.abs(large[:5].astype(int) - small) <= 1).all()
    assert (other != small).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("index", range(7))
def test_that_any_sample_can_be_made_again_to_the_bit(painter: Painter, index: int) -> None:
    first = np.concatenate([chunk.images for chunk in draw(painter, 4, count=7, batch=3)])
    again = sample_chunk_of(painter, recipe(index, count=7, batch=3), options=OPTIONS, label=None, device="cpu")
    assert (again.images[index - again.indices.start] == first[index]).all()


def test_that_a_label_reaches_the_learner(painter: Painter) -> None:
    def mean(label: int | None) -> float:
        chunks = sample(painter, seed=0, count=4, batch=4, options=OPTIONS, label=label, device="cpu")
        return float(next(chunks).images.mean())

    assert mean(1) > mean(0) + 50


def test_that_drawing_leaves_modes_and_gradients_as_they_were(painter: Painter) -> None:
    list(draw(painter, 4, count=2, batch=2))
    assert painter.training
    assert painter.dropout.training
    assert torch.is_grad_enabled()


def test_that_progress_rises_to_the_whole(painter: Painter) -> None:
    heard: list[tuple[int, int]] = []

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        heard.append((done, total))

    list(draw(painter, 4, count=7, batch=3, watch=watch))
    shares = [done / total for done, total in heard]
    assert shares == sorted(shares)
    assert shares[0] < 0.3
    assert shares[-1] == 1.0


def test_that_a_cancelled_drawing_keeps_the_chunks_before(painter: Painter) -> None:
    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        if done > total / 2:
            raise Cancelled

    chunks = []
    with pytest.raises(Cancelled):
        for chunk in draw(painter, 4, count=9, batch=3, watch=watch):
            chunks.append(chunk.indices)
    assert chunks == [range(3)]
    assert painter.training


def test_that_a_walk_ends_on_its_two_samples_to_the_bit(painter: Painter) -> None:
    walk = interpolate(
        painter, seed_a=1, seed_b=2, steps=6, options=OPTIONS, label=None, device="cpu", index_a=3, index_b=0
    )
    assert walk.images.shape == (6, 4, 5, 3)
    for place, seed, index in ((0, 1, 3), (5, 2, 0)):
        alone = sample_chunk_of(painter, recipe(index, 10, 1, seed), options=OPTIONS, label=None, device="cpu")
        assert (walk.images[place] == alone.images[0]).all()


@pytest.mark.parametrize(("label", "label_b"), [(0, 1), (None, 1), (1, None), (1, 1), (None, None)])
def test_that_the_ends_of_a_walk_may_have_labels_of_their_own(
    painter: Painter, label: int | None, label_b: int | None
) -> None:
    walk = interpolate(
        painter, seed_a=1, seed_b=2, steps=5, options=OPTIONS, label=label, device="cpu", label_b=label_b
    )
    assert walk.images.shape == (5, 4, 5, 3)
    for place, seed, called in ((0, 1, label), (4, 2, label_b)):
        alone = sample_chunk_of(painter, recipe(0, 1, 1, seed), options=OPTIONS, label=called, device="cpu")
        assert (walk.images[place] == alone.images[0]).all()


def test_that_a_walk_is_smooth_because_only_the_latent_changes(painter: Painter) -> None:
    walk = interpolate(painter, seed_a=1, seed_b=1, steps=5, options=OPTIONS, label=None, device="cpu")
    assert (np.abs(walk.images.astype(int) - walk.images[0]) <= 1).all()


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_that_walks_may_be_short(painter: Painter, steps: int) -> None:
    walk = interpolate(painter, seed_a=1, seed_b=2, steps=steps, options=OPTIONS, label=None, device="cpu")
    assert len(walk.images) == len(walk.indices) == steps


def test_that_a_walk_keeps_to_the_shell_between_its_ends() -> None:
    start, end = torch.randn(2, 400, generator=torch.Generator().manual_seed(0))
    path = slerp(start, 1.5 * end, torch.linspace(0, 1, 11))
    assert torch.equal(path[0], start)
    assert torch.equal(path[-1], 1.5 * end)
    lengths = path.norm(dim=1)
    assert (lengths.diff() > 0).all()  # a straight line would dip through the middle
    steps = torch.nn.functional.normalize(path, dim=1).diff(dim=0).norm(dim=1)
    assert float(steps.max() / steps.min()) < 1.001


def test_that_a_walk_between_equal_or_vanishing_latents_stays_finite() -> None:
    shares = torch.linspace(0, 1, 5)
    ones = torch.ones(3)
    torch.testing.assert_close(slerp(ones, ones, shares), ones.expand(5, 3))
    assert torch.isfinite(slerp(torch.zeros(3), ones, shares)).all()
    assert torch.isfinite(slerp(-ones, ones, shares)).all()


def test_that_redrawing_gives_back_what_an_identity_redraws(painter: Painter) -> None:
    images = np.arange(70 * 4 * 5 * 3, dtype=np.int64).reshape(70, 4, 5, 3).astype(np.uint8)
    assert (reconstruct(painter, images, "cpu") == images).all()
    assert painter.training


def test_that_what_a_learner_cannot_do_is_refused_with_a_sentence() -> None:
    mute = Mute()
    with pytest.raises(FamilyError, match="cannot generate"):
        list(sample(mute, seed=0, count=1, batch=1, options=OPTIONS, label=None, device="cpu"))
    with pytest.raises(FamilyError, match="no space between"):
        interpolate(mute, seed_a=0, seed_b=1, steps=2, options=OPTIONS, label=None, device="cpu")
    with pytest.raises(FamilyError, match="cannot redraw"):
        reconstruct(mute, np.zeros((1, 4, 5, 3), np.uint8), "cpu")
