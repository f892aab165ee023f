"""Latent diffusion: maps made once, kept out of checkpoints, and pictures drawn from them."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.control import Control
from genstudio.core.errors import ConfigError, FamilyError
from genstudio.core.settings import RunSettings
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.options import ImportOptions
from genstudio.data.source import BatchSource
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.loading import load_learner
from genstudio.jobs.training import create_run, train_run
from genstudio.jobs.workspace import Workspace
from genstudio.store.records import RunRecord
from genstudio.testing.lab import NoRuns
from genstudio.testing.pictures import made_for
from genstudio.testing.standins import StandInAutoencoder
from genstudio.training.checkpoint import learner_tensors, read_checkpoint
from genstudio.training.learner import CompletionRequest, RestyleRequest, SampleRequest
from genstudio.training.noise import Noise
from genstudio.training.preparing import prepare
from genstudio.training.previews import evaluating
from genstudio_diffusion.denoiser import Guess
from genstudio_diffusion.latent.config import LatentConfig, LatentSampling
from genstudio_diffusion.latent.family import LATENT
from genstudio_diffusion.latent.learner import LatentLearner
from genstudio_diffusion.latent.maps import Maps, Shelf
from genstudio_diffusion.latent.seams import met
from tests import workshop

SPEC = DataSpec(count=24, channels=3, height=16, width=24, classes=("bar", "disc", "ring"))
SMALL = LatentConfig(autoencoder="encode", width=8, batch_size=8, images=800)


def learner_on(spec: DataSpec = SPEC) -> LatentLearner:
    torch.manual_seed(0)
    return LatentLearner(SMALL, spec, StandInAutoencoder(spec))


def source() -> BatchSource:
    return BatchSource(made_for(SPEC), np.arange(24), batch_size=8, seed=0, device="cpu")


def trained(steps: int = 3) -> LatentLearner:
    learner, batches = learner_on(), source()
    prepare(learner, batches, batches.indices[:0])
    for step in range(steps):
        learner.train().step(batches.batch(8 * step))
    return learner


def pictures(count: int = 2) -> Tensor:
    return source().fixed(range(count), 0).images.clone()


def request(count: int = 2, seed: int = 7, **options: object) -> SampleRequest:
    return SampleRequest(Noise(seed, range(count)), None, LatentSampling(**{"steps": 4, **options}))


# ---- Maps


def test_that_the_maps_on_the_shelf_are_those_of_the_pictures_as_they_are_and_mirrored() -> None:
    maps, batches = Maps(StandInAutoencoder(SPEC), SPEC), source()
    full, empty = Shelf(maps, mirrored=True), Shelf(maps, mirrored=True)
    seen: list[Batch] = []

    def watched() -> Iterator[Batch]:
        for begin in (0, 10, 20):
            seen.append(batches.fixed(range(begin, min(begin + 10, 24)), 0))
            yield seen[-1]

    full.fill(24, watched())
    assert len(seen) == 3
    batch = batches.batch(8)
    some = torch.arange(len(batch)) % 3 == 0
    for mirrored in (None, some):
        torch.testing.assert_close(full.maps(batch, mirrored), empty.maps(batch, mirrored))
    there = torch.where(some[:, None, None, None], batch.images.flip(3), batch.images)
    torch.testing.assert_close(maps.outside(full.maps(batch, some)), there)


def test_that_too_many_maps_are_not_kept_but_made_when_they_are_needed() -> None:
    shelf = Shelf(Maps(StandInAutoencoder(SPEC), SPEC), mirrored=False)
    shelf.fill(10**9, iter(()))
    batch = source().batch(0)
    assert shelf.maps(batch).shape == (8, 48, 4, 6)


def test_that_known_pixels_are_put_into_the_guess_and_far_from_them_it_stays_as_it_is() -> None:
    """One pixel is known: its place has it and else what was guessed; nothing at all changes two places further on."""
    maps = Maps(StandInAutoencoder(SPEC), SPEC)
    guess = maps.inside(torch.zeros(1, 3, 16, 24)) + 3.0  # no picture is so bright: outside it is cut to white
    known = torch.zeros(1, 16, 24, dtype=torch.bool)
    known[0, 15, 23] = True
    fitted = maps.fitted(guess, torch.full((1, 3, 16, 24), -0.5), known)
    picture = maps.outside(fitted)
    assert torch.equal(picture[0, :, 15, 23], torch.full((3,), -0.5))
    assert torch.equal(picture.flatten(2).sort(2).values[..., 1:], torch.ones(1, 3, 16 * 24 - 1))
    left = torch.ones(4, 6, dtype=torch.bool)
    left[2:, 4:] = False
    assert torch.equal((fitted == guess).all(1)[0], left)


# ---- The learner


def test_that_the_autoencoder_stays_out_of_the_checkpoint_and_as_it_was() -> None:
    torch.manual_seed(0)
    autoencoder = StandInAutoencoder(SPEC)
    learner = LatentLearner(SMALL, SPEC, autoencoder)
    names = [*learner_tensors(learner), *(name for name, _ in learner.named_modules())]
    assert not any("scale" in name or "shelf" in name or "space" in name for name in names)
    assert not autoencoder.training


def test_that_preparing_changes_no_state() -> None:
    plain, prepared = learner_on(), learner_on()
    batches = source()
    prepare(prepared, batches, batches.indices[:0])
    before, after = learner_tensors(plain), learner_tensors(prepared)
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)


def test_that_drawn_pictures_are_those_of_maps_that_know_no_range() -> None:
    """The stand-in's maps reach from -1.5 to 1.5: cut off at 1, no picture could reach black or white."""
    black_and_white = torch.where(pictures() > 0, 1.0, -1.0)
    learner = trained()
    clean = learner.space.inside(black_and_white)
    drawing = replace(learner._drawing(request()), denoise=lambda _x, _sigma: Guess(clean, None))
    torch.testing.assert_close(drawing.from_noise(drawing.noise()), black_and_white)


