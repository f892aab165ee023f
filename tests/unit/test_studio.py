"""The studio wires plugins, project and lanes, refuses what cannot be done now, and always ends."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from genstudio.core.errors import GenStudioError, ProjectError
from genstudio.core.events import Event, Finished, Metric, Outcome
from genstudio.jobs.generating import GenerateRequest, generate
from genstudio.jobs.watching import never, untold
from genstudio.plugins import PluginHost
from genstudio.store.project import Project
from genstudio.store.records import RunStatus
from genstudio.studio import Studio, Training
from tests import workshop


@pytest.fixture(scope="module")
def host() -> PluginHost:
    return workshop.load_host()


@pytest.fixture
def studio(host: PluginHost) -> Iterator[Studio]:
    made = Studio(host)
    yield made
    assert made.close(20)


def with_run(studio: Studio, folder: Path, images: int) -> str:
    """A project with one run."""
    studio.create_project(folder / "project")
    dataset = workshop.import_pictures(studio.workspace, workshop.paint_pictures(folder / "pictures"))
    return workshop.make_run(studio.workspace, dataset.id, images=images).id


class Heard:
    """A sink that can be waited on."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, kind: type[Event]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: any(isinstance(event, kind) for event in self.events), 20)


def begun(studio: Studio, run: str) -> tuple[Training, Heard]:
    """A training that has made its first report."""
    heard = Heard()
    training = studio.start_training(run, heard)
    heard.wait_for(Metric)
    return training, heard


def test_that_without_a_project_there_is_a_sentence(studio: Studio) -> None:
    assert studio.project is None
    with pytest.raises(ProjectError, match="No project is open"):
        _ = studio.workspace
    with pytest.raises(ProjectError, match="No project is open"):
        studio.start_training("x", lambda _: None)


def test_that_opening_another_project_closes_the_first(studio: Studio, tmp_path: Path) -> None:
    first = studio.create_project(tmp_path / "first")
    second = studio.create_project(tmp_path / "second")
    assert studio.project is second
    assert studio.open_project(tmp_path / "second" / "project.gsproj") is second
    Project.open(tmp_path / "first").close()
    with pytest.raises(ProjectError, match="no project in"):
        studio.open_project(tmp_path / "nothing")
    assert studio.project is second
    assert second.runs() == []
    with pytest.raises(ProjectError, match="closed"):
        first.runs()


def test_that_a_run_trains_on_the_device_lane(studio: Studio, tmp_path: Path) -> None:
    run = with_run(studio, tmp_path, images=320)
    heard = Heard()
    training = studio.start_training(run, heard)
    assert training.future.result(30).outcome is Outcome.COMPLETED
    assert isinstance(heard.events[-1], Finished)
    assert studio.training is None


def test_that_a_second_training_is_refused_until_the_first_ended(studio: Studio, tmp_path: Path) -> None:
    run = with_run(studio, tmp_path, images=10**8)
    training, _ = begun(studio, run)
    assert studio.training == training
    with pytest.raises(GenStudioError, match="“Eigenpictures on waves” is training"):
        studio.start_training(run, lambda _: None)
    assert studio.stop_training()
    assert training.future.result(0).outcome is Outcome.STOPPED
    assert studio.workspace.project.latest_checkpoint(run) is not None


def test_that_pictures_are_generated_between_the_steps_of_a_training(studio: Studio, tmp_path: Path) -> None:
    run = with_run(studio, tmp_path, images=10**8)
    training, heard = begun(studio, run)
    training.control.save_now()
    workspace = studio.workspace
    while workspace.project.latest_checkpoint(run) is None:
        time.sleep(0.01)
    request = GenerateRequest(run, None, 4, 1, 4)

    def draw() -> list[str]:
        made = generate(workspace, request, progress=untold, on_samples=lambda _: None, cancelled=never)
        return [sample.id for sample in made]

    assert len(studio.on_device(draw).result(20)) == 4
    training.control.pause()
    assert len(studio.on_device(draw).result(20)) == 4
    assert not training.future.done()
    assert studio.on_io(lambda: 7).result(20) == 7
    assert [type(event) for event in heard.events].count(Finished) == 0


def test_that_generating_between_steps_does_not_change_what_is_learned(studio: Studio, tmp_path: Path) -> None:
    from tests.unit.jobs.test_training import tensors_of

    run = with_run(studio, tmp_path, images=1_600)
    studio.start_training(run, lambda _: None).future.result(60)
    other = workshop.make_run(studio.workspace, studio.workspace.project.datasets()[0].id, images=1_600).id
    workspace, request = studio.workspace, GenerateRequest(run, None, 4, 1, 4)
    training = studio.start_training(other, lambda _: None)
    while not training.future.done():
        studio.on_device(
            lambda: generate(workspace, request, progress=untold, on_samples=lambda _: None, cancelled=never)
        ).result(20)
    assert tensors_of(workspace, run, 1_600) == tensors_of(workspace, other, 1_600)


def test_that_closing_the_project_stops_and_saves_first(studio: Studio, tmp_path: Path) -> None:
    run = with_run(studio, tmp_path, images=10**8)
    training, heard = begun(studio, run)
    training.control.pause()
    studio.close_project()
    assert studio.project is None
    assert isinstance(heard.events[-1], Finished)
    again = Project.open(tmp_path / "project")
    assert again.run(run).status is RunStatus.STOPPED
    assert again.latest_checkpoint(run) is not None
    again.close()


def test_that_closing_during_training_keeps_everything_and_leaves_no_thread(host: PluginHost, tmp_path: Path) -> None:
    before = threading.active_count()
    studio = Studio(host)
    run = with_run(studio, tmp_path, images=10**8)
    training, heard = begun(studio, run)
    reports = [event.images_seen for event in heard.events if isinstance(event, Metric)]
    assert studio.close(20)
    assert training.future.result(0).outcome is Outcome.STOPPED
    assert threading.active_count() <= before  # a thread of an earlier test may have ended meanwhile
    again = Project.open(tmp_path / "project")
    assert set(reports) <= {row.images_seen for row in again.metrics(run)}
    assert again.run(run).status is RunStatus.STOPPED
    again.close()


def test_that_closing_takes_bounded_time_even_when_a_job_hangs(host: PluginHost, tmp_path: Path) -> None:
    studio, hold = Studio(host), threading.Event()
    studio.create_project(tmp_path / "project")
    begun = threading.Event()

    def hang() -> None:
        begun.set()
        hold.wait(30)

    studio.on_device(hang)
    assert begun.wait(20)
    begin = time.monotonic()
    assert not studio.close(0.5)
    assert time.monotonic() - begin < 5
    Project.open(tmp_path / "project").close()
    hold.set()


def test_that_starting_and_stopping_again_and_again_leaks_no_thread(studio: Studio, tmp_path: Path) -> None:
    run = with_run(studio, tmp_path, images=10**8)
    before = threading.active_count()
    for _ in range(25):
        training = studio.start_training(run, lambda _: None)
        training.control.stop()
        assert training.future.result(20).outcome is Outcome.STOPPED
    assert threading.active_count() <= before  # a thread of an earlier test may have ended meanwhile


def test_that_torch_is_loaded_on_the_device_lane_and_not_before() -> None:
    code = (
        "import sys, gc\nfrom genstudio.plugins import PluginHost\nfrom genstudio.studio import Studio\n"
        "studio = Studio(PluginHost())\nassert 'torch' not in sys.modules\n"
        "studio.preload().result()\n"
        "print({'torch', 'torch._dynamo'} <= set(sys.modules), gc.get_freeze_count() > 100_000, studio.close())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.strip() == "True True True"
