"""The upscaler: small and large pictures, damage, windows, and what it draws."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import made_for
from genstudio.training.learner import PreviewRequest, SampleRequest, UpscaleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio_diffusion.condition import Condition
from genstudio_diffusion.upscaling.config import UpscalerConfig, UpscalerSampling
from genstudio_diffusion.upscaling.family import UPSCALER
from genstudio_diffusion.upscaling.learner import UpscalerLearner
from genstudio_diffusion.upscaling.network import STRIDE, LocalUNet
from genstudio_diffusion.upscaling.pictures import (
    consistent,
    cropped,
    damaged,
    enlarged,
    middle,
    shrunk,
    turned,
    unweighted,
    weighted,
)
from genstudio_diffusion.upscaling.tiling import OVERLAP, Window, blended, windows

SPEC = DataSpec(count=24, channels=3, height=32, width=32)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randoms(*shape: int, seed: int = 0) -> Tensor:
    """Smooth pictures in [-1, 1], of which a filter may ask for what lies between pixels."""
    rough = torch.rand(shape[0], shape[1], -(-shape[2] // 4), -(-shape[3] // 4), generator=generator(seed))
    return F.interpolate(2 * rough - 1, size=shape[2:], mode="bilinear", align_corners=False)


def batch_at(spec: DataSpec, images_seen: int = 0) -> Batch:
    return BatchSource(made_for(spec), np.arange(24), batch_size=8, seed=0, device="cpu").batch(images_seen)


def trained(spec: DataSpec = SPEC, steps: int = 3, **knobs: Any) -> UpscalerLearner:
    torch.manual_seed(0)
    config = UpscalerConfig(**{"width": 8, "batch_size": 8, "images": 8 * max(steps, 100), "crop": 32, **knobs})
    learner = UpscalerLearner(config, spec).train()
    for step in range(steps):
        learner.step(batch_at(spec, 8 * step))
    return learner


def request(images: Tensor, seed: int = 7, **options: Any) -> UpscaleRequest:
    noise = Noise(seed, range(len(images)))
    return UpscaleRequest(SampleRequest(noise, None, UpscalerSampling(**{"steps": 3, **options})), images)


def drawn(learner: UpscalerLearner, images: Tensor, seed: int = 7, **options: Any) -> Tensor:
    with evaluating(learner):
        return learner.upscale(request(images, seed, **options))


# ---- Pictures


@pytest.mark.parametrize("factor", [2, 4])
def test_that_correcting_makes_pictures_that_are_the_small_ones_from_afar(factor: int) -> None:
    small, wrong = randoms(2, 3, 9, 14), 0.3 * torch.randn(2, 3, 9 * factor, 14 * factor, generator=generator())
    before = (shrunk(enlarged(small, factor) + wrong, factor) - small).abs().max()
    after = (shrunk(consistent(enlarged(small, factor) + wrong, small, factor), factor) - small).abs().max()
    assert before > 0.1 and after < 2 / 255


def test_that_what_is_clear_weighs_nothing_and_colours_come_back() -> None:
    pictures = torch.rand(2, 4, 5, 6, generator=generator()) * 2 - 1
    pictures[:, 3, :, :3], pictures[:, 3, :, 3:] = 1.0, 0.0
    weighed = weighted(pictures)
    torch.testing.assert_close(weighed[..., :3], pictures[..., :3])
    torch.testing.assert_close(weighed[:, :3, :, 3:], (pictures[:, :3, :, 3:] + 1) / 2 - 1)
    torch.testing.assert_close(unweighted(weighed, torch.zeros_like(pictures)), pictures)
    pictures[:, 3] = -1.0
    clear = weighted(pictures)
    assert (clear == -1).all()
    assert (unweighted(clear, torch.full_like(pictures, 0.5))[:, :3] == 0.5).all()
    grey = randoms(1, 1, 4, 4)
    assert weighted(grey) is grey and unweighted(grey, grey) is grey


def test_that_crops_are_parts_of_their_pictures_everywhere() -> None:
    places = torch.arange(9 * 14).float().view(1, 1, 9, 14).repeat(64, 1, 1, 1)
    places += 1000 * torch.arange(64).view(-1, 1, 1, 1)
    parts = cropped(places, 6, 2, generator())
    assert parts.shape == (64, 1, 6, 6)
    assert (parts[:, 0, 1:] - parts[:, 0, :-1] == 14).all() and (parts[..., 1:] - parts[..., :-1] == 1).all()
    corners = parts[:, 0, 0, 0] - 1000 * torch.arange(64)
    assert len({int(corner) // 14 for corner in corners}) == 4 and len({int(corner) % 14 for corner in corners}) == 9
    assert cropped(places, 32, 4, generator()).shape == (64, 1, 8, 12)
    assert torch.equal(middle(places, 6, 4), places[:, :, 2:6, 5:9])


def test_that_turning_only_moves_pixels() -> None:
    pictures = randoms(32, 1, 6, 6)
    found = turned(pictures, generator())
    torch.testing.assert_close(found.flatten(1).sort(1).values, pictures.flatten(1).sort(1).values)
    assert len({one.numpy().tobytes() for one in turned(pictures[:1].repeat(64, 1, 1, 1), generator())}) == 8
    assert turned(randoms(4, 1, 6, 8), generator()).shape == (4, 1, 6, 8)


def test_that_damage_grows_with_its_amount_and_0_is_none() -> None:
    pictures = randoms(64, 3, 13, 18)
    amounts = torch.tensor([0.0, 0.1, 0.5, 1.0]).repeat_interleave(16)
    away = (damaged(pictures, amounts, generator()) - pictures).square().flatten(1).mean(1).view(4, 16).mean(1)
    assert away[0] == 0 and 0 < away[1] < away[2] < away[3] < 0.1


# ---- The network, and windows


def network() -> LocalUNet:
    torch.manual_seed(0)
    made = LocalUNet(1, 8, 1)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.2) if parameter.ndim > 1 else None
    return made.eval()


@torch.no_grad()
def test_that_the_network_sees_no_farther_than_its_neighbourhood() -> None:
    made, x = network(), randoms(1, 2, 160, 160)
    other = x.clone()
    other[:, :, :16, :16] += 1
    told = torch.zeros(1)
    apart = (made(x, told, Condition()) - made(other, told, Condition())).abs()[0, 0]
    assert apart[:16, :16].max() > 0.01 and apart[72:].max() == 0 and apart[:, 72:].max() == 0


@torch.no_grad()
@pytest.mark.parametrize("size", [(7, 10), (16, 16), (33, 48)])
def test_that_the_network_takes_any_size(size: tuple[int, int]) -> None:
    assert network()(randoms(2, 2, *size), torch.zeros(2), Condition()).shape == (2, 1, *size)


@pytest.mark.parametrize(
    ("height", "width", "side"), [(100, 300, 128), (129, 128, 128), (1000, 333, 320), (64, 64, 320)]
)
def test_that_windows_cover_a_picture_and_overlap(height: int, width: int, side: int) -> None:
    parts, times = windows(height, width, STRIDE, side), torch.zeros(height, width)
    for part in parts:
        assert part.top % STRIDE == part.left % STRIDE == 0 and max(part.height, part.width) <= side
        part.of(times[None, None]).add_(1)
    assert times.min() == 1
    for axis in ("top", "left"):
        starts = sorted({getattr(part, axis) for part in parts})
        assert all(later - earlier <= side - OVERLAP for earlier, later in pairwise(starts))


def test_that_blended_windows_of_one_picture_are_the_picture() -> None:
    picture = randoms(2, 3, 300, 205)
    parts = windows(300, 205, STRIDE, 128)
    torch.testing.assert_close(blended(lambda part: part.of(picture).clone(), parts, picture.shape), picture)


def test_that_what_a_window_says_at_its_inner_edges_does_not_count() -> None:
    def says(part: Window) -> Tensor:
        said = torch.zeros(1, 1, part.height, part.width)
        if part.top:
            said[:, :, :16] = 100
        if part.left:
            said[..., :16] = 100
        return said

    assert blended(says, windows(300, 205, STRIDE, 128), torch.Size((1, 1, 300, 205))).max() == 0


def test_that_windows_draw_what_the_whole_would_be_without_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window's margin is shorter than what the network sees, so the two differ, by less than a level of 255."""
    learner, small = trained(steps=20), randoms(1, 3, 100, 100)
    whole = drawn(learner, small, faithful=False)
    parts = windows(200, 200, STRIDE, 128)
    monkeypatch.setattr("genstudio_diffusion.upscaling.drawing.windows", lambda *_: parts)
    tiled = drawn(learner, small, faithful=False)
    assert len(parts) == 9 and (tiled - whole).abs().max() < 1 / 255
    left = parts[1].left
    fading = slice(left, left + OVERLAP)
    steps = (tiled[..., 1:] - tiled[..., :-1]).abs().mean((0, 1, 2))
    assert steps[fading].mean() < 1.1 * steps.mean() and steps[fading].max() < 1.1 * steps.max()


