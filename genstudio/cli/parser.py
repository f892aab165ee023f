"""The commands and their arguments."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import genstudio
from genstudio.cli import commands, demo, labels, pictures, quality, runs, selftest
from genstudio.cli.console import Answer, Console

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
    for add in (_complete, _restyle, _surprise, _rank, _classify, _compare, _selftest):
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


def _add_drawing(parser: argparse.ArgumentParser, *, count: int) -> None:
    parser.add_argument("-n", "--count", type=int, default=count, help=f"how many pictures (default: {count})")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same pictures (default: 0)")
    parser.add_argument("--batch", type=int, default=16, help="how many at once (default: 16)")
    parser.add_argument("--label", help="make pictures of this label")
    _add_checkpoint(parser)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one sampling setting")
    parser.add_argument("--out", type=Path, help="a folder to write PNG files to, beside the project's own")


def _count(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is wanted, not {text!r}")
    return int(text)


def _count_or_none(text: str) -> int:
    """A whole number; 0 for none."""
    return 0 if text == "0" else _count(text)


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", type=int, metavar="IMAGES", help="the checkpoint at so many images seen")


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


def _classify(places: Places) -> None:
    parser = _on_run(places, "classify", labels.classify, "Let a model name the labels of pictures.")
    parser.add_argument(
        "images", metavar="IMAGE", nargs="*", help="picture files, or data:12; without any, held-out pictures"
    )
    parser.add_argument("--limit", type=_count, default=1000, help="held-out pictures to look at (default: 1000)")
    _add_checkpoint(parser)


def _demo(places: Places) -> None:
    parser = _command(places, "demo", demo.run, "Train a small model on built-in data and write a gallery.")
    parser.add_argument("--project", type=Path, default=Path("demo"), help="the folder to make (default: demo)")


def _selftest(places: Places) -> None:
    parser = _command(places, "selftest", selftest.run, "Let this installation prove that it works.")
    parser.add_argument("--folder", type=Path, help="an empty folder to work in (default: a temporary one)")
