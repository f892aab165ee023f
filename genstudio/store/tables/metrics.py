"""Reports of runs: one row each, its numbers packed as little-endian doubles.

The numbers of a row are images seen, seconds, rate, memory and then the values, in the order of the names the row
refers to. Runs report the same names nearly always, so the names are kept once. A whole curve is read by one
statement that SQLite answers in one step, without Python's lock: a million reports take well under a second.
"""

import json
import sqlite3
import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from genstudio.store.records import MetricRow
from genstudio.store.tables import runs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Curve = tuple[NDArray[np.float64], NDArray[np.float64]]

_FIXED = 4  # images seen, seconds, rate, memory


def add(connection: sqlite3.Connection, run: str, rows: Sequence[MetricRow]) -> None:
    """Keep reports (again, for a report that is there) and move the run's clock and figures to the last one."""
    number = runs.number(connection, run)
    connection.executemany(
        "INSERT OR REPLACE INTO metric (run, images_seen, names, numbers) VALUES (?, ?, ?, ?)",
        [(number, row.images_seen, _names(connection, row.values), _pack(row)) for row in rows],
    )
    for row in rows[-1:]:
        changes = {"images_seen": row.images_seen, "seconds": row.seconds}
        figures = {name: value for report in rows for name, value in report.values.items()}
        runs.update(connection, run, {**changes, "figures": figures})


def since(connection: sqlite3.Connection, run: str, after: int) -> list[MetricRow]:
    """The reports later than `after` images, in order (all of them for -1)."""
    number = runs.number(connection, run)
    known = _known_names(connection, number)
    rows = connection.execute(
        "SELECT images_seen, names, numbers FROM metric WHERE run = ? AND images_seen > ? ORDER BY images_seen",
        (number, after),
    )
    return [_unpack(images_seen, known[names], numbers) for images_seen, names, numbers in rows]


def arrays(connection: sqlite3.Connection, run: str) -> "dict[str, Curve]":
    """Every series as (images seen, value), two float64 arrays in order; also "rate", "seconds" and "memory"."""
    number = runs.number(connection, run)
    parts: dict[str, list[Curve]] = {}
    for key, names in _known_names(connection, number).items():
        table = _table(connection, number, key, _FIXED + len(names))
        columns = dict(zip(("seconds", "rate", "memory", *names), table.T[1:], strict=True))
        for name, column in columns.items():
            parts.setdefault(name, []).append((table[:, 0], column))
    return {name: _joined(curves) for name, curves in parts.items()}


def truncate(connection: sqlite3.Connection, run: str, after: int) -> None:
    """Forget the reports later than `after` images: a resumed run makes them again."""
    number = runs.number(connection, run)
    connection.execute("DELETE FROM metric WHERE run = ? AND images_seen > ?", (number, after))


def _names(connection: sqlite3.Connection, values: Mapping[str, float]) -> int:
    text = json.dumps(list(values))
    row = connection.execute("SELECT number FROM metric_names WHERE names = ?", (text,)).fetchone()
    if row is None:
        row = connection.execute("INSERT INTO metric_names (names) VALUES (?) RETURNING number", (text,)).fetchone()
    return int(row[0])


def _known_names(connection: sqlite3.Connection, number: int) -> dict[int, list[str]]:
    used = "SELECT DISTINCT names FROM metric WHERE run = ?"
    rows = connection.execute(f"SELECT number, names FROM metric_names WHERE number IN ({used})", (number,))
    return {key: json.loads(text) for key, text in rows}


def _pack(row: MetricRow) -> bytes:
    numbers = (row.images_seen, row.seconds, row.rate, row.memory, *row.values.values())
    return struct.pack(f"<{len(numbers)}d", *numbers)


def _unpack(images_seen: int, names: Sequence[str], packed: bytes) -> MetricRow:
    numbers = struct.unpack(f"<{len(packed) // 8}d", packed)
    values = dict(zip(names, numbers[_FIXED:], strict=True))
    return MetricRow(images_seen, numbers[1], numbers[2], int(numbers[3]), values)


def _table(connection: sqlite3.Connection, number: int, names: int, width: int) -> "NDArray[np.float64]":
    import numpy as np

    rows = "SELECT numbers FROM metric WHERE run = ? AND names = ? ORDER BY images_seen"
    text = connection.execute(f"SELECT group_concat(hex(numbers), '') FROM ({rows})", (number, names)).fetchone()[0]
    return np.frombuffer(bytes.fromhex(text or ""), dtype="<f8").reshape(-1, width)


def _joined(curves: "list[Curve]") -> "Curve":
    import numpy as np

    x = np.concatenate([curve[0] for curve in curves])
    y = np.concatenate([curve[1] for curve in curves])
    if len(curves) > 1:
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    return x, y
