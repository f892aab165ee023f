"""Muon: its directions against a singular value decomposition and torch's own, its state, and its guard."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from genstudio.nn import precision
from genstudio.training.muon import MOMENTUM, Muon, _followed, orthogonalised
from genstudio.training.updater import Ema, Updater


def make_net(*, channels_last: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(2, 6, 3), nn.Conv2d(6, 6, 3), nn.Flatten(), nn.Linear(24, 12), nn.Linear(12, 3))
    if channels_last:
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # missing in torch's annotations
    return net


def hidden(net: nn.Sequential) -> list[nn.Parameter]:
    return [net[1].weight, net[3].weight]  # type: ignore[list-item] # a module's attributes are anything to mypy


def updater_of(net: nn.Sequential, ema: Ema[nn.Sequential] | None = None) -> Updater:
    return Updater(net, lr=1e-2, weight_decay=0.1, hidden=hidden(net), ema=ema)


def loss_of(net: nn.Module, step: int) -> Tensor:
    images = torch.randn(6, 2, 6, 6, generator=torch.Generator().manual_seed(step))
    loss: Tensor = net(images).square().mean()
    return loss


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 5, 40), (2, 40, 5)])
def test_that_directions_stay_and_all_count_about_alike(shape: tuple[int, int, int]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    (found,) = orthogonalised([matrices])
    along = left.mT @ found @ right.mT
    strengths = along.diagonal(dim1=1, dim2=2)
    assert strengths.min() > 0.5 and strengths.max() < 1.25
    torch.testing.assert_close(along, torch.diag_embed(strengths), atol=1e-4, rtol=0)


def test_that_following_the_square_is_following_the_matrix() -> None:
    """Down to singular values of a thousandth of the norm, and for stacks of several shapes at once."""
    stream = torch.Generator().manual_seed(0)
    weak = torch.randn(2, 16, 48, generator=stream) * torch.logspace(0, -3, 16)[:, None]
    stacks = [weak, torch.randn(3, 16, 20, generator=stream), torch.randn(1, 40, 8, generator=stream)]
    for found, stack in zip(orthogonalised(stacks), stacks, strict=True):
        wide = stack if stack.shape[1] <= stack.shape[2] else stack.mT
        plain = _followed(wide)
        torch.testing.assert_close(found, plain if wide is stack else plain.mT, atol=1e-3, rtol=0)


def test_that_nothing_becomes_nothing() -> None:
    assert torch.equal(orthogonalised([torch.zeros(1, 3, 4)])[0], torch.zeros(1, 3, 4))


@pytest.mark.parametrize("channels_last", [False, True])
def test_that_it_makes_the_steps_of_torchs_own(channels_last: bool) -> None:
    """torch's takes matrices alone, and multiplies halves: a kernel is shown to it as a matrix."""
    ours, theirs = make_net(channels_last=channels_last), make_net()
    kernel = nn.Parameter(hidden(theirs)[0].detach().movedim(1, -1).flatten(1).clone())
    dense = nn.Parameter(hidden(theirs)[1].detach().clone())
    peer: Any = torch.optim.Muon(
        [kernel, dense], lr=1e-2, weight_decay=0.1, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw"
    )
    mine = Muon(hidden(ours), 0.1)
    for step in range(5):
        stream = torch.Generator().manual_seed(step)
        gradients = [torch.randn(parameter.shape, generator=stream) for parameter in hidden(ours)]
        kernel.grad, dense.grad = gradients[0].movedim(1, -1).flatten(1), gradients[1].clone()
        peer.step()
        with torch.no_grad():
            mine.step(gradients, 1e-2, torch.tensor(False))
    torch.testing.assert_close(hidden(ours)[0].detach().movedim(1, -1).flatten(1), kernel.detach(), atol=2e-3, rtol=0)
    torch.testing.assert_close(hidden(ours)[1].detach(), dense.detach(), atol=2e-3, rtol=0)


def test_that_its_steps_are_of_the_size_of_adamws() -> None:
    weight = nn.Parameter(torch.zeros(32, 64))
    with torch.no_grad():
        Muon([weight], 0.0).step([torch.randn(32, 64)], 0.01, torch.tensor(False))
    assert float(weight.detach().square().mean().sqrt()) == pytest.approx(0.2 * 0.01, rel=0.2)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_that_a_loss_that_is_not_finite_changes_nothing_now_or_later(bad: float) -> None:
    net = make_net()
    ema = Ema(net)
    updater = updater_of(net, ema)
    updater.step(loss_of(net, 0), 0)
    parts = {**net.state_dict(prefix="net."), **ema.state_dict(prefix="ema."), **updater.state_tensors()}
    before = {name: tensor.clone() for name, tensor in parts.items()}
    for factor in (bad, 1.0):
        updater.step(loss_of(net, 1) * factor, 0)
        for name, tensor in before.items():
            assert torch.equal(parts[name], tensor), name


def test_that_its_state_goes_on_bit_by_bit_in_another_updater() -> None:
    one, other = make_net(), make_net()
    first, second = updater_of(one), updater_of(other)
    for step in range(3):
        first.step(loss_of(one, step), 0)
    other.load_state_dict(one.state_dict())
    second.load_state_tensors({name: tensor.clone() for name, tensor in first.state_tensors().items()})
    for step in range(3, 6):
        first.step(loss_of(one, step), 0)
        second.step(loss_of(other, step), 0)
    for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    names = {name for name in first.state_tensors() if name.endswith("/square")}
    assert "1.weight/square" not in names and "0.weight/square" in names


def test_that_vectors_and_whole_networks_are_refused() -> None:
    net = make_net()
    with pytest.raises(ValueError, match="orthogonal"):
        Muon([net[0].bias], 0.0)  # type: ignore[list-item] # a module's attributes are anything to mypy
    with pytest.raises(ValueError, match="leave some"):
        Updater(net[1], lr=0.1, hidden=net[1].parameters())


@pytest.mark.parametrize(("capability", "quicker"), [((7, 5), False), ((8, 0), True), ((12, 0), True)])
def test_that_halves_are_for_devices_that_are_quicker_with_them(
    capability: tuple[int, int], quicker: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    assert precision.halves(torch.device("cuda")) is quicker
    assert not precision.halves(torch.device("meta"))
