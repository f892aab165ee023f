"""Previews: when they come, what they look like, and that they leave no trace."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch

from genstudio.core.config import SamplingConfig
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import made_up
from genstudio.training.learner import Learner, SampleRequest, unwatched
from genstudio.training.previews import Previews, evaluating, next_preview, to_uint8
from tests.unit.training.support import HELDOUT, assert_same_bits, make_learner, make_source, snapshot


def schedule(budget: int, batch_size: int, every: int | None = None) -> list[int]:
    times, images_seen = [0], 0
    while images_seen < budget:
        images_seen = next_preview(images_seen, budget=budget, batch_size=batch_size, every=every)
        times.append(images_seen)
    return times


def test_that_previews_come_close_together_first_and_evenly_later() -> None:
    times = schedule(100_000, 64)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[1] == 8 * 64
    assert gaps[1:] == sorted(gaps[1:])
    assert gaps[-1] == 100_000 // 40
    assert 40 <= len(times) <= 60


def test_that_the_schedule_is_the_same_wherever_a_run_goes_on() -> None:
    times = schedule(100_000, 64)
    for images_seen in range(0, 90_000, 777):
        expected = next(due for due in times if due > images_seen)
        assert next_preview(images_seen, budget=100_000, batch_size=64, every=None) == expected


def test_that_a_fixed_rhythm_is_kept() -> None:
    assert schedule(1000, 64, every=250) == [0, 250, 500, 750, 1000]


@pytest.mark.parametrize(("budget", "batch_size"), [(1, 1), (10, 64), (65, 64), (10**12, 4096)])
def test_that_any_budget_has_a_schedule_that_moves_on(budget: int, batch_size: int) -> None:
    due = 0
    for _ in range(20):
        following = next_preview(due, budget=budget, batch_size=batch_size, every=None)
        assert following > due
        due = following


def test_that_pictures_become_levels_and_what_is_outside_is_cut_off() -> None:
    images = torch.tensor([-2.0, -1.0, -1 + 2 / 255, 0.0, 1.0, 9.0, float("nan"), float("inf")]).view(1, 2, 2, 2)
    levels = to_uint8(images)
    assert levels.shape == (1, 2, 2, 2)
    assert levels.dtype == np.uint8
    assert levels.transpose(0, 3, 1, 2).ravel().tolist() == [0, 0, 1, 128, 255, 255, 128, 255]


def test_that_all_levels_survive_the_way_to_numbers_and_back() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    images = levels.float().sub(127.5).div(127.5).view(1, 1, 16, 16)
    assert to_uint8(images).ravel().tolist() == list(range(256))


def test_that_things_which_are_no_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="four dimensions"):
        to_uint8(torch.zeros(3, 8, 8))


def test_that_every_part_is_in_its_own_mode_afterwards_even_when_something_fails() -> None:
    learner = make_learner().train()
    learner.net[2].eval()
    before = [module.training for module in learner.modules()]
    with pytest.raises(ValueError, match="inside"), evaluating(learner):
        assert not any(module.training for module in learner.modules())
        assert not torch.is_grad_enabled()
        raise ValueError("inside")
    assert [module.training for module in learner.modules()] == before
    assert torch.is_grad_enabled()


def test_that_previews_are_the_same_every_time_and_change_nothing() -> None:
    learner = make_learner().train()
    before = snapshot(learner)
    previews = Previews(make_source(), HELDOUT, SamplingConfig(), seed=3, count=6)
    torch.manual_seed(0)
    first = previews.pictures(learner, unwatched), previews.figures(learner)
    torch.manual_seed(1)
    second = previews.pictures(learner, unwatched), previews.figures(learner)
    assert [name for name, _ in first[0]] == ["samples"]
    assert first[0][0][1].shape == (6, 8, 8, 1)
    assert np.array_equal(first[0][0][1], second[0][0][1])
    assert first[1] == second[1]
    assert_same_bits(before, snapshot(learner))


def test_that_held_out_figures_are_means_over_all_held_out_examples() -> None:
    learner = make_learner()
    source = make_source(batch_size=3)  # so that the last batch is smaller
    previews = Previews(source, HELDOUT, SamplingConfig(), seed=3, count=2)
    with evaluating(learner):
        values = learner.evaluate(source.fixed(HELDOUT, 0))["loss"]
    assert previews.figures(learner)["heldout/loss"] == pytest.approx(float(values.mean()), rel=1e-6)


def test_that_labels_of_examples_are_repeated_to_as_many_as_are_shown() -> None:
    seen: list[torch.Tensor | None] = []
    learner = make_learner()
    previews = Previews(make_source(), HELDOUT, SamplingConfig(), seed=3, count=6)

    def watch_labels(request: object) -> object:
        seen.append(request.sample.labels)  # type: ignore[attr-defined]
        return iter(())

    learner.previews = watch_labels  # type: ignore[method-assign, assignment]
    previews.pictures(learner, unwatched)
    assert seen[0] is not None
    assert seen[0].tolist() == [2, 0, 1, 2, 2, 0]


def test_that_without_held_out_examples_the_training_ones_are_shown_and_no_figures_given() -> None:
    previews = Previews(make_source(), np.array([], dtype=np.int64), SamplingConfig(), seed=3, count=4)
    assert previews.figures(make_learner()) == {}
    assert previews.pictures(make_learner(), unwatched)[0][1].shape[0] == 4


def asked_for(learner: Learner, look: Callable[[], object]) -> tuple[str, ...] | None:
    """The texts that a look at a learner has it draw by."""
    seen: list[tuple[str, ...] | None] = []

    def sample(request: SampleRequest) -> torch.Tensor:
        seen.append(request.texts)
        return torch.zeros(len(request), 1, 8, 8)

    setattr(learner, "sample", sample)  # noqa: B010 - a module takes other things for its own parts
    look()
    return seen[0]


def test_that_what_is_shown_is_drawn_by_captions_never_read_and_what_is_recalled_by_those_read() -> None:
    captioned = made_up(1, 8, 8, labelled=True, captioned=True)
    assert captioned.captions is not None
    source = BatchSource(captioned, np.arange(20), batch_size=5, seed=3, device="cpu")
    learner, previews = make_learner(), Previews(source, HELDOUT, SamplingConfig(), seed=3, count=6)
    heldout = [captioned.captions[place] for place in HELDOUT]
    assert asked_for(learner, lambda: previews.pictures(learner, unwatched)) == (*heldout, *heldout[:2])
    looks = [asked_for(learner, partial(previews.recalled, learner, seen, unwatched)) for seen in (0, 0, 5)]
    known = captioned.captions[:20]
    assert looks[0] == looks[1] == tuple(known[place] for place in (0, 3, 7, 11, 15, 19))
    assert looks[2] == tuple(known[place] for place in (1, 4, 8, 12, 16, 0))


def test_that_recalling_changes_nothing_and_needs_a_learner_that_draws() -> None:
    learner, previews = make_learner().train(), Previews(make_source(), HELDOUT, SamplingConfig(), seed=3, count=6)
    before = snapshot(learner)
    first, second = (previews.recalled(learner, 5, unwatched) for _ in range(2))
    assert first is not None and second is not None and np.array_equal(first, second)
    assert first.shape == (6, 8, 8, 1) and learner.training
    assert_same_bits(before, snapshot(learner))

    class Silent(Learner):
        def step(self, batch: Batch) -> dict[str, torch.Tensor]:
            raise NotImplementedError

    assert previews.recalled(Silent(), 5, unwatched) is None
