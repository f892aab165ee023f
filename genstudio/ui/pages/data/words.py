"""How datasets are described in a few words."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from genstudio.core import words
from genstudio.core.spec import DataSpec

_COLOURS = {1: "grey", 3: "RGB", 4: "RGBA"}


def tr(text: str) -> str:
    """Translate, outside of a widget."""
    return QCoreApplication.translate("Data", text)


def pictures(count: int) -> str:
    """Say "1 picture" or "1,204 pictures"."""
    return tr("1 picture") if count == 1 else tr("{count} pictures").format(count=words.count(count))


def labels(count: int) -> str:
    """Say "1 label" or "36 labels"."""
    return tr("1 label") if count == 1 else tr("{count} labels").format(count=words.count(count))


def shape(spec: DataSpec) -> str:
    """Say "32 × 32 RGB"."""
    return f"{spec.width} × {spec.height} {_COLOURS.get(spec.channels, '')}".strip()


def holding(spec: DataSpec) -> str:
    """Say how many pictures, labels and captions there are."""
    parts = [pictures(spec.count)]
    if spec.classes:
        parts.append(labels(len(spec.classes)))
    if spec.unlabelled:
        parts.append(tr("{count} without a label").format(count=words.count(spec.unlabelled)))
    if spec.captioned:
        parts.append(tr("captions"))
    return " · ".join(parts)


def label_counts(counts: Mapping[str, int], most: int = 12) -> str:
    """List labels with how many pictures have them, the first few."""
    listed = [f"{label}\u00a0{words.count(count)}" for label, count in list(counts.items())[:most]]
    more = len(counts) - len(listed)
    if more > 0:
        listed.append(tr("and {count} more").format(count=words.count(more)))
    return "\u00a0· ".join(listed)
