"""How often a model names the right label, with a plain classifier and guessing to compare with."""

from genstudio.core import words
from genstudio.jobs.classifying import Classification
from genstudio.ui.views.share_bars import ShareBars
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.cards import Card, SectionHeader
from genstudio.ui.widgets.text import PlainLabel

_MISTAKES = 4


class NamingPanel(Card):
    """The answer of `classify_run`."""

    def __init__(self) -> None:
        super().__init__()
        self.bars = ShareBars(self.tr("Labels named right"))
        self.about, self.mistakes = PlainLabel("", "small", wrap=True), PlainLabel("", "small", wrap=True)
        self.close_button = IconButton("close", self.tr("Close the comparison"), size=16)
        self.column.addWidget(SectionHeader(self.tr("How often the right label is named"), "", self.close_button))
        for part in (self.bars, self.about, self.mistakes):
            self.column.addWidget(part)

    def show_answer(self, answer: Classification) -> None:
        """Show the three side by side, and in words."""
        rows = [
            (self.tr("This model"), answer.found.accuracy),
            (self.tr("A plain classifier"), answer.plain.accuracy),
            (self.tr("Always the commonest label"), answer.chance),
        ]
        self.bars.show_shares(rows)
        own = (
            self.tr("This model names labels itself.")
            if answer.is_direct
            else self.tr("This model learned to draw; it names the label under which a picture is most probable.")
        )
        text = self.tr(
            "Measured on {count} held-out pictures. {own} The plain classifier was trained just now on the same "
            "pictures, and learned nothing but to tell labels apart."
        )
        self.about.setText(text.format(count=words.count(answer.found.count), own=own))
        self.mistakes.setText(self._mistakes(answer))

    def _mistakes(self, answer: Classification) -> str:
        some = [
            self.tr("“{true}” for “{said}” ({times})").format(true=said, said=true, times=times)
            for true, said, times in answer.mistakes[:_MISTAKES]
        ]
        return self.tr("Most often it said {mistakes}.").format(mistakes=", ".join(some)) if some else ""
