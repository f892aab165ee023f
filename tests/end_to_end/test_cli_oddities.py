"""`genstudio oddities` from the command line."""

import json
from pathlib import Path

import pytest
from PIL import Image

from genstudio.cli import main
from tests.workshop import paint_pictures

TRAIN = ["--set", "batch_size=16", "--set", "width=8", "--set", "latents=4", "--images", "480", "--device", "cpu"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    pictures = paint_pictures(folder / "pictures", count=240)
    where = ["--project", str(folder / "project")]
    size = ["--size", "8", "--mode", "grey"]
    assert main(["train", "vae", *where, "--data", str(pictures), "--name", "waves", *size, *TRAIN]) == 0
    return folder / "project"


def test_that_the_oddest_pictures_are_listed_and_mapped(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    out = tmp_path / "maps"
    asked = ["oddities", "waves", "--project", str(project), "-n", "3", "--odd", "rising", "--out", str(out), "--json"]
    assert main(asked) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["pictures"]) == 3 and said["looked_at"] == 240
    assert 0 <= said["auc"] <= 1 and said["quantile"] == 0.95
    for one in said["pictures"]:
        with Image.open(one["map"]) as map_:
            assert map_.size == (256, 256)


def test_that_files_are_judged(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.png"
    Image.effect_noise((8, 8), 200).save(file)
    capsys.readouterr()
    assert main(["oddities", "waves", "--project", str(project), "--image", str(file), "data:3"]) == 0
    said = capsys.readouterr().out
    assert "odd.png" in said and "data:3" in said and "Threshold" in said
