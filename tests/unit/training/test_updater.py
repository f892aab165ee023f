"""The updater: AdamW's arithmetic, clipping, averaging, and that nothing non-finite gets through."""

import math

import pytest
import torch
from torch import Tensor, nn

from genstudio.core.errors import CheckpointError
from genstudio.training.updater import Ema, Updater, warmup_cosine


def make_net(*, channels_last: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 3))
    if channels_last:
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # missing in torch's annotations
    return net


def loss_of(net: nn.Module, step: int) -> Tensor:
    images = torch.randn(6, 2, 4, 4, generator=torch.Generator().manual_seed(step))
    loss: Tensor = net(images).square().mean()
    return loss


def everything(net: nn.Module, updater: Updater, ema: Ema[nn.Sequential]) -> dict[str, Tensor]:
    parts = {**net.state_dict(prefix="net."), **ema.state_dict(prefix="ema."), **updater.state_tensors()}
    return {name: tensor.clone() for name, tensor in parts.items()}


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("clip", [None, 0.01])
def test_that_it_makes_the_steps_of_adamw_which_spare_vectors_from_decay(
    channels_last: bool, clip: float | None
) -> None:
    ours, theirs = make_net(channels_last=channels_last), make_net(channels_last=channels_last)
    updater = Updater(ours, lr=1e-2, weight_decay=0.1, clip=clip)
    matrices = [p for p in theirs.parameters() if p.ndim > 1]
    vectors = [p for p in theirs.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.99), eps=1e-8)
    for step in range(10):
        norm = updater.step(loss_of(ours, step), 0)
        optimizer.zero_grad()
        loss_of(theirs, step).backward()  # type: ignore[no-untyped-call] # torch's own
        expected = nn.utils.clip_grad_norm_(theirs.parameters(), clip or math.inf)
        optimizer.step()
        assert torch.allclose(norm, expected)
    for (name, one), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        if name != "0.bias":  # batch normalisation removes it: its gradient is rounding noise, which Adam blows up
            assert torch.allclose(one, other, atol=1e-5), name


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_that_a_loss_that_is_not_finite_changes_nothing_now_or_later(bad: float) -> None:
    net = make_net()
    ema = Ema(net)
    updater = Updater(net, lr=1e-2, ema=ema, weight_decay=0.1, clip=1.0)
    updater.step(loss_of(net, 0), 0)
    net.eval()  # keeps the running statistics out of this test; the guard looks after them
    before = everything(net, updater, ema)
    updater.step(loss_of(net, 1) * bad, 0)
    assert bool(updater.blocked)
    updater.step(loss_of(net, 2), 0)
    after = everything(net, updater, ema)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_that_one_gradient_that_is_not_finite_is_enough() -> None:
    weight = nn.Parameter(torch.tensor([0.0, 1.0]))
    updater = Updater([("weight", weight)], lr=0.1)
    updater.step(weight.sqrt().sum() + 0 * weight.sum(), 0)  # the root's slope at zero is infinite
    assert bool(updater.blocked)
    assert weight.tolist() == [0.0, 1.0]


def test_that_updaters_which_share_a_guard_stop_together() -> None:
    one, other = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    first, second = Updater([("one", one)], lr=0.1), Updater([("other", other)], lr=0.1)
    blocked = torch.zeros((), dtype=torch.bool)
    first.share_guard(blocked)
    second.share_guard(blocked)
    first.step(one.sum() * math.nan, 0)
    second.step(other.sum(), 0)
    assert bool(blocked)
    assert other.tolist() == [1.0, 1.0]


def test_that_only_its_own_parameters_receive_gradients_and_none_is_left_behind() -> None:
    generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
    updater = Updater(generator, lr=0.1)
    before = critic.weight.clone()
    updater.step(critic(generator(torch.ones(3, 2))).mean(), 0)
    assert all(parameter.grad is None for parameter in [*generator.parameters(), *critic.parameters()])
    assert torch.equal(before, critic.weight)


def test_that_gradients_somebody_else_left_behind_are_not_used() -> None:
    weight = nn.Parameter(torch.zeros(1))
    updater = Updater([("weight", weight)], lr=0.1)
    weight.grad = torch.full((1,), -100.0)
    updater.step(weight.sum(), 0)
    assert weight.item() == pytest.approx(-0.1)


def test_that_gradients_which_share_their_memory_are_clipped_once() -> None:
    one, other = nn.Parameter(torch.zeros(4)), nn.Parameter(torch.zeros(4))
    updater = Updater([("one", one), ("other", other)], lr=0.1, clip=1.0)
    updater.step((one + other).sum(), 0)
    means = [updater.state_tensors()[f"{name}/mean"] for name in ("one", "other")]
    assert torch.allclose(means[0], torch.full((4,), 0.1 / math.sqrt(8)))
    assert torch.equal(means[0], means[1])


