"""One field of a form: title, control, help, the mark of a change and the sentence of an error."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genstudio.core.config import FieldSpec
from genstudio.ui.forms.editors import Editor, RunEditor, same
from genstudio.ui.widgets.buttons import IconButton
from genstudio.ui.widgets.text import PlainLabel, restyle


class FieldRow(QWidget):
    """A field as a person sees it. `changed` says that a person turned it."""

    changed = Signal()

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._preset: object = editor.spec.default
        editor.setParent(self)
        self._help = PlainLabel(editor.spec.help, "small", wrap=True)
        self._error = PlainLabel("", "error", wrap=True)
        self._reset = _reset_button(self.tr("Changed: set {0} back to the preset").format(editor.spec.title))
        self._reset.clicked.connect(self._go_back)
        self._lay_out(editor)
        self._name_targets(editor)
        self.show_value(self._preset)
        editor.changed.connect(self._edited)

    @property
    def spec(self) -> FieldSpec:
        """The field's description."""
        return self._editor.spec

    def value(self) -> object:
        """What the field stands at."""
        return self._editor.value()

    def show_value(self, value: object) -> None:
        """Show a value as the preset's: from here on, anything else is a change."""
        self._preset = value
        self._editor.show_value(value)
        self._mark()

    def turn(self, value: object) -> None:
        """Set a value as a person would; the preset's stays the one to go back to."""
        self._editor.show_value(value)
        self._mark()

    def refill(self) -> None:
        """Offer the runs there are by now, where the field refers to one."""
        if isinstance(self._editor, RunEditor):
            self._editor.refill()
            self._mark()

    def is_changed(self) -> bool:
        """Whether the field stands elsewhere than the preset."""
        return not same(self._editor.value(), self._preset)

    def show_error(self, sentence: str) -> None:
        """Show what is wrong with the value; an empty sentence takes it away."""
        self._error.setText(sentence)
        self._error.setVisible(bool(sentence))
        control = self._editor.targets()[0]
        control.setProperty("invalid", "true" if sentence else "false")
        restyle(control)
        control.setAccessibleDescription(sentence or self.spec.help)

    def error(self) -> str:
        """The sentence shown, empty when nothing is wrong."""
        return self._error.text()

    def targets(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        return [*self._editor.targets(), self._reset]

    def _edited(self) -> None:
        self._mark()
        self.changed.emit()

    def _go_back(self) -> None:
        self._editor.targets()[0].setFocus()
        self._editor.show_value(self._preset)
        self._edited()

    def _mark(self) -> None:
        self._reset.setVisible(self.is_changed())
        sentence = self._editor.sentence()
        self._help.setText(f"{self.spec.help} {sentence}".strip() if sentence else self.spec.help)

    def _lay_out(self, editor: Editor) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(PlainLabel(editor.spec.title))
        head.addWidget(self._reset)
        head.addStretch(1)
        if editor.head is not None:
            head.addWidget(editor.head)
        column.addLayout(head)
        if editor.body is not None:
            column.addWidget(editor.body)
        column.addWidget(self._help)
        column.addWidget(self._error)
        self._error.hide()

    def _name_targets(self, editor: Editor) -> None:
        for target in editor.targets():
            target.setAccessibleName(target.accessibleName() or editor.spec.title)
            target.setAccessibleDescription(target.accessibleDescription() or editor.spec.help)


def _reset_button(name: str) -> IconButton:
    button = IconButton("undo", name, size=14)
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
    return button
