"""Quick drawing equals slow drawing; completing keeps what is given and goes on from it. For all models of pixels."""

import pytest
import torch
from torch import Tensor

from genstudio.api import PixelLearner
from genstudio.core.errors import Cancelled
from genstudio.core.spec import DataSpec
from genstudio.nn.pixels_config import PixelSampling
from genstudio.training.learner import CompletionRequest, SampleRequest, unwatched
from genstudio.training.noise import Noise
from genstudio_pixelcnn.config import PixelCNNConfig
from genstudio_pixelcnn.model import PixelCNNLearner
from genstudio_pixelrnn.config import PixelRNNConfig
from genstudio_pixelrnn.model import PixelRNNLearner
from tests.families.pixels_by_hand import draw_by_hand, most_apart

CONVOLUTIONAL, RECURRENT = ("pixelcnn", "gated", "pixelcnn++"), ("row-lstm", "diagonal-bilstm")
VARIANTS = (*CONVOLUTIONAL, *RECURRENT)

Kind = tuple[int, int, int, int]
"""Channels, levels, height, width."""

FEW: dict[tuple[str, ...], list[Kind]] = {
    CONVOLUTIONAL: [(1, 16, 6, 7), (3, 8, 5, 4), (4, 2, 3, 5)],
    RECURRENT: [(1, 16, 9, 7), (3, 8, 6, 5), (4, 2, 5, 6)],
}
MORE: dict[tuple[str, ...], list[Kind]] = {
    CONVOLUTIONAL: [(3, 256, 2, 3)],
    RECURRENT: [(3, 256, 3, 4), (1, 4, 1, 6), (1, 4, 6, 1)],
}


def cases(*tables: dict[tuple[str, ...], list[Kind]]) -> list[tuple[str, Kind]]:
    return [
        (variant, kind) for table in tables for group, kinds in table.items() for variant in group for kind in kinds
    ]


def learner_for(variant: str, channels: int, levels: int, height: int, width: int) -> PixelLearner:
    """One that behaves as if it had learned something."""
    torch.manual_seed(4)
    spec = DataSpec(count=1, channels=channels, height=height, width=width, classes=("a", "b", "c"))
    asked = {"variant": variant, "levels": levels, "features": 12}
    learner: PixelLearner
    if variant in RECURRENT:
        learner = PixelRNNLearner(PixelRNNConfig.model_validate(asked | {"depth": 3, "skips": channels == 3}), spec)
    else:
        learner = PixelCNNLearner(PixelCNNConfig.model_validate(asked | {"depth": 2}), spec)
    stronger = 2.0 if variant in RECURRENT else 1.2 if variant == "pixelcnn++" else 1.7
    with torch.no_grad():
        for parameter in learner.averaged.parameters():
            parameter.mul_(stronger)
    return learner.eval()


def request(count: int, *, seed: int = 0, labels: Tensor | None = None, **options: float) -> SampleRequest:
    return SampleRequest(Noise(seed, range(count)), labels, PixelSampling(**options))


@pytest.mark.parametrize(("variant", "kind"), cases(FEW, MORE))
def test_that_a_painter_says_what_the_whole_network_says(variant: str, kind: Kind) -> None:
    channels, levels, height, width = kind
    density = learner_for(variant, *kind).averaged
    values = density.levels.values(torch.randint(levels, (3, channels, height, width)))
    bound = 2e-6 if variant in RECURRENT else 2e-5
    assert most_apart(density, values, density.vectors(torch.tensor([0, 1, 2]), 3)) < bound


