"""What became of every plugin: the families it brings, or why it could not be loaded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from genstudio.core import paths
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.cards import Badge, Card
from genstudio.ui.widgets.layouts import column, holding, row, scrolling
from genstudio.ui.widgets.text import PlainLabel

if TYPE_CHECKING:
    from genstudio.plugins import PluginReport


class PluginSheet(Overlay):
    """A card for every plugin."""

    def __init__(self, host: QWidget, reports: "Sequence[PluginReport]") -> None:
        super().__init__(host, self.tr("Plugins"), width=640)
        sentence = self.tr("Plugins in this folder are loaded at the next start: {folder}")
        note = self.tr("A plugin is a program and can do whatever you can: install only those you trust.")
        self.column.addWidget(PlainLabel(sentence.format(folder=paths.shown(paths.user_plugins())), "small", wrap=True))
        self.column.addWidget(PlainLabel(note, "small", wrap=True))
        cards = column(*(self._card(report) for report in reports), 1)
        area = scrolling(holding(cards))
        area.setMinimumHeight(min(420, 96 * max(1, len(reports))))
        self.column.addWidget(area)

    def _card(self, report: "PluginReport") -> QWidget:
        card = Card(spacing=GRID // 2)
        good = report.state == "ok"
        badge = Badge(self.tr("Loaded") if good else self.tr("Failed"), "good" if good else "bad")
        card.column.addLayout(row(PlainLabel(f"{report.name} {report.version}", "heading"), 1, badge))
        card.column.addWidget(PlainLabel(report.origin, "small", wrap=True))
        text = report.problem or self.tr("Families: {names}").format(names=", ".join(report.families) or "–")
        card.column.addWidget(PlainLabel(text, "" if good else "error", wrap=True))
        return card
