"""Pictures that their embeddings determine: models told the embedding need no more bits than there are secrets."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio.cli import main
from genstudio.core.config import FamilyConfig
from genstudio.core.errors import ConfigError
from genstudio.core.settings import RunSettings
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.generation.export import read_image, read_recipe
from genstudio.jobs.generating import GenerateRequest, generate, make_again
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.testing.lab import NoRuns
from genstudio.training.learner import Learner, ScoresLikelihood
from genstudio.training.previews import evaluating
from tests.workshop import OPTIONS, load_host, new_workspace, train

EDGE, KINDS = 4, 8
VARIANTS = [  # PixelCNN++ is looked at by itself: it needs longer to learn so much
    ("pixelcnn", "pixelcnn"),
    ("pixelcnn", "gated"),
    ("pixelrnn", "row-lstm"),
    ("pixelrnn", "diagonal-bilstm"),
]


def told(count: int, edge: int = EDGE) -> tuple[np.ndarray, np.ndarray]:
    """Black and white pictures (N, 1, H, W), all of one of eight kinds but the last pixel, which is a coin; and the
    kinds as three numbers of -1 or 1."""
    draw = np.random.default_rng(0)
    kinds = draw.integers(0, KINDS, count)
    bits = (kinds[:, None] >> np.arange(3)) & 1
    plan = draw.integers(0, 2, (KINDS, edge, edge))
    pixels = plan[kinds][:, None]
    pixels[:, 0, -1, -1] = draw.integers(0, 2, count)
    return (pixels * 255).astype(np.uint8), (2 * bits - 1).astype(np.float32)


def config(family: str, variant: str, images: int) -> FamilyConfig:
    preset: FamilyConfig = load_host().family(family).presets["Draft"]
    knobs = {"levels": 2, "features": 16, "depth": 2, "dropout": 0.0, "learning_rate": 1e-2, "averaging": 0.9}
    return preset.replaced({**knobs, "variant": variant, "images": images, "batch_size": 32})


def learned(family: str, variant: str, dataset: ImageDataset, images: int) -> Learner:
    torch.manual_seed(0)
    learner: Learner = load_host().family(family).build(config(family, variant, images), dataset.spec, NoRuns())
    source = BatchSource(dataset, np.arange(len(dataset)), batch_size=32, seed=0, device="cpu")
    for images_seen in range(0, images, 32):
        learner.train().step(source.batch(images_seen))
    return learner


@pytest.mark.parametrize(("family", "variant"), VARIANTS)
def test_that_a_model_told_the_embedding_needs_only_the_bits_that_are_left(family: str, variant: str) -> None:
    pixels, embeddings = told(512)
    dataset = ImageDataset.in_memory(pixels, embeddings=embeddings)
    learner = learned(family, variant, dataset, images=6400)
    assert isinstance(learner, ScoresLikelihood)
    batch = BatchSource(dataset, np.arange(512), batch_size=32, seed=0, device="cpu").fixed(np.arange(256), 0)
    with evaluating(learner):
        given = -learner.log_likelihood(batch).mean() / math.log(2)
        free = -learner.log_likelihood(replace(batch, embeddings=None)).mean() / math.log(2)
    assert 0.97 < given < 1.15, "one coin, one bit"
    assert 3.9 < free < 4.8, "one coin and one of eight kinds, four bits"


def test_that_plusplus_heeds_embeddings_too() -> None:
    pixels, embeddings = told(128)
    dataset = ImageDataset.in_memory(pixels, embeddings=embeddings)
    learner = learned("pixelcnn", "pixelcnn++", dataset, images=1600)
    assert isinstance(learner, ScoresLikelihood)
    batch = BatchSource(dataset, np.arange(128), batch_size=32, seed=0, device="cpu").fixed(np.arange(128), 0)
    assert batch.embeddings is not None
    with evaluating(learner):
        own = learner.log_likelihood(batch)
        wrong = learner.log_likelihood(replace(batch, embeddings=-batch.embeddings))
    assert float((own - wrong).mean()) > 1, "nats"


def test_that_the_studio_draws_pictures_like_one_of_the_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels, embeddings = told(256, edge=8)
    np.savez(tmp_path / "told.npz", images=pixels[:, 0], embeddings=embeddings)
    ws = new_workspace(tmp_path / "project")
    data, _ = import_dataset(ws, tmp_path / "told.npz", OPTIONS, "told", lambda *_: None, never)
    dataset = ImageDataset.open(ws.project.path(data.folder))
    run = create_run(ws, "pixelcnn", config("pixelcnn", "gated", 9600), data.id, RunSettings(preview_count=2))
    train(ws, run.id)
    request = GenerateRequest(run.id, None, 4, 5, 4, like=3)
    made = generate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)
    files = [ws.project.path(sample.file) for sample in made]
    for file in files:
        wrong = (read_image(file) != dataset.image(3)).reshape(64)[:-1].mean()
        assert wrong < 0.1, "all but the coin is determined"
    recipe = read_recipe(files[2])
    assert recipe is not None and recipe.extra == {"like": 3}
    assert np.array_equal(make_again(ws, recipe), read_image(files[2]))
    with pytest.raises(ConfigError, match="no picture 900"):
        list(generate(ws, replace(request, like=900), progress=untold, on_samples=lambda _: None, cancelled=never))
    _check_unheeded(ws, data.id)
    ws.project.close()
    assert main(["sample", run.name, "--like", "3", "-n", "1", "--project", str(tmp_path / "project")]) == 0
    assert "Generated 1" in capsys.readouterr().out


def _check_unheeded(ws: Workspace, data: str) -> None:
    """A family that heeds no embeddings learns as if there were none, and says so when asked."""
    other = create_run(ws, "eigenpictures", ws.host.family("eigenpictures").presets["Draft"], data, RunSettings())
    train(ws, other.id)
    with pytest.raises(ConfigError, match="learned nothing of embeddings"):
        request = GenerateRequest(other.id, None, 1, 5, 1, like=3)
        generate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never)
