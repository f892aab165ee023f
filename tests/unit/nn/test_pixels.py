"""Levels, heads, completion: what the models of pixels in order are made of."""

import math

import pytest
import torch
from torch import Tensor

from genstudio.nn.pixels import Levels
from genstudio.nn.pixels_completion import completion_note, is_prefix
from genstudio.nn.pixels_condition import Condition
from genstudio.nn.pixels_heads import Head, MixtureHead, SoftmaxHead


def all_pixels(levels: int, channels: int) -> Tensor:
    """Every possible pixel, (levels ** channels, channels, 1, 1)."""
    axes = [torch.arange(levels)] * channels
    return torch.cartesian_prod(*axes).view(-1, channels, 1, 1)


def parameters_for(head: Head, count: int, spread: float) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    one = spread * torch.randn(1, head.outputs, 1, 1, generator=generator)
    return one.expand(count, -1, -1, -1)


@pytest.mark.parametrize("count", [2, 3, 16, 17, 255, 256])
def test_that_levels_become_values_and_come_back(count: int) -> None:
    levels, every = Levels(count), torch.arange(count)
    values = levels.values(every)
    assert values[0] == -1 and values[-1] == 1
    assert torch.equal(levels.of_values(values), every)


def test_that_with_all_levels_stored_numbers_are_levels_and_are_shown_unchanged() -> None:
    levels, stored = Levels(256), torch.arange(256, dtype=torch.uint8)
    shown = levels.values(levels.of_pixels(stored)).add(1).mul(127.5).round().to(torch.uint8)
    assert torch.equal(shown, stored)


@pytest.mark.parametrize("count", [2, 5, 16])
def test_that_stored_numbers_and_their_values_count_as_the_same_level(count: int) -> None:
    levels, stored = Levels(count), torch.arange(256, dtype=torch.uint8)
    assert torch.equal(levels.of_pixels(stored), levels.of_values((stored.float() - 127.5) / 127.5))
    assert torch.bincount(levels.of_pixels(stored)).numel() == count


@pytest.mark.parametrize(("levels", "channels"), [(256, 1), (2, 1), (4, 3), (3, 4)])
@pytest.mark.parametrize("spread", [0.3, 3.0])
def test_that_a_mixture_gives_all_pixels_together_a_probability_of_one(
    levels: int, channels: int, spread: float
) -> None:
    head = MixtureHead(Levels(levels), channels, components=5)
    pixels = all_pixels(levels, channels)
    nats = head.log_prob(parameters_for(head, len(pixels), spread), pixels)
    assert nats.double().exp().sum().item() == pytest.approx(1, abs=2e-5)


def test_that_a_softmax_gives_all_levels_together_a_probability_of_one() -> None:
    head = SoftmaxHead(Levels(4), channels=3)
    pixels = all_pixels(4, 3)
    nats = head.log_prob(parameters_for(head, len(pixels), 2.0), pixels)
    assert nats.double().exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_that_a_softmax_reads_level_l_of_subpixel_c_from_number_l_times_channels_plus_c() -> None:
    head = SoftmaxHead(Levels(4), channels=3)
    parameters = torch.zeros(1, head.outputs, 1, 1)
    parameters[0, 2 * 3 + 1] = 50.0  # level 2 of the second channel is certain
    certain = head.log_prob(parameters, torch.tensor([0, 2, 0]).view(1, 3, 1, 1))
    assert certain.item() == pytest.approx(-2 * math.log(4), abs=1e-5)


