"""Reports come back as they were said, one by one or as whole curves, and quickly."""

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genstudio.store.project import Project
from genstudio.store.records import MetricRow
from tests.unit.store import makers

NUMBERS = st.floats(width=64)
VALUES = st.dictionaries(st.sampled_from(["loss", "heldout/loss", "ü <b>", "rate of x"]), NUMBERS, max_size=4)
ROWS = st.lists(
    st.builds(MetricRow, st.integers(0, 10**10), st.floats(0, 1e9), NUMBERS, st.integers(0, 2**50), VALUES),
    max_size=12,
    unique_by=lambda row: row.images_seen,
)


@given(rows=ROWS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_every_report_comes_back_bit_by_bit(project: Project, rows: list[MetricRow]) -> None:
    run = makers.run(project, f"r-{time.monotonic_ns()}")
    project.add_metrics(run.id, rows)
    rows = sorted(rows, key=lambda row: row.images_seen)
    for kept, said in zip(project.metrics(run.id), rows, strict=True):
        assert (kept.images_seen, kept.memory) == (said.images_seen, said.memory)
        np.testing.assert_equal(
            [kept.seconds, kept.rate, dict(kept.values)], [said.seconds, said.rate, dict(said.values)]
        )
    arrays = project.metric_arrays(run.id)
    for name in {name for row in rows for name in row.values}:
        x, y = arrays[name]
        np.testing.assert_array_equal(x, [row.images_seen for row in rows if name in row.values])
        np.testing.assert_array_equal(y, [row.values[name] for row in rows if name in row.values])
    if rows:
        np.testing.assert_array_equal(arrays["memory"][1], [row.memory for row in rows])


def test_that_a_report_said_again_takes_the_place_of_the_first(project: Project) -> None:
    run = makers.run(project)
    project.add_metrics(run.id, [makers.metric(5, loss=1.0), makers.metric(9, loss=2.0)])
    project.add_metrics(run.id, [makers.metric(9, loss=3.0, other=4.0)])
    assert [dict(row.values) for row in project.metrics(run.id)] == [{"loss": 1.0}, {"loss": 3.0, "other": 4.0}]
    assert [row.images_seen for row in project.metrics(run.id, since=5)] == [9]


def test_that_reports_after_a_resume_point_are_forgotten(project: Project) -> None:
    run = makers.run(project)
    project.add_metrics(run.id, [makers.metric(step) for step in (0, 10, 20, 30)])
    project.truncate_metrics(run.id, 20)
    assert [row.images_seen for row in project.metrics(run.id)] == [0, 10, 20]
    project.truncate_metrics(run.id, -1)
    assert project.metrics(run.id) == []
    assert project.metric_arrays(run.id) == {}


def test_that_the_run_carries_its_latest_figures_but_no_infinities(project: Project) -> None:
    run = makers.run(project)
    project.add_metrics(run.id, [makers.metric(1, loss=4.0, heldout=2.0), makers.metric(2, loss=3.0)])
    project.add_metrics(run.id, [makers.metric(3, loss=float("nan"))])
    project.set_run(run.id, figures={"bits": 1.5, "bad": float("inf")})
    assert project.run(run.id).figures == {"loss": 3.0, "heldout": 2.0, "bits": 1.5}


def test_that_runs_do_not_see_each_others_reports(project: Project) -> None:
    first, second = makers.run(project), makers.run(project, "vae-0002", "second")
    project.add_metrics(first.id, [makers.metric(1, loss=1.0)])
    project.add_metrics(second.id, [makers.metric(1, loss=2.0)])
    assert project.metric_arrays(second.id)["loss"][1].tolist() == [2.0]


@pytest.mark.parametrize("count", [50_000])
def test_that_a_long_history_loads_in_a_blink(project: Project, count: int) -> None:
    run = makers.run(project)
    project.add_metrics(run.id, [makers.metric(step, a=step, b=2.0, c=3.0) for step in range(count)])
    begin = time.perf_counter()
    arrays = project.metric_arrays(run.id)
    elapsed = time.perf_counter() - begin
    assert len(arrays["a"][0]) == count
    assert (arrays["a"][1] == arrays["a"][0]).all()
    assert elapsed < 2.0  # a million reports take 0.7 s on a quiet machine
