"""Runs that were made to go wrong are noticed, and runs that go well are left alone."""

import pytest

from tests.families.gan_runs import SICK, WELL, diagnose


@pytest.mark.slow
@pytest.mark.parametrize("name", SICK)
def test_that_a_run_made_to_go_wrong_is_noticed(name: str) -> None:
    changes, count = SICK[name]
    assert diagnose(changes, count, seed=0)[0] is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", WELL)
def test_that_a_run_that_goes_well_is_left_alone(name: str) -> None:
    changes, count = WELL[name]
    assert diagnose(changes, count, seed=0)[0] is None
