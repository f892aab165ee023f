"""One editor for each kind of field. An editor knows a value and two widgets; where they stand is the row's matter."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from genstudio.core.config import FieldKind, FieldSpec
from genstudio.ui.forms.numbers import NumberBox, NumberSlider
from genstudio.ui.forms.scale import Scale
from genstudio.ui.forms.switch import Switch
from genstudio.ui.widgets.numbers import ComboBox
from genstudio.ui.widgets.segments import Segments

_SHORT = ("cnn", "rnn", "lstm", "gan", "wgan", "dcgan", "lsgan", "gp", "vae", "vq", "kl", "mlp", "ddpm", "ddim")
_NAMES = {name: name.upper() for name in _SHORT} | {
    "bilstm": "BiLSTM", "pixelcnn": "PixelCNN", "pixelrnn": "PixelRNN", "resnet": "ResNet", "unet": "U-Net",
}  # fmt: skip
"""Words that people write otherwise than a config does."""

_SEGMENT_LIMIT = 4
_SEGMENT_LETTERS = 34


@dataclass(frozen=True)
class RunOption:
    """A finished run a field may refer to."""

    id: str
    name: str
    detail: str = ""


RunsFor = Callable[[FieldSpec], Sequence[RunOption]]
"""Gives the finished runs that a field may refer to."""


class Editor(QObject):
    """A value under edit. `head` stands beside the title, `body` below it; either may be None."""

    changed = Signal()

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self.spec = spec
        self.head: QWidget | None = None
        self.body: QWidget | None = None

    def value(self) -> object:
        """What the person turned it to, as the config takes it."""
        raise NotImplementedError

    def show_value(self, value: object) -> None:
        """Show a value without saying that a person changed it."""
        raise NotImplementedError

    def targets(self) -> list[QWidget]:
        """The widgets that take the keyboard, first one first."""
        raise NotImplementedError

    def sentence(self) -> str:
        """What the value at hand means, empty when the field's own help says it all."""
        return ""


class NumberEditor(Editor):
    """A box, and a slider when both ends are known."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        whole = spec.kind is FieldKind.INT
        self._box = NumberBox(whole=whole, log=spec.log, low=spec.low, high=spec.high, unit=spec.unit)
        self._box.setPlaceholderText(self.tr("automatic") if spec.optional else "")
        self._box.value_changed.connect(self._box_changed)
        self.head = self._box
        self._slider: NumberSlider | None = None
        if spec.low is not None and spec.high is not None:
            self._slider = self.body = NumberSlider(self._scale(spec.default))
            self._slider.chosen.connect(self._slider_moved)

    def value(self) -> object:
        """The number, None for an empty box, or the text when it is no number."""
        return self._box.value()

    def show_value(self, value: object) -> None:
        """Show a value and centre the slider about it."""
        self._box.show_value(value)
        if self._slider is not None:
            self._slider.set_scale(self._scale(value))
            self._place_slider()

    def targets(self) -> list[QWidget]:
        """The box, then the slider."""
        return [self._box] if self._slider is None else [self._box, self._slider]

    def _scale(self, middle: object) -> Scale:
        low, high = self.spec.low, self.spec.high
        assert low is not None and high is not None
        at = middle if isinstance(middle, int | float) else low
        return Scale.around(at, low, high, log=self.spec.log, whole=self.spec.kind is FieldKind.INT)

    def _slider_moved(self, value: float) -> None:
        self._box.set_value(int(value) if self.spec.kind is FieldKind.INT else value)

    def _box_changed(self) -> None:
        self._place_slider()
        self.changed.emit()

    def _place_slider(self) -> None:
        value = self._box.value()
        if self._slider is not None and isinstance(value, int | float) and not self._slider.isSliderDown():
            self._slider.show_value(value)


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._switch = Switch()
        self._switch.toggled.connect(lambda: self.changed.emit())
        self.head = self._switch

    def value(self) -> object:
        """True or False."""
        return self._switch.isChecked()

    def show_value(self, value: object) -> None:
        """Show a value."""
        with QSignalBlocker(self._switch):
            self._switch.setChecked(bool(value))

    def targets(self) -> list[QWidget]:
        """The switch."""
        return [self._switch]


class ChoiceEditor(Editor):
    """Segments for a few short choices, a combo box for more; the sentence of the chosen one is shown below."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._sentences = {choice.value: choice.help for choice in spec.choices}
        titles = [choice_title(choice.value) for choice in spec.choices]
        few = len(titles) <= _SEGMENT_LIMIT and sum(map(len, titles)) <= _SEGMENT_LETTERS and not spec.optional
        self._segments: Segments | None = None
        self._combo: ComboBox | None = None
        if few:
            options = [(choice.value, choice_title(choice.value), choice.help) for choice in spec.choices]
            self._segments = self.body = Segments(spec.title, options, str(_plain(spec.default)))
            self._segments.changed.connect(lambda _: self.changed.emit())
        else:
            self._combo = self.body = _combo(spec, [(choice.value, choice.help) for choice in spec.choices])
            self._combo.activated.connect(lambda _: self.changed.emit())

    def value(self) -> object:
        """The chosen value, None for "automatic"."""
        if self._segments is not None:
            return self._segments.value()
        assert self._combo is not None
        chosen: object = self._combo.currentData()
        return chosen

    def show_value(self, value: object) -> None:
        """Show a choice."""
        plain = _plain(value)
        if self._segments is not None:
            self._segments.set_value(str(plain))
        elif self._combo is not None:
            self._combo.setCurrentIndex(self._combo.findData(None if plain is None else str(plain)))

    def targets(self) -> list[QWidget]:
        """The segments' buttons, or the combo box."""
        if self._segments is not None:
            return [self._segments.button(choice.value) for choice in self.spec.choices]
        assert self._combo is not None
        return [self._combo]

    def sentence(self) -> str:
        """What the chosen value does."""
        return self._sentences.get(str(self.value()), "")


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._line = QLineEdit()
        self._line.setPlaceholderText(self.tr("none") if spec.optional else "")
        self._line.textEdited.connect(lambda _: self.changed.emit())
        self.body = self._line

    def value(self) -> object:
        """The text, None when it is empty and may be."""
        text = self._line.text()
        return None if self.spec.optional and not text else text

    def show_value(self, value: object) -> None:
        """Show a text."""
        self._line.setText("" if value is None else str(value))

    def targets(self) -> list[QWidget]:
        """The line."""
        return [self._line]


