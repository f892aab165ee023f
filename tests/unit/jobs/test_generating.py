"""Pictures are made, kept with their recipes, and made again with the same pixels."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from genstudio.core.errors import Cancelled, CheckpointError, ConfigError, DataError, DiskFullError, FamilyError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image, read_recipe
from genstudio.jobs.evaluating import evaluate_run
from genstudio.jobs.generating import GenerateRequest, InterpolateRequest, generate, interpolate, make_again
from genstudio.jobs.importing import import_dataset, resolve_source
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, SampleRecord
from tests import workshop


@pytest.fixture
def run(ws: Workspace, dataset: DatasetRecord) -> str:
    made = workshop.make_run(ws, dataset.id, images=320)
    workshop.train(ws, made.id)
    return made.id


def draw(
    ws: Workspace,
    run: str,
    *,
    count: int = 10,
    on_samples: Callable[[list[SampleRecord]], None] = lambda _: None,
    cancelled: Callable[[], bool] = never,
    out: Path | None = None,
    **changes: Any,
) -> list[SampleRecord]:
    request = replace(GenerateRequest(run, None, count, seed=5, batch=4), **changes)
    return generate(ws, request, progress=untold, on_samples=on_samples, cancelled=cancelled, out=out)


def test_that_pictures_are_kept_with_their_recipes(ws: Workspace, run: str, tmp_path: Path) -> None:
    chunks: list[int] = []
    made = draw(ws, run, on_samples=lambda records: chunks.append(len(records)), out=tmp_path / "out", label="rising")
    assert chunks == [4, 4, 2]
    assert [sample.id for sample in reversed(ws.project.samples(run))] == [sample.id for sample in made]
    for index, sample in enumerate(made):
        recipe = read_recipe(ws.project.path(sample.file))
        assert recipe == Recipe.model_validate_json(sample.recipe)
        assert recipe is not None
        assert (recipe.index, recipe.seed, recipe.count, recipe.batch, recipe.label) == (index, 5, 10, 4, "rising")
        assert (tmp_path / "out" / Path(sample.file).name).read_bytes() == ws.project.path(sample.file).read_bytes()
    assert ws.project.checkpoints(run)[0].pinned


def test_that_every_picture_can_be_made_again_and_a_seed_means_the_same(ws: Workspace, run: str) -> None:
    first = draw(ws, run)
    pixels = [read_image(ws.project.path(sample.file)) for sample in first]
    for sample, image in zip(first, pixels, strict=True):
        assert (make_again(ws, Recipe.model_validate_json(sample.recipe)) == image).all()
    other = read_image(ws.project.path(draw(ws, run, count=1, seed=6)[0].file))
    assert not (other == pixels[0]).all()


def test_that_a_walk_between_seeds_is_kept_and_made_again(ws: Workspace, run: str) -> None:
    request = InterpolateRequest(run, None, 1, 2, 5)
    told: list[tuple[int, int]] = []
    walk = interpolate(
        ws, request, progress=lambda *where: told.append(where), on_samples=lambda _: None, cancelled=never
    )
    assert len(ws.project.samples(run)) == len(walk) == 5
    assert told[-1] == (5, 5)
    for sample in walk:
        recipe = Recipe.model_validate_json(sample.recipe)
        assert (recipe.ability, recipe.extra["seed_a"], recipe.extra["seed_b"]) == ("interpolate", 1, 2)
        assert (make_again(ws, recipe) == read_image(ws.project.path(sample.file))).all()


def test_that_cancelling_keeps_the_chunks_that_were_done(ws: Workspace, run: str) -> None:
    kept: list[SampleRecord] = []
    with pytest.raises(Cancelled):
        draw(ws, run, on_samples=kept.extend, cancelled=lambda: len(kept) >= 4)
    assert len(ws.project.samples(run)) == len(kept) == 4


def test_that_a_full_disk_keeps_the_chunks_that_were_done(
    ws: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import genstudio.generation.export as export

    written, write = [0], export.write_png

    def failing(path: Path, image: object, recipe: object) -> None:
        written[0] += 1
        if written[0] > 6:
            raise DiskFullError("no room")
        write(path, image, recipe)  # type: ignore[arg-type]

    monkeypatch.setattr(export, "write_png", failing)
    with pytest.raises(DiskFullError):
        draw(ws, run)
    assert len(ws.project.samples(run)) == 4


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"label": "sideways"}, "knows no label “sideways”. It knows: falling, rising"),
        ({"options": {"spread": 99}}, "spread"),
        ({"options": {"colour": 1}}, "no setting of this name"),
        ({"seed": -1}, "seed between 0 and"),
        ({"count": 0}, "count between 1 and"),
        ({"batch": 0}, "batch between 1 and"),
    ],
)
def test_that_what_cannot_be_generated_is_a_sentence(
    ws: Workspace, run: str, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        draw(ws, run, **change)
    assert ws.project.samples() == []


def test_that_a_family_that_cannot_draw_says_so(ws: Workspace, dataset: DatasetRecord, run: str) -> None:
    from tests.unit.jobs.test_building import second_look

    other = second_look(ws, dataset, run)
    workshop.train(ws, other.id)
    with pytest.raises(FamilyError, match="cannot generate"):
        draw(ws, other.id)


def test_that_a_picture_of_another_state_is_not_made_again(ws: Workspace, run: str) -> None:
    recipe = Recipe.model_validate_json(draw(ws, run, count=1)[0].recipe)
    with pytest.raises(CheckpointError, match="another checkpoint of its run"):
        make_again(ws, recipe.model_copy(update={"checkpoint": "0" * 64}))
    with pytest.raises(CheckpointError, match="no checkpoint at 3 images"):
        make_again(ws, recipe.model_copy(update={"images_seen": 3}))


@pytest.mark.parametrize(
    "change",
    [{"index": 7}, {"count": 10**9, "batch": 10**9}, {"extra": {"seed_a": "x"}}, {"extra": {"index_b": -1}}],
)
def test_that_an_impossible_recipe_out_of_a_file_is_refused(ws: Workspace, run: str, change: dict[str, object]) -> None:
    recipe = Recipe.model_validate_json(draw(ws, run, count=3)[0].recipe)
    with pytest.raises(DataError, match="cannot be right"):
        make_again(ws, recipe.model_copy(update=change))


def test_that_a_run_is_measured_on_pictures_it_has_not_seen(ws: Workspace, run: str) -> None:
    told: list[tuple[int, int]] = []
    figures = evaluate_run(ws, run, progress=lambda *where: told.append(where), cancelled=never)
    assert 0 < figures["error"] < 1
    assert ws.project.run(run).figures["heldout/error"] == figures["error"]
    assert told[-1][0] == told[-1][1] > 0
    with pytest.raises(Cancelled):
        evaluate_run(ws, run, progress=untold, cancelled=lambda: True)


def _import(ws: Workspace, source: Path | str, cancelled: Callable[[], bool] = never) -> DatasetRecord:
    return import_dataset(ws, source, workshop.OPTIONS, None, lambda *_: None, cancelled)[0]


def test_that_an_import_is_kept_or_leaves_nothing(
    ws: Workspace, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying() -> list[str]:
        return sorted(path.name for path in (ws.project.folder / "datasets").iterdir())

    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError):
        _import(ws, tmp_path / "empty")
    with pytest.raises(Cancelled):
        _import(ws, pictures, lambda: True)
    with monkeypatch.context() as patch:
        patch.setattr(ws.project, "add_dataset", lambda _: (_ for _ in ()).throw(DiskFullError("no room")))
        with pytest.raises(DiskFullError):
            _import(ws, pictures)
    assert (lying(), ws.project.datasets()) == ([], [])
    record = _import(ws, pictures)
    assert lying() == [record.id]
    assert (record.spec.count, record.source, record.folder) == (48, str(pictures), f"datasets/{record.id}")


def test_that_a_source_that_is_nowhere_is_named(ws: Workspace) -> None:
    with pytest.raises(DataError, match=r"“nowhere”.*built-in ones are: emoji, glyphs"):
        resolve_source("nowhere")
    assert resolve_source("glyphs").name == "glyphs.zip"
