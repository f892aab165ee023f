"""Finding odd pictures with a small variational autoencoder."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genstudio.core.errors import Cancelled, ConfigError, DataError, FamilyError
from genstudio.core.settings import RunSettings
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.oddities import find_oddities, judge_pictures
from genstudio.jobs.training import create_run
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord
from tests import workshop


def vae_run(ws: Workspace, dataset: str, heldout: float = 0.2, images: int = 1600) -> str:
    family = ws.host.family("vae")
    config = family.presets["Draft"].replaced({"batch_size": 16, "latents": 4, "width": 8, "images": images})
    settings = RunSettings(seed=3, preview_count=4, heldout=heldout, device="cpu")
    run = create_run(ws, family.name, config, dataset, settings).id
    workshop.train(ws, run)
    return run


@pytest.fixture
def run(ws: Workspace, dataset: DatasetRecord) -> str:
    return vae_run(ws, dataset.id)


def test_that_pictures_are_ranked_and_counted_against_held_out_ones(ws: Workspace, run: str) -> None:
    told: list[tuple[int, int]] = []
    found = find_oddities(ws, run, shown=6, progress=lambda *where: told.append(where), cancelled=never)
    scores = [one.score for one in found.oddest]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 6 and found.looked_at == 48 and found.told is None
    assert len(found.usual.scores) == 10
    assert found.usual.share_above(found.usual.threshold) > 0
    assert found.above == sum(one.score > found.usual.threshold for one in found.oddest) <= 6
    assert found.usual.meaning.startswith("How far")
    assert told[-1] == (58, 58) and told == sorted(told)
    for one in found.oddest:
        assert one.map.shape == (8, 8) and one.picture.shape == (8, 8, 1)
        assert (one.picture == dataset_picture(ws, run, one.place)).all()


def test_that_noise_is_odd_and_the_dataset_usual(ws: Workspace, run: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (4, 8, 8, 1), np.uint8)
    known = np.stack([dataset_picture(ws, run, place) for place in range(12)])
    judged, usual = judge_pictures(ws, run, np.concatenate([noise, known]), progress=untold, cancelled=never)
    assert all(one.odd and one.share_above == 0 for one in judged[:4])
    assert sum(one.odd for one in judged[4:]) <= 4
    assert judged[4].share_above == usual.share_above(judged[4].score)


def test_that_odd_pictures_of_another_dataset_are_told_apart(ws: Workspace, run: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(6):
        file = tmp_path / "odd" / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 256, (8, 8), np.uint8)).save(file)
    workshop.import_pictures(ws, tmp_path / "odd", "odd ones")
    found = find_oddities(ws, run, against="odd ones", progress=untold, cancelled=never)
    assert found.told is not None and found.told.area == 1.0


def test_that_a_label_can_be_the_odd_one(ws: Workspace, run: str) -> None:
    found = find_oddities(ws, run, odd="rising", progress=untold, cancelled=never)
    assert found.told is not None and 0 < found.told.area < 1
    assert len(found.usual.scores) < 10, "its held-out pictures are usual no more"
    with pytest.raises(ConfigError, match="falling, rising"):
        find_oddities(ws, run, odd="sideways", progress=untold, cancelled=never)


def test_that_without_held_out_pictures_nothing_can_be_called_odd(ws: Workspace, dataset: DatasetRecord) -> None:
    run = vae_run(ws, dataset.id, heldout=0.0, images=32)
    with pytest.raises(DataError, match="hold more of them back"):
        find_oddities(ws, run, progress=untold, cancelled=never)


def test_that_other_families_say_that_they_cannot(ws: Workspace, dataset: DatasetRecord) -> None:
    run = workshop.make_run(ws, dataset.id, 160)
    workshop.train(ws, run.id)
    with pytest.raises(FamilyError, match="how unusual"):
        find_oddities(ws, run.id, progress=untold, cancelled=never)


def test_that_looking_can_be_cancelled(ws: Workspace, run: str) -> None:
    with pytest.raises(Cancelled):
        find_oddities(ws, run, progress=untold, cancelled=lambda: True)
