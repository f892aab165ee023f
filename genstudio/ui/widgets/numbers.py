"""Controls for numbers and choices that the wheel changes only after a click, and a slider joined to a field."""

import math

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QWidget,
)

from genstudio.ui.theme import GRID, token_colour

_STEPS = 1000
_NEAR_MIDDLE = 0.015  # of the length: a balance slider holds on there
_MARK, _HANDLE = 14, 16  # pixels


class SpinBox(QSpinBox):
    """A field for a whole number. `name` is what a screen reader says."""

    def __init__(self, name: str, low: int, high: int, value: int, suffix: str = "") -> None:
        super().__init__()
        self.setRange(low, high)
        self.setValue(value)
        self.setSuffix(f" {suffix}" if suffix else "")
        _calm(self, name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page, unless the field was clicked."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class DoubleSpinBox(QDoubleSpinBox):
    """A field for a number with decimals."""

    def __init__(self, name: str, low: float, high: float, value: float, decimals: int = 2, suffix: str = "") -> None:
        super().__init__()
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setValue(value)
        self.setSuffix(f" {suffix}" if suffix else "")
        _calm(self, name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page, unless the field was clicked."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ComboBox(QComboBox):
    """A choice of one from a list; its texts are never markup."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page; a choice is changed by clicking or by keys."""
        event.ignore()


class CheckBox(QCheckBox):
    """Yes or no."""

    def __init__(self, text: str, checked: bool = False) -> None:
        super().__init__(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.setChecked(checked)


class Slider(QSlider):
    """A horizontal slider that the wheel changes only after a click."""

    def __init__(self, name: str, low: int, high: int, value: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(low, high)
        self.setValue(value)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page, unless the slider was clicked."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class BalanceSlider(Slider):
    """A slider around a marked middle: the handle holds on there when it comes near, a double click brings it back."""

    def __init__(self, name: str, low: int, high: int, value: int) -> None:
        super().__init__(name, low, high, value)
        self.middle = (low + high) // 2
        self.setProperty("role", "balance")
        self.sliderMoved.connect(self._hold)

    def _hold(self, position: int) -> None:
        if abs(position - self.middle) <= _NEAR_MIDDLE * (self.maximum() - self.minimum()):
            self.setSliderPosition(self.middle)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the middle."""
        self.setValue(self.middle)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark the middle behind the handle, and the way from there to the handle."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(token_colour(self.palette(), "muted"))
        middle = self.rect().toRectF().center()
        painter.drawRect(QRectF(middle.x() - 1, middle.y() - _MARK / 2, 2, _MARK))
        painter.end()
        super().paintEvent(event)
        share = (self.value() - self.middle) / max(self.maximum() - self.minimum(), 1)
        way = abs(share) * (self.width() - _HANDLE) - _HANDLE / 2
        if way > 0 and self.isEnabled():
            painter.begin(self)
            left = middle.x() + 1 if share > 0 else middle.x() - 1 - way
            painter.fillRect(QRectF(left, middle.y() - 2, way, 4), token_colour(self.palette(), "accent"))
            painter.end()


class SliderSpin(QWidget):
    """A slider and a field for the same number; on a logarithmic scale when the range spans decades.

    With `decimals` 0 the number is whole. With `balance` the middle of the range is marked and easy to find again.
    `changed` carries the value after a person turned it.
    """

    changed = Signal(float)

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        value: float,
        *,
        decimals: int = 0,
        log: bool = False,
        suffix: str = "",
        balance: bool = False,
    ) -> None:
        super().__init__()
        self._low, self._high, self._log = low, high, log and low > 0
        self.slider = BalanceSlider(name, 0, _STEPS, 0) if balance else Slider(name, 0, _STEPS, 0)
        self.field: SpinBox | DoubleSpinBox
        if decimals:
            self.field = DoubleSpinBox(name, low, high, value, decimals, suffix)
            self.field.valueChanged.connect(self._typed)
        else:
            self.field = SpinBox(name, round(low), round(high), round(value), suffix)
            self.field.valueChanged.connect(self._typed)
        self.slider.setValue(self._position(value))
        self.slider.valueChanged.connect(self._slid)
        self.setFocusProxy(self.field)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.field)

    def value(self) -> float:
        """The number."""
        return float(self.field.value())

    def set_value(self, value: float) -> None:
        """Show another number, without `changed`."""
        for part in (self.field, self.slider):
            part.blockSignals(True)
        if isinstance(self.field, SpinBox):
            self.field.setValue(round(value))
        else:
            self.field.setValue(value)
        self.slider.setValue(self._position(value))
        for part in (self.field, self.slider):
            part.blockSignals(False)

    def _typed(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(self._position(self.value()))
        self.slider.blockSignals(False)
        self.changed.emit(self.value())

    def _slid(self, position: int) -> None:
        share = position / _STEPS
        if self._log:
            value = self._low * (self._high / self._low) ** share
        else:
            value = self._low + (self._high - self._low) * share
        self.set_value(value)
        self.changed.emit(self.value())

    def _position(self, value: float) -> int:
        if self._high <= self._low:
            return 0
        if self._log:
            return round(_STEPS * math.log(max(value, self._low) / self._low) / math.log(self._high / self._low))
        return round(_STEPS * (value - self._low) / (self._high - self._low))


def _calm(field: QAbstractSpinBox, name: str) -> None:
    field.setAccessibleName(name)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.setMinimumWidth(88)
    field.setGroupSeparatorShown(True)
    field.lineEdit().setTextMargins(GRID - 2, 0, 0, 0)
