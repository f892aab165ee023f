"""The window's menus, and what their entries do. Sheets are loaded when they are opened, after the first paint."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu

from genstudio.core import paths
from genstudio.ui.actions import ActionBook, Entry, disable_action
from genstudio.ui.context import Place, Subject, SubjectKind, UiContext
from genstudio.ui.page import Page
from genstudio.ui.reporting import begin_report
from genstudio.ui.theme import ThemeChoice
from genstudio.ui.widgets.text import set_tip

if TYPE_CHECKING:
    from genstudio.ui.main_window import MainWindow


class WindowActions(QObject):
    """Makes the menus File, Edit, View, Go, one for the place on show, and Help."""

    def __init__(self, window: "MainWindow", context: UiContext, titles: dict[Place, str]) -> None:
        super().__init__(window)
        self._window = window
        self._context = context
        self._titles = titles
        self._book = ActionBook(window.menuBar())
        self._page_menu: QMenu | None = None
        self._file()
        self._edit()
        self._view()
        self._go()
        self._help()
        self.project_changed()
        context.toasts.undo_changed.connect(self._show_undo)
        context.theme.changed.connect(self._show_theme)

    def show_place(self, place: Place, page: Page | None) -> None:
        """Show the menu of the place on show."""
        if self._page_menu is not None:
            self._page_menu.menuAction().setVisible(False)
        if page is None or not page.actions():
            self._page_menu = None
            return
        self._book.menu(self._titles[place], before=self.tr("Help"))
        self._book.fill(self._titles[place], page.actions())
        self._page_menu = self._book.menu(self._titles[place])
        self._page_menu.menuAction().setVisible(True)

    def project_changed(self) -> None:
        """Offer what needs a project only while one is open."""
        reason = "" if self._context.project is not None else self.tr("Open a project first.")
        for action in (self._import, self._show_folder, self._close):
            disable_action(action, reason)
        self._fill_recent()

    def entries(self) -> Iterator[Entry]:
        """Everything that can be done, in all places; those that are not on show are made for it."""
        for place in Place:
            page = self._window.page(place)
            if page is not None and page.actions():
                self._book.menu(self._titles[place], before=self.tr("Help"))
                self._book.fill(self._titles[place], page.actions())
                menu = self._book.menu(self._titles[place])
                menu.menuAction().setVisible(place is self._window.place)
        yield from self._book.entries()

    def show_palette(self) -> None:
        """Open the command palette."""
        from genstudio.ui.command_palette import CommandPalette

        CommandPalette(self._window, [self._leading(entry) for entry in self.entries()]).begin()

    def _leading(self, entry: Entry) -> Entry:
        places = {title: place for place, title in self._titles.items()}
        place = places.get(entry.menu)
        if place is None or place is self._window.place:
            return entry
        return replace(entry, lead=partial(self._window.go, place))

    def _file(self) -> None:
        menu = self.tr("File")
        add = partial(self._book.add, menu)
        add(self.tr("New project…"), self._new_project, "Ctrl+N", icon_name="plus")
        add(self.tr("Open project…"), self._open_project, "Ctrl+O", icon_name="folder-open")
        self._recent = QMenu(self.tr("Open recent"), self._book.menu(menu))
        self._book.menu(menu).addMenu(self._recent)
        self._book.menu(menu).addSeparator()
        self._import = add(self.tr("Import images…"), self._import_images, "Ctrl+I", icon_name="import")
        self._show_folder = add(self.tr("Show project folder"), self._show_project, "Ctrl+Shift+E", icon_name="folder")
        self._close = add(self.tr("Close project"), self._close_project, "Ctrl+Shift+W", icon_name="close")
        self._book.menu(menu).addSeparator()
        add(self.tr("Quit"), self._quit, "Ctrl+Q")

    def _edit(self) -> None:
        self._undo = self._book.add(
            self.tr("Edit"), self.tr("Undo"), self._context.toasts.undo_latest, "Ctrl+Z", icon_name="undo"
        )
        self._show_undo()

    def _view(self) -> None:
        menu, theme = self.tr("View"), self._context.theme
        add = partial(self._book.add, menu)
        texts = {
            ThemeChoice.SYSTEM: (self.tr("Follow the system's colours"), "Ctrl+Alt+S", "refresh"),
            ThemeChoice.DARK: (self.tr("Dark"), "Ctrl+Alt+D", "moon"),
            ThemeChoice.LIGHT: (self.tr("Light"), "Ctrl+Alt+L", "sun"),
        }
        self._themes = {
            choice: add(text, partial(theme.choose, choice), keys, icon_name=name, checkable=True)
            for choice, (text, keys, name) in texts.items()
        }
        self._show_theme()
        self._book.menu(menu).addSeparator()
        add(self.tr("Larger text"), partial(theme.scale_text, 1), "Ctrl+=", icon_name="zoom-in")
        add(self.tr("Smaller text"), partial(theme.scale_text, -1), "Ctrl+-", icon_name="zoom-out")
        add(self.tr("Usual text size"), partial(theme.scale_text, 0), "Ctrl+0")
        self._book.menu(menu).addSeparator()
        add(self.tr("Full screen"), self._full_screen, "F11", icon_name="fit")

    def _go(self) -> None:
        for number, (place, title) in enumerate(self._titles.items(), 1):
            go = partial(self._window.go, place)
            self._book.add(self.tr("Go"), title, go, f"Ctrl+{number}", icon_name=place.value)

    def _help(self) -> None:
        add = partial(self._book.add, self.tr("Help"))
        add(self.tr("Command palette…"), self.show_palette, "Ctrl+K", icon_name="command")
        add(self.tr("Help pages"), self._show_help, "F1", icon_name="help")
        add(self.tr("Keyboard shortcuts"), self._show_shortcuts, "Ctrl+?", icon_name="keyboard")
        add(self.tr("Plugins"), self._show_plugins, "Ctrl+Alt+P", icon_name="plug")
        add(self.tr("Open log folder"), self._show_logs, "Ctrl+Alt+G", icon_name="folder")
        add(self.tr("Save a report…"), self._save_report, "Ctrl+Alt+R", icon_name="export")
        add(self.tr("About GenStudio"), self._show_about, "Ctrl+Alt+A", icon_name="info")

    def _new_project(self) -> None:
        self._window.go(Place.HOME, Subject(SubjectKind.PROJECT, ""))

    def _open_project(self) -> None:
        start = str(self._context.projects.base)
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Open project"), start)
        if chosen:
            self._context.projects.open(Path(chosen))

    def _import_images(self) -> None:
        self._window.go(Place.DATA, Subject(SubjectKind.SOURCE, ""))

    def _show_project(self) -> None:
        if self._context.project is not None:
            _open_folder(self._context.project.folder)

    def _close_project(self) -> None:
        self._context.projects.close()
        self._window.go(Place.HOME)

    def _quit(self) -> None:
        self._window.close()

    def _full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _show_help(self) -> None:
        from genstudio.ui.dialogs.help import HelpSheet

        HelpSheet(self._window, self._context).begin()

    def _show_shortcuts(self) -> None:
        from genstudio.ui.dialogs.shortcuts import ShortcutSheet

        ShortcutSheet(self._window, list(self.entries())).open()

    def _show_plugins(self) -> None:
        from genstudio.ui.dialogs.plugins import PluginSheet

        studio = self._context.made_studio
        PluginSheet(self._window, studio.host.reports() if studio else ()).open()

    def _show_logs(self) -> None:
        _open_folder(paths.logs())

    def _save_report(self) -> None:
        self._context.when_ready(lambda: begin_report(self._window, self._context))

    def _show_about(self) -> None:
        from genstudio.ui.dialogs.about import AboutSheet

        project = self._context.project
        AboutSheet(self._window, project.folder if project else None).open()

    def _show_undo(self) -> None:
        done = self._context.toasts.next_undo
        self._undo.setText(self.tr("Undo: {what}").format(what=done.replace("&", "&&")) if done else self.tr("Undo"))
        disable_action(self._undo, "" if done else self.tr("There is nothing to take back."))

    def _show_theme(self) -> None:
        for choice, action in self._themes.items():
            action.setChecked(choice is self._context.theme.choice)

    def _fill_recent(self) -> None:
        self._recent.clear()
        for folder in self._context.settings.recent_projects:
            action = self._recent.addAction(f"{folder.name} — {paths.shown(folder.parent)}".replace("&", "&&"))
            set_tip(action, paths.shown(folder))
            action.setEnabled((folder / "project.gsproj").is_file())
            action.triggered.connect(lambda _checked=False, path=folder: self._context.projects.open(path))
        self._recent.setEnabled(bool(self._recent.actions()))


def _open_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
