"""The suite's check of enlarging passes a sound upscaler and notices every way of breaking it."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from genstudio.core.family import BuildContext
from genstudio.core.spec import DataSpec
from genstudio.testing.drawing import check_abilities
from genstudio.testing.lab import Lab
from genstudio.testing.report import Broken
from genstudio.training.learner import UpscaleRequest
from genstudio_diffusion.upscaling.config import UpscalerConfig
from genstudio_diffusion.upscaling.family import UPSCALER
from genstudio_diffusion.upscaling.learner import UpscalerLearner


class Short(UpscalerLearner):
    def upscale(self, request: UpscaleRequest) -> Tensor:
        return super().upscale(request)[..., :-1]


class Restless(UpscalerLearner):
    def upscale(self, request: UpscaleRequest) -> Tensor:
        return super().upscale(request) * (1 - 0.01 * float(torch.rand(())))


class Dull(UpscalerLearner):
    def upscale(self, request: UpscaleRequest) -> Tensor:
        return request.images.repeat_interleave(2, 2).repeat_interleave(2, 3)


class Elsewhere(UpscalerLearner):
    def upscale(self, request: UpscaleRequest) -> Tensor:
        return -super().upscale(request)


def check(learner: type[UpscalerLearner]) -> str:
    def build(config: UpscalerConfig, spec: DataSpec, _: BuildContext) -> UpscalerLearner:
        return learner(config.model_copy(update={"width": 8}), spec)

    return check_abilities(Lab(replace(UPSCALER, build=build), None, 80))


def test_that_a_sound_one_passes() -> None:
    assert check(UpscalerLearner) == "upscale"


@pytest.mark.parametrize(
    ("learner", "said"),
    [(Short, "shape"), (Restless, "same seed"), (Dull, "Another seed"), (Elsewhere, "Made small again")],
)
def test_that_a_broken_one_is_noticed(learner: type[UpscalerLearner], said: str) -> None:
    with pytest.raises(Broken, match=said):
        check(learner)
