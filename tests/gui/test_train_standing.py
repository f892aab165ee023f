"""Train, with a model that stands on another run: what to do first is said, and choosing one lets it start."""

from collections.abc import Callable
from pathlib import Path

import pytest

from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run
from genstudio.store.records import RunRecord
from genstudio.ui.context import UiContext
from genstudio.ui.page import Page
from genstudio.ui.pages.train import TrainPage
from tests.gui.conftest import WaitFor, texts
from tests.workshop import paint_pictures, train

Keep = Callable[[Page], Page]


@pytest.fixture
def page(context: UiContext, drop_page: Keep) -> TrainPage:
    page = TrainPage(context)
    drop_page(page)
    page.resize(1200, 800)
    return page


@pytest.fixture
def dataset(context: UiContext, tmp_path: Path) -> str:
    return imported(context, paint_pictures(tmp_path / "pictures"), ImportOptions(width=16, height=16, mode="grey"))


def imported(context: UiContext, folder: Path, options: ImportOptions) -> str:
    return import_dataset(context.workspace, folder, options, "waves", lambda *_: None, lambda: False)[0].id


@pytest.fixture
def trained(context: UiContext, dataset: str) -> RunRecord:
    family = context.studio.host.family("kl-autoencoder")
    config = family.presets["Draft"].replaced({"width": 8, "images": 32})
    run = create_run(context.workspace, family.name, config, dataset, RunSettings(preview_count=2, device="cpu"))
    train(context.workspace, run.id)
    return run


def test_that_a_model_that_stands_on_another_says_what_to_train_first(
    page: TrainPage, dataset: str, wait_for: WaitFor
) -> None:
    page.shown()
    wait_for(lambda: page.setup.dataset_ids() == [dataset])
    page.setup.choose_family("latent-diffusion")
    said = texts(page.setup.side)
    assert "Train a KL-autoencoder or a VQ-VAE on the same pictures first" in said
    assert "Choose a run here before you start." in said
    assert not page.setup.foot.button.isEnabled()


def test_that_choosing_a_run_to_stand_on_lets_it_start(
    page: TrainPage, dataset: str, trained: RunRecord, wait_for: WaitFor
) -> None:
    page.shown()
    wait_for(lambda: page.setup.dataset_ids() == [dataset])
    page.setup.choose_family("latent-diffusion")
    form = page.setup.knobs.form
    assert form is not None and not page.setup.foot.button.isEnabled()
    form.turn({"autoencoder": trained.id})
    assert form.values()["autoencoder"] == trained.id
    assert "Choose a run here before you start." not in texts(page.setup.side)
    assert page.setup.foot.button.isEnabled()


def test_that_only_runs_on_pictures_like_these_are_offered(
    page: TrainPage, context: UiContext, dataset: str, trained: RunRecord, tmp_path: Path, wait_for: WaitFor
) -> None:
    folder = tmp_path / "pictures"
    larger = imported(context, folder, ImportOptions(width=24, height=24, mode="grey"))
    coloured = imported(context, folder, ImportOptions(width=16, height=16, mode="rgb"))
    page.shown()
    wait_for(lambda: page.setup.dataset_ids() == [dataset, larger, coloured])
    page.setup.choose_dataset(dataset)
    page.setup.choose_family("latent-diffusion")
    form = page.setup.knobs.form
    assert form is not None
    form.turn({"autoencoder": trained.id})
    assert page.setup.foot.button.isEnabled()
    for other in (larger, coloured):
        page.setup.choose_dataset(other)
        assert form.values()["autoencoder"] == "" and not page.setup.foot.button.isEnabled()
        said = texts(page.setup.side)
        assert "on pictures of this size and colour mode" in said and "Train one first." in said
    page.setup.choose_dataset(dataset)  # what was chosen is back with what it fits
    assert form.values()["autoencoder"] == trained.id and page.setup.foot.button.isEnabled()
