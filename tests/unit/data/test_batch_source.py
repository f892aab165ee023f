"""Batches are a pure function of the run's clock."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genstudio.core.errors import ConfigError, DataError
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource

PIXELS = np.random.default_rng(0).integers(0, 256, (50, 3, 8, 8), dtype=np.uint8)
PIXELS[0, 0, 0, :2] = 0, 255
DATASET = ImageDataset.in_memory(PIXELS, labels=[number % 5 for number in range(50)], classes=list("abcde"))
INDICES = np.array([number for number in range(50) if number % 7])


def make(batch_size: int = 8, seed: int = 3, rank: int = 0, world: int = 1, count: int = len(INDICES)) -> BatchSource:
    return BatchSource(DATASET, INDICES[:count], batch_size=batch_size, seed=seed, device="cpu", rank=rank, world=world)


def positions(source: BatchSource, images_seen: int) -> list[int]:
    return source.batch(images_seen).index.tolist()


def test_that_a_batch_holds_the_examples_it_names() -> None:
    batch = make().batch(16)
    index = batch.index.numpy()
    assert len(batch) == 8
    assert (batch.pixels.numpy() == PIXELS[index]).all()
    assert batch.labels is not None
    assert (batch.labels.numpy() == index % 5).all()
    assert batch.images_seen == 16
    assert batch.images.dtype == torch.float32
    assert torch.equal(batch.images, (batch.pixels.float() - 127.5) / 127.5)


def test_that_black_and_white_are_exactly_minus_one_and_one() -> None:
    batch = make().fixed([0], seed=0)
    assert batch.images[0, 0, 0, 0].item() == -1
    assert batch.images[0, 0, 0, 1].item() == 1
    levels = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    images = BatchSource(ImageDataset.in_memory(levels), [0], batch_size=1, seed=0, device="cpu").batch(0).images
    assert torch.equal(images.flatten(), -images.flatten().flip(0))
    assert (((images + 1) * 127.5).round() == torch.from_numpy(levels)).all()


def test_that_every_epoch_shows_every_example_once_in_another_order() -> None:
    source = make(batch_size=1)
    epochs = [[positions(source, epoch * 42 + at)[0] for at in range(42)] for epoch in range(3)]
    assert len(INDICES) == 42
    assert all(sorted(epoch) == INDICES.tolist() for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


@given(st.integers(0, 10**6), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_that_a_batch_is_the_same_bits_however_the_run_came_there(images_seen: int, seed: int) -> None:
    fresh, used = make(seed=seed), make(seed=seed)
    for earlier in (0, images_seen + 8, images_seen // 2):
        used.batch(earlier)
    one, other = fresh.batch(images_seen), used.batch(images_seen)
    assert torch.equal(one.images, other.images)
    assert torch.equal(one.index, other.index)
    noise = [torch.randn(4, generator=batch.generator) for batch in (one, other)]
    assert torch.equal(*noise)


@given(st.integers(1, 42), st.integers(1, 100), st.integers(0, 500))
@settings(max_examples=60, deadline=None)
def test_that_batches_are_stretches_of_one_stream_across_epochs(count: int, batch_size: int, start: int) -> None:
    single = make(batch_size=1, count=count)
    stream = [positions(single, start + at)[0] for at in range(batch_size)]
    assert positions(make(batch_size=batch_size, count=count), start) == stream


def test_that_ranks_share_one_global_batch() -> None:
    for images_seen in (0, 12, 36, 40, 999):
        whole = positions(make(batch_size=12), images_seen)
        parts = [positions(make(batch_size=12, rank=rank, world=3), images_seen) for rank in range(3)]
        assert [*parts[0], *parts[1], *parts[2]] == whole


def test_that_ranks_draw_different_noise() -> None:
    batches = [make(rank=rank, world=2).batch(8) for rank in range(2)]
    assert not torch.equal(*(torch.randn(4, generator=batch.generator) for batch in batches))


def test_that_noise_and_dropout_are_seeded_apart_and_anew_at_every_step() -> None:
    source, drawn = make(), []
    for images_seen in (0, 8, 0):
        generator = source.batch(images_seen).generator
        drawn.append((torch.randn(4, generator=generator), torch.randn(4)))
    assert torch.equal(drawn[0][0], drawn[2][0])
    assert torch.equal(drawn[0][1], drawn[2][1])
    assert not torch.equal(drawn[0][0], drawn[1][0])
    assert not torch.equal(drawn[0][1], drawn[1][1])
    assert not torch.equal(drawn[0][0], drawn[0][1])


def test_that_seeds_give_different_orders() -> None:
    assert positions(make(seed=1), 0) != positions(make(seed=2), 0)


def test_that_a_batch_lives_in_buffers_that_the_next_overwrites_and_a_fixed_one_does_not() -> None:
    source = make()
    first = source.batch(0)
    fixed = source.fixed([1, 2], seed=0)
    kept = fixed.images.clone()
    second = source.batch(8)
    assert first.images.data_ptr() == second.images.data_ptr()
    assert torch.equal(fixed.images, kept)


def test_that_a_fixed_batch_leaves_the_global_generator_alone() -> None:
    source = make()
    torch.manual_seed(5)
    source.fixed([1], seed=0)
    after = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(after, torch.rand(1))


def test_that_a_fixed_batch_has_noise_of_its_seed() -> None:
    source = make()
    drawn = [torch.randn(3, generator=source.fixed([1], seed=seed).generator) for seed in (1, 1, 2)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_that_unlabelled_data_has_no_labels() -> None:
    assert BatchSource(ImageDataset.in_memory(PIXELS), [0], batch_size=2, seed=0, device="cpu").batch(0).labels is None


def test_that_a_batch_that_ranks_cannot_share_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be shared equally") as refusal:
        make(batch_size=7, world=2)
    assert "batch_size" in refusal.value.fields


def test_that_no_examples_are_refused() -> None:
    with pytest.raises(DataError, match="no pictures"):
        make(count=0)