def test_that_a_parameter_the_loss_does_not_reach_counts_as_having_gradient_zero() -> None:
    used, unused = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    updater = Updater([("used", used), ("unused", unused)], lr=0.1)
    updater.step(used.sum(), 0)
    assert unused.item() == 1.0
    assert used.item() == pytest.approx(0.9)


def test_that_parameters_need_names_of_their_own_and_there_must_be_some() -> None:
    one, other = nn.Linear(1, 1), nn.Linear(1, 1)
    for named in ([*one.named_parameters(), *other.named_parameters()], [], nn.ReLU(), one.requires_grad_(False)):
        with pytest.raises(ValueError, match="name of its own"):
            Updater(named, lr=0.1)


def test_that_a_second_derivative_passes_through() -> None:
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    updater = Updater(net, lr=0.1)
    images = torch.ones(3, 2, requires_grad=True)
    (slope,) = torch.autograd.grad(net(images).sum(), images, create_graph=True)
    norm = updater.step(slope.square().sum(), 0)
    assert float(norm) > 0
    assert not bool(updater.blocked)


def test_that_the_schedule_scales_the_learning_rate_by_images_seen() -> None:
    weight = nn.Parameter(torch.zeros(1))
    updater = Updater([("weight", weight)], lr=0.1, schedule=lambda images_seen: images_seen / 100)
    updater.step(weight.sum(), 0)
    assert weight.item() == 0.0
    updater.step(weight.sum(), 50)
    assert weight.item() == pytest.approx(-0.05)


def test_that_its_state_is_put_back_exactly_and_frees_the_guard() -> None:
    nets = make_net(), make_net()
    updaters = [Updater(net, lr=1e-2) for net in nets]
    updaters[0].step(loss_of(nets[0], 0), 0)
    nets[1].load_state_dict(nets[0].state_dict())
    updaters[1].step(loss_of(nets[1], 0) * math.nan, 0)
    updaters[1].load_state_tensors(updaters[0].state_tensors())
    assert not bool(updaters[1].blocked)
    weights = {name: tensor.clone() for name, tensor in nets[0].state_dict().items()}
    for net, updater in zip(nets, updaters, strict=True):
        net.load_state_dict(weights)
        updater.step(loss_of(net, 1), 0)
    assert all(torch.equal(a, b) for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda tensors: tensors.pop("steps"), "lacks “steps”"),
        (lambda tensors: tensors.update(more=torch.zeros(1)), "unknown “more”"),
        (lambda tensors: tensors.update(steps=torch.zeros(2)), r"“steps” is float32 \(2\)"),
        (lambda tensors: tensors.update(steps=torch.zeros((), dtype=torch.float64)), "float64"),
    ],
)
def test_that_state_which_does_not_fit_is_refused_with_a_sentence(change: object, word: str) -> None:
    updater = Updater(make_net(), lr=1e-2)
    tensors = dict(updater.state_tensors())
    assert callable(change)
    change(tensors)
    with pytest.raises(CheckpointError, match=word):
        updater.load_state_tensors(tensors)


def test_that_the_average_ramps_up_and_then_moves_by_its_decay() -> None:
    source = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(source.weight)
    ema, go = Ema(source, decay=0.5), torch.zeros((), dtype=torch.bool)
    nn.init.ones_(source.weight)
    expected = 0.0
    for updates in range(12):
        ema.update(go)
        expected += (1 - min(0.5, (1 + updates) / (10 + updates))) * (1 - expected)
        assert next(ema.module.parameters()).item() == pytest.approx(expected)


def test_that_the_average_copies_running_statistics_and_never_trains() -> None:
    net = make_net()
    ema = Ema(net)
    updater = Updater(net, lr=1e-2, ema=ema)
    updater.step(loss_of(net, 0), 0)
    ema.train()
    assert not any(module.training for module in ema.modules())
    assert not any(parameter.requires_grad for parameter in ema.parameters())
    buffers = dict(ema.module.named_buffers())
    assert all(torch.equal(buffer, buffers[name]) for name, buffer in net.named_buffers())
    assert int(buffers["1.num_batches_tracked"]) == 1


def test_that_the_learning_rate_rises_over_the_warmup_and_falls_to_its_floor() -> None:
    factor = warmup_cosine(total=1000, warmup=100, floor=0.1)
    assert [factor(images) for images in (0, 50, 100)] == pytest.approx([0.0, 0.5, 1.0])
    assert factor(550) == pytest.approx(0.55)
    assert [factor(images) for images in (1000, 5000)] == pytest.approx([0.1, 0.1])
    assert warmup_cosine(total=10, warmup=0)(0) == 1.0
