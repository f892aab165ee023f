"""The best checkpoint and films of the drawing, from the command line, with tiny models."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from genstudio.cli import main
from genstudio.generation.export import read_recipe
from genstudio.store.project import Project
from tests import workshop
from tests.pixel_runs import pixel_run

Answers = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with two checkpoints, of which the first was better, and one that was never judged."""
    folder = tmp_path_factory.mktemp("best") / "project"
    ws = workshop.new_workspace(folder)
    dataset = workshop.import_pictures(ws, workshop.paint_pictures(tmp_path_factory.mktemp("pictures")))
    judged = pixel_run(ws, dataset.id, images=160)
    ws.project.pin_checkpoint(judged.id, 160)
    ws.project.set_run(judged.id, budget=320)
    workshop.train(ws, judged.id)
    ws.project.rename_run(judged.id, "judged")
    ws.project.rate_checkpoint(judged.id, 160, 1.0)
    ws.project.rate_checkpoint(judged.id, 320, 2.0)
    for record in ws.project.checkpoints(judged.id):
        if record.images_seen not in (160, 320):
            ws.project.rate_checkpoint(judged.id, record.images_seen, 3.0)
    ws.project.close()
    return folder


def sample(project: Path, *arguments: object) -> int:
    return main(["sample", "judged", "-n", "2", *map(str, arguments), "--project", str(project), "--json"])


def test_that_pictures_are_made_with_the_best_checkpoint(project: Path, tmp_path: Path, capsys: Answers) -> None:
    assert sample(project, "--checkpoint", "best", "--out", tmp_path / "out") == 0
    files = json.loads(capsys.readouterr().out)["out"]
    recipes = [read_recipe(Path(file)) for file in files]
    assert [recipe.images_seen for recipe in recipes if recipe is not None] == [160, 160]


def test_that_a_run_nobody_judged_says_so(project: Path, capsys: Answers) -> None:
    opened = Project.open(project)
    run = opened.runs()[0].id
    scores = {record.images_seen: record.score for record in opened.checkpoints(run)}
    opened._database.write(lambda connection: connection.execute("UPDATE checkpoint SET score = NULL"))
    opened.close()
    assert sample(project, "--checkpoint", "best") != 0
    assert "Held-out pictures have said of no checkpoint" in capsys.readouterr().err
    opened = Project.open(project)
    for images_seen, score in scores.items():
        if score is not None:
            opened.rate_checkpoint(run, images_seen, score)
    opened.close()
    with pytest.raises(SystemExit):
        sample(project, "--checkpoint", "finest")


def test_that_films_of_the_drawing_are_written(project: Path, tmp_path: Path, capsys: Answers) -> None:
    assert sample(project, "--film", tmp_path / "films") == 0
    films = json.loads(capsys.readouterr().out)["films"]
    assert sorted(map(str, (tmp_path / "films").iterdir())) == sorted(films) and len(films) == 2
    with Image.open(films[0]) as gif:
        assert len(list(ImageSequence.Iterator(gif))) > 3
