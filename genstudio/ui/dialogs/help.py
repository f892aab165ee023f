"""Help: the documents that come with the program, in a sheet. Nothing is fetched from anywhere."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from genstudio.generation.export import read_image
from genstudio.ui.context import UiContext
from genstudio.ui.dialogs.overlay import Overlay
from genstudio.ui.models.help_pages import (
    START,
    Group,
    HelpError,
    HelpPage,
    documents,
    family_page,
    list_pages,
    read_page,
)
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.thumbnails import reduced
from genstudio.ui.theme import BODY, GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.views.markdown_view import MarkdownView
from genstudio.ui.widgets.buttons import Button
from genstudio.ui.widgets.fields import SearchField
from genstudio.ui.widgets.layouts import holding, row
from genstudio.ui.widgets.text import ElidedLabel, PlainLabel, plain_tip

_WIDTH = 1080
_LIST = 220
_PAGE = Qt.ItemDataRole.UserRole
_ABROAD = ("https", "http", "mailto")
_KEYS_FOR_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class HelpSheet(Overlay):
    """Pages on the left, one of them on the right. Pictures are decoded by Pillow, off the window's thread."""

    def __init__(self, host: QWidget, context: UiContext, page: HelpPage | None = None) -> None:
        super().__init__(host, self.tr("Help"), width=_WIDTH)
        self._context = context
        self._reader = Reader()
        self._first = page
        self._page: HelpPage | None = None
        self._past: list[HelpPage] = []
        self.search = SearchField(self.tr("Search all pages"))
        self.list = QListWidget()
        self.nothing = PlainLabel("", "small", wrap=True)
        self.view = MarkdownView()
        self.back = Button(self.tr("Back"), "quiet", icon_name="arrow-left")
        self.leads = ElidedLabel("", "small")
        self._lay_out(max(280, host.height() - 20 * GRID))
        self._connect()
        self._fill()

    def begin(self) -> None:
        """Show the sheet and let the person search, or walk through the list."""
        self.open(self.search)  # first, because a page wants to know how wide it may be
        try:
            self.show_page(self._first or read_page(documents() / START, documents()))
        except HelpError as error:
            self.say(str(error))

    @property
    def page(self) -> HelpPage | None:
        """The page on show."""
        return self._page

    def show_page(self, page: HelpPage) -> None:
        """Show a page; Back leads to the one before."""
        if self._page is not None and self._page.file != page.file:
            self._past.append(self._page)
        self._show(page)

    def shown_titles(self) -> list[str]:
        """The titles that are listed now."""
        items = [self.list.item(index) for index in range(self.list.count())]
        return [item.text() for item in items if item.data(_PAGE) is not None and not item.isHidden()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt and the left arrow go back."""
        if event.key() == Qt.Key.Key_Left and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While one searches, keys that move go to the list."""
        pressed = watched is self.search and event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() in _KEYS_FOR_LIST:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _lay_out(self, height: int) -> None:
        scale = self.fontInfo().pixelSize() / BODY
        side = QVBoxLayout()
        side.setSpacing(GRID)
        self.search.setFixedWidth(min(round(_LIST * scale), self.card.width() // 3))
        for part in (self.list, self.nothing):
            part.setFixedWidth(self.search.width())
        self.list.setAccessibleName(self.tr("Pages"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view.setAccessibleName(self.tr("The page"))
        side.addWidget(self.search)
        side.addWidget(self.nothing)
        side.addWidget(self.list, 1)
        page = QVBoxLayout()
        page.setSpacing(GRID // 2)
        page.addWidget(self.view, 1)
        page.addLayout(row(self.back, self.leads))
        both = row(spacing=2 * GRID)
        both.addLayout(side)
        both.addLayout(page, 1)
        body = holding(both)
        body.setFixedHeight(height)
        self.column.addWidget(body)

    def _connect(self) -> None:
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(self._chosen)
        self.view.anchorClicked.connect(self._follow)
        self.view.highlighted.connect(self._tell_lead)
        self.back.clicked.connect(self._go_back)
        self._context.theme.changed.connect(self._show_again)
        self.closed.connect(self._end)

    def _fill(self) -> None:
        studio = self._context.made_studio
        heads = {
            Group.USING: self.tr("Using GenStudio"),
            Group.MODELS: self.tr("Models"),
            Group.AUTHORS: self.tr("For plugin authors"),
        }
        for group, pages in list_pages(studio.host if studio else None).items():
            if pages:
                self._add(heads[group], None)
            for page in pages:
                self._add(page.title, page)
        self._filter("")

    def _add(self, text: str, page: HelpPage | None) -> None:
        """Add a page to the list, or the head of a group, which cannot be chosen."""
        item = QListWidgetItem(text)
        item.setData(_PAGE, page)
        item.setToolTip(plain_tip(text))
        item.setSizeHint(QSize(0, self.fontMetrics().height() + 2 * GRID))
        if page is None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            font = self.font()
            font.setWeight(font.Weight.DemiBold)
            item.setFont(font)
        self.list.addItem(item)

    def _filter(self, typed: str) -> None:
        """List the pages that have every word that was typed; the page on show stays while it is among them."""
        head, first, found = None, None, False
        for item in self._items():
            page = item.data(_PAGE)
            if page is None:
                head = item
            fits = isinstance(page, HelpPage) and page.matches(typed)
            item.setHidden(not fits)
            if fits and head is not None:
                head.setHidden(False)
                first, found = first or item, found or item is self.list.currentItem()
        self.nothing.setText(self.tr("No page has “{words}”.").format(words=typed.strip()))
        self.nothing.setVisible(first is None)
        if typed.strip() and first is not None:
            self.list.setCurrentItem(self.list.currentItem() if found else first)
            self._point_out(typed)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(index) for index in range(self.list.count())]

    def _point_out(self, typed: str) -> None:
        """Scroll to the first place that has what was typed, or else its first word, and mark it."""
        self.view.moveCursor(QTextCursor.MoveOperation.Start)
        if not self.view.find(typed.strip()):
            self.view.find(typed.split()[0])

    def _chosen(self, item: QListWidgetItem | None) -> None:
        page = item.data(_PAGE) if item is not None else None
        if isinstance(page, HelpPage) and page != self._page:
            self.show_page(page)
            if self.search.text().strip():
                self._point_out(self.search.text())

    def _show(self, page: HelpPage) -> None:
        self._page = page
        rows = [number for number, item in enumerate(self._items()) if item.data(_PAGE) == page]
        self.list.setCurrentRow(rows[0] if rows else -1)
        self.view.show_text(page.text)
        self.back.setVisible(bool(self._past))
        self.leads.setText("")
        for name, words in page.pictures().items():
            self._bring_picture(page, name, words)

    def _show_again(self) -> None:
        if self._page is not None:
            self._show(self._page)

    def _end(self) -> None:
        self._page = None  # pictures that are still on their way find no page
        self._reader.close()

    def say(self, sentence: str) -> None:
        """Say at the foot what could not be done; the page on show stays."""
        self.leads.setText(sentence)

    def _go_back(self) -> None:
        if self._past:
            self._show(self._past.pop())

    def _bring_picture(self, page: HelpPage, name: str, words: str) -> None:
        def shown(image: QImage) -> None:
            if self._page is page:
                self.view.show_picture(name, image, min(room, round(image.width() / image.devicePixelRatio())))

        def failed(_: str) -> None:
            if self._page is page:
                self.view.show_words_instead(name, self.tr("(The picture is missing: {words})").format(words=words))

        file, room = page.picture(name, dark=self._context.theme.dark), self.view.room
        if file is None:
            failed("")
            return
        future = self._reader.read(_read_picture, file, room, self.devicePixelRatioF())
        self._context.bridge.ask(future, shown, failed)

    def _tell_lead(self, url: QUrl) -> None:
        self.leads.setText(url.toString() if url.scheme() in _ABROAD else "")

    def _follow(self, url: QUrl) -> None:
        """Show the page that a link leads to; what leads abroad is for the desktop."""
        if url.scheme() in _ABROAD:
            QDesktopServices.openUrl(url)
        elif self._page is not None and url.isRelative() and url.path():
            self._follow_within(self._page, url.path())

    def _follow_within(self, page: HelpPage, name: str) -> None:
        file = page.place(name)
        try:
            if file is None or file.suffix != ".md":
                raise HelpError(self.tr("“{name}” is no page of Help.").format(name=name))
            self.show_page(read_page(file, page.root))
        except HelpError as error:
            self.say(str(error))


def open_family_help(host: QWidget, context: UiContext, family: str) -> None:
    """Open Help at the page about a family; where its plugin brings none, at the first page with a word about that."""
    page = family_page(context.studio.host, family)
    sheet = HelpSheet(host, context, page)
    sheet.begin()
    if page is None:
        sheet.say(sheet.tr("The plugin of this model brings no page about it."))


def _read_picture(file: Path, room: int, ratio: float) -> QImage:
    """Read a picture for so much room in the width. For workers; raises `DataError`.

    One that is too wide is made for the pixels of the screen, so that it is sharp; a smaller one is left as it is.
    """
    picture = read_image(file)
    height, width, _ = picture.shape
    if width <= room:
        return qimage_from_array(picture)
    share = min(1.0, room * ratio / width)
    image = qimage_from_array(reduced(picture, round(max(height, width) * share)))
    image.setDevicePixelRatio(image.width() / room)
    return image
