"""Drawing by words, from a folder of captioned pictures to pictures with the prompt in their recipes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.cli.parser import make_parser
from genstudio.core.abilities import Ability
from genstudio.core.errors import ConfigError, DataError
from genstudio.core.recipe import Recipe
from genstudio.core.settings import RunSettings
from genstudio.evaluation.quality import divide
from genstudio.generation.export import read_image, read_recipe
from genstudio.generation.given import Given, first
from genstudio.generation.paths import walk
from genstudio.jobs.completing import CompleteRequest, complete
from genstudio.jobs.copies import make_bench
from genstudio.jobs.exploring import keep_points
from genstudio.jobs.generating import GenerateRequest, InterpolateRequest, generate, interpolate, make_again
from genstudio.jobs.loading import load
from genstudio.jobs.quality import QualityRequest, measure_quality
from genstudio.jobs.quality_words import basis
from genstudio.jobs.restyling import RestyleRequest, restyle
from genstudio.jobs.scenes import scene_points, scene_recipe
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.surveying import map_of, point_at, survey_run
from genstudio.jobs.training import create_run
from genstudio.jobs.trays import read_tray, write_tray
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.records import SampleRecord
from genstudio.training.learner import SampleRequest
from genstudio_diffusion.config import DiffusionSampling
from genstudio_diffusion.model import DiffusionLearner
from tests import workshop
from tests.word_runs import CAPTIONS, word_runs

QUICK: dict[str, Any] = {"steps": 3}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, host: PluginHost) -> Iterator[tuple[Workspace, str, str]]:
    """A project with a run that reads words, one that draws by them, and one that does not."""
    ws = workshop.new_workspace(tmp_path_factory.mktemp("words") / "project", host)
    runs = word_runs(ws, tmp_path_factory.mktemp("captioned"))
    yield ws, runs.drawing.id, runs.silent.id
    ws.project.close()


def _drawn(ws: Workspace, run: str, **changes: Any) -> list[SampleRecord]:
    asked: dict[str, Any] = {"count": 3, "seed": 5, "batch": 2, "options": QUICK, **changes}
    request = GenerateRequest(run, None, **asked)
    return generate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)


def _recipe(ws: Workspace, sample: SampleRecord) -> Recipe:
    recipe = read_recipe(ws.project.path(sample.file))
    assert recipe is not None
    return recipe


def _is_made_again(ws: Workspace, sample: SampleRecord) -> bool:
    path = ws.project.path(sample.file)
    return np.array_equal(make_again(ws, _recipe(ws, sample)), read_image(path))


def test_that_only_a_run_that_learned_words_draws_by_them(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, silent = studio
    assert Ability.TEXT_CONDITION in load(ws, drawing).abilities
    assert Ability.TEXT_CONDITION not in load(ws, silent).abilities
    with pytest.raises(ConfigError, match="cannot draw by words"):
        _drawn(ws, silent, prompt="rising wave")


def test_that_a_prompt_is_kept_and_pictures_are_made_again_by_it(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, _ = studio
    made = _drawn(ws, drawing, prompt="  rising\twave ")
    assert [_recipe(ws, one).extra for one in made] == [{"prompt": "rising wave"}] * 3
    assert all(_is_made_again(ws, one) for one in made)
    other = _drawn(ws, drawing, prompt="falling wave")
    files = [ws.project.path(one.file) for one in (made[0], other[0])]
    assert not np.array_equal(read_image(files[0]), read_image(files[1]))


def test_that_no_words_leave_a_recipe_as_it_was(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, _ = studio
    made = [_drawn(ws, drawing, prompt=prompt)[0] for prompt in (None, "", " \n ")]
    assert [_recipe(ws, one).extra for one in made] == [{}] * 3
    images = [read_image(ws.project.path(one.file)) for one in made]
    assert np.array_equal(images[0], images[1]) and np.array_equal(images[0], images[2])


def test_that_a_prompt_that_cannot_be_is_refused(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, _ = studio
    with pytest.raises(ConfigError, match="at most 1,000"):
        _drawn(ws, drawing, prompt="w" * 1001)
    recipe = _recipe(ws, _drawn(ws, drawing)[0])
    with pytest.raises(ConfigError, match="at most 1,000"):
        make_again(ws, recipe.model_copy(update={"extra": {"prompt": 7}}))


def test_that_given_pictures_are_completed_and_restyled_by_words(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, _ = studio
    picture = read_image(ws.project.path(_drawn(ws, drawing)[0].file))
    told: dict[str, Any] = {"progress": untold, "on_samples": lambda _: None, "cancelled": never}
    given = Given(picture, first(32, 8, 8))
    completed = complete(
        ws, CompleteRequest(drawing, None, given, 2, 1, 2, options={**QUICK, "rounds": 1}, prompt="rising wave"), **told
    ).samples
    restyled = restyle(
        ws, RestyleRequest(drawing, None, picture, 0.7, 2, 1, 2, options=QUICK, prompt="rising wave"), **told
    )
    for sample in (*completed, *restyled):
        assert _recipe(ws, sample).extra["prompt"] == "rising wave"
        assert _is_made_again(ws, sample)


def test_that_a_walk_goes_from_one_prompt_to_another(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, _ = studio
    ends = [_drawn(ws, drawing, prompt=prompt, count=1, batch=1) for prompt in CAPTIONS.values()]
    request = InterpolateRequest(drawing, None, 5, 5, 5, options=QUICK, prompt="falling wave", prompt_b="rising wave")
    made = interpolate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)
    images = [read_image(ws.project.path(one.file)) for one in made]
    assert np.array_equal(images[0], read_image(ws.project.path(ends[0][0].file)))
    assert np.array_equal(images[4], read_image(ws.project.path(ends[1][0].file)))
    assert _recipe(ws, made[2]).extra["prompt_b"] == "rising wave"
    assert _is_made_again(ws, made[1]) and _is_made_again(ws, made[3])


def test_that_points_of_the_space_keep_their_words(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, silent = studio
    space = LatentSpace.open(ws, drawing)
    told = space.draw([(5, 0), (5, 1)], text=space.words(" rising  wave "))
    mixed = [told[0], told[1].saying(None)]
    assert [point.text for point in mixed] == ["rising wave", None]
    images = space.decode(mixed)
    assert np.array_equal(images[1], space.decode([mixed[1]])[0])  # who is told nothing is drawn as if alone
    assert not np.array_equal(space.decode([told[1]])[0], images[1])
    kept = keep_points(ws, space, told[:1])[0]
    assert _recipe(ws, kept).extra["prompt"] == "rising wave" and _is_made_again(ws, kept)
    found = space.of_sample(_recipe(ws, kept), images[0])
    assert (found.text, found.latent.tobytes()) == ("rising wave", told[0].latent.tobytes())
    drawn = _drawn(ws, drawing, prompt="falling wave", count=1)[0]
    assert space.of_sample(_recipe(ws, drawn), images[0]).text == "falling wave"
    write_tray(ws, drawing, mixed, 1)
    assert [point.text for point in read_tray(ws, drawing)[0]] == ["rising wave", None]
    assert [point.text for point in walk(mixed, 4)] == ["rising wave"] * 2 + [None] * 2
    with pytest.raises(ConfigError, match="cannot draw by words"):
        LatentSpace.open(ws, silent).words("rising wave")


def test_that_a_scene_with_words_that_cannot_be_is_refused(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, _ = studio
    space = LatentSpace.open(ws, drawing)
    points = [point.saying("w" * length) for length, point in enumerate(space.draw([(1, 0), (1, 1)]), 1000)]
    recipe = scene_recipe(ws, space, "explore-walk", points, {})
    assert recipe is not None
    with pytest.raises(DataError, match="it was changed"):
        scene_points(recipe)


def test_that_a_map_drawn_by_words_is_not_taken_for_another(studio: tuple[Workspace, str, str]) -> None:
    ws, drawing, _ = studio
    space = LatentSpace.open(ws, drawing)
    told = survey_run(ws, space, limit=4, text="rising wave", progress=untold, cancelled=never)
    plain = survey_run(ws, space, limit=4, progress=untold, cancelled=never)
    assert np.array_equal(told.latents, plain.latents) and not np.array_equal(told.pictures, plain.pictures)
    assert told.labels is None and point_at(told, 0, heeded=True).text == "rising wave"
    places = map_of(ws, space, told, "neighbours").places
    assert np.array_equal(map_of(ws, space, told, "neighbours").places, places)
    assert not np.array_equal(map_of(ws, space, plain, "neighbours").places, places)


def test_that_quality_is_that_of_pictures_drawn_by_captions(
    studio: tuple[Workspace, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ws, drawing, silent = studio
    asked: list[str] = []
    draw = DiffusionLearner.sample

    def heard(learner: DiffusionLearner, request: SampleRequest) -> Tensor:
        asked.extend(request.texts or ())
        return draw(learner, replace(request, options=DiffusionSampling(steps=1)))

    monkeypatch.setattr(DiffusionLearner, "sample", heard)
    found = measure_quality(ws, QualityRequest(drawing, samples=28), progress=untold, cancelled=never)
    bench = make_bench(ws, drawing, untold, never)
    places = divide(bench.training, bench.heldout, bench.dataset.fingerprint, 28).reference
    assert bench.dataset.captions is not None and len(places) == 24 and set(bench.heldout) <= set(places)
    captions = [bench.dataset.captions[place] for place in places]
    assert asked == [*captions, *captions[:4]] and found.captions == 28
    assert "by the captions of those pictures" in basis(found)
    asked.clear()
    plain = measure_quality(ws, QualityRequest(silent, samples=28), progress=untold, cancelled=never)
    assert not asked and not plain.captions and "captions" not in basis(plain)


def test_that_a_run_in_training_shows_pictures_by_captions_and_looks_for_copies_by_those_it_learned_from(
    studio: tuple[Workspace, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ws, drawing, silent = studio
    asked: list[tuple[str, ...] | None] = []

    def heard(learner: DiffusionLearner, request: SampleRequest) -> Tensor:
        asked.append(request.texts)
        return torch.zeros(len(request), *learner.space.shape)

    monkeypatch.setattr(DiffusionLearner, "sample", heard)
    for run, by_words in ((drawing, True), (silent, False)):
        asked.clear()
        trained = ws.project.run(run)
        config = ws.host.family("diffusion").config_type(**trained.config).replaced({"images": 16})
        again = create_run(ws, "diffusion", config, trained.dataset, RunSettings(preview_count=4, device="cpu"))
        workshop.train(ws, again.id)
        last = [texts for texts in asked if texts is not None][-2:]
        assert all(set(texts) <= set(CAPTIONS.values()) for texts in last)
        assert len(asked) == 2 + by_words  # before the first step, at the end, and for the copy check at the end


def test_that_commands_that_draw_take_a_prompt() -> None:
    arguments = make_parser().parse_args(["sample", "RUN", "--prompt", "red heart"])
    assert arguments.prompt == "red heart"
    for command in ("complete", "restyle"):
        assert make_parser().parse_args([command, "RUN", "data:0", "--prompt", "red heart"]).prompt == "red heart"
