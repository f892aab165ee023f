"""The box a number is typed into, and the slider beneath it."""

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QSlider, QWidget

from genstudio.ui.forms.scale import STEPS, Scale, nudged, read, written
from genstudio.ui.widgets.text import PlainLabel

_DIGITS = 10
_GAP = 4
_EDGE = 9
_FRAME = 22
_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}


class NumberBox(QLineEdit):
    """A number with its unit, in words people use: `20k`, `2e-4`, a decimal comma. Arrow keys turn it.

    It never corrects what was typed: a value out of bounds stays, and the sentence beside the field says what is
    wrong with it.
    """

    value_changed = Signal()

    def __init__(
        self,
        *,
        whole: bool,
        log: bool = False,
        low: float | None = None,
        high: float | None = None,
        unit: str = "",
        grouped: bool = True,
    ) -> None:
        """`grouped` sets thousands apart; a seed, which is a name more than an amount, is written without."""
        super().__init__()
        self._whole, self._log, self._low, self._high, self._grouped = whole, log, low, high, grouped
        self._value: object = None
        self._unit = PlainLabel(unit, "faint")
        self._unit.setParent(self)
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.textEdited.connect(self._typed)

    def value(self) -> object:
        """The number, None for an empty box, or the text itself when it is no number."""
        return self._value

    def show_value(self, value: object) -> None:
        """Show a value without saying that a person changed it."""
        self._value = value
        self.setText(written(value, whole=self._whole) if self._grouped else str(value))

    def set_value(self, value: object) -> None:
        """Set a value as a person would, by the slider or an arrow key."""
        if value != self._value:
            self.show_value(value)
            self.value_changed.emit()

    def sizeHint(self) -> QSize:
        """Room for ten digits and the unit."""
        digits = self.fontMetrics().horizontalAdvance("0") * _DIGITS
        return QSize(digits + self._unit_width() + _FRAME, super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn the value with the arrow and page keys; everything else is typing."""
        steps = _KEYS.get(Qt.Key(event.key()))
        if steps is None or event.modifiers():
            super().keyPressEvent(event)
        else:
            self._step(steps)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the unit at the right end of the box."""
        super().resizeEvent(event)
        width = self._unit_width()
        self._unit.setGeometry(self.width() - width - _EDGE, 0, width, self.height())
        self.setTextMargins(0, 0, width + _GAP if self._unit.text() else 0, 0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Rewrite a readable number tidily once the person moves on."""
        super().focusOutEvent(event)
        if isinstance(self._value, int | float):
            self.show_value(self._value)

    def changeEvent(self, event: QEvent) -> None:
        """Measure anew for letters of another size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def _unit_width(self) -> int:
        self._unit.ensurePolished()
        return self._unit.sizeHint().width() if self._unit.text() else 0

    def _step(self, steps: int) -> None:
        if not isinstance(self._value, int | float):
            return
        moved = nudged(self._value, steps, log=self._log, whole=self._whole)
        moved = max(moved, self._low) if self._low is not None else moved
        moved = min(moved, self._high) if self._high is not None else moved
        self.set_value(int(moved) if self._whole else moved)
        self.selectAll()

    def _typed(self, text: str) -> None:
        value = read(text, whole=self._whole)
        if value != self._value:
            self._value = value
            self.value_changed.emit()


class NumberSlider(QSlider):
    """A slider over a `Scale`; it moves only under a pressed button or a key."""

    chosen = Signal(float)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._scale = scale
        self.setRange(0, STEPS)
        self.setPageStep(STEPS // 10)
        self.setSingleStep(STEPS // 100)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.valueChanged.connect(self._moved)

    def set_scale(self, scale: Scale) -> None:
        """Let the same slider mean other values."""
        self._scale = scale

    def show_value(self, value: float) -> None:
        """Stand where a value lies without saying that a person moved it."""
        with QSignalBlocker(self):
            self.setValue(self._scale.position(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave scrolling to the page."""
        event.ignore()

    def _moved(self, position: int) -> None:
        self.chosen.emit(self._scale.value(position))
