"""Everything there is to measure of a trained run: what it says of held-out pictures, and how good its own are."""

from collections.abc import Callable
from dataclasses import dataclass

from genstudio.core.errors import DataError, FamilyError
from genstudio.jobs.evaluating import evaluate_run
from genstudio.jobs.quality import SAMPLES, Quality, QualityRequest, measure_quality
from genstudio.jobs.watching import Told
from genstudio.jobs.workspace import Workspace

_HELDOUT_SHARE = 200  # of 1000


@dataclass(frozen=True)
class Assessment:
    """Figures of held-out pictures by name, and the quality of generated ones; `note` says why there is none."""

    figures: dict[str, float]
    quality: Quality | None
    note: str = ""


def assess_run(
    ws: Workspace,
    run: str,
    *,
    checkpoint: int | None = None,
    limit: int = 1000,
    samples: int = SAMPLES,
    seed: int = 0,
    progress: Told,
    cancelled: Callable[[], bool],
) -> Assessment:
    """Measure a run on at most `limit` held-out pictures, then on `samples` of its own (0: on none).

    A model that makes no pictures, or a dataset too small to compare them with, is no failure: the note says so. Raises
    like `evaluate_run` and `measure_quality` otherwise. Progress is told in thousandths.
    """

    def first(done: int, total: int) -> None:
        progress((_HELDOUT_SHARE if samples else 1000) * done // max(total, 1), 1000)

    def second(done: int, total: int) -> None:
        progress(_HELDOUT_SHARE + (1000 - _HELDOUT_SHARE) * done // max(total, 1), 1000)

    figures = evaluate_run(ws, run, checkpoint=checkpoint, limit=limit, progress=first, cancelled=cancelled)
    if not samples:
        return Assessment(figures, None, "No pictures were generated, so there are none to judge.")
    request = QualityRequest(run, checkpoint, samples, seed)
    try:
        return Assessment(figures, measure_quality(ws, request, progress=second, cancelled=cancelled))
    except (FamilyError, DataError) as error:
        return Assessment(figures, None, str(error))
