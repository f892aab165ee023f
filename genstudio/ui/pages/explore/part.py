"""What the parts of Explore have in common."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.ui.pages.explore.desk import Desk
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import Button


class Part(QWidget):
    """One way to play: the widget itself goes into the middle, `side` to the right, `foot` below that."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.session = desk, desk.session
        self.side, self.foot = QWidget(), QWidget()
        self.centre = QVBoxLayout(self)
        self.centre.setContentsMargins(0, 0, 0, 0)
        self.centre.setSpacing(GRID)
        self.settings = QVBoxLayout(self.side)
        self.settings.setContentsMargins(0, 0, 0, 0)
        self.settings.setSpacing(2 * GRID)
        self.buttons = QVBoxLayout(self.foot)
        self.buttons.setContentsMargins(0, 0, 0, 0)
        self.buttons.setSpacing(GRID)

    def shown(self) -> None:
        """The part comes into view; bring it up to date."""

    def hidden(self) -> None:
        """The part goes out of view: end timers."""

    def picks_changed(self) -> None:
        """The tray changed; called only while the part is in view."""

    def words_changed(self) -> None:
        """What is drawn from now on is told other words; called only while the part is in view."""

    def space_changed(self) -> None:
        """Another space is open, or none."""

    def act(self) -> None:
        """Do the main thing (Ctrl+Return)."""

    def keep(self) -> None:
        """Keep what is on show."""


def widen(*buttons: Button) -> None:
    """Let buttons fill the panel."""
    for button in buttons:
        policy = button.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Expanding)
        button.setSizePolicy(policy)
