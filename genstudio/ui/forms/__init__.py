"""Forms made from the fields of a config."""

from genstudio.ui.forms.editors import RunOption, RunsFor
from genstudio.ui.forms.form import KnobsForm, no_runs

__all__ = ["KnobsForm", "RunOption", "RunsFor", "no_runs"]
