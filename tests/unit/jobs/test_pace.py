"""Work is done in stretches of about a tenth of a second."""

from genstudio.jobs.pace import Pace


def test_that_quick_work_is_done_in_larger_and_larger_stretches() -> None:
    pace = Pace()
    sizes = []
    for _ in range(6):
        pace.note(pace.at_once, 0.0001 * pace.at_once)
        sizes.append(pace.at_once)
    assert sizes == [8, 16, 32, 64, 64, 64]


def test_that_slow_work_is_done_one_by_one() -> None:
    pace = Pace()
    pace.note(4, 8.0)
    assert pace.at_once == 1
    pace.note(1, 2.0)
    assert pace.at_once == 1


def test_that_a_stretch_takes_about_a_tenth_of_a_second() -> None:
    pace = Pace(16)
    pace.note(16, 0.16)
    assert pace.at_once == 10


def test_that_no_time_at_all_is_no_trouble() -> None:
    pace = Pace()
    with pace.timed(4):
        pass
    assert pace.at_once == 8


def test_that_the_last_stretch_tells_how_much_can_be_done_in_a_time() -> None:
    pace = Pace()
    pace.note(4, 2.0)
    assert pace.within(30) == 60
