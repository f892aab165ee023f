"""A model that begins from weights trained elsewhere, and learns a little more from a designer's captions."""

from pathlib import Path
from typing import Self

from torch import Tensor

from genstudio.api import BuildContext
from genstudio_clip.config import ClipConfig
from genstudio_clip.folder import Blueprint, load_weights
from genstudio_clip.model import ClipLearner
from genstudio_clip.original import OriginalTowers

_BLUEPRINT = "blueprint"


class PretrainedLearner(ClipLearner):
    """Learns gently: only the last layers, and so slowly that an average would be the same.

    The blueprint is part of its state, see `folder`.
    """

    pace = 0.01
    averages = False
    blueprint: Tensor

    @classmethod
    def made(cls, config: ClipConfig, context: BuildContext) -> Self:
        """Make one of a checkpoint's blueprint, whose weights come later, or of the folder that the config names.

        Raises `FamilyError` when a folder is needed and is not what is wanted.
        """
        kept, folder = context.kept(_BLUEPRINT), Path(config.pretrained).expanduser()
        blueprint = Blueprint.of_folder(folder) if kept is None else Blueprint.of_tensor(kept)
        towers = OriginalTowers(blueprint.plan)
        if kept is None:
            load_weights(folder, towers)
        towers.keep_most()
        learner = cls(config, towers, blueprint.reader())
        learner.register_buffer(_BLUEPRINT, blueprint.as_tensor())
        return learner
