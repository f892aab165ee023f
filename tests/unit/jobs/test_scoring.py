"""Surprise, ranking and labels by likelihood agree with what the model says of each picture."""

import math

import numpy as np
import pytest

from genstudio.core.errors import Cancelled, ConfigError, DataError, FamilyError
from genstudio.generation.heat import STOPS, full_scale, heat
from genstudio.jobs.classifying import classify_run, posterior_of
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.scoring import rank_run, surprise_of
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord
from tests import workshop
from tests.pixel_runs import pixel_run


@pytest.fixture
def run(ws: Workspace, dataset: DatasetRecord) -> str:
    return pixel_run(ws, dataset.id).id


def test_that_the_ranking_is_in_order_and_says_what_the_surprise_map_says(ws: Workspace, run: str) -> None:
    told: list[tuple[int, int]] = []
    ranked = rank_run(ws, run, progress=lambda *where: told.append(where), cancelled=never)
    assert [one.bits_per_dim for one in ranked] == sorted(one.bits_per_dim for one in ranked)
    assert sorted(one.place for one in ranked) == list(range(48)) and told[-1] == (48, 48)
    for one in (ranked[0], ranked[-1]):
        assert one.name.startswith(one.label)
        images = dataset_picture(ws, run, one.place)[None]
        found = surprise_of(ws, run, images, label=one.label, progress=untold, cancelled=never)
        assert found.bits_per_dim[0] == pytest.approx(one.bits_per_dim, abs=1e-5)
        assert found.maps.shape == (1, 8, 8)
        assert found.maps.sum() * math.log(2) == pytest.approx(found.nats[0], rel=1e-5)
    assert len(rank_run(ws, run, limit=7, progress=untold, cancelled=never)) == 7


def test_that_noise_is_more_surprising_than_the_dataset(ws: Workspace, dataset: DatasetRecord) -> None:
    run = pixel_run(ws, dataset.id, images=4800).id
    noise = np.random.default_rng(1).integers(0, 2, (8, 8, 8, 1), np.uint8) * 255
    known = np.stack([dataset_picture(ws, run, place) for place in range(8)])
    found = surprise_of(ws, run, np.concatenate([noise, known]), progress=untold, cancelled=never)
    assert found.nats[:8].min() > 1.1 * found.nats[8:].max() > 0


def test_that_labels_are_given_by_likelihood_and_the_accuracies_are_kept(ws: Workspace, run: str) -> None:
    told: list[tuple[int, int]] = []
    answer = classify_run(ws, run, progress=lambda *where: told.append(where), cancelled=never)
    assert answer.labels == ("falling", "rising")
    assert answer.found.count == answer.plain.count == round(0.2 * 48)
    assert 0 <= answer.found.accuracy <= 1 and 0.5 <= answer.chance <= 1
    assert answer.plain.accuracy > 0.7, "slanted waves are easy to tell apart"
    figures = ws.project.run(run).figures
    assert figures["heldout/accuracy"] == answer.found.accuracy and figures["heldout/chance"] == answer.chance
    assert figures["heldout/plain_accuracy"] == answer.plain.accuracy
    assert told[-1] == (10, 10) and told == sorted(told)


def test_that_a_picture_s_labels_share_what_is_certain(ws: Workspace, run: str) -> None:
    images = np.stack([dataset_picture(ws, run, place) for place in (0, 1, 2)])
    found = posterior_of(ws, run, images)
    for image, one in zip(images, found, strict=True):
        assert sum(share for _, share in one.shares) == pytest.approx(1)
        nats = {
            label: surprise_of(ws, run, image[None], label=label, progress=untold, cancelled=never).nats[0]
            for label in ("falling", "rising")
        }
        (first, share), (second, _) = one.shares
        assert share == pytest.approx(1 / (1 + math.exp(nats[first] - nats[second])), abs=1e-4) and share >= 0.5


def test_that_what_cannot_be_scored_is_a_sentence(ws: Workspace, dataset: DatasetRecord, run: str) -> None:
    picture = dataset_picture(ws, run, 0)[None]
    with pytest.raises(ConfigError, match="knows no label"):
        surprise_of(ws, run, picture, label="sideways", progress=untold, cancelled=never)
    with pytest.raises(DataError, match="8×8"):
        surprise_of(ws, run, picture[:, :4], progress=untold, cancelled=never)
    with pytest.raises(DataError, match="8×8"):
        posterior_of(ws, run, picture[:, :4])
    for job in (rank_run, classify_run):
        with pytest.raises(Cancelled):
            job(ws, run, progress=untold, cancelled=lambda: True)
    other = workshop.make_run(ws, dataset.id)
    workshop.train(ws, other.id)
    with pytest.raises(FamilyError, match="how probable"):
        rank_run(ws, other.id, progress=untold, cancelled=never)
    with pytest.raises(FamilyError, match="asked for labels"):
        posterior_of(ws, other.id, picture)
    with pytest.raises(FamilyError, match="unlike what it learned"):
        surprise_of(ws, other.id, picture, progress=untold, cancelled=never)


def test_that_heat_grows_lighter_all_the_way_and_is_never_blown_up() -> None:
    shades = heat(np.linspace(0, 3, 200, dtype=np.float32), 3.0).astype(float)
    lightness = shades @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) >= -0.5).all() and lightness[-1] - lightness[0] > 200
    assert tuple(shades[0]) == STOPS[0] and tuple(shades[-1]) == STOPS[-1]
    assert tuple(heat(np.array(9, np.float32), 3.0)) == STOPS[-1]
    assert full_scale(np.zeros((1, 4, 4), np.float32)) == 1.0
    assert full_scale(np.full((1, 4, 4), 5, np.float32)) == 5.0
