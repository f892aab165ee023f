"""A picture is completed in several ways, keeps what was given, and can be made again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genstudio.core.errors import Cancelled, ConfigError, DataError, DatasetGoneError, FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.generation.given import Given, first, keep
from genstudio.jobs.completing import Completed, CompleteRequest, complete, note_of
from genstudio.jobs.generating import GenerateRequest, generate, make_again
from genstudio.jobs.given import dataset_picture, mask_of, picture_of
from genstudio.jobs.watching import Drawing, never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.project import Project
from genstudio.store.records import DatasetRecord, SampleRecord
from tests import workshop
from tests.pixel_runs import pixel_run


@pytest.fixture
def run(ws: Workspace, dataset: DatasetRecord) -> str:
    return pixel_run(ws, dataset.id).id


@pytest.fixture
def request_(ws: Workspace, run: str) -> CompleteRequest:
    given = Given(dataset_picture(ws, run, 3), keep("top", 8, 8))
    return CompleteRequest(run, None, given, count=5, seed=7, batch=3)


def finish(ws: Workspace, request: CompleteRequest) -> Completed:
    return complete(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)


def pictures(ws: Workspace, samples: list[SampleRecord]) -> list["np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"]:
    return [read_image(ws.project.path(sample.file)) for sample in samples]


def test_that_completions_differ_keep_what_is_given_and_are_made_again(
    ws: Workspace, request_: CompleteRequest
) -> None:
    made = finish(ws, request_)
    images, known = pictures(ws, made.samples), request_.given.known
    assert made.note == "" and len(images) == 5
    for sample, image in zip(made.samples, images, strict=True):
        assert np.array_equal(image[known], request_.given.picture[known])
        assert np.array_equal(make_again(ws, Recipe.model_validate_json(sample.recipe)), image)
    assert len({image.tobytes() for image in images}) == 5


def test_that_a_mask_that_is_no_prefix_is_explained(ws: Workspace, run: str, request_: CompleteRequest) -> None:
    known = keep("left", 8, 8)
    made = finish(ws, replace(request_, given=Given(request_.given.picture, known)))
    assert "reading order" in made.note
    assert note_of(ws, run, None, known) == made.note
    for image in pictures(ws, made.samples):
        assert np.array_equal(image[known], request_.given.picture[known])


def test_that_one_given_picture_is_kept_once_and_the_project_knows_it(ws: Workspace, request_: CompleteRequest) -> None:
    finish(ws, request_)
    finish(ws, replace(request_, seed=8))
    assert len(list((ws.project.folder / "given").iterdir())) == 1
    ws.project.close()
    again = Project.open(ws.project.folder)
    assert again.check() == []
    again.close()


def test_that_a_given_picture_that_was_changed_is_noticed(ws: Workspace, request_: CompleteRequest) -> None:
    sample = finish(ws, request_).samples[0]
    recipe = Recipe.model_validate_json(sample.recipe)
    file = next((ws.project.folder / "given").iterdir())
    Image.fromarray(255 - np.asarray(Image.open(file))).save(file)
    with pytest.raises(DataError, match="was changed"):
        make_again(ws, recipe)
    file.unlink()
    with pytest.raises(DataError, match="is gone"):
        make_again(ws, recipe)
    with pytest.raises(DataError, match="was changed"):
        make_again(ws, recipe.model_copy(update={"extra": {"given": "../../project"}}))


def test_that_what_cannot_be_completed_is_a_sentence(
    ws: Workspace, dataset: DatasetRecord, request_: CompleteRequest
) -> None:
    picture = request_.given.picture
    with pytest.raises(ConfigError, match="nothing is left"):
        finish(ws, replace(request_, given=Given(picture, np.ones((8, 8), bool))))
    with pytest.raises(DataError, match="8×8"):
        finish(ws, replace(request_, given=Given(picture[:4], keep("top", 4, 8))))
    other = workshop.make_run(ws, dataset.id)
    workshop.train(ws, other.id)
    with pytest.raises(FamilyError, match="cannot finish"):
        finish(ws, replace(request_, run=other.id))
    assert ws.project.samples() == []


def test_that_drawing_is_seen_step_by_step_and_can_be_cancelled(ws: Workspace, run: str) -> None:
    seen: list[Drawing] = []
    request = GenerateRequest(run, None, 3, seed=1, batch=2)
    made = generate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never, on_drawing=seen.append)
    chunks = [[one for one in seen if len(one.pictures) == count] for count in (2, 1)]
    for chunk, images in zip(chunks, (pictures(ws, made[:2]), pictures(ws, made[2:])), strict=True):
        assert 55 <= len(chunk) <= 64
        last = chunk[-1]
        assert (last.done, last.total) == (64, 64) and np.array_equal(last.pictures, np.stack(images))
        middle = chunk[len(chunk) // 2]
        drawn = first(middle.done, 8, 8)
        assert np.array_equal(middle.pictures[:, drawn], last.pictures[:, drawn])
        assert middle.uncertainty is not None and not middle.uncertainty[:, ~drawn].any()
        assert middle.uncertainty[:, drawn].max() > 0.5
    with pytest.raises(Cancelled):
        generate(
            ws,
            request,
            progress=untold,
            on_samples=lambda _: None,
            cancelled=lambda: len(seen) > 0,
            on_drawing=seen.append,
        )


def test_that_given_files_are_treated_like_the_dataset(ws: Workspace, run: str, tmp_path: Path) -> None:
    colours = np.zeros((32, 16, 4), np.uint8)
    colours[:, :8] = (255, 0, 0, 255)
    Image.fromarray(colours).save(tmp_path / "tall.png")
    picture = picture_of(ws, run, tmp_path / "tall.png")
    assert picture.shape == (8, 8, 1) and picture[0, 0, 0] == 76 and picture[0, 7, 0] == 255
    assert np.array_equal(mask_of(ws, run, tmp_path / "tall.png"), np.zeros((8, 8), bool))
    Image.new("L", (64, 64), 255).save(tmp_path / "light.png")
    assert mask_of(ws, run, tmp_path / "light.png").all()
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(DataError, match=r"“bad.png” cannot be used"):
        picture_of(ws, run, tmp_path / "bad.png")
    with pytest.raises(DataError, match=r"“none.png” cannot be read"):
        picture_of(ws, run, tmp_path / "none.png")
    ws.project.delete_dataset(ws.project.run(run).dataset)
    with pytest.raises(DatasetGoneError, match="Undo its deletion"):
        picture_of(ws, run, tmp_path / "tall.png")


def test_that_masks_are_halves_and_shares() -> None:
    assert keep("top", 4, 3).sum(1).tolist() == [3, 3, 0, 0]
    assert keep("bottom", 5, 1)[:, 0].tolist() == [False, False, True, True, True]
    assert keep("left", 2, 5)[0].tolist() == [True, True, False, False, False]
    assert keep("right", 1, 4)[0].tolist() == [False, False, True, True]
    assert keep("0.5", 3, 3).tolist() == [[True] * 3, [True, False, False], [False] * 3]
    for wrong in ("middle", "1", "-0.1", "nan", ""):
        with pytest.raises(ConfigError, match="share between 0 and 1"):
            keep(wrong, 4, 4)


def test_that_what_was_given_goes_with_the_last_picture_made_from_it(
    ws: Workspace, run: str, request_: CompleteRequest
) -> None:
    other = Given(dataset_picture(ws, run, 2), keep("top", 8, 8))
    going = finish(ws, request_).samples
    staying = finish(ws, replace(request_, given=other, count=1, batch=1)).samples
    folder = ws.project.folder
    ws.project.delete_samples([sample.id for sample in going])
    both = {request_.given.digest, other.digest}
    assert {file.stem for file in (folder / "given").iterdir()} == both, "deleting can be undone"
    ws.project.close()
    project = Project.open(folder)
    assert {file.stem for file in (folder / "given").iterdir()} == {other.digest}
    again = make_again(Workspace(ws.host, project), Recipe.model_validate_json(staying[0].recipe))
    assert np.array_equal(again, read_image(project.path(staying[0].file)))
    project.close()
