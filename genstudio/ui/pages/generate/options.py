"""The sampling knobs of the chosen run's family."""

from collections.abc import Collection, Mapping
from typing import cast

from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core.abilities import Ability
from genstudio.core.config import SamplingConfig
from genstudio.core.family import AnyFamily
from genstudio.jobs.keeping import Plain
from genstudio.ui.forms import KnobsForm


class OptionsPanel(QWidget):
    """A form for each family that was chosen so far; the one of the chosen family is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._forms: dict[str, KnobsForm] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    def show_family(self, family: AnyFamily | None, abilities: Collection[Ability] = ()) -> None:
        """Show the knobs of a family that are of use to a run with these abilities, or none."""
        if family is not None:
            self._form(family).show_for(abilities)
        for name, form in self._forms.items():
            form.setVisible(family is not None and family.name == name and form.has_fields())
        self.setVisible(any(not form.isHidden() for form in self._forms.values()))

    def turn(self, family: AnyFamily, values: Mapping[str, object]) -> None:
        """Set knobs of a family as a person would."""
        self._form(family).turn(values)

    def options(self, family: AnyFamily) -> Mapping[str, Plain] | None:
        """What is chosen, ready for a request; None where something is wrong, and it is marked."""
        chosen = self._form(family).check(family.sampling_type)
        return None if chosen is None else cast(Mapping[str, Plain], chosen.model_dump(mode="json"))

    def _form(self, family: AnyFamily) -> KnobsForm:
        if family.name not in self._forms:
            knobs: SamplingConfig = family.sampling_type()
            self._forms[family.name] = KnobsForm(knobs)
            column = self.layout()
            assert column is not None  # set in the constructor
            column.addWidget(self._forms[family.name])
        return self._forms[family.name]
