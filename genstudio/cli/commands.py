"""Commands about the studio itself: window, families, plugins, check, import."""

import argparse
import sys

from genstudio.cli import window
from genstudio.cli.console import Answer, Console, table
from genstudio.cli.workspaces import load_host, workspace
from genstudio.core.family import AnyFamily
from genstudio.data.importing import ImportReport
from genstudio.data.options import ImportOptions
from genstudio.data.preview import suggest_options
from genstudio.jobs.importing import import_dataset, resolve_source
from genstudio.store.records import DatasetRecord


def open_window(arguments: argparse.Namespace, _console: Console) -> Answer | None:
    """Open the window. Raises `GenStudioError` where there is no display."""
    sys.exit(window.open_window(arguments.project))


def list_families(_arguments: argparse.Namespace, _console: Console) -> Answer:
    """Answer with every family that could be loaded."""
    families = load_host().families()
    rows = [("NAME", "WHAT IT IS", "TAXONOMY", "ABILITIES")]
    rows += [(f.name, f.title, f.taxonomy.value, ", ".join(sorted(f.abilities))) for f in families]
    return Answer(table(rows), {"families": [_family_document(family) for family in families]})


def _family_document(family: AnyFamily) -> dict[str, object]:
    return {
        "name": family.name,
        "title": family.title,
        "summary": family.summary,
        "taxonomy": family.taxonomy.value,
        "abilities": sorted(family.abilities),
        "presets": {name: config.model_dump() for name, config in family.presets.items()},
        "series": [{"name": s.name, "title": s.title, "unit": s.unit} for s in family.series],
    }


def list_plugins(_arguments: argparse.Namespace, _console: Console) -> Answer:
    """Answer with every plugin found, loaded or not."""
    reports = load_host().reports()
    rows = [("NAME", "STATE", "FAMILIES", "FROM", "PROBLEM")]
    rows += [(r.name, r.state, ", ".join(r.families), r.origin, r.problem) for r in reports]
    document = [
        {"name": r.name, "version": r.version, "origin": r.origin, "state": r.state, "problem": r.problem,
         "families": list(r.families)}
        for r in reports
    ]  # fmt: skip
    return Answer(table(rows), {"plugins": document})


def check(arguments: argparse.Namespace, console: Console) -> Answer:
    """Run the conformance suite on one family; the exit code says whether it passed."""
    from genstudio.testing import check_family

    family = load_host().family(arguments.family)
    report = check_family(family, progress=lambda name: console.say(f"… {name}"))
    rows = [("", "CHECK", "DETAIL")]
    rows += [("ok" if c.passed else "FAILED", c.name, c.detail) for c in report.checks]
    document = {
        "family": family.name,
        "passed": report.passed,
        "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in report.checks],
    }
    return Answer(table(rows), document, exit_code=0 if report.passed else 1)


def import_source(arguments: argparse.Namespace, console: Console) -> Answer:
    """Import pictures into a project, which is made if it is not there."""
    with workspace(arguments.project, create=True) as ws:
        record, report = import_dataset(
            ws,
            arguments.source,
            chosen_options(arguments, arguments.source),
            arguments.name,
            console.progress,
            lambda: False,
        )
    return Answer(_import_text(record, report), import_document(record, report))


def chosen_options(arguments: argparse.Namespace, source: str) -> ImportOptions:
    """Start from what suits the source and change what the arguments say."""
    size = {"width": arguments.size, "height": arguments.size} if arguments.size else {}
    named = ("width", "height", "fit", "mode", "background")
    changes = size | {name: value for name in named if (value := getattr(arguments, name)) is not None}
    return suggest_options(resolve_source(source)).replaced(changes)


def import_document(record: DatasetRecord, report: ImportReport) -> dict[str, object]:
    """Describe an import for programs."""
    return {
        "dataset": record.name,
        "id": record.id,
        "fingerprint": record.fingerprint,
        "imported": report.imported,
        "refused": [{"file": refused.file, "reason": refused.reason} for refused in report.refused],
        "duplicates": [list(pair) for pair in report.duplicates],
        "near_duplicates": [list(pair) for pair in report.near_duplicates],
        "spec": record.spec.model_dump(mode="json"),
    }


def _import_text(record: DatasetRecord, report: ImportReport) -> str:
    spec = record.spec
    lines = [
        f"Imported {report.imported:,} pictures as “{record.name}” ({spec.width}×{spec.height}, "
        f"{spec.channels} channels, {len(spec.classes)} labels)."
    ]
    if report.refused:
        lines.append(f"Refused {len(report.refused):,}:")
        lines.append(table([("FILE", "WHY"), *((r.file, r.reason) for r in report.refused)]))
    if report.duplicates or report.near_duplicates:
        lines.append(f"{len(report.duplicates):,} exact and {len(report.near_duplicates):,} near duplicates.")
    return "\n".join(lines)
