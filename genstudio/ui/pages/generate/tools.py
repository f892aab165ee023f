"""What is to be made: one of the things the chosen run can do."""

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core.abilities import Ability
from genstudio.ui.widgets.layouts import holding, row
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel

TOOLS = (
    Ability.SAMPLE,
    Ability.INTERPOLATE,
    Ability.IMAGE_TO_IMAGE,
    Ability.COMPLETE,
    Ability.UPSCALE,
    Ability.SURPRISE,
    Ability.SCORE_ANOMALY,
)
"""The abilities that make something of their own, in the order they are offered."""

_MOST_IN_A_ROW = 3  # four names, or longer ones of another language, would be wider than the inspector


class ToolChoice(QWidget):
    """A row of tools with a sentence on the chosen one. `changed` says that another one is chosen."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tool = Ability.SAMPLE
        self._segments: Segments | None = None
        self._place = row()
        self._sentence = PlainLabel("", "small", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(holding(self._place))
        column.addWidget(self._sentence)

    def offer(self, abilities: Collection[Ability]) -> None:
        """Offer what a run can do; the chosen tool stays chosen where it is among that."""
        tools = [tool for tool in TOOLS if tool in abilities]
        if self._segments is not None:
            self._place.removeWidget(self._segments)
            self._segments.deleteLater()
        options = [(tool.value, self._title(tool), tool.sentence) for tool in tools]
        columns = 2 if len(tools) == _MOST_IN_A_ROW + 1 else _MOST_IN_A_ROW
        self._segments = Segments(self.tr("What to make"), options, self.tool.value, columns=columns)
        self._segments.changed.connect(self.choose)
        self._place.addWidget(self._segments)
        self._segments.setVisible(len(tools) > 1)
        self._sentence.setVisible(bool(tools))
        self.choose(self.tool.value if self.tool in tools or not tools else tools[0].value)

    def choose(self, tool: str) -> None:
        """Make this: the value of an ability."""
        self.tool = Ability(tool)
        if self._segments is not None:
            self._segments.set_value(tool)
        self.say("")
        self.changed.emit()

    def say(self, more: str) -> None:
        """Say something more of the chosen tool."""
        self._sentence.setText(f"{self.tool.sentence} {more}".strip())

    def _title(self, tool: Ability) -> str:
        short = {Ability.SURPRISE: self.tr("Surprise"), Ability.SCORE_ANOMALY: self.tr("Oddities")}
        return short.get(tool, tool.label)
