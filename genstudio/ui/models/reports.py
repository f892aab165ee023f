"""Reports of runs that wait to be drawn, series by series."""

from dataclasses import dataclass, field

from genstudio.core.events import Metric


@dataclass
class Reports:
    """What was reported since it was last taken. Taking in many at once costs little more than taking in one."""

    _waiting: list[Metric] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, metric: Metric) -> None:
        """Add a report."""
        self._waiting.append(metric)

    def take(self) -> dict[tuple[str, str], tuple[list[int], list[float]]]:
        """Take all: of every (run, series) its images seen and its values, in the order they came."""
        waiting, self._waiting = self._waiting, []
        found: dict[tuple[str, str], tuple[list[int], list[float]]] = {}
        for metric in waiting:
            for name, value in metric.values.items():
                images, values = found.setdefault((metric.run, name), ([], []))
                images.append(metric.images_seen)
                values.append(value)
        return found
