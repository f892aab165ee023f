"""Choosing a family of models, in its place among all of them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.core.abilities import Ability
from genstudio.core.family import AnyFamily, Taxonomy
from genstudio.core.spec import DataSpec
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.cards import Badge, HotCard
from genstudio.ui.widgets.icon_view import IconView
from genstudio.ui.widgets.layouts import FlowLayout
from genstudio.ui.widgets.text import PlainLabel


class FamilyPicker(QWidget):
    """A card for every family, grouped by what it knows of probability; `chosen` carries a family's name."""

    chosen = Signal(str)

    def __init__(self, families: Sequence[AnyFamily]) -> None:
        super().__init__()
        self._cards: dict[str, _FamilyCard] = {}
        self._families = {family.name: family for family in families}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        for place in Taxonomy:
            group = [family for family in families if family.taxonomy is place]
            if group:
                column.addWidget(self._make_group(place, group))

    def choose(self, family: str) -> None:
        """Mark a family as the chosen one, without `chosen`."""
        for name, card in self._cards.items():
            card.mark(name == family)

    def show_fit(self, spec: DataSpec | None) -> None:
        """Say on each card why it cannot learn from a dataset, where it cannot."""
        for name, card in self._cards.items():
            card.show_problem(self._families[name].misfit(spec) if spec is not None else None)

    def card(self, family: str) -> HotCard:
        """The card of one family."""
        return self._cards[family]

    def _make_group(self, place: Taxonomy, families: Sequence[AnyFamily]) -> QWidget:
        group = QWidget()
        column = QVBoxLayout(group)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(Badge(place.value.capitalize()))
        head.addWidget(PlainLabel(place.sentence, "small"), 1)
        column.addLayout(head)
        cards = QWidget()
        flow = FlowLayout(260, GRID, maximum_columns=4)
        cards.setLayout(flow)
        for family in families:
            flow.addWidget(self._make_card(family))
        column.addWidget(cards)
        return group

    def _make_card(self, family: AnyFamily) -> "_FamilyCard":
        card = self._cards[family.name] = _FamilyCard(family)
        card.chosen.connect(lambda: self._pick(family.name))
        return card

    def _pick(self, family: str) -> None:
        self.choose(family)
        self.chosen.emit(family)


class _FamilyCard(HotCard):
    def __init__(self, family: AnyFamily) -> None:
        super().__init__(f"{family.title}. {family.summary}", margins=GRID + 4, spacing=4)
        self.column.addWidget(PlainLabel(family.title, "heading"))
        self.column.addWidget(PlainLabel(family.summary, "small", wrap=True))
        abilities = [ability.label for ability in Ability if ability in family.abilities]
        self.column.addStretch(1)
        self.column.addWidget(PlainLabel(" · ".join(abilities), "faint", wrap=True))
        self._problem = PlainLabel("", "small", wrap=True)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        self._sign = IconView("warning", "warning", 16)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._problem, 1)
        self.column.addLayout(line)
        self.show_problem(None)

    def show_problem(self, problem: str | None) -> None:
        """Say why this family cannot be used here, or nothing."""
        self._problem.setText(problem or "")
        self._problem.setVisible(problem is not None)
        self._sign.setVisible(problem is not None)
        self.setAccessibleDescription(problem or "")