def test_that_watchers_see_pictures_and_not_maps() -> None:
    seen: list[Tensor] = []

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        assert pictures is not None
        seen.append(pictures)

    learner = trained()
    with evaluating(learner):
        drawn = learner.sample(SampleRequest(Noise(7, range(2)), None, LatentSampling(steps=4), watch))
    assert [tuple(images.shape) for images in seen] == [(2, 3, 16, 24)] * 4
    torch.testing.assert_close(seen[-1], drawn)


def test_that_watchers_hear_of_every_step_and_see_a_few() -> None:
    heard: list[bool] = []

    def watch(done: int, total: int, pictures: Tensor | None = None, uncertainty: Tensor | None = None) -> None:
        assert total == 34
        heard.append(pictures is not None)

    learner = trained()
    with evaluating(learner):
        learner.sample(SampleRequest(Noise(7, range(1)), None, LatentSampling(steps=34), watch))
    assert len(heard) == 34 and heard[-1] and sum(heard) == 9


def test_that_completing_keeps_known_pixels_and_is_blind_to_unknown_ones() -> None:
    learner, images = trained(), pictures()
    known = torch.ones(2, 16, 24, dtype=torch.bool)
    known[:, :, 12:] = False
    other = torch.where(known[:, None], images, torch.rand_like(images))
    with evaluating(learner):
        drawn = [learner.complete(CompletionRequest(request(), given, known)) for given in (images, other)]
    kept = known[:, None].expand_as(images)
    assert torch.equal(drawn[0][kept], images[kept])
    assert torch.equal(drawn[0], drawn[1])
    assert learner.completion_note(known[0]).endswith(".")


def seam(images: Tensor, column: int) -> float:
    """By how much the tone jumps at the line before a column, in the mean over pictures and channels."""
    return float((images[..., column] - images[..., column - 1]).mean(2).abs().mean())


def test_that_a_completion_has_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    learner, images = trained(), pictures().clamp(-0.5, 0.5) + 0.5  # brighter than what is drawn, mid-grey
    monkeypatch.setattr(learner, "_denoise", lambda *_: lambda x, _sigma: Guess(torch.zeros_like(x), None))
    known = torch.ones(2, 16, 24, dtype=torch.bool)
    known[:, :, 12:] = False
    asked = CompletionRequest(request(), images, known)
    with evaluating(learner):
        drawn = learner.complete(asked)
        monkeypatch.setattr(Maps, "joined", lambda _, drawn, images, known: torch.where(known[:, None], images, drawn))
        patched = learner.complete(asked)
    assert torch.equal(drawn[..., :12], images[..., :12]) and torch.equal(patched[..., :12], images[..., :12])
    assert seam(patched, 12) > 0.3 and seam(drawn, 12) < 0.25 * seam(patched, 12)


def test_that_what_is_drawn_is_led_to_known_pixels_and_left_alone_far_from_them() -> None:
    images, drawn = torch.full((1, 3, 8, 40), 0.5), torch.rand(1, 3, 8, 40) - 0.5
    drawn = torch.where(torch.arange(40) < 20, images - 0.4, drawn)  # the drawing is darker
    known = (torch.arange(40) < 20).expand(1, 8, 40)
    found = met(drawn, images, known, 4)
    assert torch.equal(found[..., :20], images[..., :20])
    moved = (found - drawn)[..., 20:].mean((0, 1, 2))
    assert 0.3 < float(moved[0]) < 0.4 and float(moved[12:].abs().max()) < 0.002
    assert bool((moved[1:] <= moved[:-1] + 1e-6).all())  # it fades
    assert torch.equal(met(drawn, images, torch.zeros_like(known), 4), drawn)


