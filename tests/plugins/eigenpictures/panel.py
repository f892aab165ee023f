"""A panel of its own: two numbers, and a slot for what is wrong with them."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QSpinBox, QWidget

from genstudio.api import FamilyConfig


class EigenPanel:
    """The number of parts and the length."""

    def __init__(self) -> None:
        self._widget = QWidget()
        self._boxes = {"parts": QSpinBox(maximum=256, minimum=1), "images": QSpinBox(maximum=1_000_000, minimum=1)}
        self._problem = QLabel(textFormat=Qt.TextFormat.PlainText)
        layout = QFormLayout(self._widget)
        for name, box in self._boxes.items():
            box.setAccessibleName(name)
            layout.addRow(name.capitalize(), box)
        layout.addRow(self._problem)

    @property
    def widget(self) -> QWidget:
        return self._widget

    def values(self) -> dict[str, object]:
        return {name: box.value() for name, box in self._boxes.items()}

    def show_config(self, config: FamilyConfig) -> None:
        for name, box in self._boxes.items():
            box.setValue(getattr(config, name))

    def show_errors(self, errors: dict[str, str]) -> None:
        self._problem.setText("\n".join(errors.values()))

    def on_change(self, changed: Callable[[], None]) -> None:
        for box in self._boxes.values():
            box.valueChanged.connect(lambda _: changed())
