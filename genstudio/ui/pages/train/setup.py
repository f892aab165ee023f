"""Before a run: what to learn from, with which family, turned how."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.core.config import FamilyConfig, FieldSpec
from genstudio.core.settings import RunSettings
from genstudio.jobs.able import able
from genstudio.store.records import DatasetRecord, RunRecord, RunStatus
from genstudio.ui.context import UiContext
from genstudio.ui.forms import RunOption
from genstudio.ui.models.reading import Reader
from genstudio.ui.models.strips import read_strip
from genstudio.ui.pages.train.datasets import STRIP, DatasetPicker
from genstudio.ui.pages.train.families import FamilyPicker
from genstudio.ui.pages.train.knobs import FamilyKnobs
from genstudio.ui.pages.train.run_knobs import RunKnobs
from genstudio.ui.pages.train.starting import StartFoot
from genstudio.ui.theme import GRID
from genstudio.ui.views.image import qimage_from_array
from genstudio.ui.widgets.buttons import Button, LinkButton
from genstudio.ui.widgets.cards import Notice, PageHeader, SectionHeader
from genstudio.ui.widgets.fields import SidePanel
from genstudio.ui.widgets.layouts import scrolling
from genstudio.ui.widgets.tones import Tone

if TYPE_CHECKING:
    from genstudio.store.project import Project

_FINISHED = (RunStatus.COMPLETED, RunStatus.STOPPED)


@dataclass(frozen=True)
class SetupLists:
    """What the project holds that a run can be made of."""

    datasets: tuple[DatasetRecord, ...]
    runs: tuple[RunRecord, ...]


@dataclass(frozen=True)
class Plan:
    """What a person chose: all that Start needs."""

    family: str
    config: FamilyConfig
    dataset: str
    settings: RunSettings
    name: str | None


def read_lists(project: "Project") -> SetupLists:
    """Read what a run can be made of. For workers."""
    return SetupLists(tuple(project.datasets()), tuple(project.runs()))


class SetupView(QWidget):
    """Data and family in the middle; `side` holds preset, knobs and Start. `start_wanted` carries a `Plan`.

    A run that was interrupted is offered first: `resume_wanted` and `show_wanted` carry its id.
    """

    start_wanted = Signal(object)
    resume_wanted = Signal(str)
    show_wanted = Signal(str)

    def __init__(self, context: UiContext, reader: Reader) -> None:
        super().__init__()
        self._context = context
        self._reader = reader
        self._lists = SetupLists((), ())
        self._knobs: dict[str, FamilyKnobs] = {}
        self._dataset = ""
        self._family = ""
        self._blocked = ""
        self._interrupted = ""
        self._strips: dict[str, list[QImage]] = {}
        self.side = SidePanel()
        self.back = LinkButton("")
        self.header = PageHeader(
            self.tr("New run"), self.tr("Choose what to learn from and how, then start."), self.back
        )
        self.resume = Button(self.tr("Resume"), icon_name="play")
        self.look = Button(self.tr("Show"), "quiet")
        self.interrupted = Notice("", Tone.PLAIN, self.look, self.resume)
        self.datasets = DatasetPicker()
        self.families = FamilyPicker(context.studio.host.families())
        self.learn_more = LinkButton("")
        self.run_knobs = RunKnobs()
        self.foot = StartFoot()
        self._panels = QVBoxLayout()  # only the chosen one is shown; a stack would be as high as its highest
        self._lay_out()
        self._connect()
        self._choose_first_family()

    def show_lists(self, lists: SetupLists) -> None:
        """Show what a run can be made of; what was chosen stays while it is there."""
        self._lists = lists
        self.datasets.show_datasets(lists.datasets)
        self.datasets.show_strips(self._strips)
        known = {dataset.id for dataset in lists.datasets}
        if self._dataset not in known:
            self._dataset = lists.datasets[-1].id if lists.datasets else ""
        self.choose_dataset(self._dataset)
        self._offer_interrupted()
        self._read_strips()

    def dataset_ids(self) -> list[str]:
        """The ids of what there is to learn from."""
        return [record.id for record in self._lists.datasets]

    def choose_dataset(self, dataset: str) -> None:
        """Learn from this dataset (by id)."""
        self._dataset = dataset
        self.datasets.choose(dataset)
        self.families.show_fit(record.spec if (record := self._record()) else None)
        for knobs in self._knobs.values():
            knobs.refill()
        self._refresh()

    def choose_family(self, family: str) -> None:
        """Train a model of this family (by name)."""
        self._family = family
        self.families.choose(family)
        chosen = self._knobs_of(family)
        for knobs in self._knobs.values():
            knobs.setVisible(knobs is chosen)
        self.learn_more.setText(self.tr("Learn more about {model}").format(model=chosen.family.title))
        self._refresh()

    def block(self, reason: str) -> None:
        """Say why nothing can be started now; an empty reason lets it."""
        self._blocked = reason
        self.resume.disable_because(reason)
        self._refresh()

    def start(self) -> None:
        """Start, if everything is as it must be."""
        self._refresh()
        config, settings = self._knobs[self._family].check(), self._settings()
        if config is not None and settings is not None and not self._reason():
            self.start_wanted.emit(Plan(self._family, config, self._dataset, settings, self.foot.name()))

    @property
    def knobs(self) -> FamilyKnobs:
        """The panel of the chosen family."""
        return self._knobs[self._family]

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(2 * GRID)
        column.addWidget(self.header)
        column.addWidget(self.interrupted)
        column.addWidget(SectionHeader(self.tr("Learn from")))
        column.addWidget(self.datasets)
        column.addSpacing(GRID)
        column.addWidget(SectionHeader(self.tr("Model"), "", self.learn_more))
        column.addWidget(self.families)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(content))
        self.side.column.addLayout(self._panels)
        self.side.column.addWidget(self.run_knobs)
        self.side.column.addStretch(1)
        self.side.foot.addWidget(self.foot)

    def _connect(self) -> None:
        self.datasets.chosen.connect(self.choose_dataset)
        self.families.chosen.connect(self.choose_family)
        self.learn_more.clicked.connect(self._open_help)
        self.foot.started.connect(self.start)
        self.resume.clicked.connect(lambda: self.resume_wanted.emit(self._interrupted))
        self.look.clicked.connect(lambda: self.show_wanted.emit(self._interrupted))
        self.foot.changed.connect(self._refresh)
        self.run_knobs.changed.connect(self._refresh)

    def _open_help(self) -> None:
        from genstudio.ui.dialogs.help import open_family_help

        open_family_help(self.window(), self._context, self._family)

    def _choose_first_family(self) -> None:
        from genstudio.jobs.shipped import beginners_first

        families = beginners_first(self._context.studio.host.families())
        if families:
            self.choose_family(families[0].name)

    def _knobs_of(self, name: str) -> FamilyKnobs:
        if name not in self._knobs:
            host = self._context.studio.host
            record = self._record()
            knobs = FamilyKnobs(host.family(name), host, record.spec if record else None, self._runs_for)
            knobs.changed.connect(self._refresh)
            self._knobs[name] = knobs
            self._panels.addWidget(knobs)
        return self._knobs[name]

    def _offer_interrupted(self) -> None:
        run = next((run for run in self._lists.runs if run.status is RunStatus.INTERRUPTED), None)
        self._interrupted = run.id if run else ""
        if run is None:
            self.interrupted.show_text("")
            return
        text = self.tr("“{run}” was interrupted at {seen} of {budget} images; what it saved is here.")
        seen, budget = words.count(run.images_seen), words.count(run.budget)
        self.interrupted.show_text(text.format(run=run.name, seen=seen, budget=budget), Tone.WARNING)

    def _refresh(self) -> None:
        if self._family:
            self.knobs.show_history(self._comparable())
            self.foot.suggest_name(self._usual_name())
        self.foot.block(self._reason())

    def _reason(self) -> str:
        record = self._record()
        if not self._family:
            return self.tr("No model is installed. Help ▸ Plugins says why.")
        if record is None:
            return self.tr("Choose what to learn from.")
        misfit = self.knobs.family.misfit(record.spec)
        if misfit is not None:
            return misfit
        if self.knobs.check() is None:
            return self.tr("A setting needs another value; it is marked above.")
        if self.foot.seed.seed() is None:
            return self.tr("A seed is a whole number from 0 to 4,294,967,295.")
        if self._settings() is None:
            return self.tr("A setting needs another value; it is marked above.")
        return self._blocked

    def _settings(self) -> RunSettings | None:
        seed = self.foot.seed.seed()
        return None if seed is None else self.run_knobs.settings(seed)

    def _usual_name(self) -> str:
        record = self._record()
        return f"{self.knobs.family.title} on {record.name}" if record else self.tr("Name of the run")

    def _record(self) -> DatasetRecord | None:
        return next((record for record in self._lists.datasets if record.id == self._dataset), None)

    def _comparable(self) -> Sequence[RunRecord]:
        """Former runs on pictures of the same size, newest first."""
        alike = self._alike()
        return [run for run in self._lists.runs if run.dataset in alike]

    def _alike(self) -> set[str]:
        """The datasets, by id, whose pictures have the size and colour mode of the chosen one's."""
        here = self._record()
        return {record.id for record in self._lists.datasets if here and record.spec.has_pictures_like(here.spec)}

    def _runs_for(self, field: FieldSpec) -> list[RunOption]:
        families = {family.name: family for family in self._context.studio.host.families()}
        specs, alike = {record.id: record.spec for record in self._lists.datasets}, self._alike()
        return [
            RunOption(run.id, run.name, family.title)
            for run in self._lists.runs
            if run.status in _FINISHED
            and (family := families.get(run.family)) is not None
            and field.ability in able(family, run.config, specs.get(run.dataset))
            and (not field.same_pictures or run.dataset in alike)
        ]

    def _read_strips(self) -> None:
        project = self._context.project
        missing = [record for record in self._lists.datasets if record.id not in self._strips]
        if project is not None and missing:
            future = self._reader.read(_read_strips, project, missing)
            self._context.bridge.ask(future, self._show_strips)

    def _show_strips(self, strips: dict[str, list[QImage]]) -> None:
        self._strips |= strips
        self.datasets.show_strips(strips)


def _read_strips(project: "Project", records: Sequence[DatasetRecord]) -> dict[str, list[QImage]]:
    return {record.id: _read_strip(project, record) for record in records}


def _read_strip(project: "Project", record: DatasetRecord) -> list[QImage]:
    pictures = read_strip(project.path(record.folder), record.spec, STRIP)
    return [qimage_from_array(picture) for picture in pictures]
