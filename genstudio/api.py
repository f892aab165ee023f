"""The one door for plugin authors: everything a family needs, and the version of this contract.

A plugin sets `GENSTUDIO_API = 1` in its package. Names may be added within a version; none is removed or changed.
Names that need torch are imported on first use, so a plugin's `__init__` can import this module for free.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from genstudio.core.abilities import Ability
from genstudio.core.config import FamilyConfig, SamplingConfig, knob
from genstudio.core.errors import Cancelled, FamilyError, GenStudioError
from genstudio.core.family import BuildContext, Family, JudgedBy, Profile, Series, Taxonomy
from genstudio.core.health import History, Verdict
from genstudio.core.spec import DataSpec, Modality
from genstudio.hookspecs import hookimpl

if TYPE_CHECKING:
    from genstudio.data.batches import Batch
    from genstudio.training.distributed import average_over_ranks
    from genstudio.training.halves import worth_halving
    from genstudio.training.learner import (
        Anomaly,
        Autoencodes,
        Classifies,
        Completes,
        CompletionRequest,
        Interpolates,
        Learner,
        MapsSurprise,
        MatchesText,
        Prepares,
        PreviewRequest,
        Reading,
        Reconstructs,
        RestyleRequest,
        Restyles,
        SampleRequest,
        Samples,
        ScoresAnomaly,
        ScoresLikelihood,
        Tokenises,
        UpscaleRequest,
        Upscales,
        Watch,
    )
    from genstudio.training.noise import Noise
    from genstudio.training.pixel_learner import PixelLearner
    from genstudio.training.updater import Ema, Schedule, Updater, warmup_cosine

API_VERSION = 1

_WITH_TORCH = {
    "Anomaly": "genstudio.training.learner",
    "Autoencodes": "genstudio.training.learner",
    "Classifies": "genstudio.training.learner",
    "Batch": "genstudio.data.batches",
    "Completes": "genstudio.training.learner",
    "CompletionRequest": "genstudio.training.learner",
    "Interpolates": "genstudio.training.learner",
    "MapsSurprise": "genstudio.training.learner",
    "MatchesText": "genstudio.training.learner",
    "Learner": "genstudio.training.learner",
    "Prepares": "genstudio.training.learner",
    "PreviewRequest": "genstudio.training.learner",
    "Reading": "genstudio.training.learner",
    "Reconstructs": "genstudio.training.learner",
    "RestyleRequest": "genstudio.training.learner",
    "Restyles": "genstudio.training.learner",
    "SampleRequest": "genstudio.training.learner",
    "Samples": "genstudio.training.learner",
    "ScoresAnomaly": "genstudio.training.learner",
    "ScoresLikelihood": "genstudio.training.learner",
    "Tokenises": "genstudio.training.learner",
    "UpscaleRequest": "genstudio.training.learner",
    "Upscales": "genstudio.training.learner",
    "Watch": "genstudio.training.learner",
    "Noise": "genstudio.training.noise",
    "PixelLearner": "genstudio.training.pixel_learner",
    "average_over_ranks": "genstudio.training.distributed",
    "Ema": "genstudio.training.updater",
    "Schedule": "genstudio.training.updater",
    "Updater": "genstudio.training.updater",
    "warmup_cosine": "genstudio.training.updater",
    "worth_halving": "genstudio.training.halves",
}


def __getattr__(name: str) -> object:
    if name not in _WITH_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WITH_TORCH[name]), name)


__all__ = [
    "API_VERSION",
    "Ability",
    "Anomaly",
    "Autoencodes",
    "Batch",
    "BuildContext",
    "Cancelled",
    "Classifies",
    "Completes",
    "CompletionRequest",
    "DataSpec",
    "Ema",
    "Family",
    "FamilyConfig",
    "FamilyError",
    "GenStudioError",
    "History",
    "Interpolates",
    "JudgedBy",
    "Learner",
    "MapsSurprise",
    "MatchesText",
    "Modality",
    "Noise",
    "PixelLearner",
    "Prepares",
    "PreviewRequest",
    "Profile",
    "Reading",
    "Reconstructs",
    "RestyleRequest",
    "Restyles",
    "SampleRequest",
    "Samples",
    "SamplingConfig",
    "Schedule",
    "ScoresAnomaly",
    "ScoresLikelihood",
    "Series",
    "Taxonomy",
    "Tokenises",
    "Updater",
    "UpscaleRequest",
    "Upscales",
    "Verdict",
    "Watch",
    "average_over_ranks",
    "hookimpl",
    "knob",
    "warmup_cosine",
    "worth_halving",
]