# ---- What it draws


@pytest.mark.parametrize(("channels", "factor"), [(1, "4"), (3, "2"), (4, "2")])
def test_that_odd_sizes_are_enlarged_with_transparency_too(channels: int, factor: Any) -> None:
    learner = trained(DataSpec(count=24, channels=channels, height=15, width=18), factor=factor)
    large = drawn(learner, randoms(2, channels, 5, 9), steps=2)
    assert large.shape == (2, channels, 5 * int(factor), 9 * int(factor)) and large.abs().max() <= 1
    assert torch.isfinite(large).all()


def test_that_the_seed_decides_the_detail_and_no_detail_is_the_same_for_all() -> None:
    learner, small = trained(), randoms(1, 3, 12, 12)
    assert torch.equal(drawn(learner, small), drawn(learner, small))
    apart = [
        (drawn(learner, small, detail=detail) - drawn(learner, small, 8, detail=detail)).abs().mean()
        for detail in (0, 1)
    ]
    assert apart[0] < 0.25 * apart[1]
    half = (
        (drawn(learner, small, detail=0.5, faithful=False) - drawn(learner, small, detail=1, faithful=False))
        .abs()
        .mean()
    )
    assert half > 0


def test_that_a_faithful_one_is_the_given_picture_from_afar() -> None:
    learner, small = trained(), 0.8 * randoms(2, 3, 12, 12)
    away = [(shrunk(drawn(learner, small, faithful=way), 2) - small).abs().mean() for way in (True, False)]
    assert away[0] < 0.01 and away[0] < away[1]


