"""Buttons that always have a name, and say why when they cannot be pressed."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QToolButton, QWidget

from genstudio.ui.icons import SIZE, icon
from genstudio.ui.widgets.text import PlainLabel, set_tip

ButtonRole = Literal["", "primary", "quiet", "link"]


class Button(QPushButton):
    """A button with words. `tip` adds what the words leave out. An ampersand in the text is shown as it is."""

    def __init__(self, text: str, role: ButtonRole = "", *, icon_name: str = "", tip: str = "") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setText(text)
        if icon_name:
            self.setIcon(icon(icon_name, "on_accent" if role == "primary" else ""))
            self.setIconSize(QSize(16, 16))
        self._tip = tip
        set_tip(self, tip)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor if role == "link" else Qt.CursorShape.ArrowCursor)

    def setText(self, text: str) -> None:
        """Show other words."""
        super().setText(text.replace("&", "&&"))
        self.setAccessibleName(text)

    def disable_because(self, reason: str) -> None:
        """Disable the button and say why; an empty reason enables it."""
        disable_because(self, reason, self._tip)


class PrimaryButton(Button):
    """The one thing to do next."""

    def __init__(self, text: str, *, icon_name: str = "", tip: str = "") -> None:
        super().__init__(text, "primary", icon_name=icon_name, tip=tip)


class LinkButton(Button):
    """A quiet button that reads as part of a sentence."""

    def __init__(self, text: str, *, tip: str = "") -> None:
        super().__init__(text, "link", tip=tip)


class IconButton(QToolButton):
    """A button with a drawing only; `name` is its tooltip and what a screen reader says."""

    def __init__(self, icon_name: str, name: str, *, checkable: bool = False, size: int = SIZE) -> None:
        super().__init__()
        self.setIcon(icon(icon_name))
        self.setIconSize(QSize(size, size))
        self.setCheckable(checkable)
        self._name = name
        self.setAccessibleName(name)
        set_tip(self, name)

    def set_icon_name(self, icon_name: str) -> None:
        """Show another drawing."""
        self.setIcon(icon(icon_name))

    def disable_because(self, reason: str) -> None:
        """Disable the button and say why; an empty reason enables it."""
        disable_because(self, reason, self._name)


class Reason(PlainLabel):
    """The text beside a disabled control that says why it is disabled; invisible while there is no reason."""

    def __init__(self) -> None:
        super().__init__("", "small", wrap=True)
        self.hide()

    def show_reason(self, reason: str) -> None:
        """Show the reason, or nothing."""
        self.setText(reason)
        self.setVisible(bool(reason))


def disable_because(button: QAbstractButton, reason: str, tip: str, beside: Reason | None = None) -> None:
    """Disable a button with its reason as tooltip (and beside it); an empty reason enables it with its usual tip."""
    button.setEnabled(not reason)
    button.setAccessibleDescription(reason)
    set_tip(button, reason or tip)
    if beside is not None:
        beside.show_reason(reason)


def stretch() -> QWidget:
    """Make an invisible widget that takes what room is left in a row."""
    widget = QWidget()
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return widget
