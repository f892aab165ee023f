"""Two halves of a batch at once: the same step, whichever comes first."""

import threading
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from genstudio.training.halves import Halves, worth_halving
from genstudio.training.updater import Updater


@pytest.fixture(autouse=True)
def two_cores() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def losses(net: nn.Module, images: Tensor) -> list[Callable[[], Tensor]]:
    return [lambda part=part: net(part).square().sum() / len(images) for part in images.chunk(2)]  # type: ignore[misc]


def trained(*, halved: bool) -> list[Tensor]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.SiLU(), nn.Conv2d(8, 4, 3))
    updater = Updater(net, lr=1e-2, clip=1.0)
    for step in range(4):
        images = torch.randn(8, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        if halved:
            updater.step_on_halves(losses(net, images), 8 * step)
        else:
            updater.step(net(images).square().sum() / len(images), 8 * step)
    return [parameter.detach() for parameter in net.parameters()]


def test_that_halves_are_the_whole_and_the_same_every_time() -> None:
    whole, once, again = trained(halved=False), trained(halved=True), trained(halved=True)
    for one, two, three in zip(whole, once, again, strict=True):
        torch.testing.assert_close(two, one, atol=1e-4, rtol=0)
        assert torch.equal(two, three)


def test_that_the_sum_of_both_losses_is_returned_and_a_bad_one_changes_nothing() -> None:
    net = nn.Linear(3, 2)
    updater = Updater(net, lr=1e-2)
    before = net.weight.detach().clone()
    total = updater.step_on_halves([lambda: net.weight.sum(), lambda: net.weight.sum() * torch.inf], 0)
    assert not total.isfinite() and bool(updater.blocked)
    assert torch.equal(net.weight, before)


def test_that_parameters_that_no_half_uses_have_no_gradient() -> None:
    net = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    updater = Updater(net, lr=1e-2)
    before = net[1].weight.detach().clone()  # type: ignore[operator] # a module's attributes are anything to mypy
    updater.step_on_halves(losses(net[0], torch.ones(2, 2)), 0)
    assert torch.equal(net[1].weight, before)  # type: ignore[arg-type] # the same


def test_that_both_work_at_once_each_with_its_share_of_the_cores() -> None:
    meeting = threading.Barrier(2, timeout=20)

    def work() -> int:
        meeting.wait()
        return torch.get_num_threads()

    assert Halves().work([work, work]) == [1, 1]
    assert torch.get_num_threads() == 2


def test_that_what_one_raises_is_raised_when_both_have_ended() -> None:
    ended = threading.Event()

    def fails() -> None:
        raise RuntimeError("not enough memory")

    def lasts() -> None:
        threading.Event().wait(0.2)
        ended.set()

    with pytest.raises(RuntimeError, match="not enough memory"):
        Halves().work([fails, lasts])
    assert ended.is_set() and torch.get_num_threads() == 2


def test_that_small_batches_and_single_cores_stay_whole() -> None:
    cpu = torch.device("cpu")
    assert worth_halving(cpu, 8) and not worth_halving(cpu, 7)
    assert not worth_halving(torch.device("cuda"), 64)
    torch.set_num_threads(1)
    assert not worth_halving(cpu, 64)
