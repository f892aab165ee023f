"""Which run pictures are made with, which of its checkpoints, and which label they have."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from genstudio.core import words
from genstudio.core.abilities import Ability
from genstudio.core.errors import GenStudioError
from genstudio.core.family import AnyFamily
from genstudio.plugins import PluginHost
from genstudio.ui.models.checkpoints import checkpoint_choices, left_behind
from genstudio.ui.pages.generate.requests import Trained
from genstudio.ui.pages.generate.tools import TOOLS
from genstudio.ui.widgets.fields import FieldRow
from genstudio.ui.widgets.numbers import ComboBox


class TrainedChoice(QObject):
    """The boxes to choose from, each with its row: `run_row`, `checkpoint_row`, `label_row`.

    `picked` carries the id of a run that a person picked; `changed` says that another run is chosen, by whomever.
    """

    picked = Signal(str)
    changed = Signal()

    def __init__(self, host: PluginHost, parent: QObject) -> None:
        super().__init__(parent)
        self._host = host
        self._trained: dict[str, Trained] = {}
        self.family: AnyFamily | None = None
        self._run = ComboBox(self.tr("Run"))
        self._checkpoint = ComboBox(self.tr("Checkpoint"))
        self._label = ComboBox(self.tr("Label"))
        self.run_row = FieldRow(self.tr("Run"), self._run, " ")
        self.label_row = FieldRow(self.tr("Label"), self._label)
        self.checkpoint_row = FieldRow(self.tr("Checkpoint"), self._checkpoint, " ")
        self._run.activated.connect(lambda _: self._run_picked())

    def show_trained(self, trained: Sequence[Trained]) -> None:
        """Offer these runs; the chosen one and its checkpoint stay chosen while they are there."""
        if list(trained) == list(self._trained.values()):
            return
        run, checkpoint = self.run(), self.checkpoint()
        self._trained = {one.record.id: one for one in trained}
        self._run.clear()
        for one in trained:
            self._run.addItem(one.record.name, one.record.id)
        self.choose(run if run in self._trained else self._first(), checkpoint)

    def count(self) -> int:
        """How many runs are offered."""
        return len(self._trained)

    def offers(self, run: str) -> bool:
        """Whether a run (by id) is among those offered."""
        return run in self._trained

    def run(self) -> str:
        """The id of the chosen run, empty while there is none."""
        return str(self._run.currentData() or "")

    def checkpoint(self) -> int | None:
        """The images seen of the chosen checkpoint; None: always the newest; `BEST`: always the best."""
        images_seen: int | None = self._checkpoint.currentData()
        return images_seen

    def label(self) -> str | None:
        """The chosen label; None: any."""
        label: str | None = self._label.currentData()
        return label

    def choose(self, run: str, checkpoint: int | None = None) -> None:
        """Generate with this run (by id), from its latest checkpoint or another."""
        self._run.setCurrentIndex(self._run.findData(run))
        trained = self._trained.get(self.run())
        self.family = self.family_of(self.run())
        self._show_checkpoints(trained, checkpoint)
        self.run_row.set_help(self._about(trained))
        self._show_labels()
        self.changed.emit()

    def choose_label(self, label: str | None) -> None:
        """Choose a label, or any where the run does not know it."""
        self._label.setCurrentIndex(max(self._label.findData(label), 0))

    def abilities(self, run: str | None = None) -> frozenset[Ability]:
        """What an offered run (by id; the chosen one) can do; nothing while its plugin is not here."""
        run = self.run() if run is None else run
        trained, family = self._trained.get(run), self.family_of(run)
        return frozenset() if trained is None or family is None else trained.abilities(family)

    def newest_with(self, ability: Ability) -> str:
        """The id of the newest offered run that can do something; empty where none can."""
        return next((run for run in self._trained if ability in self.abilities(run)), "")

    def labels(self) -> tuple[str, ...]:
        """The labels the chosen run can be asked for."""
        trained = self._trained.get(self.run())
        if self.family is None or Ability.CLASS_CONDITION not in self.abilities():
            return ()
        return self.family.seen(trained.spec).classes if trained and trained.spec else ()

    def family_of(self, run: str) -> AnyFamily | None:
        """The family of an offered run (by id); None while its plugin is not here."""
        trained = self._trained.get(run)
        try:
            return self._host.family(trained.record.family) if trained else None
        except GenStudioError:
            return None

    def _first(self) -> str:
        """The newest run that makes something, or else the newest; empty where there is none."""
        making = (run for run in self._trained if not self.abilities(run).isdisjoint(TOOLS))
        return next(making, next(iter(self._trained), ""))

    def _run_picked(self) -> None:
        self.choose(self.run())
        self.picked.emit(self.run())

    def _show_checkpoints(self, trained: Trained | None, chosen: int | None) -> None:
        self._checkpoint.clear()
        checkpoints = trained.checkpoints if trained else ()
        for title, value in checkpoint_choices(checkpoints):
            self._checkpoint.addItem(title, value)
        better = self.tr("Held-out pictures found an earlier state better than the newest: try it.")
        earlier = self.tr("An earlier checkpoint of a run draws differently.")
        self.checkpoint_row.set_help(better if left_behind(checkpoints) else earlier)
        self._checkpoint.setCurrentIndex(max(self._checkpoint.findData(chosen), 0))

    def _show_labels(self) -> None:
        before = self.label()
        self._label.clear()
        self._label.addItem(self.tr("Any"), None)
        for name in self.labels():
            self._label.addItem(name, name)
        self.choose_label(before)
        self.label_row.setVisible(bool(self.labels()))

    def _about(self, trained: Trained | None) -> str:
        if trained is None:
            return ""
        model = self.family.title if self.family else trained.record.family
        seen = words.count(trained.record.images_seen)
        return self.tr("{model} · {images} images").format(model=model, images=seen)
