"""What a project keeps, and the sentences for those that cannot be opened."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from genstudio.core.errors import DiskFullError, ProjectClosedError, ProjectError
from genstudio.store.migrations import MIGRATIONS, migrate
from genstudio.store.project import PROJECT_FILE, Project
from genstudio.store.records import ProfileRecord, RemarkRecord, RunStatus
from tests.unit.store import makers


def reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.folder)


def test_that_every_record_comes_back_as_it_was(project: Project) -> None:
    dataset = makers.dataset(project)
    run = makers.run(project)
    checkpoint = makers.checkpoint(project, run.id, 128)
    preview = makers.preview(project, run.id, 64)
    sample = makers.sample(project, "s1")
    project.add_metrics(run.id, [makers.metric(64), makers.metric(128)])
    again = reopened(project)
    try:
        assert again.datasets() == [dataset]
        assert again.dataset("waves") == again.dataset("waves-0001") == dataset
        assert again.checkpoints(run.id) == [checkpoint]
        assert again.latest_checkpoint(run.id) == checkpoint
        assert again.previews(run.id) == [preview]
        assert again.samples() == [sample]
        assert again.metrics(run.id) == [makers.metric(64), makers.metric(128)]
        kept = again.run("first")
        assert (kept.images_seen, kept.seconds, kept.figures) == (128, 12.8, {"loss": 1 / 129})
        assert (kept.config, kept.settings, kept.budget) == ({"images": 9}, {"seed": 1}, 9_000)
        assert again.check() == []
        assert again.name == "My project ü"
    finally:
        again.close()


def test_that_the_file_opens_by_its_own_name_and_wherever_the_folder_is_moved(project: Project, tmp_path: Path) -> None:
    makers.dataset(project)
    project.close()
    moved = tmp_path / "elsewhere" / "copy"
    shutil.copytree(project.folder, moved)
    again = Project.open(moved / PROJECT_FILE)
    try:
        assert again.path(again.dataset("waves").folder) == moved / "datasets" / "waves-0001"
        assert again.check() == []
    finally:
        again.close()


def test_that_a_second_opening_is_told_that_the_project_is_in_use(project: Project) -> None:
    with pytest.raises(ProjectError, match="in use by another window"):
        Project.open(project.folder)
    code = (
        "import sys; from pathlib import Path; from genstudio.store.project import Project\n"
        "try: Project.open(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(project.folder)], capture_output=True, text=True, check=True)
    assert "ProjectError" in done.stdout
    assert "in use" in done.stdout
    assert project.runs() == []


def test_that_a_folder_without_a_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no project in"):
        Project.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_that_a_project_is_not_made_over_another(project: Project) -> None:
    with pytest.raises(ProjectError, match="already a project"):
        Project.create(project.folder)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_that_an_unwritable_folder_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ProjectError, match="writable"):
            Project.create(tmp_path / "project")
    finally:
        tmp_path.chmod(0o700)


def test_that_a_file_in_the_folders_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ProjectError, match="could not be written"):
        Project.create(tmp_path / "taken")


def test_that_a_project_from_the_future_is_refused_unchanged(project: Project) -> None:
    project.close()
    with sqlite3.connect(project.folder / PROJECT_FILE) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = (project.folder / PROJECT_FILE).read_bytes()
    with pytest.raises(ProjectError, match="newer GenStudio"):
        Project.open(project.folder)
    assert (project.folder / PROJECT_FILE).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, b"SQLite format 3\0" + bytes(4096)])
def test_that_a_file_that_is_no_database_is_refused_or_begun_afresh(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PROJECT_FILE).write_bytes(content)
    if content:
        with pytest.raises(ProjectError, match="damaged or not a project"):
            Project.open(tmp_path)
        assert (tmp_path / PROJECT_FILE).read_bytes() == content
    else:
        Project.open(tmp_path).close()  # a creation that was cut off before its first write


def test_that_a_database_of_another_program_is_refused_unchanged(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / PROJECT_FILE) as connection:
        connection.execute("CREATE TABLE songs (title)")
    connection.close()
    before = (tmp_path / PROJECT_FILE).read_bytes()
    with pytest.raises(ProjectError, match="another program wrote it"):
        Project.open(tmp_path)
    assert (tmp_path / PROJECT_FILE).read_bytes() == before


@pytest.mark.parametrize(
    "smuggled",
    [
        "CREATE TRIGGER evil AFTER INSERT ON run BEGIN DELETE FROM dataset; END",
        "CREATE VIEW more AS SELECT * FROM run",
        "ALTER TABLE run ADD COLUMN more TEXT",
        "DROP INDEX sample_run",
    ],
)
def test_that_a_project_with_foreign_tables_or_triggers_is_refused(project: Project, smuggled: str) -> None:
    project.close()
    with sqlite3.connect(project.folder / PROJECT_FILE) as connection:
        connection.execute(smuggled)
    connection.close()
    with pytest.raises(ProjectError, match="not laid out as GenStudio writes it"):
        Project.open(project.folder)


def test_that_damage_anywhere_in_the_file_is_noticed_or_harmless(project: Project) -> None:
    run = makers.run(project)
    project.add_metrics(run.id, [makers.metric(step) for step in range(2_000)])
    project.close()
    file = project.folder / PROJECT_FILE
    whole = file.read_bytes()
    refused = 0
    for place in range(0, len(whole), 1511):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            opened = Project.open(project.folder)
        except ProjectError:
            refused += 1
            continue
        try:
            opened.runs()
            opened.metric_arrays(run.id)
        except ProjectError:
            refused += 1
        finally:
            opened.close()
    assert refused > 0


def test_that_a_path_out_of_the_folder_in_the_database_leads_nowhere(project: Project, tmp_path: Path) -> None:
    makers.sample(project, "s1")
    project.close()
    (tmp_path / "outside.png").write_text("precious")
    with sqlite3.connect(project.folder / PROJECT_FILE) as connection:
        connection.execute("UPDATE sample SET file = '../outside.png'")
    connection.close()
    again = Project.open(project.folder)
    assert "missing (../outside.png)" in again.check()[0]
    for use in (again.path, lambda _: again.delete_samples(["s1"])):
        with pytest.raises(ProjectError, match="not safe"):
            use(again.samples()[0].file)
    again.close()
    with sqlite3.connect(project.folder / PROJECT_FILE) as connection:
        connection.execute("UPDATE sample SET deleted = 1.0")
    connection.close()
    assert "could be cleared away" in "".join(Project.open(project.folder).check())
    assert (tmp_path / "outside.png").read_text() == "precious"


def test_that_names_are_numbered_when_taken_and_refused_when_typed(project: Project) -> None:
    assert makers.run(project, "a-1", "draft").name == "draft"
    assert makers.run(project, "a-2", "draft").name == "draft 2"
    assert makers.run(project, "a-3", "  dra\nft\x07 ").name == "dra ft"
    with pytest.raises(ProjectError, match="already a run called “draft”"):
        project.rename_run("a-2", "draft")
    with pytest.raises(ProjectError, match="at least one letter"):
        project.rename_run("a-2", " \n ")
    assert project.rename_run("a-2", "final <b>") == "final <b>"
    assert project.run("final <b>").id == "a-2"
    assert project.rename_run("a-2", "final <b>") == "final <b>"


def test_that_what_is_not_there_is_named_with_what_is(project: Project) -> None:
    with pytest.raises(ProjectError, match="There is no run in this project yet"):
        project.run("nothing")
    makers.run(project)
    with pytest.raises(ProjectError, match=r"There is no run called “nothing”\. There are: “first”."):
        project.run("nothing")
    with pytest.raises(ProjectError, match="no longer in the project"):
        project.add_metrics("gone", [makers.metric(1)])


def test_that_a_deleted_run_comes_back_whole(project: Project) -> None:
    run = makers.run(project)
    checkpoint = makers.checkpoint(project, run.id, 10)
    makers.preview(project, run.id, 10)
    project.add_metrics(run.id, [makers.metric(5)])
    makers.sample(project, "kept", run.id)
    before, record = makers.everything(project.folder), project.run(run.id)
    undo = project.delete_run(run.id)
    assert project.runs() == []
    assert project.samples()[0].id == "kept"
    assert not project.path(checkpoint.file).exists()
    makers.run(project, "other-1", "first")
    undo()
    undo()
    assert makers.everything(project.folder) == before
    restored = project.run(run.id)
    assert (restored.name, restored.figures) == ("first 2", record.figures)
    assert project.metrics(run.id) == [makers.metric(5)]


def test_that_the_trash_is_emptied_at_the_next_opening_and_not_before(project: Project) -> None:
    run, dataset = makers.run(project), makers.dataset(project)
    makers.checkpoint(project, run.id, 10)
    makers.sample(project, "s1")
    project.delete_run(run.id)
    project.delete_dataset(dataset.id)
    project.delete_samples(["s1", "unknown"])
    assert {path.split("/")[0] for path in makers.everything(project.folder)} == {"trash"}
    again = reopened(project)
    try:
        assert makers.everything(project.folder) == set()
        assert (again.runs(), again.datasets(), again.samples(), again.check()) == ([], [], [], [])
        again.restore_run(run.id)
        assert again.runs() == []
    finally:
        again.close()


def test_that_samples_are_starred_chosen_and_undone(project: Project) -> None:
    for name in ("a", "b", "c"):
        makers.sample(project, name, "run-1" if name != "c" else "run-2")
    project.star("b")
    assert [s.id for s in project.samples()] == ["c", "b", "a"]
    assert [s.id for s in project.samples(run="run-1")] == ["b", "a"]
    assert [(s.id, s.starred) for s in project.samples(starred=True)] == [("b", True)]
    undo = project.delete_samples(["a", "b"])
    assert [s.id for s in project.samples()] == ["c"]
    undo()
    assert [s.id for s in project.samples()] == ["c", "b", "a"]
    assert project.path("samples/run-1/a.png").exists()
    project.star("b", False)
    assert project.samples(starred=True) == []


def test_that_what_is_training_cannot_be_deleted(project: Project) -> None:
    dataset = makers.dataset(project)
    run = makers.run(project, status=RunStatus.RUNNING)
    with pytest.raises(ProjectError, match="“first” is training"):
        project.delete_run(run.id)
    with pytest.raises(ProjectError, match="“first” is training"):
        project.delete_dataset(dataset.id)
    project.set_run(run.id, status=RunStatus.STOPPED)
    project.delete_run(run.id)


def test_that_many_threads_may_ask_and_calls_without_waiting_come_in_order(project: Project) -> None:
    run = makers.run(project)

    def report(start: int) -> None:
        for step in range(start, start + 40):
            project.add_metrics(run.id, [makers.metric(step)])
            project.runs()

    threads = [threading.Thread(target=report, args=(index * 40,)) for index in range(4)]
    for thread in threads:
        thread.start()
    futures = [project.later(project.add_metrics, run.id, [makers.metric(1000 + step)]) for step in range(50)]
    for thread in threads:
        thread.join()
    assert all(future.result() is None for future in futures)
    assert [row.images_seen for row in project.metrics(run.id)] == [*range(160), *range(1000, 1050)]


def test_that_a_closed_project_says_so(project: Project) -> None:
    project.close()
    project.close()
    with pytest.raises(ProjectError, match="closed"):
        project.runs()
    with pytest.raises(ProjectClosedError, match="closed"):
        project.later(project.runs).result()


def test_that_closing_leaves_no_thread_and_one_file(project: Project) -> None:
    makers.run(project)
    project.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("genstudio-store")]
    assert sorted(path.name for path in project.folder.iterdir()) == ["datasets", PROJECT_FILE, "runs", "samples"]


def test_that_a_full_disk_keeps_what_was_acknowledged(project: Project) -> None:
    run = makers.run(project)
    project.add_metrics(run.id, [makers.metric(1)])
    project._database.call(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone())
    with pytest.raises(DiskFullError, match="no room left"):
        project.add_metrics(run.id, [makers.metric(step) for step in range(2, 5_000)])
    assert project.metrics(run.id) == [makers.metric(1)]
    project._database.call(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchone())
    project.add_metrics(run.id, [makers.metric(2)])
    again = reopened(project)
    assert [row.images_seen for row in again.metrics(run.id)] == [1, 2]
    again.close()


def test_that_pruning_keeps_the_newest_the_pinned_and_a_sparse_history(project: Project) -> None:
    run = makers.run(project)
    for step in range(1, 41):
        makers.checkpoint(project, run.id, step * 100, pinned=step == 17)
        project.prune_checkpoints(run.id)
    kept = [record.images_seen for record in project.checkpoints(run.id)]
    assert kept == [100, 200, 300, 600, 1100, 1700, 2100, 3800, 3900, 4000]
    assert all(project.path(record.file).exists() for record in project.checkpoints(run.id))
    assert len(list((project.folder / "runs" / run.id / "checkpoints").iterdir())) == len(kept)
    project.pin_checkpoint(run.id, 1700, False)
    project.prune_checkpoints(run.id)
    assert 1700 not in [record.images_seen for record in project.checkpoints(run.id)]


def test_that_pruning_keeps_what_other_runs_stand_on_until_they_are_gone_for_good(project: Project) -> None:
    base, standing = makers.run(project), makers.run(project, "latent-0001", "second")
    for step in range(1, 20):
        makers.checkpoint(project, base.id, step * 100, sha256=f"{step:064}")
    project.set_run(standing.id, bases={base.id: f"{17:064}", "another-run": f"{16:064}"})
    assert project.run(standing.id).bases == {base.id: f"{17:064}", "another-run": f"{16:064}"}
    project.delete_run(standing.id)
    project.prune_checkpoints(base.id)
    kept = [100, 200, 300, 600, 1100]
    assert [record.images_seen for record in project.checkpoints(base.id)] == [*kept, 1700, 1800, 1900]
    makers.checkpoint(project, base.id, 2000)
    project.prune_checkpoints(base.id)
    assert [record.images_seen for record in project.checkpoints(base.id)] == [*kept, 1700, 1800, 1900, 2000]
    again = reopened(project)
    makers.checkpoint(again, base.id, 2040)
    again.prune_checkpoints(base.id)
    assert [record.images_seen for record in again.checkpoints(base.id)] == [*kept, 1900, 2000, 2040]
    again.close()


def test_that_pruning_keeps_the_checkpoint_that_held_out_pictures_found_best_until_there_is_a_better_one(
    project: Project,
) -> None:
    run = makers.run(project).id
    scores = {step: abs(step - 25) / 10 for step in range(1, 41)}
    for step, score in scores.items():
        makers.checkpoint(project, run, step * 100, score=score)
        project.prune_checkpoints(run)
        best = project.best_checkpoint(run)
        assert best is not None and best.images_seen == 100 * min(step, 25)
    kept = [record.images_seen for record in project.checkpoints(run)]
    assert kept == [100, 200, 300, 600, 1100, 2100, 2500, 3800, 3900, 4000]
    project.rate_checkpoint(run, 4000, -1.0)
    assert reread(project, run) == 4000
    project.rate_checkpoint(run, 3900, -1.0)
    assert reread(project, run) == 3900  # the earliest of equals
    other = makers.run(project, "vae-0002", "second").id
    makers.checkpoint(project, other, 100)
    assert project.best_checkpoint(other) is None


def reread(project: Project, run: str) -> int:
    best = project.best_checkpoint(run)
    assert best is not None
    return best.images_seen


def test_that_remarks_and_rows_of_numbers_come_back_and_are_forgotten_with_what_is_trained_again(
    project: Project,
) -> None:
    run = makers.run(project).id
    early, late = RemarkRecord(run, 100, "collapse", "<b>Bad.</b>"), RemarkRecord(run, 300, "", "The disk was full.")
    rows = [ProfileRecord(run, clock, "spoken", (0.5, 1e-9, float(clock))) for clock in (100, 300)]
    for remark, row in zip((early, late), rows, strict=True):
        project.add_remark(remark)
        project.add_profile(row)
    project.recover_remark(run, "collapse", 200)
    again = reopened(project)
    try:
        assert again.remarks(run) == [replace(early, recovered=200), late]
        assert not any(remark.stands for remark in again.remarks(run))
        assert again.profiles(run) == rows
        again.truncate_metrics(run, 150)
        assert again.remarks(run) == [early] and early.stands
        assert again.profiles(run) == rows[:1]
    finally:
        again.close()


def test_that_a_project_of_the_first_version_gets_the_tables_that_came_later(project: Project) -> None:
    run = makers.run(project).id
    project.close()
    connection = sqlite3.connect(project.folder / PROJECT_FILE, isolation_level=None)
    columns = "ALTER TABLE checkpoint DROP COLUMN score; ALTER TABLE run DROP COLUMN bases;"
    connection.executescript(f"DROP TABLE remark; DROP TABLE profile; {columns} PRAGMA user_version = 1;")
    connection.close()
    again = Project.open(project.folder)
    try:
        assert again.run(run).name == "first" and again.remarks(run) == [] and again.profiles(run) == []
        assert again.run(run).bases == {}
    finally:
        again.close()


def test_that_migrations_go_step_by_step_and_a_failing_one_changes_nothing() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    steps = (*MIGRATIONS, "ALTER TABLE run ADD COLUMN colour TEXT;")
    migrate(connection, MIGRATIONS)
    migrate(connection, steps)
    migrate(connection, steps)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*steps, "CREATE TABLE extra (x); INSERT INTO nowhere VALUES (1);"))
    assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'").fetchone() == (0,)
    connection.close()
