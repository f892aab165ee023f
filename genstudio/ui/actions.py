"""Everything a person can do in the window, by menu: made once, shown in menus, the palette and the shortcut sheet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from genstudio.ui.icons import icon
from genstudio.ui.widgets.text import plain_tip


@dataclass(frozen=True)
class Entry:
    """One thing a person can do: which menu it is in, and the action. `lead` goes to its place first."""

    menu: str
    action: QAction
    lead: Callable[[], None] | None = None

    def do(self) -> None:
        """Do it."""
        if self.lead is not None:
            self.lead()
        if self.action.isEnabled():
            self.action.trigger()

    @property
    def text(self) -> str:
        """What it does, without the marks of mnemonics."""
        return plain_text(self.action)

    @property
    def shortcut(self) -> str:
        """Its shortcut as it is written on keys."""
        return self.action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


class ActionBook(QObject):
    """The window's own actions, in menus. Places add theirs as menus of their own."""

    def __init__(self, bar: QMenuBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._menus: dict[str, QMenu] = {}

    def menu(self, title: str, before: str = "") -> QMenu:
        """Return the menu of this title, making it if need be; `before` names the menu it comes before."""
        if title not in self._menus:
            menu = QMenu(title, self._bar)
            menu.setToolTipsVisible(True)
            follower = self._menus[before].menuAction() if before in self._menus else None
            if follower is None:
                self._bar.addMenu(menu)
            else:
                self._bar.insertMenu(follower, menu)
            self._menus[title] = menu
        return self._menus[title]

    def add(
        self,
        menu: str,
        text: str,
        call: Callable[[], None],
        shortcut: str,
        *,
        icon_name: str = "",
        checkable: bool = False,
    ) -> QAction:
        """Add something a person can do."""
        action = QAction(text, self)
        action.setShortcut(QKeySequence(shortcut))
        action.setCheckable(checkable)
        if icon_name:
            action.setIcon(icon(icon_name))
        action.triggered.connect(lambda: call())
        self.menu(menu).addAction(action)
        return action

    def fill(self, menu: str, actions: list[QAction]) -> None:
        """Make a menu hold exactly these actions, which belong to somebody else."""
        # Not QMenu.clear(): PySide's version also takes the actions away from the widget they belong to.
        for old in self.menu(menu).actions():
            self.menu(menu).removeAction(old)
        self.menu(menu).addActions(actions)

    def entries(self) -> Iterator[Entry]:
        """Everything in the menus, with sub-menus under their own titles."""
        for title, menu in self._menus.items():
            yield from _entries(title, menu)


def _entries(title: str, menu: QMenu) -> Iterator[Entry]:
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _entries(plain_text(action), inner)
        elif not action.isSeparator() and action.text():
            yield Entry(title, action)


def plain_text(action: QAction) -> str:
    """Return an action's text without the marks of mnemonics."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")


def disable_action(action: QAction, reason: str) -> None:
    """Disable an action with its reason as tooltip; an empty reason enables it."""
    action.setEnabled(not reason)
    action.setToolTip(plain_tip(reason or plain_text(action)))
