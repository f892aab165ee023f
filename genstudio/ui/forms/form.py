"""The form made from a config's fields: the panel a family gets when it brings none of its own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core.abilities import Ability
from genstudio.core.config import FieldKind, FieldSpec, Knobs, describe, parse
from genstudio.core.errors import ConfigError
from genstudio.ui.forms.editors import RunOption, RunsFor, make_editor
from genstudio.ui.forms.row import FieldRow
from genstudio.ui.widgets.cards import Fold
from genstudio.ui.widgets.text import PlainLabel

KnobsT = TypeVar("KnobsT", bound=Knobs)


def no_runs(_: FieldSpec) -> Sequence[RunOption]:
    """Offer no run: for knobs that refer to none."""
    return ()


class KnobsForm(QWidget):
    """A row for every field, the advanced ones folded away; a run that must be chosen comes first.

    It is a `TrainingPanel` for any `FamilyConfig`.

    `hidden` names fields somebody else shows. Values a person turned survive everything but `show_config`.
    """

    changed = Signal()

    def __init__(
        self,
        knobs: Knobs,
        *,
        runs: RunsFor = no_runs,
        hidden: Collection[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._type = type(knobs)
        specs = [spec for spec in describe(self._type) if spec.name not in hidden]
        specs.sort(key=lambda spec: spec.kind is not FieldKind.RUN or spec.optional)  # runs it cannot do without first
        self._rows = {spec.name: FieldRow(make_editor(spec, runs)) for spec in specs}
        self._hidden: dict[str, object] = dict.fromkeys(hidden)
        self._whole_error = PlainLabel("", "error", wrap=True)
        self._advanced = QWidget()
        self._fold = Fold(self.tr("Advanced"), self._advanced)
        self._lay_out()
        for row in self._rows.values():
            row.changed.connect(self._edited)
        self.show_config(knobs)

    @property
    def widget(self) -> QWidget:
        """The form itself."""
        return self

    def values(self) -> dict[str, object]:
        """What the person chose, not yet validated."""
        return {**self._hidden, **{name: row.value() for name, row in self._rows.items()}}

    def changes(self) -> dict[str, object]:
        """The values that stand elsewhere than the ones shown by `show_config`."""
        return {name: row.value() for name, row in self._rows.items() if row.is_changed()}

    def show_config(self, config: Knobs) -> None:
        """Show these values and let them be the ones a reset goes back to."""
        self._hidden = {name: getattr(config, name) for name in self._hidden}
        for name, row in self._rows.items():
            row.show_value(getattr(config, name))
        self.show_errors({})
        self._count_changes()

    def turn(self, values: Mapping[str, object]) -> None:
        """Set values as a person would; they are marked as changed. Unknown names are passed over."""
        for name, value in values.items():
            if name in self._rows:
                self._rows[name].turn(value)
        self._edited()

    def has_fields(self) -> bool:
        """Whether there is anything to turn."""
        return bool(self._rows)

    def show_for(self, abilities: Collection[Ability]) -> None:
        """Show what is of use with these abilities; the values of the rest stay."""
        for row in self._rows.values():
            row.setVisible(row.spec.only_with is None or row.spec.only_with in abilities)

    def refill(self) -> None:
        """Offer the runs there are by now, where fields refer to them."""
        for row in self._rows.values():
            row.refill()

    def show_errors(self, errors: dict[str, str]) -> None:
        """Show a sentence beside each named field, one for the whole form at its end, and unfold what is wrong."""
        for name, row in self._rows.items():
            row.show_error(errors.get(name, ""))
        others = [sentence for name, sentence in errors.items() if name not in self._rows]
        self._whole_error.setText(" ".join(others))
        self._whole_error.setVisible(bool(others))
        if any(name in self._rows and self._rows[name].spec.advanced for name in errors):
            self._fold.set_open(True)

    def on_change(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever a value is turned."""
        self.changed.connect(changed)

    def check(self, knobs_type: type[KnobsT]) -> KnobsT | None:
        """Return the values as a validated config, or show what is wrong and return None."""
        try:
            config = parse(knobs_type, self.values())
        except ConfigError as error:
            self.show_errors(error.fields)
            return None
        self.show_errors({})
        return config

    def row(self, name: str) -> FieldRow:
        """The row of one field."""
        return self._rows[name]

    def _edited(self) -> None:
        self._count_changes()
        self.changed.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(24)
        folded = QVBoxLayout(self._advanced)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(24)
        for row in self._rows.values():
            (folded if row.spec.advanced else column).addWidget(row)
        column.addWidget(self._fold)
        column.addWidget(self._whole_error)
        column.addStretch(1)
        self._whole_error.hide()
        self._fold.setVisible(folded.count() > 0)

    def _count_changes(self) -> None:
        count = sum(row.is_changed() for row in self._rows.values() if row.spec.advanced)
        text = self.tr("Advanced")
        self._fold.set_title(self.tr("{0} · {1} changed").format(text, count) if count else text)
