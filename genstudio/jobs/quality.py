"""How good the pictures of a trained run are, and whether they are copies; kept with the run."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypedDict

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from genstudio.core.abilities import Ability
from genstudio.core.errors import FamilyError
from genstudio.core.files import write_whole
from genstudio.jobs.copies import Bench, Verdict, make_bench
from genstudio.jobs.keeping import device_of
from genstudio.jobs.loading import load
from genstudio.jobs.sheets import columns_for, read_sheet, write_sheet
from genstudio.jobs.shelf import Loaded
from genstudio.jobs.watching import Told, Watcher
from genstudio.jobs.workspace import Workspace
from genstudio.store.files import make_folder, sentences
from genstudio.store.layout import quality_file
from genstudio.store.project import Project

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.evaluation.copies import Matches
    from genstudio.evaluation.quality import Division
    from genstudio.training.learner import Watch

SAMPLES = 500
PREFIX = "quality/"
"""What stands before the names of these figures among a run's figures."""

_BATCH = 64
_PAIRS = 24
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class QualityRequest:
    """Which run to measure, at which of its checkpoints (None: the newest), with how many pictures from which seed."""

    run: str
    checkpoint: int | None = None
    samples: int = SAMPLES
    seed: int = 0


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figures(_Record):
    """See `genstudio.evaluation.quality.Likeness`; `levels` by the side of a level in pixels."""

    precision: float = Field(ge=0, le=1)
    recall: float = Field(ge=0, le=1)
    density: float = Field(ge=0)
    coverage: float = Field(ge=0, le=1)
    kernel: float
    sliced: float = Field(ge=0)
    levels: dict[int, float]


class Pair(_Record):
    """A generated picture, by its index, and the training picture nearest to it; see `Verdict` and `Neighbour`."""

    index: int
    near: bool
    place: int
    name: str
    distance: float
    ratio: float
    mirrored: bool


class Copies(_Record):
    """Near copies among the generated pictures.

    share: of all of them. expected: the share of the dataset's own pictures that would be called near copies of others.
    usual: the median distance of those to their nearest, in levels of 255. pairs: the nearest ones, most suspicious
    first; their pictures lie in a sheet beside this record.
    """

    near: int = Field(ge=0)
    share: float = Field(ge=0, le=1)
    expected: float = Field(ge=0, le=1)
    usual: float
    pairs: tuple[Pair, ...] = Field(max_length=_PAIRS)


class Quality(_Record):
    """All that was measured of a run at one checkpoint.

    samples: pictures generated; `captions` of them were drawn by a caption of the reference. compared: of them and of
    the reference, in `figures`; `unseen` of the reference were never trained on. usual: the same figures of as many
    real pictures that are not in the reference.
    """

    format: int = 1
    images_seen: int
    checkpoint: str
    fingerprint: str
    features: str
    seed: int
    samples: int
    compared: int
    unseen: int
    figures: Figures
    usual: Figures
    copies: Copies
    sampling_seconds: float
    measuring_seconds: float
    captions: int = Field(default=0, ge=0)


class _Compared(TypedDict):
    features: str
    compared: int
    unseen: int
    figures: Figures
    usual: Figures


def measure_quality(
    ws: Workspace, request: QualityRequest, *, progress: Told, cancelled: Callable[[], bool]
) -> Quality:
    """Generate pictures with a run and compare them with its dataset; what comes of it is kept with the run.

    The same checkpoint, seed and count give the same figures. A run that draws by words is given the captions of the
    pictures it is compared with, held-out ones first. Raises `FamilyError` for a model that cannot generate pictures
    from nothing, `DataError` for a dataset that is too small or gone, `CheckpointError`, `Cancelled`.
    """
    from genstudio.evaluation.quality import divide

    record = ws.project.run(request.run)
    loaded = load(ws, record.id, request.checkpoint)
    if Ability.SAMPLE not in loaded.abilities:
        raise FamilyError(f"{loaded.family.title} makes no pictures from nothing, so there are none to judge.")
    stages = _stages(progress)
    began = time.monotonic()
    bench = make_bench(ws, record.id, next(stages), cancelled)
    division = divide(bench.training, bench.heldout, bench.dataset.fingerprint, request.samples)
    texts = _captions(loaded, bench, division, request.samples)
    prepared = time.monotonic()
    pixels = _generated(loaded, request, texts, next(stages), cancelled)
    generated = time.monotonic()
    matches = bench.finder.match(pixels, watch=Watcher(len(pixels), next(stages), cancelled))
    compared = _compared(bench, division, pixels, Watcher(4, next(stages), cancelled))
    quality = Quality(
        images_seen=loaded.checkpoint.images_seen,
        checkpoint=loaded.checkpoint.sha256,
        fingerprint=bench.dataset.fingerprint,
        seed=request.seed,
        samples=len(pixels),
        **compared,
        copies=_copies(bench, matches),
        sampling_seconds=generated - prepared,
        measuring_seconds=prepared - began + time.monotonic() - generated,
        captions=sum(bool(text.strip()) for text in texts or ()),
    )
    _keep(ws.project, record.id, quality, bench, pixels)
    return quality


