"""A document in Markdown, in the colours of the window. What it shows is given to it: it never opens a file itself."""

from collections.abc import Iterator

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget

from genstudio.ui.theme import GRID, token_colour
from genstudio.ui.views.image import CLEAR

_LINE_HEIGHT = 130.0
_IN_PER_CENT = 1  # QTextBlockFormat.ProportionalHeight, which Qt wants as a number
_LETTERS_A_LINE = 84
_NO_HTML = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML


class MarkdownView(QTextBrowser):
    """Shows Markdown without HTML. Links are not followed; `anchorClicked` and `highlighted` tell of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setCornerWidget(QWidget())
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.document().setDocumentMargin(2 * GRID)

    def show_text(self, text: str) -> None:
        """Show a document from its beginning."""
        document = self.document()
        document.setMarkdown(text, _NO_HTML)
        for block in _blocks(document):
            self._dress_block(block)
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                self._dress_table(frame)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)

    @property
    def room(self) -> int:
        """How wide a picture may be, in device-independent pixels."""
        line = QFontMetrics(self.font()).averageCharWidth() * _LETTERS_A_LINE
        return max(64, min(self.viewport().width() - 4 * GRID - GRID // 2, line))

    def show_picture(self, name: str, image: QImage, width: int) -> None:
        """Put a picture where the text names it, so wide in device-independent pixels."""
        self.document().addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), image)
        for fragment in list(_pictures(self.document(), name)):
            shape = fragment.charFormat().toImageFormat()
            shape.setWidth(width)
            shape.setHeight(round(width * image.height() / max(1, image.width())))
            self._cursor_on(fragment).setCharFormat(shape)

    def show_words_instead(self, name: str, words: str) -> None:
        """Put words where a picture should be."""
        for fragment in list(_pictures(self.document(), name)):
            quiet = QTextCharFormat()
            quiet.setFontItalic(True)
            quiet.setForeground(_colour("muted"))
            self._cursor_on(fragment).insertText(words, quiet)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever loaded from here; a picture is an empty one until it is brought."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        empty = QImage(1, 1, CLEAR)
        empty.fill(0)
        return empty

    def _dress_block(self, block: QTextBlock) -> None:
        cursor = QTextCursor(block)
        shape = block.blockFormat()
        fragments = list(_fragments(block))
        if _is_code(block):
            shape.setBackground(_colour("window"))
            shape.setBottomMargin(0 if _is_code(block.next()) else 1.5 * GRID)
        elif not any(fragment.charFormat().isImageFormat() for fragment in fragments):
            shape.setLineHeight(_LINE_HEIGHT, _IN_PER_CENT)
        if not _is_code(block) and cursor.currentTable() is None:
            shape.setTopMargin(2 * GRID if shape.headingLevel() > 1 else 0)
            shape.setBottomMargin(GRID // 2 if block.textList() else GRID)
        cursor.setBlockFormat(shape)
        for fragment in fragments:
            if fragment.charFormat().fontFixedPitch() and not _is_code(block):
                marked = QTextCharFormat()
                marked.setBackground(_colour("hover"))
                self._cursor_on(fragment).mergeCharFormat(marked)

    def _dress_table(self, table: QTextTable) -> None:
        shape = table.format()
        shape.setBorder(1)
        shape.setBorderCollapse(True)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setBorderBrush(_colour("strong_line"))
        shape.setCellPadding(6)
        shape.setCellSpacing(0)
        shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        shape.setTopMargin(GRID)
        shape.setBottomMargin(2 * GRID)
        table.setFormat(shape)

    def _cursor_on(self, fragment: QTextFragment) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(fragment.position())
        cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
        return cursor


def _colour(token: str) -> QColor:
    """A colour in the look of the application; the palette of a transparent widget does not tell dark from light."""
    return token_colour(QApplication.palette(), token)


def _is_code(block: QTextBlock) -> bool:
    shape = block.blockFormat()
    return shape.nonBreakableLines() or shape.hasProperty(QTextFormat.Property.BlockCodeFence.value)


def _pictures(document: QTextDocument, name: str) -> Iterator[QTextFragment]:
    for block in _blocks(document):
        for fragment in _fragments(block):
            if fragment.charFormat().isImageFormat() and fragment.charFormat().toImageFormat().name() == name:
                yield fragment


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    place = block.begin()
    while not place.atEnd():
        yield place.fragment()
        place += 1