def test_that_told_damage_changes_what_is_drawn() -> None:
    learner, small = trained(steps=10), randoms(1, 3, 12, 12)
    assert not torch.equal(drawn(learner, small), drawn(learner, small, damage=1.0))


def test_that_every_look_is_told_and_pictures_are_shown_after_each_step() -> None:
    told: list[tuple[int, int, bool]] = []

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        told.append((done, total, pictures is not None))

    learner, small = trained(), randoms(1, 3, 12, 12)
    asked = request(small)
    with evaluating(learner):
        learner.upscale(UpscaleRequest(SampleRequest(asked.sample.noise, None, asked.sample.options, watch), small))
    assert {one[1] for one in told} == {3} and told[-1] == (3, 3, True)
    assert [one[0] for one in told] == sorted(one[0] for one in told)


def test_that_previews_show_plain_drawn_and_true_pictures() -> None:
    learner = trained()
    examples = batch_at(SPEC)
    noise = Noise(0, range(3))
    asked = PreviewRequest(SampleRequest(noise, None, UpscalerSampling(steps=2)), examples)
    with evaluating(learner):
        shown = dict(learner.previews(asked))
    assert list(shown) == ["plainly enlarged", "enlarged", "original"]
    assert torch.equal(shown["original"], examples.images[:3])
    assert {picture.shape for picture in shown.values()} == {(3, 3, 32, 32)}


def test_that_its_safest_guess_soon_beats_plain_enlarging() -> None:
    learner = trained(steps=150, width=16, images=1200, learning_rate=5e-3)
    with evaluating(learner):
        gain = learner.evaluate(batch_at(SPEC))["gain"].mean()
    assert gain > 1.0


def test_that_pictures_too_small_to_make_smaller_are_refused_with_a_sentence() -> None:
    assert UPSCALER.misfit(SPEC) is None
    assert "at least 8 pixels" in str(UPSCALER.misfit(SPEC.model_copy(update={"height": 6})))