@pytest.mark.parametrize(("variant", "kind"), cases(FEW))
def test_that_quick_drawing_draws_the_very_same_pictures(variant: str, kind: Kind) -> None:
    channels, _, height, width = kind
    learner, labels = learner_for(variant, *kind), torch.tensor([2, 0])
    drawn = learner.sample(request(2, labels=labels))
    uniforms = Noise(0, range(2)).uniform(height, width, channels)
    by_hand = draw_by_hand(learner.averaged, uniforms, learner.averaged.vectors(labels, 2))
    assert torch.equal(drawn, by_hand)
    assert drawn.std() > 0.1


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_a_picture_continued_with_its_own_seed_becomes_the_same_and_with_another_does_not(variant: str) -> None:
    learner = learner_for(variant, 3, 8, 6, 5)
    drawn = learner.sample(request(2))
    known = torch.zeros(2, 6, 5, dtype=torch.bool)
    known[:, :2], known[:, 2, :3] = True, True
    same = learner.complete(CompletionRequest(request(2), drawn, known))
    other = learner.complete(CompletionRequest(request(2, seed=1), drawn, known))
    assert torch.equal(same, drawn)
    assert not torch.equal(other, drawn)
    assert torch.equal(other[:, :, :2], drawn[:, :, :2])


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_completing_keeps_given_pixels_to_the_bit_wherever_they_are(variant: str) -> None:
    learner = learner_for(variant, 3, 4, 6, 5)
    images = torch.rand(3, 3, 6, 5).mul(2).sub(1)  # not at any level
    known = torch.rand(3, 6, 5) < 0.4
    done = learner.complete(CompletionRequest(request(3), images, known))
    kept = known[:, None].expand_as(images)
    assert torch.equal(done[kept], images[kept])
    levels = learner.averaged.levels
    assert torch.equal(levels.values(levels.of_values(done[~kept])), done[~kept])


@pytest.mark.parametrize("variant", ("gated", "row-lstm"))
def test_that_a_note_says_what_happens_to_masks_out_of_order(variant: str) -> None:
    learner, known = learner_for(variant, 1, 2, 4, 4), torch.zeros(4, 4, dtype=torch.bool)
    known[:2] = True
    assert learner.completion_note(known) == ""
    assert "reading order" in learner.completion_note(known.flip(0))


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_labels_and_guidance_change_what_is_drawn(variant: str) -> None:
    learner, labels = learner_for(variant, 1, 8, 5, 5), torch.tensor([0, 1])
    if variant in CONVOLUTIONAL:
        with torch.no_grad():
            assert learner.averaged.condition is not None
            learner.averaged.condition.table.weight.mul_(10)  # as if classes mattered
    plain = learner.sample(request(2, labels=labels))
    assert not torch.equal(learner.sample(request(2, labels=labels.flip(0))), plain)
    assert torch.equal(learner.sample(request(2, labels=labels, guidance=1.0)), plain)
    assert not torch.equal(learner.sample(request(2, labels=labels, guidance=4.0)), plain)
    free = learner.sample(request(2))
    assert torch.equal(learner.sample(request(2, guidance=4.0)), free)  # without a label there is nothing to follow


def test_that_a_low_temperature_draws_less_varied_pictures() -> None:
    learner = learner_for("diagonal-bilstm", 1, 16, 6, 6)
    warm, cold = (learner.sample(request(16, temperature=t)) for t in (1.0, 0.1))
    assert cold.std(0).mean() < 0.6 * warm.std(0).mean()


def test_that_a_low_temperature_leaves_less_to_chance() -> None:
    learner = learner_for("gated", 1, 16, 6, 6)
    bits: dict[float, float] = {}

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        assert uncertainty is not None
        bits[temperature] = uncertainty.mean().item()

    for temperature in (0.1, 1.0):
        plain = request(8, temperature=temperature)
        learner.sample(SampleRequest(plain.noise, None, plain.options, watch))
    assert bits[0.1] < 0.9 * bits[1.0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_drawing_can_be_watched_and_broken_off(variant: str) -> None:
    learner = learner_for(variant, 1, 4, 5, 6)
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        assert pictures is not None and uncertainty is not None
        assert pictures.shape == (2, 1, 5, 6) and uncertainty.shape == (2, 5, 6)
        assert bool((uncertainty >= 0).all()) and bool((uncertainty <= 2 + 1e-5).all())
        assert int((uncertainty > 0).sum()) == 2 * done
        seen.append((done, total))
        if done == 7:
            raise Cancelled

    plain = request(2)
    with pytest.raises(Cancelled):
        learner.sample(SampleRequest(plain.noise, None, plain.options, watch))
    assert seen == [(done, 30) for done in range(1, 8)]


def test_that_drawn_pictures_may_be_worked_on() -> None:
    drawn = learner_for("gated", 1, 4, 3, 3).sample(SampleRequest(Noise(0, range(1)), None, PixelSampling(), unwatched))
    drawn.requires_grad_().sum().backward()  # type: ignore[no-untyped-call] # torch's own
    assert drawn.grad is not None