class RunEditor(Editor):
    """A combo box of the finished runs that fit.

    A choice that fits no more, as after another dataset was chosen, shows as none and comes back with what it fits.
    """

    def __init__(self, spec: FieldSpec, runs: RunsFor) -> None:
        super().__init__(spec)
        self._runs = runs
        self._wanted: object = None
        self._combo = self.body = ComboBox(spec.title)
        self._combo.activated.connect(lambda _: self._choose())
        self.refill()

    def refill(self) -> None:
        """Offer the runs that fit by now; the choice stays while its run does."""
        self._combo.clear()
        self._combo.addItem(self.tr("None") if self.spec.optional else self.tr("Choose a run"), None)
        for option in self._runs(self.spec):
            self._combo.addItem(option.name, option.id)
            self._combo.setItemData(self._combo.count() - 1, option.detail, Qt.ItemDataRole.AccessibleDescriptionRole)
        self.show_value(self._wanted)

    def value(self) -> object:
        """The id of the chosen run; None or, where one must be chosen, "" while there is none."""
        chosen: object = self._combo.currentData()
        return "" if chosen is None and not self.spec.optional else chosen

    def show_value(self, value: object) -> None:
        """Show a choice; a run that is gone shows as none."""
        self._wanted = value
        self._combo.setCurrentIndex(max(self._combo.findData(value), 0))

    def targets(self) -> list[QWidget]:
        """The combo box."""
        return [self._combo]

    def sentence(self) -> str:
        """The next step when there is nothing to choose from."""
        if self._combo.count() > 1 or self.spec.ability is None:
            return ""
        if self.spec.same_pictures:
            said = self.tr(
                "No finished run on pictures of this size and colour mode can do this yet: {0} Train one first."
            )
            return said.format(self.spec.ability.sentence)
        return self.tr("No finished run of this project can do this yet: {0}").format(self.spec.ability.sentence)

    def _choose(self) -> None:
        self._wanted = self._combo.currentData()
        self.changed.emit()


def make_editor(spec: FieldSpec, runs: RunsFor) -> Editor:
    """Make the editor for a field."""
    if spec.kind is FieldKind.RUN:
        return RunEditor(spec, runs)
    kinds: dict[FieldKind, type[NumberEditor | SwitchEditor | ChoiceEditor | TextEditor]] = {
        FieldKind.INT: NumberEditor,
        FieldKind.FLOAT: NumberEditor,
        FieldKind.BOOL: SwitchEditor,
        FieldKind.CHOICE: ChoiceEditor,
        FieldKind.TEXT: TextEditor,
    }
    return kinds[spec.kind](spec)


def choice_title(value: str) -> str:
    """Write a config's value as a title: `free-bits` becomes "Free bits", `wgan-gp` "WGAN GP"."""
    words = value.replace("_", " ").replace("-", " ").strip()
    words = re.sub(r"[a-z]+", lambda found: _NAMES.get(found.group(), found.group()), words)
    return words[:1].upper() + words[1:]


def same(one: object, other: object) -> bool:
    """Whether two values are the same to a person: 1 and 1.0 are, an enum and its value are."""
    one, other = _plain(one), _plain(other)
    return one is other if isinstance(one, bool) or isinstance(other, bool) else one == other


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _combo(spec: FieldSpec, choices: Sequence[tuple[str, str]]) -> ComboBox:
    combo = ComboBox(spec.title)
    if spec.optional:
        combo.addItem(combo.tr("Automatic"), None)
    for value, sentence in choices:
        combo.addItem(choice_title(value), value)
        combo.setItemData(combo.count() - 1, sentence, Qt.ItemDataRole.AccessibleDescriptionRole)
    return combo
