"""The recurrence as one node of autograd is the recurrence as people write it, there and back."""

import pytest
import torch
from torch import Tensor

from genstudio_pixelrnn.courses import Course, Diagonals, Rows
from genstudio_pixelrnn.net import PixelRNN
from genstudio_pixelrnn.scan import scan
from tests.families.pixelrnn_by_hand import net_by_hand, skewed, unskewed

COURSES = [Rows, Diagonals]
SIZES = [(5, 3), (3, 5), (4, 4), (1, 4), (4, 1)]
CPU = torch.device("cpu")


def made(course: type[Course], channels: int, *, skips: bool = False) -> PixelRNN:
    torch.manual_seed(3)
    return PixelRNN(course, channels, 4 * channels, depth=2, outputs=5 * channels, condition=6, skips=skips)


@pytest.mark.parametrize(("height", "width"), [(3, 2), (2, 3), (1, 3), (3, 1)])
@pytest.mark.parametrize("course", COURSES)
def test_that_gradients_of_a_scan_are_its_derivatives(course: type[Course], height: int, width: int) -> None:
    count, hidden, groups = 2, 2, course.directions
    generator = torch.Generator().manual_seed(0)
    inputs, bias, weight = (
        torch.randn(groups, size, wide, dtype=torch.float64, generator=generator, requires_grad=True)
        for size, wide in (
            (height * width * count, 4 * hidden),
            (count, 4 * hidden),
            (course.taps * hidden, 4 * hidden),
        )
    )
    steps = course(height, width, count, CPU).steps
    assert torch.autograd.gradcheck(
        lambda inputs, bias, weight: scan(inputs, bias, weight, steps), (inputs, bias, weight)
    )


@pytest.mark.parametrize("skips", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("course", COURSES)
def test_that_the_network_is_the_one_people_write(course: type[Course], channels: int, skips: bool) -> None:
    net = made(course, channels, skips=skips).double()
    for height, width in SIZES:
        values = torch.rand(2, channels, height, width, dtype=torch.float64).mul(2).sub(1)
        condition = torch.randn(2, 6, dtype=torch.float64)
        assert torch.allclose(net(values, condition), net_by_hand(net, values, condition), atol=1e-12, rtol=0)


@pytest.mark.parametrize("course", COURSES)
def test_that_gradients_equal_those_through_time(course: type[Course]) -> None:
    net = made(course, 3, skips=True)
    values, condition = torch.rand(4, 3, 8, 7).mul(2).sub(1), torch.randn(4, 6)

    def gradients(logits: Tensor) -> tuple[Tensor, ...]:
        return torch.autograd.grad(logits.square().mean(), list(net.parameters()))

    own, by_hand = gradients(net(values, condition)), gradients(net_by_hand(net, values, condition))
    for one, other in zip(own, by_hand, strict=True):
        assert float(other.abs().max()) > 0
        assert float((one - other).abs().max()) < 1e-6 * max(1.0, float(other.abs().max()))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_that_places_come_back_from_their_diagonals(height: int, width: int) -> None:
    course, x = Diagonals(height, width, 2, CPU), torch.randn(height * width, 2, 3)
    assert torch.equal(course.unskewed(course.skewed(x)), x.expand(2, *x.shape))
    picture = torch.randn(2, 3, height, width)
    assert torch.equal(unskewed(skewed(picture), height, width), picture)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_that_sorting_by_diagonal_is_skewing_without_the_empty_corners(height: int, width: int) -> None:
    numbered = torch.arange(1, height * width + 1).view(1, 1, height, width)
    course = Diagonals(height, width, 1, CPU)
    from_left, from_right = course.skewed(numbered.view(-1, 1)).squeeze(2)
    for order, picture in ((from_left, numbered), (from_right, numbered.flip(3))):
        columns = skewed(picture)[0, 0].T  # a diagonal is a line
        assert order.tolist() == columns[columns > 0].tolist()
        assert list(course.steps.sizes) == (columns > 0).sum(1).tolist()


def test_that_a_scan_cannot_be_differentiated_twice_unnoticed() -> None:
    inputs = torch.randn(1, 4, 8, requires_grad=True)
    bias, weight = torch.randn(1, 1, 8), torch.randn(1, 6, 8)
    states = scan(inputs, bias, weight, Rows(2, 2, 1, CPU).steps)
    (gradient,) = torch.autograd.grad(states.square().sum(), inputs, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()  # type: ignore[no-untyped-call] # torch's own
