"""How good a run's pictures are: in plain sentences, in figures, and in those that are nearest to training pictures."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from genstudio.jobs.quality import Pair as CopyPair
from genstudio.jobs.quality import Quality
from genstudio.jobs.quality_words import MEASURES, basis, is_copying, levels, sentences
from genstudio.ui.models.facts import Fact
from genstudio.ui.pages.data.pairs import Pair, PairGrid
from genstudio.ui.pages.runs.reading import Judged
from genstudio.ui.pages.train.facts import FactList
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.widgets.cards import Card, Fold, SectionHeader
from genstudio.ui.widgets.icon_view import IconView
from genstudio.ui.widgets.layouts import column, holding
from genstudio.ui.widgets.text import PlainLabel
from genstudio.ui.widgets.tones import DRAWINGS, Tone

_SHOWN_PAIRS = 12


class QualityCard(Card):
    """Shows `Judged`, or nothing while nobody measured the run."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = [_Line(drawing) for drawing in ("image", "grid", "copy")]
        self._basis = PlainLabel("", "small", wrap=True)
        self._old = PlainLabel("", "small", wrap=True)
        self._facts = FactList()
        self._pairs = PairGrid(self.tr("Generated pictures and the training pictures nearest to them"), "compare")
        self._about_pairs = PlainLabel("", "small", wrap=True)
        self._pairs_fold = Fold(
            self.tr("Nearest training pictures"), holding(column(self._about_pairs, self._pairs, spacing=GRID))
        )
        self._facts_fold = Fold(self.tr("All measures"), self._facts)
        self.column.addWidget(SectionHeader(self.tr("Quality")))
        for part in (*self._lines, self._basis, self._old, self._facts_fold, self._pairs_fold):
            self.column.addWidget(part)
        self.hide()

    def shown_pairs(self) -> Sequence[Pair]:
        """The pairs that can be unfolded."""
        return tuple(self._pairs.pairs)

    def show_judged(self, judged: Judged | None, images_seen: int) -> None:
        """Show what was measured; `images_seen` is how far the run has come since."""
        self.setVisible(judged is not None)
        if judged is None:
            return
        quality = judged.quality
        tones = (Tone.PLAIN, Tone.PLAIN, _tone_of_copies(quality))
        for line, sentence, tone in zip(self._lines, sentences(quality), tones, strict=True):
            line.show_sentence(sentence, tone)
        self._basis.setText(basis(quality))
        self._old.setText(self.tr("It has learned more since then. Evaluate it again to see the difference."))
        self._old.setVisible(quality.images_seen < images_seen)
        self._facts.show_facts(measure_facts(quality))
        self._show_pairs(judged)

    def _show_pairs(self, judged: Judged) -> None:
        shown = judged.pairs[:_SHOWN_PAIRS]
        self._pairs_fold.setVisible(bool(shown))
        usual = levels(judged.quality.copies.usual)
        text = self.tr("Generated left, training right. Your own pictures are usually {usual} levels of 255 apart.")
        self._about_pairs.setText(text.format(usual=usual))
        self._pairs.show_pairs([self._pair(pair, *pictures) for pair, pictures in shown])

    def _pair(self, pair: CopyPair, generated: object, real: object) -> Pair:
        distance = self.tr("{levels} levels").format(levels=levels(pair.distance))
        said = self.tr("near copy, {distance}").format(distance=distance) if pair.near else distance
        text = f"{said} · {pair.name}"
        return Pair(qimage_from_array(generated), qimage_from_array(real), text)  # type: ignore[arg-type]


class _Line(QWidget):
    """A sentence with a drawing before it."""

    def __init__(self, drawing: str) -> None:
        super().__init__()
        self._drawing = drawing
        self._icon = IconView(drawing, "muted", 16)
        self.label = PlainLabel("", wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.label, 1)

    def show_sentence(self, sentence: str, tone: Tone) -> None:
        """Show a sentence; a tone other than the plain one has a drawing of its own."""
        self.label.setText(sentence)
        self._icon.show_icon(*(DRAWINGS[tone] if tone is not Tone.PLAIN else (self._drawing, "muted")))


def measure_facts(quality: Quality) -> list[Fact]:
    """Every figure beside that of real pictures."""
    values, usual = quality.figures.model_dump(), quality.usual.model_dump()
    values["copies"], usual["copies"] = quality.copies.share, quality.copies.expected
    return [
        (one.title, f"{one.written(values[one.name])} ({one.written(usual[one.name])})", one.sentence)
        for one in MEASURES
    ]


def _tone_of_copies(quality: Quality) -> Tone:
    if is_copying(quality.copies, quality.samples):
        return Tone.WARNING
    return Tone.PLAIN if quality.copies.near else Tone.GOOD
