"""Several processes train as one."""

from pathlib import Path

import pytest
import torch

from genstudio.core.errors import ConfigError
from genstudio.training.distributed import World, agreed, average_over_ranks, leads
from tests.unit.training.ranks import outcomes, start_ranks
from tests.unit.training.support import assert_same_bits, snapshot
from tests.unit.training.two_ranks import BATCH, train_here


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes wrote about all cases."""
    return start_ranks("tests.unit.training.two_ranks", tmp_path_factory.mktemp("ranks"))


def test_that_two_processes_with_half_a_batch_each_learn_what_one_learns(folder: Path) -> None:
    (lead, state), (other, other_state) = outcomes("train", folder)
    _, learner = train_here("train", World())
    assert_same_bits(state, other_state)
    assert all(torch.allclose(state[name], tensor, atol=1e-5) for name, tensor in snapshot(learner).items())
    assert lead["outcome"] == other["outcome"] == "completed"
    assert (lead["events"] > 3, lead["saved"]) == (True, [6 * BATCH])
    assert (other["events"], other["saved"]) == (0, [])


def test_that_a_stop_of_the_first_process_stops_all(folder: Path) -> None:
    (lead, state), (other, other_state) = outcomes("stop", folder)
    assert lead["outcome"] == other["outcome"] == "stopped"
    assert lead["images_seen"] == other["images_seen"] > 0
    assert_same_bits(state, other_state)


def test_that_a_loss_that_is_not_finite_in_one_process_stops_all_at_the_same_step(folder: Path) -> None:
    (lead, state), (other, other_state) = outcomes("diverge", folder)
    assert lead["outcome"] == other["outcome"] == "diverged"
    assert lead["images_seen"] == other["images_seen"] == 2 * BATCH
    assert lead["saved"] == [2 * BATCH]
    assert_same_bits(state, other_state)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in state.values())


def test_that_torchruns_environment_is_understood() -> None:
    assert World.from_environment({}) == World(0, 1)
    world = World.from_environment({"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "1"})
    assert (world, world.leads) == (World(1, 4), False)


def test_that_a_batch_which_cannot_be_shared_evenly_is_refused() -> None:
    World(0, 4).check_batch(64)
    with pytest.raises(ConfigError, match="evenly by 4 processes") as raised:
        World(0, 4).check_batch(6)
    assert "batch_size" in raised.value.fields


def test_that_a_process_alone_decides_for_itself_and_averages_nothing() -> None:
    tensor = torch.ones(3)
    average_over_ranks([tensor])
    assert tensor.tolist() == [1, 1, 1]
    assert agreed(2) == 2
    assert leads()
    World().join()
    World().leave()
