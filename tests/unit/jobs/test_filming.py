"""How pictures came about: frames while they are drawn, and the same frames when they are made again."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from genstudio.core.errors import Cancelled
from genstudio.core.recipe import Recipe
from genstudio.generation.export import read_image
from genstudio.jobs.filming import MOST_FRAMES, Filmer, film_again, write_film_of, write_films
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.watching import Drawing, never, untold
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import DatasetRecord, SampleRecord
from tests import workshop
from tests.diffusion_runs import diffusion_run
from tests.pixel_runs import pixel_run


def drawing(done: int, total: int, count: int = 3) -> Drawing:
    """The picture at `index` has the level 10 × index + done everywhere."""
    levels = 10 * np.arange(count)[:, None, None, None] + done
    return Drawing(np.broadcast_to(levels, (count, 4, 4, 1)).astype(np.uint8), None, done, total)


def drawn(ws: Workspace, run: str, filmer: Filmer, count: int = 3) -> list[SampleRecord]:
    request = GenerateRequest(run, None, count, seed=5, batch=count)
    return generate(ws, request, progress=untold, on_samples=lambda _: None, cancelled=never, on_drawing=filmer)


def test_that_frames_are_few_evenly_spread_and_end_with_the_picture() -> None:
    filmer, picture = Filmer(), np.full((4, 4, 1), 200, np.uint8)
    for done in range(1, 101):
        filmer(drawing(done, 100))
    film = filmer.film(2, picture)
    assert film is not None and len(film) == MOST_FRAMES
    assert film.at[0] < 0.06 and film.at[-1] == 1.0
    assert max(later - earlier for earlier, later in zip(film.at, film.at[1:], strict=False)) < 0.07
    assert film.frames[:-1, 0, 0, 0].tolist() == [20 + round(100 * at) for at in film.at[:-1]]
    assert (film.frames[-1] == picture).all()
    assert film.bytes == MOST_FRAMES * 16


def test_that_few_steps_are_all_kept_and_another_chunk_begins_anew() -> None:
    filmer, picture = Filmer(), np.zeros((4, 4, 1), np.uint8)
    for done in (1, 2, 3, 4):
        filmer(drawing(done, 4))
    film = filmer.film(0, picture)
    assert film is not None and film.at == (0.25, 0.5, 0.75, 1.0)
    filmer(drawing(1, 4, count=2))
    film = filmer.film(1, picture)
    assert film is not None and film.at == (0.25, 1.0)


def test_that_a_picture_made_in_one_go_has_no_film() -> None:
    filmer = Filmer()
    assert filmer.film(0, np.zeros((4, 4, 1), np.uint8)) is None
    filmer(drawing(1, 1))
    assert filmer.film(0, np.zeros((4, 4, 1), np.uint8)) is None


@pytest.mark.parametrize("train", [diffusion_run, pixel_run])
def test_that_a_film_made_again_is_the_one_seen_while_it_was_drawn(
    ws: Workspace, dataset: DatasetRecord, train: object, tmp_path: Path
) -> None:
    run = train(ws, dataset.id).id  # type: ignore[operator]
    filmer = Filmer()
    records = drawn(ws, run, filmer)
    picture = read_image(ws.project.path(records[1].file))
    told: list[tuple[int, int]] = []
    again = film_again(
        ws, Recipe.model_validate_json(records[1].recipe), progress=lambda *so: told.append(so), cancelled=never
    )
    film = filmer.film(1, picture)
    assert film is not None and again is not None and told
    assert (again.frames[-1] == picture).all() and (film.frames[-1] == picture).all()
    both = sorted(set(film.at) & set(again.at))
    assert len(both) >= 3
    for at in both:
        assert np.array_equal(film.frames[film.at.index(at)], again.frames[again.at.index(at)])
    assert not np.array_equal(film.frames[0], picture)
    (written, *_) = write_films(ws, records, filmer, tmp_path / "films")
    assert written == tmp_path / "films" / f"{records[0].id}.gif"
    with Image.open(written) as gif:
        assert len(list(ImageSequence.Iterator(gif))) > 2 and gif.size == (256, 256)


def test_that_a_model_that_draws_in_one_go_leaves_no_film(
    ws: Workspace, dataset: DatasetRecord, tmp_path: Path
) -> None:
    run = workshop.make_run(ws, dataset.id, images=64)
    workshop.train(ws, run.id)
    filmer = Filmer()
    records = drawn(ws, run.id, filmer)
    assert write_films(ws, records, filmer, tmp_path / "films") == []
    assert film_again(ws, Recipe.model_validate_json(records[0].recipe), progress=untold, cancelled=never) is None


def test_that_making_a_film_again_can_be_cancelled(ws: Workspace, dataset: DatasetRecord) -> None:
    records = drawn(ws, pixel_run(ws, dataset.id, images=64).id, Filmer())
    with pytest.raises(Cancelled):
        film_again(ws, Recipe.model_validate_json(records[0].recipe), progress=untold, cancelled=lambda: True)


def test_that_a_film_rests_at_its_end(tmp_path: Path) -> None:
    filmer = Filmer()
    for done in (1, 2, 3, 4):
        filmer(drawing(50 * done, 200))
    film = filmer.film(0, np.full((4, 4, 1), 255, np.uint8))
    assert film is not None
    write_film_of(tmp_path / "deep" / "film.gif", film)
    with Image.open(tmp_path / "deep" / "film.gif") as gif:
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(gif)]
    assert durations[0] == 100 and sum(durations) == 100 * (len(film) + 12)
