"""The quality of a run's pictures: measured, kept, told in words; copies found among its samples."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from genstudio.core.abilities import Ability
from genstudio.core.errors import Cancelled, DataError
from genstudio.jobs.assessing import assess_run
from genstudio.jobs.copies import NEIGHBOURS, check_copies, make_bench
from genstudio.jobs.loading import load
from genstudio.jobs.quality import (
    Copies,
    Quality,
    QualityRequest,
    measure_quality,
    read_pairs,
    read_quality,
)
from genstudio.jobs.quality_words import MEASURES, copies_sentence, is_copying, levels, sentences, share_words
from genstudio.jobs.watching import never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.layout import quality_file
from genstudio.store.records import DatasetRecord
from tests import workshop


@pytest.fixture
def run(ws: Workspace, dataset: DatasetRecord) -> str:
    record = workshop.make_run(ws, dataset.id, images=640)
    workshop.train(ws, record.id)
    return record.id


def measure(ws: Workspace, run: str, samples: int = 40) -> Quality:
    return measure_quality(ws, QualityRequest(run, samples=samples), progress=untold, cancelled=never)


def test_that_quality_is_measured_kept_and_measured_again_alike(ws: Workspace, run: str) -> None:
    found = measure(ws, run)
    assert (found.samples, found.compared) == (40, 24)  # of 48 pictures half are the reference
    assert found.unseen == 5
    assert found.usual.precision > 0.5
    assert read_quality(ws.project, run) == found
    again = measure(ws, run)
    assert (again.figures, again.usual, again.copies) == (found.figures, found.usual, found.copies)
    figures = ws.project.run(run).figures
    assert {f"quality/{one.name}" for one in MEASURES} <= set(figures)
    assert figures["quality/precision"] == found.figures.precision
    assert figures["quality/images_seen"] == 640


def test_that_the_pairs_show_a_generated_picture_beside_a_training_picture(ws: Workspace, run: str) -> None:
    found = measure(ws, run)
    pairs = read_pairs(ws.project, run, found)
    assert len(pairs) == len(found.copies.pairs) == 24
    bench = make_bench(ws, run, untold, never)
    for pair, (_, real) in zip(found.copies.pairs, pairs, strict=True):
        assert pair.name == bench.dataset.names[pair.place]
        assert pair.place in bench.training
        assert np.array_equal(real, bench.picture(pair.place, pair.mirrored))


def test_that_progress_grows_to_the_end_and_cancelling_ends_it(ws: Workspace, run: str) -> None:
    told: list[int] = []
    measure_quality(
        ws,
        QualityRequest(run, samples=20),
        progress=lambda done, total: told.append(done * 1000 // total),
        cancelled=never,
    )
    assert told == sorted(told)
    assert told[-1] == 1000
    with pytest.raises(Cancelled):
        measure_quality(ws, QualityRequest(run, samples=20), progress=untold, cancelled=lambda: len(told) > 0)


def test_that_a_damaged_record_counts_as_none(ws: Workspace, run: str) -> None:
    measure(ws, run, 20)
    path = ws.project.path(quality_file(run, "quality.json"))
    path.write_text('{"format": 1, "samples": "many"}')
    assert read_quality(ws.project, run) is None
    assert read_quality(ws.project, "nobody") is None


def test_that_measuring_leaves_nothing_strange_in_the_project(ws: Workspace, run: str) -> None:
    measure(ws, run, 20)
    folder = ws.project.folder
    ws.project.close()
    assert type(ws.project).open(folder).check() == []


def test_that_planted_copies_are_found_beside_their_training_pictures(ws: Workspace, run: str) -> None:
    bench = make_bench(ws, run, untold, never)
    copied = int(bench.training[7])
    files = []
    for number, picture in enumerate([bench.dataset.image(copied), np.full((8, 8, 1), 127, np.uint8)]):
        files.append(ws.project.folder / f"{number}.png")
        Image.fromarray(picture[:, :, 0]).save(files[-1])
    copy, grey = check_copies(ws, run, files, progress=untold, cancelled=never)
    assert copy.near
    assert (copy.neighbours[0].place, copy.distance) == (copied, 0)
    assert len(copy.neighbours) == NEIGHBOURS
    assert not grey.near
    assert grey.distance > 10


def test_that_a_picture_of_another_size_is_a_sentence(ws: Workspace, run: str) -> None:
    file = ws.project.folder / "large.png"
    Image.new("L", (9, 9)).save(file)
    with pytest.raises(DataError, match="another size"):
        check_copies(ws, run, [file], progress=untold, cancelled=never)


def test_that_a_model_that_makes_no_pictures_gets_what_applies(
    ws: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*args: object, **kwargs: object) -> object:
        loaded = load(*args, **kwargs)  # type: ignore[arg-type]
        family = replace(loaded.family, abilities=loaded.family.abilities - {Ability.SAMPLE})
        return loaded._replace(family=family)

    monkeypatch.setattr("genstudio.jobs.quality.load", unable)
    found = assess_run(ws, run, progress=untold, cancelled=never)
    assert found.quality is None
    assert "makes no pictures from nothing" in found.note
    assert found.figures
    assert read_quality(ws.project, run) is None


def test_that_judging_no_pictures_is_a_choice(ws: Workspace, run: str) -> None:
    found = assess_run(ws, run, samples=0, progress=untold, cancelled=never)
    assert found.quality is None
    assert found.figures


def test_that_figures_are_said_in_plain_words(ws: Workspace, run: str) -> None:
    like, covered, copies = sentences(measure(ws, run, 20))
    assert "look like yours" in like
    assert covered.startswith("They cover")
    assert "near copies" in copies
    assert (levels(0), levels(3.14), levels(42.7)) == ("0.0", "3.1", "43")
    words = {0.0: "none", 1.0: "all", 0.88: "9 in 10", 0.03: "3 in 100", 0.97: "nearly all", 0.001: "1 in 100"}
    assert {share: share_words(share) for share in words} == words


def test_that_more_copies_than_chance_are_called_copying() -> None:
    def copies(near: int) -> Copies:
        return Copies(near=near, share=near / 500, expected=0.008, usual=30, pairs=())

    assert not is_copying(copies(4), 500)
    assert not is_copying(copies(9), 500)
    assert is_copying(copies(10), 500)
    assert copies_sentence(copies(0), 500) == "No near copies of training pictures among 500."
    assert "among 500 real pictures about 4 would be" in copies_sentence(copies(3), 500)
    assert copies_sentence(copies(40), 500).endswith("This model copies.")