def test_that_colours_nobody_sees_move_nothing() -> None:
    """Wholly transparent pixels have the colour of the paper; what is drawn beside them keeps its own."""
    images, drawn = torch.full((1, 4, 6, 12), 1.0), torch.zeros(1, 4, 6, 12)
    images[:, 3] = -1  # white, unseen
    known = (torch.arange(12) < 6).expand(1, 6, 12)
    found = met(drawn, images, known, 3)
    assert torch.equal(found[:, :3, :, 6:], drawn[:, :3, :, 6:]) and float(found[0, 3, 0, 6]) < -0.7
    assert torch.equal(found[..., :6], images[..., :6])


def test_that_restyling_goes_from_the_picture_to_a_fresh_one() -> None:
    learner, images = trained(), pictures()
    with evaluating(learner):
        drawn = [
            learner.restyle(RestyleRequest(request(steps=10), images, strength)) for strength in (0.0, 0.3, 0.9, 1.0)
        ]
        fresh = learner.sample(request(steps=10))
    assert torch.equal(drawn[0], images) and torch.equal(drawn[3], fresh)
    apart = [float((one - images).square().mean()) for one in drawn]
    assert apart == sorted(apart)


# ---- What it stands on


def test_that_a_run_that_does_not_fit_is_refused_with_a_sentence() -> None:
    for wrong in (SPEC.model_copy(update={"channels": 1}), SPEC.model_copy(update={"height": 32})):
        with pytest.raises(FamilyError, match="another size or colour mode"):
            LatentLearner(SMALL, SPEC, StandInAutoencoder(wrong))
    with pytest.raises(FamilyError, match="makes no maps"):
        LatentLearner(SMALL, SPEC, trained())
    with pytest.raises(FamilyError, match="Train a KL-autoencoder"):
        LATENT.build(LatentConfig(), SPEC, NoRuns())


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    made = workshop.new_workspace(tmp_path / "project")
    yield made
    made.project.close()


@pytest.fixture
def dataset(ws: Workspace, tmp_path: Path) -> str:
    folder, options = workshop.paint_pictures(tmp_path / "pictures"), ImportOptions(width=16, height=16, mode="grey")
    return import_dataset(ws, folder, options, "waves", lambda *_: None, lambda: False)[0].id


def make(ws: Workspace, family: str, dataset: str, **knobs: object) -> RunRecord:
    listed = ws.host.family(family)
    config = listed.presets["Draft"].replaced({"width": 8, "batch_size": 16, "images": 96, **knobs})
    settings = RunSettings(seed=3, preview_count=2, device="cpu")
    return create_run(ws, family, config, dataset, settings)


def tensors_of(ws: Workspace, run: RunRecord) -> dict[str, Tensor]:
    file = ws.project.latest_checkpoint(run.id)
    assert file is not None and file.images_seen == 96
    return read_checkpoint(ws.project.path(file.file), file.sha256)[1]


def test_that_it_is_not_created_without_an_autoencoder(ws: Workspace, dataset: str) -> None:
    with pytest.raises(ConfigError, match=r"Choose a run for “Autoencoder”.*VQ-VAE") as caught:
        make(ws, "latent-diffusion", dataset)
    assert list(caught.value.fields) == ["autoencoder"]


@pytest.mark.parametrize("kind", ["kl-autoencoder", "vq-vae"])
def test_that_a_resumed_run_on_a_real_autoencoder_is_bit_by_bit_the_same(
    ws: Workspace, dataset: str, kind: str
) -> None:
    base = make(ws, kind, dataset, halvings=1)
    workshop.train(ws, base.id)
    straight, halved = (make(ws, "latent-diffusion", dataset, autoencoder=base.name) for _ in range(2))
    assert straight.config["autoencoder"] == base.id
    workshop.train(ws, straight.id)
    control, looks = Control(), count()
    train_run(ws, halved.id, lambda _: None, control, lambda: control.stop() if next(looks) == 3 else None)
    assert ws.project.run(halved.id).images_seen == 48
    workshop.train(ws, halved.id)
    one, other = tensors_of(ws, straight), tensors_of(ws, halved)
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    learner, _ = load_learner(ws, halved.id)
    assert isinstance(learner, LatentLearner)
    with evaluating(learner):
        drawn = learner.sample(request())
    assert drawn.shape == (2, 1, 16, 16) and bool(torch.isfinite(drawn).all())
