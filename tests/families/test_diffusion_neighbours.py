"""What the neighbours of a pixel pull it to, and arithmetic of half the size."""

import math

import pytest
import torch
from torch import Tensor, nn

from genstudio_diffusion.condition import Condition
from genstudio_diffusion.denoiser import Denoiser
from genstudio_diffusion.layers import attended
from genstudio_diffusion.neighbours import COUNT, pulled
from genstudio_diffusion.unet import UNet, UNetPlan

AROUND = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("wraps", [False, True])
def test_that_every_pixel_is_pulled_as_the_equation_says(wraps: bool) -> None:
    x, weights, sigma = numbers(2, 3, 4, 5), numbers(2, COUNT, 4, 5, seed=1), [0.3, 2.0]
    found = pulled(x, torch.tensor(sigma).view(2, 1, 1, 1), weights, wraps=wraps)
    for n, c, row, column in [(0, 0, 1, 2), (0, 2, 0, 0), (1, 1, 3, 4), (1, 0, 0, 3)]:
        moved = 0.0
        for weight, (down, right) in zip(weights[n, :, row, column], AROUND, strict=True):
            at = (row + down, column + right)
            at = (at[0] % 4, at[1] % 5) if wraps else (min(max(at[0], 0), 3), min(max(at[1], 0), 4))
            apart = float(x[n, c, *at] - x[n, c, row, column]) / sigma[n]
            moved += float(weight) * 3 * math.tanh(apart / 3)
        wanted = moved * sigma[n] / (1 + sigma[n])
        assert float(found[n, c, row, column]) == pytest.approx(wanted, abs=1e-5)


def test_that_flat_pictures_are_pulled_nowhere() -> None:
    flat = torch.full((1, 4, 6, 6), 0.7)
    assert not pulled(flat, torch.full((1, 1, 1, 1), 0.1), numbers(1, COUNT, 6, 6), wraps=False).any()


def test_that_edges_pull_no_more_than_noise_does() -> None:
    """A step of a hundred times the noise moves a pixel by three times the noise at most, for each weight of 1."""
    x = torch.zeros(1, 1, 4, 4)
    x[..., 2:] = 1.0
    moved = pulled(x, torch.full((1, 1, 1, 1), 0.01), torch.ones(1, COUNT, 4, 4), wraps=False)
    assert float(moved.abs().max()) <= 3 * 3 * 0.01


class Weighs(nn.Module):
    """Says that the picture is grey, and the same weight for all neighbours."""

    def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
        return torch.cat([torch.zeros_like(x), x.new_full((len(x), COUNT, *x.shape[2:]), 1 / 8)], 1)


def test_that_a_guess_is_moved_in_every_parameterisation_alike() -> None:
    """The pull is added to the guess itself: by how much does not depend on what the network is asked for."""
    x, sigma = numbers(2, 3, 6, 6), torch.tensor([0.4, 0.4])
    wanted = pulled(x, sigma.view(2, 1, 1, 1), torch.full((2, COUNT, 6, 6), 1 / 8), wraps=False)
    for prediction in ("edm", "flow", "v", "noise", "clean"):
        denoiser = Denoiser(Weighs(), prediction, low=0.01, high=10.0, neighbours=True)
        moved = denoiser(x, sigma, Condition()) - denoiser.factors(sigma).skip * x
        torch.testing.assert_close(moved, wanted, atol=1e-6, rtol=1e-5)


def unet_denoiser() -> tuple[UNet, Denoiser]:
    torch.manual_seed(0)
    network = UNet(UNetPlan(3, 3 + COUNT, 16, 16, features=16, depth=1, patch=1, attention=8, dropout=0.0, wraps=False))
    nn.init.normal_(network.last.weight, std=0.1)
    return network, Denoiser(network, "flow", low=0.01, high=10.0, neighbours=True)


def test_that_numbers_of_half_the_size_guess_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the precision of bfloat16, and with gradients; likelihoods are counted with whole numbers."""
    (network, denoiser), x, sigma = unet_denoiser(), numbers(2, 3, 16, 16), torch.tensor([0.1, 2.0])
    whole = denoiser(x, sigma, Condition())
    monkeypatch.setattr("genstudio.nn.precision.processor_has_halves", lambda: True)
    half = denoiser(x, sigma, Condition())
    assert half.dtype is torch.float32
    assert 0 < float((half - whole).detach().square().mean().sqrt()) < 0.02
    torch.testing.assert_close(denoiser.exactly()(x, sigma, Condition()), whole, atol=1e-5, rtol=0)
    half.square().mean().backward()
    assert all(parameter.grad is not None and bool(parameter.grad.isfinite().all()) for parameter in network.hidden())


def test_that_attention_of_halves_is_attention() -> None:
    query, key, value = (numbers(2, 2, 5, 8, seed=seed) for seed in range(3))
    known = torch.tensor([[True, True, False, True, True]])
    wanted = attended(query, key, value, known)
    found = attended(query.bfloat16(), key.bfloat16(), value.bfloat16(), known)
    torch.testing.assert_close(found.float(), wanted, atol=0.05, rtol=0)
