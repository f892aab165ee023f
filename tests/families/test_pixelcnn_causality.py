"""No number of a picture is predicted from itself or from later ones, and none that should be seen is missed."""

import itertools

import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.nn.pixels_density import PixelDensity
from genstudio.nn.pixels_heads import MixtureHead
from genstudio_pixelcnn.config import PixelCNNConfig
from genstudio_pixelcnn.model import density

HEIGHT, WIDTH = 4, 6
VARIANTS = ("pixelcnn", "gated", "pixelcnn++")


DEPTHS = {"pixelcnn": 2, "gated": 4, "pixelcnn++": 2}


def made(
    variant: str, channels: int, depth: int | None = None, size: tuple[int, int] = (HEIGHT, WIDTH)
) -> PixelDensity:
    torch.manual_seed(1)
    features = 12 if variant == "pixelcnn++" else 48  # with few, no ReLU of a kind may happen to be open
    chosen = DEPTHS[variant] if depth is None else depth
    config = PixelCNNConfig(variant=variant, levels=3, features=features, depth=chosen, dropout=0.0)
    return density(config, DataSpec(count=1, channels=channels, height=size[0], width=size[1])).eval().double()


def seen_from(model: PixelDensity, place: tuple[int, int], channel: int, size: tuple[int, int]) -> Tensor:
    """Which numbers (C, H, W) the network looks at before it predicts one, in any of four random pictures."""
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(4, model.head.channels, *size, generator=generator, dtype=torch.float64).mul(2).sub(1)
    values.requires_grad_()
    outputs = model.net(values, model.vectors(None, len(values)))[:, :, place[0], place[1]]
    if not isinstance(model.head, MixtureHead):
        outputs = outputs[:, channel :: model.head.channels]
    (gradient,) = torch.autograd.grad(outputs.square().sum(), values)
    return (gradient != 0).any(0)


def before(place: tuple[int, int], channel: int, channels: int, *, mixture: bool) -> Tensor:
    """All numbers that come before one in reading order; a mixture predicts a pixel's channels together."""
    wanted = torch.zeros(HEIGHT * WIDTH, channels, dtype=torch.bool)
    position = place[0] * WIDTH + place[1]
    wanted[:position] = True
    if not mixture:
        wanted[position, :channel] = True
    return wanted.T.reshape(channels, HEIGHT, WIDTH)


def reach(place: tuple[int, int], depth: int, size: tuple[int, int]) -> Tensor:
    """The pixels that stacked 3 × 3 masked convolutions lead to, and from there a 7 × 7 one."""
    inner = {(0, 0), (0, -1), (-1, -1), (-1, 0), (-1, 1)}
    first = {(0, -k) for k in (1, 2, 3)} | {(-i, k) for i in (1, 2, 3) for k in range(-3, 4)}
    places = {place}
    for steps in [inner] * depth + [first]:
        places = {
            (i + a, k + b) for (i, k), (a, b) in itertools.product(places, steps) if i + a >= 0 and 0 <= k + b < size[1]
        }
    wanted = torch.zeros(size, dtype=torch.bool)
    for i, k in places:
        wanted[i, k] = True
    return wanted


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("variant", ["gated", "pixelcnn++"])
def test_that_each_number_sees_all_that_is_before_and_nothing_else(variant: str, channels: int) -> None:
    model = made(variant, channels)
    mixture = isinstance(model.head, MixtureHead)
    for row, column in itertools.product(range(HEIGHT), range(WIDTH)):
        for channel in range(1 if mixture else channels):
            seen = seen_from(model, (row, column), channel, (HEIGHT, WIDTH))
            assert torch.equal(seen, before((row, column), channel, channels, mixture=mixture)), (row, column, channel)


@pytest.mark.parametrize("channels", [1, 3])
def test_that_the_first_pixelcnn_sees_what_its_kernels_lead_to_and_nothing_else(channels: int) -> None:
    model = made("pixelcnn", channels)
    for row, column in itertools.product(range(HEIGHT), range(WIDTH)):
        for channel in range(channels):
            seen = seen_from(model, (row, column), channel, (HEIGHT, WIDTH))
            wanted = reach((row, column), DEPTHS["pixelcnn"], (HEIGHT, WIDTH)).expand(channels, -1, -1).clone()
            wanted[:, row, column] = torch.arange(channels) < channel
            assert torch.equal(seen, wanted), (row, column, channel)


def test_that_only_the_first_pixelcnn_is_blind_to_the_upper_right() -> None:
    place, size, far = (1, 2), (2, 9), (0, 0, 7)
    assert not seen_from(made("pixelcnn", 1, 8, size), place, 0, size)[far]
    assert seen_from(made("gated", 1, None, size), place, 0, size)[far]
    assert seen_from(made("pixelcnn++", 1, None, size), place, 0, size)[far]


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_changing_later_pixels_leaves_a_prediction_the_same_to_the_bit(variant: str) -> None:
    model = made(variant, 3).float()
    values = torch.rand(2, 3, HEIGHT, WIDTH).mul(2).sub(1)
    other = values.clone()
    other[:, :, 2, 3:] = 0.5
    other[:, :, 3:] = -0.5
    free = model.vectors(None, 2)
    one, two = model.net(values, free), model.net(other, free)
    assert torch.equal(one[:, :, :2], two[:, :, :2])
    assert torch.equal(one[:, :, 2, :3], two[:, :, 2, :3])
