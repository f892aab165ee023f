"""Restyling a picture in the window, with a tiny real model that takes noise away."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.jobs.given import dataset_picture
from genstudio.store.records import RunRecord
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.generate import GeneratePage
from tests.diffusion_runs import diffusion_run
from tests.gui.conftest import WaitFor
from tests.workshop import import_pictures, paint_pictures

Keep = Callable[[Page], Page]


@pytest.fixture
def run(context: UiContext, tmp_path: Path) -> RunRecord:
    dataset = import_pictures(context.workspace, paint_pictures(tmp_path / "pictures"))
    return diffusion_run(context.workspace, dataset.id)


@pytest.fixture
def ready(context: UiContext, run: RunRecord, drop_page: Keep, wait_for: WaitFor) -> GeneratePage:
    page = GeneratePage(context)
    drop_page(page)
    page.resize(1300, 1000)
    page.shown()
    wait_for(lambda: page.pictures.samples is not None)
    page.make.count.turn({"count": 2, "batch": 2})
    page.make.choose_tool("image-to-image")
    return page


def test_that_a_given_picture_is_restyled_and_its_settings_taken_over(
    ready: GeneratePage, context: UiContext, run: RunRecord, wait_for: WaitFor
) -> None:
    assert "Choose a picture first" in ready.button.accessibleDescription()
    picture = dataset_picture(context.workspace, run.id, 5)
    ready.make.given.show_picture(picture, "five")
    assert ready.make.strength.isVisible() and ready.button.text() == "Restyle"
    ready.make.strength.turn({"strength": 0.0})
    ready.button.click()
    wait_for(lambda: not ready.job.busy and ready.pictures.gallery.count() == 2)
    made = context.workspace.project.samples(run.id)
    recipe = Recipe.model_validate_json(made[0].recipe)
    assert (recipe.ability, recipe.extra["strength"]) == ("image-to-image", 0.0)
    assert np.array_equal(read_image(context.workspace.project.path(made[0].file)), picture)
    ready.make.given.show_picture(None)
    ready.make.strength.turn({"strength": 0.9})
    ready.make.choose_tool("sample")
    assert not ready.make.strength.isVisible()
    ready.inspector.use_wanted.emit(recipe)
    wait_for(lambda: ready.make.given.given() is not None)
    given, request = ready.make.given.given(), ready.make.request()
    assert given is not None and np.array_equal(given.picture, picture)
    assert request is not None and getattr(request, "strength", None) == 0.0
