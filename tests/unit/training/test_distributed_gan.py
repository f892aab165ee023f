"""Two processes train a GAN as one: two updaters, second derivatives, adaptive augmentation, averages of figures."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from genstudio.training.distributed import World
from tests.unit.training.ranks import outcomes, start_ranks
from tests.unit.training.support import assert_same_bits, snapshot
from tests.unit.training.two_gans import BATCH, STEPS, train_here

THEIR_OWN = ("varied", "discriminator.head.bias", "discriminator_updater/head.bias/mean")
"""Variety is that of the pictures that lie beside each other in one process. The bias has no say in a relativistic
loss: its gradient is nothing but rounding, of which Adam makes steps of full length."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes wrote about both cases."""
    return start_ranks("tests.unit.training.two_gans", tmp_path_factory.mktemp("gans"))


def test_that_two_processes_with_half_a_batch_each_learn_what_one_learns(folder: Path) -> None:
    (lead, state), (other, other_state) = outcomes("one", folder)
    assert lead["outcome"] == other["outcome"] == "completed"
    assert lead["images_seen"] == other["images_seen"] == BATCH * STEPS
    assert_same_bits(state, other_state)
    _, learner = train_here("one", World())
    alone = snapshot(learner)
    assert alone["model/strength"] > 0.2, "augmentation must have had a part in it"
    apart = {name: _apart(state[name], tensor) for name, tensor in alone.items() if not name.endswith(THEIR_OWN)}
    assert {name: far for name, far in apart.items() if far > 1e-5} == {}


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one.double() - other.double()).abs().max())


def test_that_the_draft_preset_ends_alike_in_both_processes_and_every_figure_is_a_number(folder: Path) -> None:
    (lead, state), (other, other_state) = outcomes("draft", folder)
    assert lead["outcome"] == other["outcome"] == "completed"
    assert_same_bits(state, other_state)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in state.values())
    assert lead["reports"] > 1 and other["reports"] == 0
