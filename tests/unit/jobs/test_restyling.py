"""A picture is drawn anew at any strength, and can be made again."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from genstudio.core.errors import Cancelled, ConfigError, DataError, FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.jobs.generating import GenerateRequest, generate, make_again
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.restyling import RestyleRequest, restyle
from genstudio.jobs.watching import Drawing, never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, SampleRecord
from tests.diffusion_runs import diffusion_run
from tests.pixel_runs import pixel_run


@pytest.fixture
def run(ws: Workspace, dataset: DatasetRecord) -> str:
    return diffusion_run(ws, dataset.id).id


@pytest.fixture
def request_(ws: Workspace, run: str) -> RestyleRequest:
    return RestyleRequest(run, None, dataset_picture(ws, run, 3), 0.5, count=3, seed=7, batch=2, options={"steps": 4})


def finish(ws: Workspace, request: RestyleRequest) -> list[SampleRecord]:
    return restyle(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)


def pictures(ws: Workspace, samples: list[SampleRecord]) -> list[NDArray[np.uint8]]:
    return [read_image(ws.project.path(sample.file)) for sample in samples]


def test_that_restyled_pictures_differ_and_are_made_again(ws: Workspace, request_: RestyleRequest) -> None:
    made = finish(ws, request_)
    images = pictures(ws, made)
    assert len({image.tobytes() for image in images}) == 3
    for sample, image in zip(made, images, strict=True):
        recipe = Recipe.model_validate_json(sample.recipe)
        assert recipe.ability == "image-to-image" and recipe.extra["strength"] == 0.5
        assert np.array_equal(make_again(ws, recipe), image)


def test_that_strength_goes_from_the_picture_to_a_fresh_one(ws: Workspace, request_: RestyleRequest) -> None:
    same, fresh = (pictures(ws, finish(ws, replace(request_, strength=strength))) for strength in (0.0, 1.0))
    asked = GenerateRequest(request_.run, None, 3, 7, 2, options={"steps": 4})
    drawn = generate(ws, asked, progress=untold, on_samples=lambda _: None, cancelled=never)
    assert all(np.array_equal(image, request_.picture) for image in same)
    assert all(np.array_equal(*pair) for pair in zip(fresh, pictures(ws, drawn), strict=True))


def test_that_its_steps_are_seen_and_it_can_be_cancelled(ws: Workspace, request_: RestyleRequest) -> None:
    seen: list[Drawing] = []
    restyle(ws, request_, progress=untold, on_samples=lambda _: None, cancelled=never, on_drawing=seen.append)
    assert seen and seen[0].pictures.shape == (2, *request_.picture.shape)
    with pytest.raises(Cancelled):
        restyle(ws, request_, progress=untold, on_samples=lambda _: None, cancelled=lambda: True)


def test_that_what_cannot_be_restyled_is_a_sentence(
    ws: Workspace, dataset: DatasetRecord, request_: RestyleRequest
) -> None:
    with pytest.raises(ConfigError, match="strength between 0"):
        finish(ws, replace(request_, strength=1.5))
    with pytest.raises(DataError, match="is different"):
        finish(ws, replace(request_, picture=request_.picture[:4]))
    with pytest.raises(FamilyError, match="anew"):
        finish(ws, replace(request_, run=pixel_run(ws, dataset.id, images=16).id, options={}))


def test_that_a_recipe_without_its_strength_is_refused(ws: Workspace, request_: RestyleRequest) -> None:
    recipe = Recipe.model_validate_json(finish(ws, request_)[0].recipe)
    for strength in (None, "much"):
        with pytest.raises(DataError, match="how far"):
            make_again(ws, recipe.model_copy(update={"extra": {**recipe.extra, "strength": strength}}))
