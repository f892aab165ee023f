"""The tray of Explore, remembered with its run: the points alone, from which any state of the run draws pictures."""

import json
from collections.abc import Sequence
from typing import Any

from genstudio.core.errors import GenStudioError
from genstudio.core.files import write_whole
from genstudio.generation.points import Point, packed, unpacked
from genstudio.jobs.prompting import LONGEST
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.layout import tray_file

_MOST = 64
_MOST_BYTES = 40_000_000


def write_tray(ws: Workspace, run: str, points: Sequence[Point], current: int) -> None:
    """Keep the points of a run's tray. Nothing happens when the run is gone meanwhile, or a point is too large.

    It lies in the run's folder, so that it leaves with the run. Raises `DiskFullError`.
    """
    try:
        ws.project.run(run)
        document = {"format": 1, "current": current, "points": [_plain(point) for point in points[:_MOST]]}
    except GenStudioError:
        return
    path = ws.project.path(tray_file(run))
    make_folder(path.parent)
    with sentences(path):
        write_whole(path, [json.dumps(document).encode()])


def read_tray(ws: Workspace, run: str) -> tuple[list[Point], int]:
    """The points that were kept, and which of them was the current one; none when there is nothing to be trusted."""
    try:
        path = ws.project.path(tray_file(run))
        if path.stat().st_size > _MOST_BYTES:
            return [], 0
        document = json.loads(path.read_bytes())
        points = [_point(plain) for plain in document["points"][:_MOST]]
        current = int(document["current"])
    except Exception:  # gone, damaged or somebody else's: the tray begins anew
        return [], 0
    return points, min(max(current, 0), max(len(points) - 1, 0))


def _plain(point: Point) -> dict[str, Any]:
    plain = {**packed(point.latent), "label": point.label, "stream": list(point.stream), "about": point.about[:300]}
    return plain | ({"text": point.text} if point.text else {})


def _point(plain: dict[str, Any]) -> Point:
    seed, index = (int(number) for number in plain["stream"])
    label = None if plain["label"] is None else int(plain["label"])
    if not (0 <= seed < 2**32 and 0 <= index < 2**32):
        raise ValueError("a stream that cannot be")
    text = str(plain.get("text") or "")[:LONGEST] or None
    return Point(unpacked(plain), label, (seed, index), str(plain["about"])[:300], text)
