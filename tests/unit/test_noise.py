"""Noise of a sample follows from its seed and its index, whoever is drawn beside it."""

import pytest
import torch

from genstudio.training.noise import Noise


@pytest.mark.parametrize("kind", ["normal", "uniform"])
@pytest.mark.parametrize("shape", [(), (1,), (5, 3), (64,)])
def test_that_a_sample_gets_the_same_numbers_alone_and_in_company(kind: str, shape: tuple[int, ...]) -> None:
    together = getattr(Noise(7, range(4)), kind)(*shape)
    assert together.shape == (4, *shape)
    for index in range(4):
        assert torch.equal(getattr(Noise(7, [index]), kind)(*shape), together[index : index + 1])


def test_that_other_seeds_and_other_indices_give_other_numbers() -> None:
    first = Noise(7, range(2)).normal(16)
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first, Noise(8, range(2)).normal(16))


def test_that_a_stream_goes_on_where_it_was() -> None:
    noise = Noise(7, range(2))
    first, second = noise.normal(16), noise.normal(16)
    assert not torch.equal(first, second)
    again = Noise(7, range(2))
    assert torch.equal(first, again.normal(16))
    assert torch.equal(second, again.normal(16))


def test_that_torchs_own_random_numbers_play_no_part() -> None:
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    first = Noise(7, range(2)).uniform(8)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(1)
    assert torch.equal(first, Noise(7, range(2)).uniform(8))


def test_that_the_numbers_are_distributed_as_they_say() -> None:
    normal, uniform = Noise(0, range(100)).normal(1000), Noise(1, range(100)).uniform(1000)
    assert abs(float(normal.mean())) < 0.02
    assert float(normal.std()) == pytest.approx(1, abs=0.02)
    assert 0 <= float(uniform.min()) < 0.001
    assert 0.999 < float(uniform.max()) < 1
    assert float(uniform.mean()) == pytest.approx(0.5, abs=0.01)
    assert abs(float(torch.corrcoef(normal).fill_diagonal_(0).abs().max())) < 0.2


def test_that_there_can_be_none() -> None:
    assert Noise(0, []).normal(3).shape == (0, 3)
