"""The controls above a plot: smoothing, scale, outliers, back to live, export."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QWidget,
)

from genstudio.ui.views.plot_flow import FlowLayout

STRONGEST = 99
START = 60


class PlotToolbar(QWidget):
    """One quiet row; it only says what was asked for."""

    look_changed = Signal()  # smoothing, decades or clip
    follow_wanted = Signal()
    picture_wanted = Signal()
    table_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, STRONGEST)
        self._slider.setValue(START)
        self._slider.setFixedWidth(120)
        self._slider.setAccessibleName(self.tr("Smoothing"))
        self._strength = QLabel()
        self._strength.setFixedWidth(self.fontMetrics().horizontalAdvance("0.000"))
        self._decades = QCheckBox(self.tr("Log scale"))
        self._clip = QCheckBox(self.tr("Ignore outliers"))
        self._clip.setToolTip(self.tr("Fit the axis to all but the most extreme figures"))
        self._follow = QPushButton(self.tr("Follow"))
        self.set_following(True)
        self._lay_out()
        self._slider.valueChanged.connect(self._show_strength)
        self._slider.valueChanged.connect(self.look_changed)
        self._decades.toggled.connect(self.look_changed)
        self._clip.toggled.connect(self.look_changed)
        self._follow.clicked.connect(self.follow_wanted)
        self._show_strength()

    @property
    def smoothing(self) -> float:
        """The strength of smoothing, 0 to 0.99."""
        return self._slider.value() / 100

    @property
    def decades(self) -> bool:
        """Whether values are laid out by decades."""
        return self._decades.isChecked()

    @property
    def clip(self) -> bool:
        """Whether the axis leaves the most extreme figures out."""
        return self._clip.isChecked()

    def set_smoothing(self, strength: float) -> None:
        """Move the slider."""
        self._slider.setValue(round(strength * 100))

    def set_decades(self, on: bool) -> None:
        """Show whether the values are laid out by decades."""
        self._decades.setChecked(on)

    def set_following(self, following: bool) -> None:
        """Offer the way back only when the plot has been moved."""
        self._follow.setEnabled(not following)
        tip = self.tr("Show everything and keep up with what arrives (Home)")
        self._follow.setToolTip(self.tr("The plot shows everything already") if following else tip)

    def _lay_out(self) -> None:
        name = QLabel(self.tr("Smoothing"))
        name.setBuddy(self._slider)
        smoothing = QWidget()
        group = QHBoxLayout(smoothing)
        group.setContentsMargins(0, 0, 0, 0)
        group.setSpacing(8)
        for part in (name, self._slider, self._strength):
            group.addWidget(part)
        # The choices wrap where the plot is narrow; the buttons keep their corner.
        choices = FlowLayout(gap=8)
        for choice in (smoothing, self._decades, self._clip):
            choice.setMinimumHeight(self._follow.sizeHint().height())
            choices.addWidget(choice)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addLayout(choices, 1)
        row.addWidget(self._follow, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._export_button(), 0, Qt.AlignmentFlag.AlignTop)

    def _export_button(self) -> QPushButton:
        button = QPushButton(self.tr("Export"))
        menu = QMenu(button)
        menu.addAction(self.tr("Picture (PNG)…"), self.picture_wanted.emit)
        menu.addAction(self.tr("Figures (CSV)…"), self.table_wanted.emit)
        button.setMenu(menu)
        return button

    @Slot()
    def _show_strength(self) -> None:
        self._strength.setText(f"{self.smoothing:.2f}")
