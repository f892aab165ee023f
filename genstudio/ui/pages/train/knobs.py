"""The panel in which a family is turned to one's liking: presets first, its knobs below."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from genstudio.core import words
from genstudio.core.config import FamilyConfig, missing_runs, parse
from genstudio.core.errors import ConfigError
from genstudio.core.family import AnyFamily
from genstudio.core.spec import DataSpec
from genstudio.plugins import PluginHost
from genstudio.store.records import RunRecord
from genstudio.ui.forms import KnobsForm, RunsFor
from genstudio.ui.panels import PanelContext, TrainingPanel
from genstudio.ui.theme import GRID
from genstudio.ui.widgets.buttons import LinkButton
from genstudio.ui.widgets.segments import Segments
from genstudio.ui.widgets.text import PlainLabel


class FamilyKnobs(QWidget):
    """Preset and knobs of one family. What a person turned stays turned when another preset is chosen.

    `changed` says that the preset or a value was turned.
    """

    changed = Signal()

    def __init__(self, family: AnyFamily, host: PluginHost, spec: DataSpec | None, runs: RunsFor) -> None:
        super().__init__()
        self.family = family
        self._runs = runs
        self._history: Sequence[RunRecord] = ()
        names = list(family.presets)
        self._preset = names[0]
        self._sentences = {
            "Draft": self.tr("A first impression, soon."),
            "Balanced": self.tr("Good pictures for a fair wait."),
            "Quality": self.tr("The best it can do, given time."),
        }
        options = [(name, name, self._sentences.get(name, "")) for name in names]
        self._presets = Segments(self.tr("Preset"), options, self._preset)
        self._estimate = PlainLabel("", "small", wrap=True)
        self.kept = LinkButton("", tip=self.tr("Set every value back to what the preset says"))
        self._panel = self._make_panel(host, spec)
        self._lay_out()
        self._presets.changed.connect(self._choose)
        self.kept.clicked.connect(self._drop_changes)
        self._panel.on_change(self._edited)
        self._refresh()

    @property
    def form(self) -> KnobsForm | None:
        """The form made from the config, or None when the family's plugin brings a panel of its own."""
        return self._panel if isinstance(self._panel, KnobsForm) else None

    def preset_button(self, preset: str) -> QPushButton:
        """The button of a preset."""
        return self._presets.button(preset)

    def check(self) -> FamilyConfig | None:
        """Return the config, or show beside the fields what is wrong with it and return None."""
        try:
            config: FamilyConfig = parse(self.family.config_type, self._panel.values())
        except ConfigError as error:
            self._panel.show_errors(error.fields)
            return None
        missing = missing_runs(config)
        self._panel.show_errors({field.name: self.tr("Choose a run here before you start.") for field in missing})
        return None if missing else config

    def show_config(self, config: FamilyConfig) -> None:
        """Start from these values, as when a run is to be made like another."""
        self._panel.show_config(config)
        self._refresh()

    def show_history(self, runs: Sequence[RunRecord]) -> None:
        """Learn from former runs how fast this computer is."""
        self._history = runs
        self._refresh()

    def refill(self) -> None:
        """Offer the runs there are by now, where a knob refers to one."""
        if isinstance(self._panel, KnobsForm):
            self._panel.refill()

    def _make_panel(self, host: PluginHost, spec: DataSpec | None) -> TrainingPanel:
        context = PanelContext(spec=spec, default_form=self._default_form)
        own = host.training_panel(self.family, context)
        panel = own if own is not None else self._default_form(self.family, self._preset_config())
        panel.show_config(self._preset_config())
        return panel

    def _default_form(self, _: AnyFamily, config: FamilyConfig) -> TrainingPanel:
        return KnobsForm(config, runs=self._runs)

    def _preset_config(self) -> FamilyConfig:
        config: FamilyConfig = self.family.presets[self._preset]
        return config

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(PlainLabel(self.tr("Preset")))
        column.addWidget(self._presets)
        column.addWidget(self._estimate)
        column.addWidget(self.kept)
        column.addSpacing(2 * GRID)
        column.addWidget(self._panel.widget, 1)

    def _choose(self, preset: str) -> None:
        changes = self._changes()
        self._preset = preset
        self._panel.show_config(self._preset_config())
        if changes and isinstance(self._panel, KnobsForm):
            self._panel.turn(changes)
        elif changes:
            self._panel.show_config(self._preset_config().model_copy(update=changes))
        self._edited()

    def _drop_changes(self) -> None:
        self._panel.show_config(self._preset_config())
        self._edited()

    def _changes(self) -> dict[str, object]:
        preset = self._preset_config().model_dump()
        return {name: value for name, value in self._panel.values().items() if value != preset.get(name)}

    def _edited(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        count = len(self._changes())
        text = self.tr("One value of yours differs. Back to the preset")
        many = self.tr("{count} values of yours differ. Back to the preset").format(count=count)
        self.kept.setText(text if count == 1 else many)
        self.kept.setVisible(count > 0)
        self._estimate.setText(self._estimate_text())

    def _estimate_text(self) -> str:
        about = self._sentences.get(self._preset, "")
        try:
            config = parse(self.family.config_type, self._panel.values())
        except ConfigError:
            return about
        images = self.tr("{images} images").format(images=words.count(config.images))
        rate = rate_of(self.family, config, self._history)
        if rate is None:
            return f"{about} {images}.".strip()
        time = words.duration(roughly(config.images / rate))
        return f"{about} {self.tr('{images}, about {time} here.').format(images=images, time=time)}".strip()


def rate_of(family: AnyFamily, config: FamilyConfig, runs: Sequence[RunRecord]) -> float | None:
    """Images per second of the latest run with the same knobs (but for its length), or None when there was none."""
    wanted = _without_length(config.model_dump(mode="json"))
    for run in runs:
        same = run.family == family.name and _without_length(dict(run.config)) == wanted
        if same and run.seconds > 1 and run.images_seen:
            return run.images_seen / run.seconds
    return None


def roughly(seconds: float) -> float:
    """Round a length of time as people do who cannot know it exactly."""
    grain = 5 if seconds < 60 else 30 if seconds < 300 else 60 if seconds < 3600 else 300
    return max(round(seconds / grain), 1) * grain


def _without_length(config: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in config.items() if name != "images"}
