"""Where the keys of a keyboard lead in a grid."""

from PySide6.QtCore import Qt


def goal_of(key: int, current: int, count: int, columns: int, page_rows: int) -> int | None:
    """Give the place that a key leads to from ``current``, or None for a key that leads nowhere.

    Sideways keys run on into the next row; up and down stay where there is no row.
    """
    last = count - 1
    page = max(1, page_rows) * columns
    steps = {
        Qt.Key.Key_Left: -1,
        Qt.Key.Key_Right: 1,
        Qt.Key.Key_Up: -columns,
        Qt.Key.Key_Down: columns,
        Qt.Key.Key_PageUp: -page,
        Qt.Key.Key_PageDown: page,
    }
    if last < 0:
        return None
    if key == Qt.Key.Key_Home:
        return 0
    if key == Qt.Key.Key_End:
        return last
    if key not in steps:
        return None
    if current < 0:
        return 0
    return _kept_inside(current, steps[Qt.Key(key)], columns, last)


def _kept_inside(current: int, step: int, columns: int, last: int) -> int:
    goal = current + step
    if abs(step) == 1:
        return min(max(goal, 0), last)
    if goal < 0:
        return current % columns
    if goal <= last:
        return goal
    # From the row above a short last row, down leads to the last picture.
    below = current // columns < last // columns
    return last if below else current
