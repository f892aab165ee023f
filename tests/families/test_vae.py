"""The variational autoencoder as the studio uses it. What every family owes is checked by the conformance suite."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.errors import FamilyError
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.generation.interpolate import interpolate
from genstudio.generation.sample import sample
from genstudio.testing.lab import NoRuns
from genstudio.testing.pictures import made_up
from genstudio.training.learner import PreviewRequest, SampleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio_vae import FAMILY
from genstudio_vae.config import VaeConfig, VaeSampling
from genstudio_vae.distributions import Gaussian
from genstudio_vae.model import Bound, VaeLearner, beta_at
from genstudio_vae.networks import Shape
from genstudio_vae.prior import Prior

BATCH = 16
SMALL = VaeConfig(images=3200, batch_size=BATCH, latents=6, width=8, bound_samples=8)


def build(spec: DataSpec, config: VaeConfig = SMALL) -> VaeLearner:
    torch.manual_seed(0)
    learner = FAMILY.build(config, spec, NoRuns())
    assert isinstance(learner, VaeLearner)
    return learner.train()


def source_of(dataset: ImageDataset) -> BatchSource:
    return BatchSource(dataset, np.arange(len(dataset)), batch_size=BATCH, seed=0, device="cpu")


def train(learner: VaeLearner, dataset: ImageDataset, steps: int) -> Mapping[str, Tensor]:
    source = source_of(dataset)
    figures: Mapping[str, Tensor] = {}
    for step in range(steps):
        figures = learner.step(source.batch(step * BATCH))
    return figures


@pytest.fixture(scope="module")
def figures_dataset() -> ImageDataset:
    """Bars, discs and rings in grey."""
    return made_up(1, 16, 16, labelled=True)


@pytest.fixture(scope="module")
def trained(figures_dataset: ImageDataset) -> VaeLearner:
    """Two hundred steps on them: enough to tell them apart."""
    torch.set_num_threads(1)
    learner = build(figures_dataset.spec)
    train(learner, figures_dataset, 200)
    return learner.eval()


def ask(count: int, label: int | None = None, temperature: float = 1.0, seed: int = 0) -> SampleRequest:
    labels = None if label is None else torch.full((count,), label)
    return SampleRequest(Noise(seed, range(count)), labels, VaeSampling(temperature=temperature))


def test_that_asking_for_a_label_gives_pictures_of_that_label(
    trained: VaeLearner, figures_dataset: ImageDataset
) -> None:
    """A picture drawn for a label looks more like the typical one of its label than like those of the others."""
    examples = source_of(figures_dataset).fixed(range(24), 0)
    assert examples.labels is not None
    with torch.no_grad():
        typical = torch.cat([trained.sample(ask(1, label, temperature=0.0)) for label in range(3)])
        places = trained.encode(examples.images)
        nearest = trained.ema.module.prior.each().log_prob(places[:, None]).argmax(1)
    assert float((nearest == examples.labels).float().mean()) > 0.9
    for label in range(3):
        mean = examples.images[examples.labels == label].mean(0)
        distances = (typical - mean).flatten(1).square().mean(1)
        assert int(distances.argmin()) == label


def test_that_without_a_label_all_labels_are_drawn(trained: VaeLearner) -> None:
    with torch.no_grad():
        places = trained.draw_latents(ask(60))
        nearest = torch.cdist(places, trained.ema.module.prior.each().mean).argmin(1)
    assert set(nearest.tolist()) == {0, 1, 2}


def test_that_temperature_zero_gives_the_typical_picture_only(trained: VaeLearner) -> None:
    with torch.no_grad():
        cold, warm = trained.sample(ask(4, 1, temperature=0.0)), trained.sample(ask(4, 1))
    assert (cold - cold[:1]).abs().max() < 1e-5
    assert (warm - warm[:1]).abs().max() > 0.01


def test_that_redrawings_are_close_to_their_originals(trained: VaeLearner, figures_dataset: ImageDataset) -> None:
    examples = source_of(figures_dataset).fixed(range(24), 0)
    with torch.no_grad():
        error = (trained.reconstruct(examples.images) - examples.images).square().mean().sqrt()
    assert float(error) < 0.35  # the pictures' own spread is 0.6


def test_that_previews_show_originals_beside_their_redrawings(
    trained: VaeLearner, figures_dataset: ImageDataset
) -> None:
    examples = source_of(figures_dataset).fixed(range(4), 0)
    with evaluating(trained):
        shown = dict(trained.previews(PreviewRequest(ask(4), examples)))
    pairs = shown["reconstructions"]
    assert torch.equal(pairs[0::2], examples.images)
    assert torch.equal(pairs[1::2], trained.reconstruct(examples.images))


def test_that_a_walk_ends_on_the_two_samples(trained: VaeLearner) -> None:
    options = VaeSampling()
    walk = interpolate(trained, seed_a=3, seed_b=9, steps=5, options=options, label=None, device="cpu")
    for seed, place in ((3, 0), (9, 4)):
        (alone,) = sample(trained, seed=seed, count=1, batch=1, options=options, label=None, device="cpu")
        assert (walk.images[place] == alone.images[0]).all()


def test_that_likelihood_is_at_least_the_bound_and_at_most_certainty(
    trained: VaeLearner, figures_dataset: ImageDataset
) -> None:
    source = source_of(figures_dataset)
    with torch.no_grad():
        bounds = torch.stack([trained.evaluate(source.fixed(range(24), seed))["bound"] for seed in range(40)]).mean(0)
        nats = -trained.log_likelihood(source.fixed(range(24), 0))
    assert (nats > 0).all()
    assert float((nats - bounds).mean()) < 0


def test_that_a_likelihood_without_labels_sums_over_them(trained: VaeLearner, figures_dataset: ImageDataset) -> None:
    """Not knowing which of three labels it is costs at most log 3 where the latents tell them apart."""
    batch = source_of(figures_dataset).fixed(range(24), 0)
    unlabelled = Batch(batch.pixels, batch.images, None, batch.index, 0, torch.Generator().manual_seed(1))
    with torch.no_grad():
        known, unknown = trained.log_likelihood(batch), trained.log_likelihood(unlabelled)
    cost = float((known - unknown).mean())
    assert -0.5 < cost < math.log(3) + 0.5


def test_that_the_region_of_no_label_in_particular_cannot_be_asked_for(trained: VaeLearner) -> None:
    with pytest.raises(FamilyError, match="trained by label"):
        trained.ema.module.prior.of(None)


def test_that_coordinates_bent_and_straightened_are_the_same() -> None:
    torch.manual_seed(0)
    prior = Prior(5, classes=0, bends=3).double()
    for coupling in prior.couplings:
        torch.nn.init.normal_(coupling.get_parameter("last.weight"))
    u = torch.randn(4, 5, dtype=torch.float64)
    z = prior.bend(u)
    again, room = prior.straighten(z)
    torch.testing.assert_close(again, u)
    each = torch.autograd.functional.jacobian(lambda z: prior.straighten(z[None])[0][0], z[0])  # type: ignore[no-untyped-call]
    torch.testing.assert_close(room[0], torch.linalg.slogdet(each)[1])
    assert float((z - u).detach().abs().max()) > 0.1


@pytest.mark.parametrize("classes", [0, 3])
def test_that_the_density_of_a_bent_prior_integrates_to_one(classes: int) -> None:
    torch.manual_seed(0)
    prior = Prior(2, classes, bends=2)
    for coupling in prior.couplings:
        torch.nn.init.normal_(coupling.get_parameter("last.weight"), std=0.3)
    axis = torch.linspace(-15, 15, 601)
    with torch.no_grad():
        density = prior.log_prob(torch.cartesian_prod(axis, axis), None).exp().view(601, 601)
    assert float(torch.trapezoid(torch.trapezoid(density, axis), axis)) == pytest.approx(1, abs=5e-3)


def test_that_noise_is_odder_than_what_was_learned(trained: VaeLearner, figures_dataset: ImageDataset) -> None:
    examples = source_of(figures_dataset).fixed(range(24), 0)
    noise = Batch(
        examples.pixels, torch.rand_like(examples.images) * 2 - 1, None, examples.index, 0, examples.generator
    )
    with torch.no_grad():
        usual, odd = trained.anomaly(examples), trained.anomaly(noise)
    assert float(usual.scores.max()) < float(odd.scores.min())
    torch.testing.assert_close(usual.scores, usual.maps.square().mean((1, 2)).sqrt())


def test_that_bits_are_nats_shared_out_over_the_numbers(figures_dataset: ImageDataset) -> None:
    learner = build(figures_dataset.spec)
    figures = learner.step(source_of(figures_dataset).batch(0))
    assert float(figures["bits"]) == pytest.approx(float(figures["bound"]) / (256 * math.log(2)), rel=1e-5)
    assert float(figures["bound"]) == pytest.approx(float(figures["reconstruction"] + figures["kl"]), rel=1e-5)


@pytest.mark.parametrize("likelihood", ["logistic", "gaussian", "bernoulli"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_that_every_likelihood_learns_every_colour_mode(likelihood: str, channels: int) -> None:
    dataset = made_up(channels, 16, 16, labelled=False)
    learner = build(dataset.spec, SMALL.replaced({"likelihood": likelihood}))
    first = learner.step(source_of(dataset).batch(0))
    last = train(learner, dataset, 30)
    assert float(last["bound"]) < float(first["bound"])
    assert learner.sample(ask(2)).shape == (2, channels, 16, 16)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (9, 40), (28, 28), (33, 17), (128, 128), (200, 256)])
def test_that_any_size_goes_in_and_out_again(height: int, width: int) -> None:
    spec = DataSpec(count=4, channels=3, height=height, width=width)
    learner = build(spec, SMALL.replaced({"width": 4}))
    with torch.no_grad():
        assert learner.reconstruct(torch.zeros(2, 3, height, width)).shape == (2, 3, height, width)
    assert 3 <= min(Shape.of(spec, width=4).smallest[1:]) <= 6


def test_that_padding_repeats_the_border_and_leaves_the_picture_alone() -> None:
    shape = Shape.of(DataSpec(count=1, channels=1, height=15, width=18), width=4)
    images = torch.rand(2, 1, 15, 18)
    padded = shape.padded(images)
    assert padded.shape == (2, 1, 16, 20)
    assert torch.equal(padded[:, :, :15, :18], images)
    assert torch.equal(padded[:, :, 15, :18], images[:, :, 14])


def test_that_sizes_out_of_reach_are_refused_with_a_sentence() -> None:
    for height, width in ((4, 32), (32, 300)):
        sentence = FAMILY.misfit(DataSpec(count=4, channels=3, height=height, width=width))
        assert sentence is not None
        assert "Import them at another size." in sentence


def test_that_labels_can_be_left_out(figures_dataset: ImageDataset) -> None:
    learner = build(figures_dataset.spec, SMALL.replaced({"by_label": False}))
    assert learner.vae.prior.classes == 0
    train(learner, figures_dataset, 2)
    assert torch.equal(learner.sample(ask(2, 0)), learner.sample(ask(2, 1)))


def test_that_beta_rises_over_the_first_share_of_the_run() -> None:
    config = VaeConfig(images=1000, beta=2.0, warmup=0.5)
    assert [beta_at(config, seen) for seen in (0, 250, 500, 1000)] == [0.0, 1.0, 2.0, 2.0]
    assert beta_at(config.replaced({"warmup": 0.0}), 0) == 2.0


def test_that_free_information_keeps_latents_from_falling_silent(figures_dataset: ImageDataset) -> None:
    dear = SMALL.replaced({"beta": 30.0, "warmup": 0.0, "by_label": False, "width": 4})
    silent = train(build(figures_dataset.spec, dear), figures_dataset, 60)
    free = train(build(figures_dataset.spec, dear.replaced({"free_bits": 0.5})), figures_dataset, 60)
    assert float(free["kl"]) > 1.5
    assert float(free["kl"]) > 2 * float(silent["kl"])


def test_that_active_latents_are_those_that_say_something() -> None:
    means, log_vars = torch.zeros(8, 4), torch.zeros(8, 4)
    means[:, 1] = torch.arange(8)
    means[:, 2] = 0.05 * torch.arange(8)
    means[:, 3], log_vars[:, 3] = 5.0, -3.0
    spoken = Gaussian(means, log_vars).spoken()
    assert spoken[0] == spoken[3] == 0
    assert float(spoken[1]) == pytest.approx(0.5 * math.log(1 + 5.25))
    assert float(Bound(torch.zeros(8), torch.zeros(8), spoken).active()) == 1


def test_that_a_profile_says_what_each_latent_says() -> None:
    """An encoder with one talkative latent: a mean of ±3 with variance 1 says ½ log(1 + 9) nats, the others nothing."""

    class Talks(torch.nn.Module):
        def forward(self, images: Tensor) -> Gaussian:
            mean = torch.zeros(len(images), SMALL.latents)
            mean[:, 2] = torch.where(torch.arange(len(images)) % 2 == 0, 3.0, -3.0)
            return Gaussian(mean, torch.zeros_like(mean))

    dataset = made_up(1, 16, 16, labelled=False)
    learner = build(dataset.spec)
    learner.ema.module.encoder = Talks()
    rows = learner.profiles(source_of(dataset).fixed(range(8), 0))
    expected = [0.0, 0.0, 0.5 * math.log(10.0), 0.0, 0.0, 0.0]
    assert rows["latents"].tolist() == pytest.approx(expected, abs=1e-6)
