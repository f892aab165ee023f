"""A picture of any size is enlarged, and can be made again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from genstudio.core.errors import Cancelled, DataError, FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.jobs.generating import make_again
from genstudio.jobs.given import dataset_picture, whole_picture_of
from genstudio.jobs.upscaling import MOST_PIXELS, UpscaleRequest, upscale
from genstudio.jobs.watching import Drawing, never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, SampleRecord
from tests.pixel_runs import pixel_run
from tests.upscaler_runs import upscaler_run


@pytest.fixture
def run(ws: Workspace, dataset: DatasetRecord) -> str:
    return upscaler_run(ws, dataset.id).id


@pytest.fixture
def request_(ws: Workspace, run: str) -> UpscaleRequest:
    return UpscaleRequest(run, None, dataset_picture(ws, run, 3), count=3, seed=7, batch=2, options={"steps": 3})


def finish(ws: Workspace, request: UpscaleRequest) -> list[SampleRecord]:
    return upscale(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)


def pictures(ws: Workspace, samples: list[SampleRecord]) -> list[NDArray[np.uint8]]:
    return [read_image(ws.project.path(sample.file)) for sample in samples]


def test_that_enlarged_pictures_are_twice_as_large_differ_and_are_made_again(
    ws: Workspace, request_: UpscaleRequest
) -> None:
    made = finish(ws, request_)
    images = pictures(ws, made)
    assert {image.shape for image in images} == {(16, 16, 1)} and {made[0].width, made[0].height} == {16}
    assert len({image.tobytes() for image in images}) == 3
    for sample, image in zip(made, images, strict=True):
        recipe = Recipe.model_validate_json(sample.recipe)
        assert recipe.ability == "upscale" and recipe.batch == 2
        assert np.array_equal(make_again(ws, recipe), image)


def test_that_its_steps_are_seen_and_it_can_be_cancelled(ws: Workspace, request_: UpscaleRequest) -> None:
    seen: list[Drawing] = []
    upscale(ws, request_, progress=untold, on_samples=lambda _: None, cancelled=never, on_drawing=seen.append)
    assert seen and seen[0].pictures.shape == (2, 16, 16, 1)
    with pytest.raises(Cancelled):
        upscale(ws, request_, progress=untold, on_samples=lambda _: None, cancelled=lambda: True)


def test_that_a_file_is_enlarged_from_its_own_size_in_the_models_colours(
    ws: Workspace, request_: UpscaleRequest, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 256, (21, 13, 3), dtype=np.uint8)).save(tmp_path / "odd.png")
    picture = whole_picture_of(ws, request_.run, tmp_path / "odd.png")
    assert picture.shape == (21, 13, 1)
    (image,) = pictures(ws, finish(ws, replace(request_, picture=picture, count=1)))
    assert image.shape == (42, 26, 1)


def test_that_large_pictures_are_made_one_at_a_time(ws: Workspace, request_: UpscaleRequest) -> None:
    large = np.zeros((400, 400, 1), np.uint8)
    made = finish(ws, replace(request_, picture=large, count=2, options={"detail": 0}))
    assert [Recipe.model_validate_json(sample.recipe).batch for sample in made] == [1, 1]


def test_that_what_cannot_be_enlarged_is_a_sentence(
    ws: Workspace, dataset: DatasetRecord, request_: UpscaleRequest
) -> None:
    with pytest.raises(DataError, match="in 1 channels; the one given has 3"):
        finish(ws, replace(request_, picture=request_.picture.repeat(3, 2)))
    with pytest.raises(DataError, match="nothing to enlarge in 8 × 2"):
        finish(ws, replace(request_, picture=request_.picture[:2]))
    with pytest.raises(DataError, match="more than 16 million"):
        finish(ws, replace(request_, picture=np.zeros((MOST_PIXELS // 1024, 1024, 1), np.uint8)))
    with pytest.raises(FamilyError, match="enlarge"):
        finish(ws, replace(request_, run=pixel_run(ws, dataset.id, images=16).id, options={}))


def test_that_a_recipe_whose_picture_is_gone_is_refused(ws: Workspace, request_: UpscaleRequest) -> None:
    recipe = Recipe.model_validate_json(finish(ws, request_)[0].recipe)
    with pytest.raises(DataError, match="is gone"):
        make_again(ws, recipe.model_copy(update={"extra": {"given": "0" * 64}}))
