"""Commands about the quality of what a run makes."""

import argparse
from typing import Any

from genstudio.cli.console import Answer, Console, table
from genstudio.cli.workspaces import project_of_run, run_name, workspace
from genstudio.core import words
from genstudio.core.family import AnyFamily
from genstudio.jobs.assessing import Assessment
from genstudio.jobs.quality import Quality, read_quality, table_figures
from genstudio.jobs.quality_words import MEASURES, basis, sentences
from genstudio.store.records import RunRecord


def assessment_answer(record: RunRecord, family: AnyFamily, found: Assessment) -> Answer:
    """Describe what was measured of a run."""
    units = {series.name: series.unit for series in family.series}
    rows = [("FIGURE", "VALUE", "UNIT")]
    rows += [(name, words.figure(value), units.get(name, "")) for name, value in found.figures.items()]
    lines = [table(rows), ""]
    lines += [found.note] if found.quality is None else _lines(found.quality)
    document = {"run": record.id, "figures": found.figures, "quality": None, "note": found.note}
    if found.quality is not None:
        document["quality"] = found.quality.model_dump(mode="json")
    return Answer("\n".join(lines), document)


def _lines(quality: Quality) -> list[str]:
    values, usual = quality.figures.model_dump(), quality.usual.model_dump()
    values["copies"], usual["copies"] = quality.copies.share, quality.copies.expected
    rows = [("QUALITY", "GENERATED", "REAL")]
    rows += [(one.title, one.written(values[one.name]), one.written(usual[one.name])) for one in MEASURES]
    rows += [
        (f"  at {side} pixels", words.figure(value), words.figure(quality.usual.levels[side]))
        for side, value in quality.figures.levels.items()
    ]
    return [table(rows), "", *sentences(quality), basis(quality), f"Features: {quality.features}."]


def compare(arguments: argparse.Namespace, _console: Console) -> Answer:
    """Put what was measured of several runs side by side; only figures of the same pictures may be compared."""
    with workspace(project_of_run(arguments.targets[0], arguments.project)) as ws:
        records = [ws.project.run(run_name(target)) for target in arguments.targets]
        found = [(record, read_quality(ws.project, record.id)) for record in records]
    rows = [("RUN", "FAMILY", "IMAGES SEEN", *(one.title.upper() for one in MEASURES), "SAMPLES")]
    rows += [_row(record, quality) for record, quality in found]
    document = {"runs": [_document(record, quality) for record, quality in found]}
    return Answer("\n".join([table(rows), *_warnings([quality for _, quality in found])]), document)


def _row(record: RunRecord, quality: Quality | None) -> tuple[str, ...]:
    if quality is None:
        return (record.name, record.family, *("–" for _ in MEASURES), "–", "–")
    figures = table_figures(quality)
    values = (one.written(figures[f"quality/{one.name}"]) for one in MEASURES)
    return (record.name, record.family, words.count(quality.images_seen), *values, words.count(quality.samples))


def _warnings(found: list[Quality | None]) -> list[str]:
    measured = [quality for quality in found if quality is not None]
    lines = ["A run without figures was not measured yet: genstudio evaluate RUN."] if None in found else []
    if len({(one.fingerprint, one.features, one.compared) for one in measured}) > 1:
        lines.append("These figures are of different datasets, features or numbers of pictures; do not compare them.")
    if len({bool(one.captions) for one in measured}) > 1:
        lines.append("Runs that draw by words were given captions of your pictures, the others nothing.")
    return lines


def _document(record: RunRecord, quality: Quality | None) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "family": record.family,
        "quality": None if quality is None else quality.model_dump(mode="json"),
    }
