"""Train the models that come with the studio, by our own command line, each from the recipe in its folder.

Run: python -m resources.models.make_models [NAME ...]

Takes some minutes a model on two cores. The same machine and the same version of torch give the same weights.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from genstudio.generation.export import contact_sheet, read_image, write_png
from genstudio.jobs.shipped import CHECKPOINT, ShippedModel, ShownSheet
from genstudio.store.project import Project
from genstudio.store.records import MetricRow

HERE = Path(__file__).parent
TILE = HERE.parent / "themes" / "tiles" / "play.png"
_ROWS = 200  # reports kept of the run: enough for a curve


def make(folder: Path) -> None:
    """Train one model and write its folder anew."""
    recipe = tomllib.loads((folder / "recipe.toml").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / "project"
        family, *more = recipe["train"]
        named = [
            "--project",
            str(place),
            "--data",
            recipe["data"],
            "--size",
            str(recipe["size"]),
            "--name",
            recipe["name"],
        ]
        _genstudio("train", family, *named, *more)
        _genstudio(
            "sample", recipe["name"], "--project", str(place), "-n", "32", "--seed", "3", "--out", f"{temporary}/drawn"
        )
        project = Project.open(place)
        try:
            _write(folder, project, recipe)
        finally:
            project.close()
        _write_tile(sorted(Path(temporary, "drawn").glob("*.png")))


def _genstudio(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "genstudio", *words], check=True)


def _write(folder: Path, project: Project, recipe: dict[str, Any]) -> None:
    (run,) = project.runs()
    checkpoint = project.latest_checkpoint(run.id)
    assert checkpoint is not None
    shutil.copyfile(project.path(checkpoint.file), folder / CHECKPOINT)
    shutil.rmtree(folder / "sheets", ignore_errors=True)
    (folder / "sheets").mkdir()
    sheets = []
    for shown in project.previews(run.id):
        file = f"sheets/{shown.images_seen:09}-{shown.name}.png"
        shutil.copyfile(project.path(shown.file), folder / file)
        sheets.append(
            ShownSheet(
                file=file, name=shown.name, images_seen=shown.images_seen, count=shown.count, columns=shown.columns
            )
        )
    model = ShippedModel(
        name=run.name, sentence=recipe["sentence"], licence=recipe["licence"], family=run.family,
        config=dict(run.config), settings=dict(run.settings), data=recipe["data"], size=recipe["size"],
        images_seen=checkpoint.images_seen, seconds=round(checkpoint.seconds, 3), figures=dict(run.figures),
        metrics=_thinned(project.metrics(run.id)), sheets=sheets, sha256=checkpoint.sha256, bytes=checkpoint.bytes,
    )  # fmt: skip
    (folder / "model.json").write_text(json.dumps(model.model_dump(), indent=1, ensure_ascii=False) + "\n", "utf-8")


def _thinned(rows: list[MetricRow]) -> list[tuple[int, float, float, int, dict[str, float]]]:
    kept = rows[:: max(1, len(rows) // _ROWS)]
    if rows and kept[-1] is not rows[-1]:
        kept.append(rows[-1])
    return [(row.images_seen, row.seconds, row.rate, row.memory, dict(row.values)) for row in kept]


def _write_tile(drawn: list[Path]) -> None:
    """The strip on Home: six of the pictures, edge to edge."""
    chosen = [read_image(file) for file in drawn[:6]]
    write_png(TILE, contact_sheet(chosen, columns=6, gap=0), None)


def main() -> int:
    """Make the models that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", help="folders of resources/models (default: all)")
    names = parser.parse_args().name or sorted(file.parent.name for file in HERE.glob("*/recipe.toml"))
    for name in names:
        make(HERE / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
