"""The parts of the gallery that need no widget: cells, choosing, keys, the cache of pictures."""

from collections.abc import Callable

import pytest
import shiboken6
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QImage

from genstudio.ui.views.gallery_keys import goal_of
from genstudio.ui.views.gallery_layout import GAP, MARGIN, GridLayout
from genstudio.ui.views.gallery_selection import Selection
from genstudio.ui.views.gallery_thumbs import ThumbnailCache

grids = st.builds(GridLayout, st.integers(0, 60), st.integers(1, 900), st.sampled_from([48, 128, 300]))


@settings(max_examples=200, deadline=None)
@given(grids, st.integers(-50, 1000), st.integers(-50, 3000))
def test_that_a_place_belongs_to_the_cell_that_holds_it(grid: GridLayout, x: int, y: int) -> None:
    holding = [index for index in range(grid.count) if grid.rect(index).contains(x, y)]
    assert grid.index_at(x, y) == (holding[0] if holding else None)


@settings(max_examples=200, deadline=None)
@given(grids, st.integers(-50, 3000), st.integers(0, 900))
def test_that_everything_seen_is_painted(grid: GridLayout, top: int, height: int) -> None:
    rows = grid.between(top, top + height)
    for index in range(grid.count):
        rect = grid.rect(index)
        if rect.bottom() >= top and rect.top() < top + height:
            assert index in rows
    assert len(rows) <= (height // grid.pitch + 2) * grid.columns


@settings(max_examples=200, deadline=None)
@given(grids, st.integers(-50, 900), st.integers(-50, 2000), st.integers(1, 900), st.integers(1, 900))
def test_that_a_band_holds_the_cells_it_touches(grid: GridLayout, x: int, y: int, width: int, height: int) -> None:
    band = QRect(x, y, width, height)
    touched = [index for index in range(grid.count) if grid.rect(index).intersects(band)]
    held = grid.inside(band)
    assert set(touched) <= set(held)
    grown = band.adjusted(-GAP, -GAP, GAP, GAP)
    assert all(grid.rect(index).intersects(grown) for index in held)


@given(st.integers(2, 500), st.integers(200, 3000), st.integers(48, 512))
def test_that_rows_fill_the_width_and_cells_only_grow(count: int, width: int, cell: int) -> None:
    grid = GridLayout(count, width, cell)
    right = MARGIN + grid.columns * grid.pitch - GAP
    assert right <= width - MARGIN or grid.columns == 1
    if grid.columns > 1:
        assert grid.edge >= cell
        assert width - MARGIN - right < grid.columns


def test_that_shift_extends_from_where_choosing_began() -> None:
    selection = Selection()
    selection.only(5)
    selection.extend(8)
    selection.extend(3)
    assert selection.chosen == {3, 4, 5}
    assert selection.current == 3
    selection.toggle(9)
    selection.toggle(4)
    assert selection.chosen == {3, 5, 9}


@settings(max_examples=200, deadline=None)
@given(st.sets(st.integers(0, 19)), st.integers(0, 19), st.integers(0, 20), st.integers(1, 10), st.booleans())
def test_that_the_choice_stays_with_the_pictures(
    chosen: set[int], current: int, first: int, count: int, coming: bool
) -> None:
    pictures = list(range(20))
    selection = Selection()
    selection.chosen, selection.current = set(chosen), current
    if coming:
        after: list[int] = [*pictures[:first], *[-1] * count, *pictures[first:]]
        selection.inserted(first, count)
    else:
        count = min(count, 20 - first)
        after = pictures[:first] + pictures[first + count :]
        selection.removed(first, count, len(after))
    assert {after[index] for index in selection.chosen} == chosen & set(after)
    assert -1 <= selection.current < len(after)
    if current in after:
        assert after[selection.current] == current


@pytest.mark.parametrize(
    ("key", "current", "goal"),
    [
        (Qt.Key.Key_Right, 3, 4),
        (Qt.Key.Key_Left, 0, 0),
        (Qt.Key.Key_Down, 1, 5),
        (Qt.Key.Key_Down, 7, 9),  # the last row is short
        (Qt.Key.Key_Down, 9, 9),
        (Qt.Key.Key_Up, 2, 2),
        (Qt.Key.Key_PageDown, 0, 8),
        (Qt.Key.Key_PageUp, 9, 1),
        (Qt.Key.Key_Home, 6, 0),
        (Qt.Key.Key_End, 6, 9),
        (Qt.Key.Key_Right, -1, 0),
        (Qt.Key.Key_X, 3, None),
    ],
)
def test_that_keys_lead_where_the_eye_expects(key: Qt.Key, current: int, goal: int | None) -> None:
    assert goal_of(key, current, count=10, columns=4, page_rows=2) == goal


class Provider:
    """Keeps requests until the test answers them."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[int, Callable[[str, int, QImage | None], None]]] = {}
        self.requests = 0

    def request(self, key: str, edge: int, deliver: Callable[[str, int, QImage | None], None]) -> None:
        self.asked[key] = (edge, deliver)
        self.requests += 1

    def forget(self, key: str, edge: int) -> None:
        del self.asked[key]

    def answer(self, key: str, image: QImage | None) -> None:
        edge, deliver = self.asked.pop(key)
        deliver(key, edge, image)


def picture(edge: int) -> QImage:
    image = QImage(edge, edge, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    return image


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_that_a_picture_is_asked_for_once(owner: QObject, provider: Provider) -> None:
    cache = ThumbnailCache(owner)
    cache.set_provider(provider)
    assert cache.picture("a", 100, False) is None
    assert cache.picture("a", 100, False) is None
    assert provider.requests == 1
    assert provider.asked["a"][0] == 128
    provider.answer("a", picture(128))
    shown = cache.picture("a", 100, False)
    assert shown is not None
    assert shown.size() == QSize(100, 100)
    assert cache.picture("a", 100, False) is shown


def test_that_larger_cells_ask_again_unless_the_picture_is_whole(owner: QObject, provider: Provider) -> None:
    cache = ThumbnailCache(owner)
    cache.set_provider(provider)
    for key, edge in (("large", 128), ("tiny", 16)):
        cache.picture(key, 100, False)
        provider.answer(key, picture(edge))
        assert cache.picture(key, 300, False) is not None
    assert list(provider.asked) == ["large"]
    assert provider.asked["large"][0] == 512


def test_that_requests_scrolled_away_are_dropped(owner: QObject, provider: Provider) -> None:
    cache = ThumbnailCache(owner)
    cache.set_provider(provider)
    for key in "abc":
        cache.picture(key, 64, False)
    cache.want_only({"c"})
    assert list(provider.asked) == ["c"]
    cache.picture("a", 64, False)
    assert set(provider.asked) == {"a", "c"}


def test_that_memory_stays_within_the_room_and_the_longest_unseen_goes(owner: QObject, provider: Provider) -> None:
    room = 10 * picture(128).sizeInBytes() + 10_000
    cache = ThumbnailCache(owner, room)
    cache.set_provider(provider)
    for number in range(40):
        cache.picture(str(number), 128, False)
        provider.answer(str(number), picture(128))
        assert cache.used <= room
        if number:
            assert cache.picture("0", 128, False) is not None
    requests = provider.requests
    cache.picture("39", 128, False)
    assert provider.requests == requests
    cache.picture("1", 128, False)
    assert provider.requests == requests + 1


def test_that_a_picture_that_cannot_be_made_is_not_asked_for_again(owner: QObject, provider: Provider) -> None:
    cache = ThumbnailCache(owner)
    cache.set_provider(provider)
    cache.picture("a", 64, False)
    provider.answer("a", None)
    assert cache.picture("a", 300, False) is None
    assert cache.failed("a")
    assert provider.requests == 1


def test_that_an_answer_after_the_end_is_harmless(provider: Provider) -> None:
    owner = QObject()
    cache = ThumbnailCache(owner)
    cache.set_provider(provider)
    cache.picture("a", 64, False)
    shiboken6.delete(owner)
    provider.answer("a", picture(64))
