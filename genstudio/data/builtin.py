"""The datasets that come with the studio, with their titles and licences."""

from dataclasses import dataclass
from pathlib import Path

from genstudio.core import paths


@dataclass(frozen=True)
class BuiltinDataset:
    """A dataset that comes with the studio; `path` is a zip that can be imported like any other."""

    name: str
    title: str
    sentence: str
    licence: str
    path: Path


def builtin_datasets() -> tuple[BuiltinDataset, ...]:
    """The built-in datasets, in the order they are offered."""
    folder = paths.resources() / "sample_data"
    return (
        BuiltinDataset(
            name="glyphs",
            title="Glyphs",
            sentence="Capitals and digits from many open fonts, in shades of grey, labelled by character.",
            licence="Drawn from 237 open fonts, most under the SIL Open Font License 1.1; all are listed in FONTS.md",
            path=folder / "glyphs.zip",
        ),
        BuiltinDataset(
            name="emoji",
            title="Emoji",
            sentence="Colour emoji with transparency, labelled by group and captioned with their Unicode names.",
            licence="Noto Color Emoji, copyright Google Inc., SIL Open Font License 1.1",
            path=folder / "emoji.zip",
        ),
    )


def builtin_sources() -> dict[str, Path]:
    """Return what to import for each built-in dataset, by its name."""
    return {dataset.name: dataset.path for dataset in builtin_datasets()}
