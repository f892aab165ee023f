"""Augmentation that gradients pass through, and its adaptive strength."""

import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.nn.augmenting import Augmentation
from genstudio_gan.config import GanConfig
from genstudio_gan.model import GanLearner

KINDS = {
    "colour": Augmentation(colour=True, shift=False, cut=False),
    "shift": Augmentation(colour=False, shift=True, cut=False),
    "cut": Augmentation(colour=False, shift=False, cut=True),
    "turn": Augmentation(colour=False, shift=False, cut=False, turn=True),
}


def pictures(count: int = 6, channels: int = 3, edge: int = 8) -> Tensor:
    return torch.rand(count, channels, edge, edge, generator=torch.Generator().manual_seed(1)) * 2 - 1


def augmented(kind: Augmentation, images: Tensor, p: float, seed: int = 0) -> Tensor:
    return kind(images, torch.tensor(p), torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_that_probability_zero_changes_nothing(kind: str) -> None:
    assert torch.allclose(augmented(KINDS[kind], pictures(), 0.0), pictures(), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_that_about_a_share_p_of_pictures_is_changed(kind: str) -> None:
    many = pictures(400)
    changed = (augmented(KINDS[kind], many, 0.3) - many).abs().amax((1, 2, 3)) > 1e-5
    # Turning by none of three quarters changes nothing; colours are three changes at once, shift and zoom are two.
    expected = {"colour": 1 - 0.7**3, "shift": 1 - 0.7**2, "cut": 0.3, "turn": 1 - 0.85 * 0.775}[kind]
    assert float(changed.float().mean()) == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize("kind", KINDS)
def test_that_gradients_and_gradients_of_gradients_pass_through(kind: str) -> None:
    images = pictures(3, edge=4).double().requires_grad_(True)

    def changed(images: Tensor) -> Tensor:
        return KINDS[kind](images, torch.tensor(1.0), torch.Generator().manual_seed(0)).square()

    assert torch.autograd.gradcheck(changed, images)
    assert torch.autograd.gradgradcheck(changed, images)


@pytest.mark.parametrize(("channels", "height", "width"), [(1, 8, 8), (3, 15, 18), (4, 8, 8)])
def test_that_every_kind_of_picture_keeps_its_shape(channels: int, height: int, width: int) -> None:
    images = torch.zeros(4, channels, height, width)
    everything = Augmentation(turn=True)
    assert augmented(everything, images, 1.0).shape == images.shape


def test_that_colours_leave_transparency_alone() -> None:
    images = pictures(channels=4)
    assert torch.equal(augmented(KINDS["colour"], images, 1.0)[:, 3], images[:, 3])


def test_that_shifted_pictures_hold_the_same_pixels_elsewhere() -> None:
    image = torch.zeros(64, 1, 16, 16)
    image[:, :, 8, 8] = 1
    moved = augmented(KINDS["shift"], image, 1.0)
    places = moved.flatten(1).argmax(1)
    assert len(set(places.tolist())) > 8
    assert (moved.flatten(1).sum(1) > 0.2).all()


def left_share(images: Tensor) -> float:
    """How many pictures have their light on the left."""
    half = images.shape[3] // 2
    return float((images[..., :half].sum((1, 2, 3)) > images[..., half:].sum((1, 2, 3))).float().mean())


def test_that_turning_does_not_leak_as_long_as_p_is_below_one() -> None:
    """Pictures lit on the left and an even mixture of left and right look different after it: only the former fits.

    Were p 1, mirrored and turned by random quarters, both would look the same, and a generator could draw either.
    """
    left = torch.zeros(4000, 1, 8, 8)
    left[..., :2] = 1
    mixture = torch.where(torch.arange(4000).view(-1, 1, 1, 1) % 2 == 0, left, left.flip(3))
    apart = {p: abs(left_share(augmented(KINDS["turn"], left, p)) - left_share(augmented(KINDS["turn"], mixture, p, 1)))
             for p in (0.5, 1.0)}  # fmt: skip
    assert apart[0.5] > 0.1
    assert apart[1.0] < 0.04


def learner(**changes: object) -> GanLearner:
    torch.manual_seed(0)
    config = GanConfig().replaced({"batch_size": 16, "width": 4, "augment_images": 800, **changes})
    return GanLearner(config, DataSpec(count=1, channels=1, height=8, width=8))


def test_that_the_adaptive_strength_settles_where_the_discriminator_is_as_sure_as_the_target() -> None:
    """A made-up discriminator that is the less sure, the more it is shown: E[sign] = 1 - p / 0.5 · 0.8."""
    gan = learner(augment_target=0.6, augment_strength=1.0, loss="non-saturating")
    noise = torch.Generator().manual_seed(0)
    sureness = []
    for _ in range(600):
        expected = 1 - 1.6 * float(gan.strength)
        real = torch.where(torch.rand(16, generator=noise) < (1 + expected) / 2, 1.0, -1.0)
        sureness.append(float(gan._judged(real, -torch.ones(16))["overfit"]))
    assert float(gan.strength) == pytest.approx(0.25, abs=0.1)
    assert sum(sureness[300:]) / 300 == pytest.approx(0.6, abs=0.06)


def test_that_the_adaptive_strength_stays_within_its_bounds() -> None:
    gan = learner(augment_strength=0.3, loss="non-saturating")
    for _ in range(200):
        gan._judged(torch.ones(16), -torch.ones(16))
    assert float(gan.strength) == pytest.approx(0.3)
    for _ in range(200):
        gan._judged(-torch.ones(16), -torch.ones(16))
    assert float(gan.strength) == 0.0
