"""No number of a picture is predicted from itself or from later ones; what each one sees is what the theory says."""

import itertools
from collections.abc import Iterable

import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.nn.pixels_density import PixelDensity
from genstudio_pixelrnn.config import PixelRNNConfig
from genstudio_pixelrnn.model import density

HEIGHT, WIDTH, REACH = 5, 7, 2
VARIANTS = ("row-lstm", "diagonal-bilstm")
Place = tuple[int, int]


def made(variant: str, channels: int, depth: int = 2, **changes: object) -> PixelDensity:
    torch.manual_seed(1)
    config = PixelRNNConfig.model_validate(
        {"variant": variant, "levels": 3, "features": 12, "depth": depth, "reach": REACH, **changes}
    )
    return density(config, DataSpec(count=1, channels=channels, height=HEIGHT, width=WIDTH)).eval().double()


def seen_from(model: PixelDensity, place: Place, channel: int, size: Place = (HEIGHT, WIDTH)) -> Tensor:
    """Which numbers (C, H, W) the network looks at before it predicts one, in any of four random pictures."""
    generator, channels = torch.Generator().manual_seed(0), model.head.channels
    values = torch.rand(4, channels, *size, generator=generator, dtype=torch.float64).mul(2).sub(1).requires_grad_()
    outputs = model.net(values, None)[:, channel::channels, place[0], place[1]]
    (gradient,) = torch.autograd.grad(outputs.square().sum(), values)
    return (gradient != 0).any(0)


def spread(places: set[Place], moves: Iterable[Place], size: Place, *, again: bool) -> set[Place]:
    """Where one move leads to from any of the places, or any number of moves."""
    moves = list(moves)
    reached = {
        (i + a, j + b)
        for (i, j), (a, b) in itertools.product(places, moves)
        if 0 <= i + a < size[0] and 0 <= j + b < size[1]
    }
    if again and not reached <= places:
        return spread(places | reached, moves, size, again=True)
    return places | reached if again else reached


def through_a_layer(variant: str, places: set[Place], size: Place) -> set[Place]:
    """The places whose features a recurrent layer, and the residual connection around it, make use of."""
    if variant == "row-lstm":
        above = spread(places, [(-1, -1), (-1, 0), (-1, 1)], size, again=True)
        return spread(above, [(0, 0), (0, -1)], size, again=False)
    left = spread(places, [(-1, 0), (0, -1)], size, again=True)
    right = spread(spread(places, [(-1, 0)], size, again=False), [(-1, 0), (0, 1)], size, again=True)
    return left | right


def in_theory(variant: str, place: Place, channel: int, channels: int, depth: int, size: Place) -> Tensor:
    """What should be seen: features of places that the layers lead to, and what those features know.

    At the place itself only features of sub-pixels up to its own count; where states lead to, those of all of them.
    """
    places = {place}
    for _ in range(depth):
        places = through_a_layer(variant, places, size)
    around = [(-i, j) for i in range(1, REACH + 1) for j in range(-REACH, REACH + 1)]
    known = spread(places, around + [(0, -j) for j in range(1, REACH + 1)], size, again=False)
    wanted = torch.zeros(channels, *size, dtype=torch.bool)
    for i, j in known:
        wanted[:, i, j] = True
    for i, j in places:  # a feature of sub-pixel c knows the sub-pixels before c of its own pixel
        wanted[: channel if (i, j) == place else channels - 1, i, j] = True
    return wanted


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("variant", VARIANTS)
def test_that_each_number_sees_what_the_theory_says_and_nothing_that_is_not_before_it(
    variant: str, channels: int
) -> None:
    model, size = made(variant, channels), (HEIGHT, WIDTH)
    for row, column, channel in itertools.product(range(HEIGHT), range(WIDTH), range(channels)):
        seen = seen_from(model, (row, column), channel)
        wanted = in_theory(variant, (row, column), channel, channels, 2, size)
        assert torch.equal(seen, wanted), (row, column, channel)
        later = torch.ones(HEIGHT * WIDTH, channels, dtype=torch.bool)
        later[: row * WIDTH + column] = False
        later[row * WIDTH + column, :channel] = False
        assert not bool((seen & later.T.reshape(channels, *size)).any()), (row, column, channel)


@pytest.mark.parametrize("channels", [1, 3])
def test_that_the_diagonal_bilstm_sees_all_that_is_before_but_one_corner(channels: int) -> None:
    """The last sub-pixel at the end of the row above, where the first layer does not reach it (see `Diagonals`)."""
    model = made("diagonal-bilstm", channels, depth=1)
    for row, column in itertools.product(range(HEIGHT), range(WIDTH)):
        missed = ~seen_from(model, (row, column), 0)
        missed.view(channels, -1)[:, row * WIDTH + column :] = False
        corner = [[channels - 1, row - 1, WIDTH - 1]] if row > 0 and column + REACH < WIDTH - 1 else []
        assert missed.nonzero().tolist() == corner, (row, column)


def test_that_the_row_lstm_sees_a_triangle_that_widens_by_one_place_a_row() -> None:
    size, row, column = (6, 15), 5, 7
    seen = seen_from(made("row-lstm", 1, depth=1), (row, column), 0, size)[0]
    for up in range(1, row + 1):
        seen_columns = seen[row - up].nonzero().flatten().tolist()
        first, last = column - up - 1 - REACH, column + up - 1 + REACH  # inputs come from one place further left
        assert seen_columns == list(range(max(0, first), min(size[1] - 1, last) + 1)), up


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_changing_later_pixels_leaves_a_prediction_the_same_to_the_bit(variant: str) -> None:
    model = made(variant, 3, skips=True).float()
    values = torch.rand(2, 3, HEIGHT, WIDTH).mul(2).sub(1)
    other = values.clone()
    other[:, :, 2, 3:] = 0.5
    other[:, :, 3:] = -0.5
    with torch.no_grad():
        one, two = model.net(values, None), model.net(other, None)
    assert torch.equal(one[:, :, :2], two[:, :, :2])
    assert torch.equal(one[:, :, 2, :3], two[:, :, 2, :3])
    red = one[:, ::3, 2, 3] - two[:, ::3, 2, 3]
    assert not bool(red.any())  # the first sub-pixel changed itself, but sees only what is before it
