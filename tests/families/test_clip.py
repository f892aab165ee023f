"""Words and pictures: the loss against a loop, what counts as another's text, reading, and finding unseen pictures."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.testing.standins import StandIns
from genstudio.training.guard import Guard
from genstudio.training.previews import evaluating
from genstudio_clip import FAMILY
from genstudio_clip.augment import augmented
from genstudio_clip.config import ClipConfig
from genstudio_clip.contrast import contrastive, found
from genstudio_clip.model import ClipLearner
from genstudio_clip.towers import layered
from genstudio_clip.words import Words, words_of
from tests import coloured_shapes as shapes

CPU = torch.device("cpu")


def reader() -> Words:
    return Words(24, 8192)


def learner(spec: DataSpec, **changes: object) -> ClipLearner:
    torch.manual_seed(0)
    built = FAMILY.build(ClipConfig().replaced(changes), spec, StandIns(spec))
    assert isinstance(built, ClipLearner)
    return built.train()


def by_hand(fits: Tensor, excused: Tensor) -> float:
    """The mean over pairs, in loops, as section 2.3 of the paper says it."""
    count, total = len(fits), 0.0
    for own in range(count):
        texts = sum(math.exp(fits[own, j]) for j in range(count) if j == own or not excused[own, j])
        pictures = sum(math.exp(fits[i, own]) for i in range(count) if i == own or not excused[i, own])
        total -= 0.5 * (math.log(math.exp(fits[own, own]) / texts) + math.log(math.exp(fits[own, own]) / pictures))
    return total / count


def test_that_the_loss_is_that_of_the_paper_in_loops() -> None:
    fits = 3 * torch.randn(7, 7, generator=torch.Generator().manual_seed(0))
    nobody, all_count = torch.zeros(7, 7, dtype=torch.bool), torch.ones(7, dtype=torch.bool)
    assert float(contrastive(fits, nobody, all_count).mean()) == pytest.approx(by_hand(fits, nobody), rel=1e-5)
    excused = torch.rand(7, 7, generator=torch.Generator().manual_seed(1)) < 0.4
    assert float(contrastive(fits, excused, all_count).mean()) == pytest.approx(by_hand(fits, excused), rel=1e-5)


def test_that_pictures_without_a_caption_neither_learn_nor_stand_against_others() -> None:
    fits = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    counts = torch.tensor([True, True, False, True, False, True])
    losses = contrastive(fits, torch.zeros(6, 6, dtype=torch.bool), counts)
    some = fits[counts][:, counts]
    assert losses[~counts].eq(0).all()
    assert float(losses[counts].mean()) == pytest.approx(by_hand(some, torch.zeros(4, 4)), rel=1e-5)


def test_that_captions_of_the_same_words_are_never_held_against_each_other() -> None:
    same = reader()(["Red heart", "heart, red!", "red hearts", "", " "], CPU).alike()
    expected = torch.zeros(5, 5, dtype=torch.bool)
    expected[0, 1] = expected[1, 0] = expected[3, 4] = expected[4, 3] = True
    assert torch.equal(same, expected)


@pytest.mark.parametrize("seed", range(4))
def test_that_captions_are_compared_as_sets_of_words(seed: int) -> None:
    """Made-up captions of a few words, so that many are the same, part of each other, repeated or empty."""
    draw = np.random.default_rng(seed)
    captions = [" ".join(draw.choice(["red", "green", "heart", "apple", "big"], draw.integers(5))) for _ in range(80)]
    sets = [frozenset(caption.split()) for caption in captions]
    expected = torch.tensor([[i != j and sets[i] == sets[j] for j in range(80)] for i in range(80)])
    assert torch.equal(reader()(captions, CPU).alike(), expected)
    assert 80 < int(expected.sum()) < 3000


def test_that_a_shortened_text_is_not_held_against_pictures_it_is_true_of() -> None:
    captions = ["red heart", "red apple", "green apple"] * 40
    tokens = reader()(captions, CPU)
    shorter, excused = tokens.shortened(1.0, torch.Generator().manual_seed(0))
    names = ["", *dict.fromkeys(word for caption in captions for word in caption.split())]
    for text in range(len(captions)):
        left = {names[int(word)] for word in shorter.words[text][shorter.known[text]]} - {""}
        assert left <= set(captions[text].split())
        for picture in range(len(captions)):
            wanted = left <= set(captions[picture].split()) and picture != text
            assert bool(excused[picture, text]) == wanted
    assert {int(count) for count in shorter.known.sum(1)} == {1, 2, 3}
    whole, excused = tokens.shortened(0.0, torch.Generator().manual_seed(0))
    assert torch.equal(whole.rows, tokens.rows) and torch.equal(excused, tokens.alike())


def test_that_a_picture_is_found_when_no_other_fits_as_well() -> None:
    fits = torch.tensor([[0.9, 0.2, 0.1], [0.3, 0.1, 0.5], [0.2, 0.4, 0.5]])
    nobody = torch.zeros(3, 3, dtype=torch.bool)
    assert found(fits, nobody, 1).tolist() == [1, 0, 0]  # the second text fits others better, the third ties
    assert found(fits, nobody, 2).tolist() == [1, 0, 1]
    excused = nobody.clone()
    excused[1, 2] = True
    assert found(fits, excused, 1).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Red  HEART!", ["red", "heart"]),
        ("woman’s hat, woman's", ["womans", "hat", "womans"]),
        ("Café Ñandú Straße", ["cafe", "nandu", "strasse"]),
        ("two-hump camel: big", ["two", "hump", "camel", "big"]),
        ("❤ ok☆", ["❤", "ok", "☆"]),
        ("赤いハート heart", ["赤", "い", "ハ", "ー", "ト", "heart"]),
        ("हृदय", ["हृदय"]),
        ("1st place", ["1st", "place"]),
        (" \n\t ", []),
    ],
)
def test_that_texts_are_read_sanely(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


def test_that_reading_does_not_depend_on_company_and_cuts_off_what_is_too_long() -> None:
    model = learner(DataSpec(count=1, channels=3, height=16, width=16, captioned=True)).eval()
    with torch.no_grad():
        alone, beside = model.read(["red heart"]), model.read(["", "red heart", "word " * 1000])
        cut = model.read([" ".join(f"word{number}" for number in range(end)) for end in (23, 30)])
    assert torch.allclose(alone.whole[0], beside.whole[1], atol=1e-6)
    assert beside.known.sum(1).tolist() == [1, 3, 24]
    assert torch.equal(cut.whole[0], cut.whole[1])


def test_that_transparent_parts_have_no_colour() -> None:
    images = torch.rand(2, 4, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    images[:, 3] = -1
    assert layered(images).eq(0).all()
    grey = torch.rand(2, 1, 8, 8)
    assert torch.equal(layered(grey), layered(grey.expand(-1, 3, -1, -1)))


def test_that_augmenting_moves_pictures_and_keeps_what_they_are() -> None:
    pictures = layered(torch.full((64, 3, 16, 16), 0.5))
    changed = augmented(pictures, torch.Generator().manual_seed(0), mirror=True)
    middle = changed[:, :, 6:10, 6:10]
    assert changed.shape == pictures.shape and changed.abs().max() <= 1
    assert middle[:, 3].min() > 0.99 and 0.3 < float(middle[:, :3].mean()) < 0.7
    assert torch.equal(changed, augmented(pictures, torch.Generator().manual_seed(0), mirror=True))
    arrow = pictures.clone()
    arrow[..., :8] = 0
    kept = augmented(arrow, torch.Generator().manual_seed(0), mirror=False)
    assert bool((kept[..., 12].abs().sum((1, 2)) > kept[..., 3].abs().sum((1, 2))).all())


def test_that_the_temperature_never_falls_below_a_hundredth_and_can_rise_again() -> None:
    towers = learner(DataSpec(count=1, channels=3, height=16, width=16, captioned=True)).towers
    with torch.no_grad():
        towers.logit_scale.fill_(9.0)
    scale = towers.scale()
    (gradient,) = torch.autograd.grad(scale, towers.logit_scale)
    assert scale.item() == pytest.approx(100.0) and float(gradient) > 0


def test_that_a_batch_without_any_caption_changes_nothing_for_the_worse() -> None:
    data = shapes.dataset(shapes.COMBINATIONS, 1, 0)
    model = learner(data.spec, batch_size=8)
    batch = BatchSource(data, range(8), batch_size=8, seed=0, device=CPU).batch(0)
    bare = Batch(batch.pixels, batch.images, None, batch.index, 0, batch.generator, captions=("",) * 8)
    guard = Guard(model, 0, CPU)
    values = guard.step(bare, 8)
    assert not guard.tripped and float(values["loss"]) == 0


def test_that_unseen_combinations_of_seen_words_are_found() -> None:
    """Fifty-six captions to choose from: chance is 2 %."""
    seen = tuple(name for name in shapes.COMBINATIONS if name not in shapes.UNSEEN)
    data = shapes.dataset(seen, 24, 0)
    small = {"batch_size": 64, "width": 16, "text_width": 64, "text_depth": 1, "dropout": 0.0}
    model = learner(data.spec, images=20_000, learning_rate=2e-3, weight_decay=3.0, **small)
    source, guard = BatchSource(data, range(len(data)), batch_size=64, seed=0, device=CPU), Guard(model, 0, CPU)
    for images_seen in range(0, 20_000, 64):
        guard.step(source.batch(images_seen), 64)
    strange = shapes.dataset(shapes.UNSEEN, 20, 1)
    captions = strange.captions or ()
    with evaluating(model):
        images = BatchSource(strange, range(160), batch_size=64, seed=0, device=CPU).fixed(range(160), 0).images
        whole = (model.look(images) @ model.read(shapes.COMBINATIONS).whole.T).argmax(1)
        part = (model.look(images) @ model.read(tuple(shapes.COLOURS)).whole.T).argmax(1)
    assert np.mean([shapes.COMBINATIONS[at] == said for at, said in zip(whole, captions, strict=True)]) > 0.9
    assert np.mean([tuple(shapes.COLOURS)[at] in said for at, said in zip(part, captions, strict=True)]) > 0.9
