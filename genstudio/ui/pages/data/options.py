"""The settings of an import: name, size, fit, colours, background."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from genstudio.core.config import describe, parse
from genstudio.core.errors import ConfigError
from genstudio.ui.widgets.buttons import Button, PrimaryButton, Reason, disable_because
from genstudio.ui.widgets.cards import SectionHeader
from genstudio.ui.widgets.fields import FieldRow, SidePanel, TextField
from genstudio.ui.widgets.layouts import column, holding, row
from genstudio.ui.widgets.numbers import SpinBox
from genstudio.ui.widgets.segments import Segments

if TYPE_CHECKING:
    from genstudio.data.options import ImportOptions

_SIZES = (16, 32, 64)
_BACKGROUNDS = ("#ffffff", "#808080", "#000000")
_CUSTOM = "custom"
_ICONS = {"crop": "crop", "pad": "pad", "stretch": "stretch"}


class OptionsPanel(SidePanel):
    """Turns `ImportOptions`. `changed` says that one was turned; `started` and `cancelled` are the buttons."""

    changed = Signal()
    started = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        from genstudio.data.options import ImportOptions

        self._specs = {spec.name: spec for spec in describe(ImportOptions)}
        self._name = TextField(self.tr("Name"))
        self._size = Segments(self.tr("Size"), self._sizes(), "32")
        self._width = SpinBox(self.tr("Width"), 8, 512, 32)
        self._height = SpinBox(self.tr("Height"), 8, 512, 32)
        self._custom = holding(row(self._width, self._height))
        self._fit = Segments(self.tr("Fit"), self._choices("fit"), "crop", _ICONS)
        self._mode = Segments(self.tr("Colours"), self._modes(), "rgb")
        self._background = Segments(self.tr("Background"), self._backgrounds(), "#ffffff")
        self._colour = TextField(self.tr("Background colour"), "#ffffff")
        self._background_row = FieldRow(
            self.tr("Background"),
            holding(column(self._background, self._colour, spacing=4)),
            self._specs["background"].help,
        )
        self._size_row = FieldRow(self.tr("Size"), self._size, self._size_help(), self.tr("pixels"))
        self._fit_row = FieldRow(self.tr("Fit"), self._fit, "")
        self._mode_row = FieldRow(self.tr("Colours"), self._mode, "")
        self._start = PrimaryButton(self.tr("Import"), icon_name="import")
        self._reason = Reason()
        self._lay_out()
        self._connect()
        self._explain()

    def name(self) -> str:
        """The name the dataset is to have."""
        return self._name.text().strip()

    def show_name(self, name: str) -> None:
        """Suggest a name."""
        self._name.setText(name)

    def options(self) -> "ImportOptions | None":
        """What is chosen, or None while something is wrong (it is said beside the field)."""
        from genstudio.data.options import ImportOptions

        values = {
            "width": self._width.value(),
            "height": self._height.value(),
            "fit": self._fit.value(),
            "mode": self._mode.value(),
            "background": self._colour.text().strip(),
        }
        try:
            options = parse(ImportOptions, values)
        except ConfigError as error:
            self._background_row.show_error(error.fields.get("background", str(error)))
            return None
        self._background_row.show_error("")
        return options

    def show_options(self, options: "ImportOptions") -> None:
        """Show these options, without `changed`."""
        self.blockSignals(True)
        square = options.width == options.height and options.width in _SIZES
        self._size.set_value(str(options.width) if square else _CUSTOM)
        self._width.setValue(options.width)
        self._height.setValue(options.height)
        self._fit.set_value(options.fit)
        self._mode.set_value(options.mode)
        self._colour.setText(options.background)
        self._background.set_value(options.background if options.background in _BACKGROUNDS else _CUSTOM)
        self._explain()
        self.blockSignals(False)

    def show_reason(self, reason: str) -> None:
        """Disable Import and say why, or enable it."""
        disable_because(self._start, reason, "", self._reason)

    def set_running(self, running: bool) -> None:
        """While an import runs nothing can be turned."""
        self.area.setEnabled(not running)
        if running:
            self.show_reason(self.tr("The pictures are being imported."))

    def _lay_out(self) -> None:
        self.column.addWidget(SectionHeader(self.tr("What they become")))
        self.column.addWidget(FieldRow(self.tr("Name"), self._name))
        self.column.addWidget(self._size_row)
        self.column.addWidget(self._custom)
        self.column.addWidget(self._fit_row)
        self.column.addWidget(self._mode_row)
        self.column.addWidget(self._background_row)
        self.column.addStretch(1)
        cancel = Button(self.tr("Cancel"), "quiet")
        cancel.clicked.connect(self.cancelled)
        self.foot.addWidget(self._reason)
        self.foot.addLayout(row(self._start, cancel, 1))

    def _connect(self) -> None:
        self._start.clicked.connect(self.started)
        self._size.changed.connect(self._size_chosen)
        for field in (self._width, self._height):
            field.valueChanged.connect(self._turned)
        for segments in (self._fit, self._mode):
            segments.changed.connect(self._turned)
        self._background.changed.connect(self._background_chosen)
        self._colour.editingFinished.connect(self._turned)

    def _size_chosen(self, size: str) -> None:
        if size != _CUSTOM:
            self.blockSignals(True)
            self._width.setValue(int(size))
            self._height.setValue(int(size))
            self.blockSignals(False)
        self._turned()

    def _background_chosen(self, colour: str) -> None:
        if colour != _CUSTOM:
            self._colour.setText(colour)
        self._turned()

    def _turned(self) -> None:
        self._explain()
        self.changed.emit()

    def _explain(self) -> None:
        self._custom.setVisible(self._size.value() == _CUSTOM)
        self._fit_row.set_help(self._help_of("fit", self._fit.value()))
        self._mode_row.set_help(self._help_of("mode", self._mode.value()))
        self._colour.setVisible(self._background.value() == _CUSTOM)
        self._background_row.setVisible(self._fit.value() == "pad" or self._mode.value() != "rgba")

    def _help_of(self, field: str, value: str) -> str:
        return next((choice.help for choice in self._specs[field].choices if choice.value == value), "")

    def _size_help(self) -> str:
        return self.tr("Every picture gets this size. Twice the side takes about four times as long to learn.")

    def _sizes(self) -> list[tuple[str, str, str]]:
        sizes = [(str(size), str(size), f"{size} × {size}") for size in _SIZES]
        return [*sizes, (_CUSTOM, self.tr("Other"), self.tr("Any width and height from 8 to 512"))]

    def _choices(self, field: str) -> list[tuple[str, str, str]]:
        texts = {"crop": self.tr("Crop"), "pad": self.tr("Pad"), "stretch": self.tr("Stretch")}
        return [(choice.value, texts[choice.value], choice.help) for choice in self._specs[field].choices]

    def _modes(self) -> list[tuple[str, str, str]]:
        texts = {"grey": self.tr("Grey"), "rgb": self.tr("RGB"), "rgba": self.tr("RGBA")}
        return [(choice.value, texts[choice.value], choice.help) for choice in self._specs["mode"].choices]

    def _backgrounds(self) -> list[tuple[str, str, str]]:
        texts = (self.tr("White"), self.tr("Grey"), self.tr("Black"))
        known = [(colour, text, colour) for colour, text in zip(_BACKGROUNDS, texts, strict=True)]
        return [*known, (_CUSTOM, self.tr("Other"), self.tr("Any colour, written like #3a6ea5"))]
