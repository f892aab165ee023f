"""What the figures of quality say, in plain words; the same on the command line and in the window."""

import math
from dataclasses import dataclass

from genstudio.core import words
from genstudio.jobs.quality import Copies, Quality


@dataclass(frozen=True)
class Measure:
    """A figure by which runs are compared: its title, a sentence about it, and which way is better."""

    name: str
    title: str
    sentence: str
    unit: str = ""
    more_is_better: bool = True

    def written(self, value: float) -> str:
        """The value as people read it."""
        return f"{100 * value:.0f} %" if self.unit == "%" else f"{words.figure(value)} {self.unit}".strip()


MEASURES = (
    Measure(
        "sliced",
        "Sliced Wasserstein",
        "How far apart generated and real pictures are in structure and texture, small patch by small patch. "
        "In thousandths of the spread of real patches; less is better.",
        "‰",
        more_is_better=False,
    ),
    Measure("precision", "Precision", "The share of generated pictures that look like some of yours.", "%"),
    Measure("recall", "Recall", "The share of your pictures that lie within the variety of the generated ones.", "%"),
    Measure(
        "density",
        "Density",
        "How close generated pictures lie to yours. 1 for real ones; more when they keep to the commonest.",
    ),
    Measure("coverage", "Coverage", "The share of your pictures that some generated picture is close to.", "%"),
    Measure(
        "kernel",
        "Kernel distance",
        "How far apart generated and real pictures are on the whole. 0 for real ones, give or take; less is better.",
        more_is_better=False,
    ),
    Measure(
        "copies",
        "Near copies",
        "The share of generated pictures that are nearly a training picture: nearer than your own pictures are to each "
        "other but for one in a hundred.",
        "%",
        more_is_better=False,
    ),
)


def sentences(quality: Quality) -> list[str]:
    """What the figures say: how like, how varied, how original."""
    figures, usual = quality.figures, quality.usual
    return [
        f"{_start(share_words(figures.precision))} of the generated pictures look like yours "
        f"(of real ones {share_words(usual.precision)}).",
        f"They cover {share_words(figures.coverage)} of your pictures (real ones {share_words(usual.coverage)}).",
        copies_sentence(quality.copies, quality.samples),
    ]


def basis(quality: Quality) -> str:
    """What was compared with what."""
    unseen = (
        "none of which it was trained on"
        if quality.unseen == quality.compared
        else f"{words.count(quality.unseen)} of which it was never trained on"
    )
    by = " It drew them by the captions of those pictures." if quality.captions else ""
    return (
        f"{words.count(quality.samples)} pictures made at {words.count(quality.images_seen)} images seen, "
        f"compared with {words.count(quality.compared)} of yours, {unseen}.{by}"
    )


def copies_sentence(copies: Copies, samples: int) -> str:
    """How many near copies there are, and whether that is many."""
    count = words.count(samples)
    if not copies.near:
        return f"No near copies of training pictures among {count}."
    expected = copies.expected * samples
    few = f"among {count} real pictures {_about(expected)} would be"
    said = f"{words.count(copies.near)} of {count} are near copies of training pictures; {few}."
    return said + (" This model copies." if is_copying(copies, samples) else "")


def is_copying(copies: Copies, samples: int) -> bool:
    """Whether there are more near copies than chance explains: twice the spread of a Poisson count, and one."""
    expected = copies.expected * samples
    return copies.near > expected + 2 * math.sqrt(expected) + 1


def share_words(share: float) -> str:
    """A share as people say it: "all", "nearly all", "9 in 10", "3 in 100", "none"."""
    if share <= 0:
        return "none"
    if share >= 1:
        return "all"
    if share > 0.95:
        return "nearly all"
    return f"{round(10 * share)} in 10" if share >= 0.095 else f"{max(round(100 * share), 1)} in 100"


def levels(distance: float) -> str:
    """A distance of two pictures, in levels of 255."""
    return f"{distance:.1f}" if distance < 10 else f"{distance:.0f}"


def _start(text: str) -> str:
    return text[0].upper() + text[1:]


def _about(count: float) -> str:
    return "none" if count < 0.5 else f"about {round(count)}"
