"""Drawing in reading order, from painters whose probabilities are known."""

import math

import pytest
import torch
from torch import Tensor

from genstudio.nn.pixels import Levels
from genstudio.nn.pixels_drawing import Given, Guided, Painter, draw


class Copying(Painter):
    """The first sub-pixel has given odds; every later one repeats the one before with the given certainty."""

    def __init__(self, first: Tensor, certainty: float, count: int) -> None:
        self.first, self.certainty, self.count = first, certainty, count
        self.latest: Tensor | None = None
        self.calls: list[tuple[str, int, int]] = []
        self.row = -1

    def start_row(self, row: int) -> None:
        self.row = row
        self.calls.append(("row", row, 0))

    def logits(self, column: int, channel: int) -> Tensor:
        self.calls.append(("logits", column, channel))
        if self.latest is None:
            return self.first[:, None].expand(-1, self.count)
        same = torch.arange(len(self.first))[:, None] == self.latest
        return same * self.certainty

    def put(self, column: int, channel: int, values: Tensor) -> None:
        self.calls.append(("put", column, channel))
        self.latest = Levels(len(self.first)).of_values(values)


def uniforms(count: int, height: int, width: int, channels: int) -> Tensor:
    return torch.rand(count, height, width, channels, generator=torch.Generator().manual_seed(1))


def test_that_a_painter_is_asked_in_reading_order() -> None:
    painter = Copying(torch.zeros(2), 1.0, 3)
    draw(painter, Levels(2), uniforms(3, 2, 2, 2))
    pixel = [(what, column, c) for column in (0, 1) for c in (0, 1) for what in ("logits", "put")]
    assert painter.calls == [("row", 0, 0), *pixel, ("row", 1, 0), *pixel]


def test_that_levels_come_as_often_as_their_probability_says() -> None:
    logits = torch.tensor([0.1, 0.2, 0.3, 0.4]).log()
    drawn = draw(Copying(logits, 0.0, 20_000), Levels(4), uniforms(20_000, 1, 1, 1))
    shares = torch.bincount(Levels(4).of_values(drawn).flatten()) / 20_000
    assert shares.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.01)


def test_that_a_low_temperature_prefers_what_is_likely() -> None:
    logits = torch.tensor([0.4, 0.6]).log()
    drawn = draw(Copying(logits, 0.0, 20_000), Levels(2), uniforms(20_000, 1, 1, 1), temperature=0.5)
    assert (drawn == 1).float().mean().item() == pytest.approx(0.36 / 0.52, abs=0.01)


def test_that_each_picture_depends_on_its_own_random_numbers_alone() -> None:
    chances = uniforms(6, 3, 3, 1)
    together = draw(Copying(torch.zeros(4), 1.0, 6), Levels(4), chances)
    alone = draw(Copying(torch.zeros(4), 1.0, 2), Levels(4), chances[2:4])
    assert torch.equal(together[2:4], alone)


def test_that_known_pixels_are_kept_to_the_bit_and_heeded_at_their_level() -> None:
    images = torch.full((4, 1, 2, 2), 0.3)
    known = torch.zeros(4, 2, 2, dtype=torch.bool)
    known[:, 0] = True
    drawn = draw(Copying(torch.zeros(2), 50.0, 4), Levels(2), uniforms(4, 2, 2, 1), given=Given(images, known))
    assert torch.equal(drawn[:, :, 0], images[:, :, 0])
    assert bool((drawn[:, :, 1] == 1).all())  # the level nearest to 0.3 is 1, and every pixel copies the one before


def test_that_the_watcher_sees_every_pixel_and_how_uncertain_it_was() -> None:
    seen: list[tuple[int, int, Tensor, Tensor]] = []
    draw(
        Copying(torch.zeros(4), 50.0, 1),
        Levels(4),
        uniforms(1, 2, 2, 1),
        watch=lambda done, total, pictures, bits: seen.append((done, total, pictures.clone(), bits.clone())),
    )
    assert [(done, total) for done, total, _, _ in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert seen[0][2].count_nonzero() == 1 and seen[3][2].count_nonzero() == 4
    assert seen[3][3].flatten().tolist() == pytest.approx([2.0, 0, 0, 0], abs=1e-4)


def test_that_what_is_not_drawn_yet_is_transparent_where_there_is_alpha() -> None:
    seen: list[Tensor] = []
    draw(
        Copying(torch.zeros(2), 50.0, 1),
        Levels(2),
        uniforms(1, 1, 2, 4),
        watch=lambda _done, _total, pictures, _bits: seen.append(pictures.clone()),
    )
    assert seen[0][0, :, 0, 1].tolist() == [0, 0, 0, -1]


def test_that_guidance_moves_log_probabilities_away_from_the_unconditioned_ones() -> None:
    class Halves(Copying):
        def logits(self, column: int, channel: int) -> Tensor:
            return torch.tensor([[0.8, 0.5], [0.2, 0.5]]).log()

    guided = Guided(Halves(torch.zeros(2), 0.0, 2), weight=2.0).logits(0, 0).softmax(0)
    assert guided[:, 0].tolist() == pytest.approx([0.64 / 0.68, 0.04 / 0.68], abs=1e-6)
    assert math.isclose(guided.sum().item(), 1, rel_tol=1e-6)
