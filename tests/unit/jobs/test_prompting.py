"""Drawing by words, from a folder of captioned pictures to pictures with the prompt in their recipes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from genstudio.cli.parser import make_parser
from genstudio.core.abilities import Ability
from genstudio.core.errors import ConfigError
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image, read_recipe
from genstudio.generation.given import Given, first
from genstudio.jobs.completing import CompleteRequest, complete
from genstudio.jobs.generating import GenerateRequest, InterpolateRequest, generate, interpolate, make_again
from genstudio.jobs.loading import load
from genstudio.jobs.restyling import RestyleRequest, restyle
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.plugins import PluginHost
from genstudio.store.records import SampleRecord
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
    walk = interpolate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)
    images = [read_image(ws.project.path(one.file)) for one in walk]
    assert np.array_equal(images[0], read_image(ws.project.path(ends[0][0].file)))
    assert np.array_equal(images[4], read_image(ws.project.path(ends[1][0].file)))
    assert _recipe(ws, walk[2]).extra["prompt_b"] == "rising wave"
    assert _is_made_again(ws, walk[1]) and _is_made_again(ws, walk[3])


def test_that_commands_that_draw_take_a_prompt() -> None:
    arguments = make_parser().parse_args(["sample", "RUN", "--prompt", "red heart"])
    assert arguments.prompt == "red heart"
    for command in ("complete", "restyle"):
        assert make_parser().parse_args([command, "RUN", "data:0", "--prompt", "red heart"]).prompt == "red heart"