def test_that_a_mixture_is_the_integral_of_its_density_over_each_bin() -> None:
    head, middle = MixtureHead(Levels(16), channels=1, components=3), torch.tensor([[-0.8, 0.1, 0.7]]).double()
    log_scales, weights = torch.tensor([[-2.0, -1.0, -3.0]]).double(), torch.tensor([[0.2, 1.0, -0.5]]).double()
    parameters = torch.cat((weights, middle, log_scales)).float().view(1, 9, 1, 1).expand(16, -1, -1, -1)
    nats = head.log_prob(parameters, torch.arange(16).view(16, 1, 1, 1)).flatten()
    grid = torch.linspace(-12, 12, 2_400_001, dtype=torch.float64)
    scale = log_scales.exp()
    density = torch.zeros_like(grid)
    for k in range(3):
        z = (grid - middle[0, k]) / scale[0, k]
        density += weights.softmax(1)[0, k] * torch.sigmoid(z) * torch.sigmoid(-z) / scale[0, k]
    bins = ((grid + 1 + 1 / 15) / (2 / 15)).floor().clamp(0, 15).long()
    masses = torch.zeros(16, dtype=torch.float64).index_add_(0, bins, density * (grid[1] - grid[0]))
    assert torch.allclose(nats.double().exp(), masses, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("levels", "channels"), [(256, 3), (2, 1), (5, 4)])
def test_that_a_mixture_draws_from_the_probabilities_it_scores_with(levels: int, channels: int) -> None:
    head = MixtureHead(Levels(levels), channels, components=4)
    generator = torch.Generator().manual_seed(0)
    parameters = torch.randn(head.outputs, 6, generator=generator)
    pixel = torch.randint(levels, (channels, 6), generator=generator)
    drawn, total, drawing = head.levels.values(pixel), torch.zeros(6), head.pixel(parameters)
    for channel in range(channels):
        logits = drawing.logits()
        drawing.put(drawn[channel])
        assert logits.exp().sum(0).allclose(torch.ones(6), atol=1e-4)
        total += logits.gather(0, pixel[channel : channel + 1])[0]
    scored = head.log_prob(parameters.T[:, :, None, None], pixel.T[:, :, None, None])
    assert torch.allclose(total, scored.flatten(), atol=1e-3)


def test_that_gradients_of_a_mixture_stay_finite_however_wrong_it_is() -> None:
    head = MixtureHead(Levels(256), channels=3, components=2)
    parameters = (40 * torch.randn(8, head.outputs, 2, 2)).requires_grad_()
    (gradient,) = torch.autograd.grad(head.log_prob(parameters, torch.randint(256, (8, 3, 2, 2))).sum(), parameters)
    assert bool(torch.isfinite(gradient).all())


@pytest.mark.parametrize(
    ("known", "prefix"),
    [
        ([[1, 1, 1], [0, 0, 0]], True),
        ([[1, 1, 1], [1, 0, 0]], True),
        ([[0, 0, 0], [0, 0, 0]], True),
        ([[1, 1, 1], [1, 1, 1]], True),
        ([[1, 0, 1], [0, 0, 0]], False),
        ([[0, 0, 0], [1, 1, 1]], False),
    ],
)
def test_that_only_masks_in_reading_order_need_no_note(known: list[list[int]], prefix: bool) -> None:
    mask = torch.tensor(known).bool()
    assert is_prefix(mask) is prefix
    assert (completion_note(mask) == "") is prefix


def test_that_hidden_labels_become_any_class_in_the_share_asked_for() -> None:
    condition = Condition(classes=5, width=3)
    labels = torch.arange(10_000) % 5
    hidden, _ = condition.hide(labels, 0.2, torch.Generator().manual_seed(0))
    share = (hidden == 5).float().mean().item()
    assert share == pytest.approx(0.2, abs=0.02)
    assert torch.equal(hidden[hidden != 5], labels[hidden != 5])
    assert torch.equal(condition(None, 2), condition(torch.tensor([5, 5]), 2))


def test_that_an_embedding_that_is_not_known_adds_nothing() -> None:
    condition = Condition(classes=2, width=3, embedding=4)
    labels, embeddings = torch.tensor([0, 1]), torch.randn(2, 4)
    known = condition(labels, 2, embeddings, torch.tensor([True, False]))
    assert torch.equal(known[0], condition(labels, 2, embeddings)[0])
    assert torch.equal(known[1], condition(labels, 2)[1])
    assert not torch.allclose(known[0], condition(labels, 2)[0])
