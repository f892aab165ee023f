"""The commands and their arguments."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import genstudio
from genstudio.cli import commands, demo, explore, labels, match, oddities, pictures, quality, runs, selftest
from genstudio.cli.console import Answer, Console
from genstudio.jobs.loading import BEST

Places: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Command = Callable[[argparse.Namespace, Console], Answer | None]


def make_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="genstudio",
        description="Train small generative models on your own images. Without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"genstudio {genstudio.__version__}")
    parser.set_defaults(run=commands.open_window, json=False, project=None)
    places = parser.add_subparsers(metavar="COMMAND", title="commands")
    for add in (_window, _families, _import, _train, _resume, _runs, _sample, _evaluate, _plugins, _check, _demo):
        add(places)
    for add in (_complete, _restyle, _upscale, _surprise, _rank, _match, _classify, _compare, _selftest):
        add(places)
    for add in (_map, _walk, _grid, _direction, _oddities):
        add(places)
    return parser


def _command(places: Places, name: str, run: Command, help: str) -> argparse.ArgumentParser:
    parser = places.add_parser(name, help=help, description=help)
    parser.set_defaults(run=run)
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")
    return parser


def _window(places: Places) -> None:
    parser = _command(places, "window", commands.open_window, "Open the window, on a project if one is named.")
    parser.add_argument("project", nargs="?", type=Path, help="a project's folder")


def _families(places: Places) -> None:
    _command(places, "families", commands.list_families, "List the families of models and what they can do.")


def _plugins(places: Places) -> None:
    _command(places, "plugins", commands.list_plugins, "List the plugins found, and why any of them failed.")


def _check(places: Places) -> None:
    parser = _command(places, "check", commands.check, "Prove that a family keeps the plugin contract.")
    parser.add_argument("family", metavar="FAMILY")


def _import(places: Places) -> None:
    parser = _command(places, "import", commands.import_source, "Import pictures as a dataset of a project.")
    parser.add_argument("source", metavar="SOURCE", help="a folder, zip, IDX, CIFAR or npz file, or a built-in name")
    parser.add_argument("--project", type=Path, required=True, help="the project's folder; made if it is not there")
    parser.add_argument("--name", help="what to call the dataset")
    _add_import_options(parser)


def _add_import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", type=int, help="width and height in pixels")
    parser.add_argument("--width", type=int, help="width in pixels")
    parser.add_argument("--height", type=int, help="height in pixels")
    parser.add_argument("--fit", choices=("crop", "pad", "stretch"), help="how pictures of other shapes are fitted")
    parser.add_argument("--mode", choices=("grey", "rgb", "rgba"), help="the colour mode")
    parser.add_argument("--background", help="the colour behind transparent or padded parts, as #rrggbb")


def _train(places: Places) -> None:
    parser = _command(places, "train", runs.train, "Train a model of a family on a dataset.")
    parser.add_argument("family", metavar="FAMILY")
    parser.add_argument("--project", type=Path, required=True, help="the project's folder; made if it is not there")
    parser.add_argument("--data", required=True, help="a dataset of the project, a built-in dataset, or a folder")
    parser.add_argument("--preset", default="Draft", help="Draft, Balanced or Quality (default: Draft)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one setting")
    parser.add_argument("--name", help="what to call the run")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same run (default: 0)")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1 or mps (default: the fastest there is)")
    _add_budget(parser)
    _add_import_options(parser)


def _add_budget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--images", type=int, help="how many images to look at in all")
    parser.add_argument("--minutes", type=float, help="end after so much training time")


def _resume(places: Places) -> None:
    parser = _on_run(places, "resume", runs.resume, "Go on with a run from its newest checkpoint, bit by bit the same.")
    _add_budget(parser)


def _on_run(places: Places, name: str, run: Command, help: str) -> argparse.ArgumentParser:
    parser = _command(places, name, run, help)
    parser.add_argument("target", metavar="RUN", help="a run's name, id or folder")
    _add_project(parser)
    return parser


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", type=Path, help="the project's folder (default: the one around you)")


def _runs(places: Places) -> None:
    _add_project(_command(places, "runs", runs.list_runs, "List the runs of a project."))


def _sample(places: Places) -> None:
    parser = _on_run(places, "sample", runs.sample, "Generate pictures with a trained model.")
    _add_drawing(parser, count=16)
    parser.add_argument("--film", type=Path, metavar="DIR", help="a folder to write GIFs to of how they came about")
    parser.add_argument("--like", type=int, metavar="PLACE", help="by the embedding of this picture of the run's data")


def _add_drawing(parser: argparse.ArgumentParser, *, count: int, labelled: bool = True) -> None:
    parser.add_argument("-n", "--count", type=int, default=count, help=f"how many pictures (default: {count})")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same pictures (default: 0)")
    parser.add_argument("--batch", type=int, default=16, help="how many at once (default: 16)")
    if labelled:
        parser.add_argument("--label", help="make pictures of this label")
        _add_prompt(parser)
    _add_checkpoint(parser)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one sampling setting")
    parser.add_argument("--out", type=Path, help="a folder to write PNG files to, beside the project's own")


def _add_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prompt", metavar="WORDS", help="what to draw, for a run that draws by words")


def _count(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is wanted, not {text!r}")
    return int(text)


def _count_or_none(text: str) -> int:
    """A whole number; 0 for none."""
    return 0 if text == "0" else _count(text)


def _share(text: str) -> float:
    """A number between 0 and 1."""
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"a number between 0 and 1 is wanted, not {text!r}")
    return share


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    help = "the checkpoint at so many images seen, or “best”: the best on held-out pictures (default: the newest)"
    parser.add_argument("--checkpoint", type=_checkpoint, metavar="IMAGES", help=help)


def _checkpoint(text: str) -> int:
    """Images seen, or “best”."""
    return BEST if text == "best" else _count_or_none(text)


def _evaluate(places: Places) -> None:
    parser = _on_run(places, "evaluate", runs.evaluate, "Measure a trained model on held-out pictures.")
    _add_checkpoint(parser)
    parser.add_argument("--limit", type=_count, default=1000, help="held-out pictures to look at (default: 1000)")
    parser.add_argument("--samples", type=_count_or_none, default=500, help="pictures to make and judge (default: 500)")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same pictures (default: 0)")


def _compare(places: Places) -> None:
    parser = _command(places, "compare", quality.compare, "Put the quality of several evaluated runs into one table.")
    parser.add_argument("targets", metavar="RUN", nargs="+", help="runs' names, ids or folders")
    _add_project(parser)


def _complete(places: Places) -> None:
    parser = _on_run(places, "complete", pictures.complete, "Let a model finish a picture of which a part is kept.")
    _add_drawing(parser, count=8)
    parser.add_argument("image", metavar="IMAGE", help="a picture file, or data:12 for the run's dataset")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--keep", default="top", help="top, bottom, left, right, or a share such as 0.3 (default: top)")
    kept.add_argument("--mask", type=Path, help="a picture that is light where pixels are kept")


def _restyle(places: Places) -> None:
    parser = _on_run(places, "restyle", pictures.restyle, "Draw a given picture anew, as far from it as you like.")
    _add_drawing(parser, count=8)
    parser.add_argument("image", metavar="PICTURE", help="a picture file, or data:12 for the run's dataset")
    parser.add_argument(
        "--strength", type=float, default=0.5, help="0 leaves it as it is, 1 has forgotten it (default: 0.5)"
    )


def _upscale(places: Places) -> None:
    parser = _on_run(places, "upscale", pictures.upscale, "Make small pictures larger and add fitting detail.")
    _add_drawing(parser, count=1, labelled=False)
    parser.add_argument("images", metavar="PICTURE", nargs="+", help="picture files, or data:12 for the run's dataset")


def _surprise(places: Places) -> None:
    parser = _on_run(places, "surprise", pictures.surprise, "Say how unlikely pictures are, and show where.")
    parser.add_argument("images", metavar="IMAGE", nargs="+", help="picture files, or data:12 for the run's dataset")
    parser.add_argument("--label", help="look at them as pictures of this label")
    parser.add_argument("--out", type=Path, help="a folder to write heat maps to")
    _add_checkpoint(parser)


def _rank(places: Places) -> None:
    parser = _on_run(places, "rank", pictures.rank, "Show the most and the least likely pictures of a run's dataset.")
    parser.add_argument("--limit", type=_count, default=1000, help="pictures to look at (default: 1000)")
    _add_checkpoint(parser)


def _match(places: Places) -> None:
    parser = _on_run(places, "match", match.match, "Find pictures by words, or words for a picture.")
    parser.add_argument("text", metavar="WORDS", nargs="?", help="what the pictures should show: “red heart”")
    parser.add_argument("--picture", metavar="IMAGE", help="name the captions that fit this file, or data:12, best")
    parser.add_argument("--files", nargs="+", metavar="IMAGE", help="order these files in place of the run's dataset")
    parser.add_argument("--samples", metavar="RUN", help="order what this run of the project has generated")
    parser.add_argument("-n", "--count", type=_count, default=10, help="how many to show (default: 10)")
    parser.add_argument("--out", type=Path, help="a PNG file to write the pictures to, side by side")
    _add_checkpoint(parser)


def _oddities(places: Places) -> None:
    parser = _on_run(places, "oddities", oddities.oddities, "Find pictures that are unlike the usual ones, and where.")
    parser.add_argument("--image", nargs="+", metavar="IMAGE", help="judge these files, or data:12, and no dataset")
    parser.add_argument("--limit", type=_count, default=1000, help="pictures to look at (default: 1000)")
    parser.add_argument("-n", "--count", type=_count, default=24, help="how many of the oddest to list (default: 24)")
    parser.add_argument("--quantile", type=_share, default=0.95, help="share of usual pictures below the threshold")
    tried = parser.add_mutually_exclusive_group()
    tried.add_argument("--odd", metavar="LABEL", help="measure how well pictures of this label are told apart")
    tried.add_argument("--against", metavar="DATASET", help="measure how well pictures of this dataset are told apart")
    parser.add_argument("--out", type=Path, help="a folder to write heat maps to")
    _add_checkpoint(parser)


def _classify(places: Places) -> None:
    parser = _on_run(places, "classify", labels.classify, "Let a model name the labels of pictures.")
    parser.add_argument(
        "images", metavar="IMAGE", nargs="*", help="picture files, or data:12; without any, held-out pictures"
    )
    parser.add_argument("--limit", type=_count, default=1000, help="held-out pictures to look at (default: 1000)")
    _add_checkpoint(parser)


def _map(places: Places) -> None:
    parser = _on_run(places, "map", explore.draw_map, "Say where the pictures of a run lie in its latent space.")
    parser.add_argument("--layout", choices=("neighbours", "axes"), default="neighbours", help="default: neighbours")
    parser.add_argument("--limit", type=_count, default=2000, help="pictures to look at (default: 2000)")
    _add_prompt(parser)
    parser.add_argument("--out", type=Path, help="a PNG file to paint the map to")
    _add_checkpoint(parser)


def _walk(places: Places) -> None:
    parser = _on_run(places, "walk", explore.walk, "Write a film that goes from picture to picture.")
    _add_stops(parser)
    parser.add_argument("--stops", type=_count, default=4, help="how many pictures by chance (default: 4)")
    parser.add_argument("--frames", type=_count, default=60, help="default: 60")
    parser.add_argument("--fps", type=_count, default=15, help="frames a second (default: 15)")
    parser.add_argument("--size", type=_count, default=512, help="pixels on the longer side (default: 512)")
    parser.add_argument("--loop", action="store_true", help="come back to the first picture, without a seam")
    parser.add_argument("--rest", action="store_true", help="slow down at each picture")
    parser.add_argument("--smooth", action="store_true", help="enlarge smoothly instead of by squares")
    parser.add_argument("--out", type=Path, required=True, help="an .mp4 or .gif file")
    _add_checkpoint(parser)


def _grid(places: Places) -> None:
    parser = _on_run(places, "grid", explore.grid, "Fill a square between four pictures.")
    _add_stops(parser)
    parser.add_argument("--side", type=_count, default=8, help="pictures on a side (default: 8)")
    parser.add_argument("--out", type=Path, required=True, help="a PNG file")
    _add_checkpoint(parser)


def _direction(places: Places) -> None:
    parser = _on_run(places, "direction", explore.direction, "Give a picture more, and less, of a label.")
    parser.add_argument("label", metavar="LABEL")
    parser.add_argument("--kind", choices=("mean", "boundary"), default="mean", help="how it is found (default: mean)")
    parser.add_argument("--at", help="where to begin: a picture file, data:12 or seed:7 (default: by --seed)")
    parser.add_argument("--seed", type=int, default=0, help="the picture by chance to begin with (default: 0)")
    parser.add_argument("--sigmas", type=float, default=3.0, help="how far to go each way (default: 3)")
    parser.add_argument("-n", "--count", type=_count, default=7, help="how many pictures (default: 7)")
    parser.add_argument("--limit", type=_count, default=2000, help="pictures to learn it from (default: 2000)")
    _add_prompt(parser)
    parser.add_argument("--out", type=Path, help="a PNG file to write them to side by side")
    _add_checkpoint(parser)


def _add_stops(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at", action="append", default=[], metavar="IMAGE", help="a picture file, data:12 or seed:7; may be repeated"
    )
    parser.add_argument("--seed", type=int, default=0, help="without --at: the seed of the pictures by chance")
    _add_prompt(parser)


def _demo(places: Places) -> None:
    parser = _command(places, "demo", demo.run, "Train a small model on built-in data and write a gallery.")
    parser.add_argument("--project", type=Path, default=Path("demo"), help="the folder to make (default: demo)")


def _selftest(places: Places) -> None:
    parser = _command(places, "selftest", selftest.run, "Let this installation prove that it works.")
    parser.add_argument("--folder", type=Path, help="an empty folder to work in (default: a temporary one)")