def read_quality(project: Project, run: str) -> Quality | None:
    """What was measured of a run (by id) last, or None."""
    path = project.path(quality_file(run, "quality.json"))
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        return Quality.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def read_pairs(project: Project, run: str, quality: Quality) -> "list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]":
    """The pictures of the pairs: generated and nearest training picture, uint8 (H, W, C). Raises `DataError`."""
    count = 2 * len(quality.copies.pairs)
    if not count:
        return []
    pictures = read_sheet(project.path(quality_file(run, "pairs.png")), count, columns_for(count))
    return [(pictures[at], pictures[at + 1]) for at in range(0, count, 2)]


def _stages(progress: Told) -> Iterator[Told]:
    """One after the other, what tells of a stage as a share of the whole, in thousandths."""
    for begin, end in pairwise((0, 200, 700, 850, 1000)):
        yield _stage(progress, begin, end)


def _stage(progress: Told, begin: int, end: int) -> Told:
    return lambda done, total: progress(begin + (end - begin) * done // max(total, 1), 1000)


def _captions(loaded: Loaded, bench: Bench, division: "Division", count: int) -> list[str] | None:
    """The captions of the pictures a run is compared with, again from the first where there are fewer."""
    captions = bench.dataset.captions
    if captions is None or Ability.TEXT_CONDITION not in loaded.abilities:
        return None
    places = division.reference.tolist()
    return [captions[places[index % len(places)]] for index in range(count)]


def _generated(
    loaded: Loaded,
    request: QualityRequest,
    texts: list[str] | None,
    progress: Told,
    cancelled: Callable[[], bool],
) -> "NDArray[np.uint8]":
    """Generated pictures, uint8 (N, C, H, W), each by its text where there are any."""
    import numpy as np

    from genstudio.generation.sample import sample

    chunks = sample(
        loaded.learner,
        seed=request.seed,
        count=request.samples,
        batch=_BATCH,
        options=loaded.family.sampling_type(),
        label=None,
        device=device_of(loaded),
        watch=Watcher(request.samples, progress, cancelled),
        text=texts,
    )
    return np.concatenate([chunk.images for chunk in chunks]).transpose(0, 3, 1, 2)


def _compared(bench: Bench, division: "Division", pixels: "NDArray[np.uint8]", watch: "Watch") -> "_Compared":
    from genstudio.evaluation.appearance import as_seen
    from genstudio.evaluation.features import NAME, Features
    from genstudio.evaluation.parts import part_of
    from genstudio.evaluation.quality import measure_likeness

    memory = bench.dataset.memory
    reference, control = memory[division.reference], memory[division.control]
    features = Features.fit(as_seen(memory[division.others]))
    figures = measure_likeness(pixels[: division.count], reference, features, watch=part_of(watch, 0, 4))
    usual = measure_likeness(control, reference, features, watch=part_of(watch, 2, 4))
    return {
        "features": NAME,
        "compared": division.count,
        "unseen": division.unseen,
        "figures": Figures(**asdict(figures)),
        "usual": Figures(**asdict(usual)),
    }


def _copies(bench: Bench, matches: "Matches") -> Copies:
    verdicts = bench.verdicts(matches)
    order = sorted(range(len(verdicts)), key=lambda index: (not verdicts[index].near, verdicts[index].ratio))
    near = sum(verdict.near for verdict in verdicts)
    return Copies(
        near=near,
        share=near / len(verdicts),
        expected=bench.yardstick.expected,
        usual=bench.yardstick.usual,
        pairs=tuple(_pair(index, verdicts[index]) for index in order[:_PAIRS]),
    )


def _pair(index: int, verdict: Verdict) -> Pair:
    nearest = verdict.neighbours[0]
    return Pair(
        index=index,
        near=verdict.near,
        place=nearest.place,
        name=nearest.name,
        distance=nearest.distance,
        ratio=verdict.ratio,
        mirrored=nearest.mirrored,
    )


def _keep(project: Project, run: str, quality: Quality, bench: Bench, pixels: "NDArray[np.uint8]") -> None:
    """The sheet first, then the record that speaks of it, then the figures by which runs are compared."""
    import numpy as np

    pictures = [
        picture
        for pair in quality.copies.pairs
        for picture in (pixels[pair.index].transpose(1, 2, 0), bench.picture(pair.place, pair.mirrored))
    ]
    write_sheet(project.path(quality_file(run, "pairs.png")), np.stack(pictures))
    path = project.path(quality_file(run, "quality.json"))
    make_folder(path.parent)
    with sentences(path):
        write_whole(path, [quality.model_dump_json(indent=1).encode()])
    project.set_run(run, figures=table_figures(quality))


def table_figures(quality: Quality) -> dict[str, float]:
    """The figures by which runs are compared, by the names under which a run keeps them."""
    figures = quality.figures
    found = {
        "sliced": figures.sliced,
        "precision": figures.precision,
        "recall": figures.recall,
        "density": figures.density,
        "coverage": figures.coverage,
        "kernel": figures.kernel,
        "copies": quality.copies.share,
        "samples": quality.samples,
        "images_seen": quality.images_seen,
    }
    return {PREFIX + name: float(value) for name, value in found.items()}
