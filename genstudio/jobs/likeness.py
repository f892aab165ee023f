"""Pictures like one of the data: its embedding, the numbers that came with it, tells the model what to draw."""

from typing import TYPE_CHECKING

from genstudio.core.errors import ConfigError, DatasetGoneError
from genstudio.core.recipe import Recipe
from genstudio.jobs.given import dataset_folder
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LIKE = "like"
"""Under this name a recipe keeps the place of the picture whose embedding was told."""


def embedding_of(ws: Workspace, loaded: Loaded, recipe: Recipe) -> "NDArray[np.float32] | None":
    """The embedding (D,) that a recipe's pictures are drawn with, None where it names no picture.

    Raises `ConfigError` when the run knows no embeddings or there is no such picture, `DatasetGoneError` when the data
    are not those it learned from any more.
    """
    from genstudio.data.dataset import ImageDataset

    place = recipe.extra.get(LIKE)
    if place is None:
        return None
    if not loaded.header.spec.embedding:
        problem = (
            "This run learned nothing of embeddings, so that it cannot draw pictures like a given one. Import pictures "
            "together with embeddings (an npz file with “images” and “embeddings”), and train a family that heeds them."
        )
        raise ConfigError(problem, {LIKE: problem})
    dataset = ImageDataset.open(dataset_folder(ws, loaded.checkpoint.run))
    if dataset.fingerprint != loaded.header.fingerprint or dataset.embeddings is None:
        raise DatasetGoneError("The dataset is not the one this run learned from; its pictures or embeddings changed.")
    if not isinstance(place, int) or not 0 <= place < len(dataset):
        problem = f"There is no picture {place} in the dataset: it has {len(dataset):,}, counted from 0."
        raise ConfigError(problem, {LIKE: problem})
    embedding: NDArray[np.float32] = dataset.embeddings[place].copy()
    return embedding
