"""A run's latent space as the window sees it: opened, surveyed and mapped bit by bit on the device's lane."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from genstudio.core.errors import Cancelled, ProjectClosedError
from genstudio.generation.latent_map import LatentMap, Layout
from genstudio.generation.points import Point
from genstudio.jobs.exploring import keep_points
from genstudio.jobs.latest import LatestWins
from genstudio.jobs.pace import Pace
from genstudio.jobs.space import LatentSpace
from genstudio.jobs.surveying import Source, Survey, Surveyor, map_of
from genstudio.store.records import SampleRecord
from genstudio.ui.activity import Work
from genstudio.ui.bridge import sentence_of
from genstudio.ui.context import Place, UiContext
from genstudio.ui.models.reading import Reader
from genstudio.ui.pages.explore.picks import Pick
from genstudio.ui.widgets.tones import Tone

T = TypeVar("T")
_KEY = "explore"
Shown = Callable[["Asked", NDArray[np.uint8]], None]


@dataclass(frozen=True, eq=False)
class Asked:
    """A picture that is wanted now: at which point, and for what."""

    point: Point
    tag: object = None


class Session(QObject):
    """One run at a time. Whatever comes back for one that was left meanwhile is dropped.

    words: what is drawn from now on, said to a model that draws by words; None for nothing.

    `opened` says that another space is there (or none, and the `problem` why, in a `tone`), `surveyed` that its
    pictures are, `mapped` that a layout is; `progressed` that `share` or `doing` changed.
    """

    opened = Signal()
    surveyed = Signal()
    mapped = Signal()
    progressed = Signal()

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self._context, self._reader = context, reader
        self._turn = self._look = 0
        self._wanted: set[Layout] = set()
        self._in_work: set[Layout] = set()
        self.run = ""
        self.words: str | None = None
        self.space: LatentSpace | None = None
        self.survey: Survey | None = None
        self.maps: dict[Layout, LatentMap] = {}
        self.share: float | None = None
        self.doing = self.problem = ""
        self.tone = Tone.BAD

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels of the surveyed pictures."""
        return self.survey.classes if self.survey is not None and self.survey.labels is not None else ()

    def open(self, run: str, checkpoint: int | None = None) -> None:
        """Open a state of a run (by id; None: the newest); what was open before is left."""
        self.leave()
        self.run = run
        self._report(self.tr("Opening the model"), None)
        future = self._context.studio.on_device(LatentSpace.open, self._context.workspace, run, checkpoint)
        self._context.bridge.ask(future, self._guarded(self._opened), self._guarded(self._not_opened))

    def leave(self) -> None:
        """Let go of everything; jobs that go on end at their next step."""
        self._turn += 1
        self._look += 1
        self.run, self.space, self.survey, self.maps, self.problem = "", None, None, {}, ""
        self._wanted, self._in_work = set(), set()
        self._report("", None)
        self.opened.emit()

    @property
    def outdated(self) -> bool:
        """Whether the surveyed pictures were made up by other words than those of now."""
        survey = self.survey
        return survey is not None and survey.source == "imagined" and survey.text != self.words

    def say(self, words: str | None) -> None:
        """Draw by these words from now on. Making pictures up by the words before ends."""
        self.words = words
        if self.space is not None and self.doing and not self.space.encodes_quickly:
            self._stop()

    def begin_survey(self, source: Source | None = None, *, anew: bool = False) -> None:
        """Find where the pictures lie, unless that is known (and not wanted `anew`) or under way."""
        known = self.survey is not None and source in (None, self.survey.source) and not anew
        if self.space is None or known or self.doing:
            return
        self.survey, self.maps = None, {}
        self._report(self.tr("Looking at the pictures"), 0.0)
        self._survey_on(Surveyor(self._context.workspace, self.space, source, text=self.words))

    def want_map(self, layout: Layout) -> None:
        """Draw a map of the survey, now or as soon as it is there."""
        if layout in self.maps:
            self.mapped.emit()
            return
        self._wanted.add(layout)
        if self.survey is not None and self.space is not None and layout not in self._in_work:
            self._wanted.discard(layout)
            self._in_work.add(layout)
            self._report(self.tr("Drawing the map"), 0.0)
            told = self._teller(self._context.bridge.newest(self._while_looking(self._mapping)))
            future = self._reader.read(map_of, self._context.workspace, self.space, self.survey, layout, told)
            mapped = self._while_looking(partial(self._mapped, layout))
            self._context.bridge.ask(future, mapped, self._while_looking(self._failed))

    def do(
        self,
        function: Callable[[LatentSpace], T],
        done: Callable[[T], None],
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Do something short with the space on the device's lane, then `done` here, if it is still this space."""
        space = self.space
        if space is not None:
            future = self._context.studio.on_device(function, space)
            self._context.bridge.ask(future, self._guarded(done), self._guarded(failed or self._context.toasts.problem))

    def live(self, shown: Shown) -> "LatestWins[Asked, NDArray[np.uint8]]":
        """Pictures for somebody who keeps changing the wish: only the newest is drawn, and `shown` here."""

        def work(asked: Asked) -> NDArray[np.uint8]:
            space = self.space
            if space is None:
                raise Cancelled
            picture: NDArray[np.uint8] = space.decode([asked.point])[0]
            return picture

        def failed(error: Exception) -> None:
            if not isinstance(error, Cancelled | ProjectClosedError):
                sentence = sentence_of(error)
                self._context.bridge.post(lambda: self._context.toasts.problem(sentence))

        return LatestWins(self._context.studio.on_device, work, self._context.bridge.newest(shown), failed)

    def keep(self, points: Sequence[Point], kept: Callable[[list[SampleRecord]], None]) -> None:
        """Keep the pictures at points as samples of the run."""
        workspace = self._context.workspace
        self.do(lambda space: keep_points(workspace, space, points), kept)

    def point_at(self, index: int) -> Point:
        """The point of a surveyed picture, drawn by the words of now."""
        from genstudio.jobs.surveying import point_at

        assert self.survey is not None and self.space is not None
        return point_at(self.survey, index, self.space.heeds_labels, self.about(index)).saying(self.words)

    def label_of(self, place: int) -> int | None:
        """The label of a picture of the dataset, if it was surveyed and has one."""
        survey = self.survey
        if survey is None or survey.source != "data" or survey.labels is None:
            return None
        found = np.flatnonzero(survey.indices == place)
        return int(survey.labels[found[0]]) if len(found) and survey.labels[found[0]] >= 0 else None

    def about(self, index: int) -> str:
        """What a surveyed picture is: its name and its label."""
        assert self.survey is not None
        return " · ".join(part for part in (self.survey.names[index], self.survey.label(index)) if part)

    def _opened(self, space: LatentSpace) -> None:
        self.space = space
        self._report("", None)
        self.opened.emit()

    def _not_opened(self, sentence: str, tone: Tone = Tone.BAD) -> None:
        self.problem, self.tone = sentence, tone
        self._report("", None)
        self.opened.emit()

    def _failed(self, sentence: str) -> None:
        self._in_work = set()
        self._report("", None)
        self._context.toasts.problem(sentence)

    def _survey_on(self, surveyor: Surveyor) -> None:
        future = self._context.studio.on_device(surveyor.step)
        answer = self._while_looking(partial(self._stepped, surveyor))
        self._context.bridge.ask(future, answer, self._while_looking(self._failed))

    def _stepped(self, surveyor: Surveyor, done: bool) -> None:
        if not done:
            self._report(self.doing, surveyor.done / max(surveyor.total, 1))
            self._survey_on(surveyor)
            return
        self.survey = surveyor.result
        self._report("", None)
        self.surveyed.emit()
        for layout in sorted(self._wanted):
            self.want_map(layout)

    def _mapping(self, done: int, total: int) -> None:
        if self.doing:
            self._report(self.doing, done / total)

    def _mapped(self, layout: Layout, found: LatentMap) -> None:
        self.maps[layout] = found
        self._in_work.discard(layout)
        self._report("", None)
        self.mapped.emit()

    def _teller(self, tell: Callable[[int, int], None]) -> Callable[[int, int], None]:
        """What the drawing of a map reports to; it ends when nobody waits for the map any more."""
        look = self._look

        def told(done: int, total: int) -> None:
            if look != self._look:
                raise Cancelled
            tell(done, total)

        return told

    def _guarded(self, function: Callable[..., None]) -> Callable[..., None]:
        """For what comes of the open space, until another is opened."""
        return _while_same(lambda: self._turn, function)

    def _while_looking(self, function: Callable[..., None]) -> Callable[..., None]:
        """For what comes of looking at the pictures or drawing the map, until somebody stops that."""
        return _while_same(lambda: self._look, function)

    def _stop(self) -> None:
        """End what is reported to go on: opening the model, or looking at the pictures and drawing the map.

        Whatever else was asked of an open space goes on: the parts wait for it. Showing the map again begins anew.
        """
        self._look += 1
        self._wanted, self._in_work = set(), set()
        if self.space is None:
            self._turn += 1
            said = self.tr("Opening the model was stopped. Choose its run again to open it.")
            self._not_opened(said, Tone.PLAIN)
        else:
            self._report("", None)

    def _report(self, doing: str, share: float | None) -> None:
        self.doing, self.share = doing, share
        if doing:
            self._context.activity.report(_KEY, Work(doing, share, Place.EXPLORE, self._stop))
        else:
            self._context.activity.done(_KEY)
        self.progressed.emit()


class Frames:
    """Draws many pictures, some at a time, for one part of the window; a later call ends an earlier one.

    As many are drawn at once as take about a tenth of a second, so that others get their turn on the lane.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pace = Pace()
        self._call = 0

    def draw(self, points: Sequence[Point], shown: Callable[[int, NDArray[np.uint8]], None]) -> None:
        """Draw the pictures at points; `shown` gets each lot and where it begins."""
        self._call += 1
        self._some(self._call, tuple(points), 0, shown)

    def end(self) -> None:
        """Draw no more."""
        self._call += 1

    def _some(
        self, call: int, points: tuple[Point, ...], start: int, shown: Callable[[int, NDArray[np.uint8]], None]
    ) -> None:
        some = points[start : start + self._pace.at_once]

        def draw(space: LatentSpace) -> NDArray[np.uint8]:
            with self._pace.timed(len(some)):
                return space.decode(some)

        def drawn(images: NDArray[np.uint8]) -> None:
            if call == self._call:
                shown(start, images)
                self._some(call, points, start + len(some), shown)

        if some:
            self._session.do(draw, drawn)


def drawn_picks(space: LatentSpace, points: Sequence[Point]) -> list[Pick]:
    """Points with their pictures. For the device's lane."""
    return [Pick(point, image) for point, image in zip(points, space.decode(points), strict=True)]


def given_pick(space: LatentSpace, picture: NDArray[np.uint8], label: int | None, about: str) -> Pick:
    """A picture found in the space, with the model's redrawing of it. For the device's lane."""
    point = space.project(picture, label, about)
    return Pick(point, space.decode([point])[0], picture)


def _while_same(number: Callable[[], int], function: Callable[..., None]) -> Callable[..., None]:
    """The function, which does nothing once the number is another one than now."""
    then = number()

    def call(*args: object) -> None:
        if number() == then:
            function(*args)

    return call
