"""Codebook, order of codes, small maps, and labels that only some pictures have: against answers worked out by hand."""

import itertools
import math
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from genstudio.core.spec import DataSpec
from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.testing.lab import NoRuns
from genstudio.testing.pictures import made_up
from genstudio.training.learner import Autoencodes, Classifies, Learner, SampleRequest, Tokenises
from genstudio.training.noise import Noise
from genstudio_vae.code_prior import CodePrior
from genstudio_vae.codebook import Codebook, perplexity
from genstudio_vae.config import VaeSampling
from genstudio_vae.families import KL, SEMI, VQ
from genstudio_vae.kl import KlLearner, MapVae
from genstudio_vae.relatives import KlConfig, SemiConfig, VqConfig, VqSampling
from genstudio_vae.semi import SemiLearner
from genstudio_vae.texture import Texture
from genstudio_vae.vq import VqLearner

BATCH = 8
GO = torch.tensor(False)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def stream() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def source_of(dataset: ImageDataset) -> BatchSource:
    return BatchSource(dataset, np.arange(len(dataset)), batch_size=BATCH, seed=0, device="cpu")


def train(learner: Learner, dataset: ImageDataset, steps: int) -> Mapping[str, Tensor]:
    source = source_of(dataset)
    return [learner.train().step(source.batch(step * BATCH)) for step in range(steps)][-1]


# ---- Codebook


def some_codebook(codes: int = 4) -> Codebook:
    book = Codebook(codes, 2, decay=0.9, fewest=0.0)
    book.counts.fill_(2.0)
    book.sums.copy_(2.0 * book.vectors)
    return book


def test_that_features_are_rounded_to_the_nearest_code() -> None:
    book = some_codebook()
    features = torch.randn(3, 2, 4, 5)
    rounded = book(features)
    flat = features.permute(0, 2, 3, 1).reshape(-1, 2)
    nearest = torch.cdist(flat, book.vectors).argmin(1).view(3, 4, 5)
    assert torch.equal(rounded.codes, nearest)
    torch.testing.assert_close(rounded.vectors, book.look_up(nearest))
    torch.testing.assert_close(rounded.commitment, (features - book.look_up(nearest)).square().flatten(1).mean(1))


def test_that_a_code_is_the_moving_average_of_what_is_rounded_to_it() -> None:
    book = some_codebook()
    before = book.vectors.clone()
    features = torch.randn(3, 2, 4, 5)
    codes = book.nearest(features)
    book.learn(features, codes, GO, stream())
    flat, chosen = features.permute(0, 2, 3, 1).reshape(-1, 2), codes.flatten()
    for code in range(4):
        mine = flat[chosen == code]
        count = 0.9 * 2 + 0.1 * len(mine)
        expected = (0.9 * 2 * before[code] + 0.1 * mine.sum(0)) / count
        torch.testing.assert_close(book.vectors[code], expected)
        assert float(book.counts[code]) == pytest.approx(count)


def test_that_after_many_steps_a_code_is_the_mean_of_its_features() -> None:
    book = some_codebook(2)
    features = torch.tensor([[0.0, 2.0, 10.0, 12.0], [1.0, 1.0, 5.0, 5.0]]).view(1, 2, 1, 4)
    book.vectors.copy_(torch.tensor([[0.0, 0.0], [9.0, 9.0]]))
    book.sums.copy_(2.0 * book.vectors)
    for _ in range(200):
        book.learn(features, book.nearest(features), GO, stream())
    torch.testing.assert_close(book.vectors, torch.tensor([[1.0, 1.0], [11.0, 5.0]]), rtol=1e-4, atol=1e-4)


def test_that_a_code_nobody_uses_begins_anew_at_a_feature() -> None:
    book = Codebook(3, 2, fewest=0.03)
    book.vectors.copy_(torch.tensor([[0.0, 0.0], [1.0, 1.0], [99.0, 99.0]]))
    book.counts.copy_(torch.tensor([9.0, 9.0, 0.0]))
    book.sums.copy_(book.vectors * book.counts[:, None])
    features = torch.rand(1, 2, 4, 4)
    book.learn(features, book.nearest(features), GO, stream())
    flat = features.permute(0, 2, 3, 1).reshape(-1, 2)
    assert float(torch.cdist(book.vectors[2:], flat).min()) < 1e-6
    assert float(torch.cdist(book.vectors[:2], flat).min()) > 1e-6
    assert float(book.counts[2]) == pytest.approx(16 / 3)


def test_that_a_blocked_step_changes_no_code() -> None:
    book = some_codebook()
    before = {name: tensor.clone() for name, tensor in book.state_dict().items()}
    features = torch.full((1, 2, 2, 2), math.nan)
    book.learn(features, book.nearest(features), torch.tensor(True), stream())
    assert all(torch.equal(tensor, before[name]) for name, tensor in book.state_dict().items())


def test_that_gradients_pass_straight_through_rounding() -> None:
    book, features = some_codebook(), torch.randn(2, 2, 3, 3, requires_grad=True)
    weights = torch.randn(2, 2, 3, 3)
    (book(features).vectors * weights).sum().backward()
    assert features.grad is not None
    assert torch.equal(features.grad, weights)


def test_that_commitment_pulls_features_towards_their_codes_and_not_back() -> None:
    book, features = some_codebook(), torch.randn(2, 2, 3, 3, requires_grad=True)
    book(features).commitment.sum().backward()
    difference = features - book.look_up(book.nearest(features))
    assert features.grad is not None
    torch.testing.assert_close(features.grad, (2 / 18) * difference.detach())


def test_that_perplexity_counts_codes_used_alike() -> None:
    assert float(perplexity(torch.arange(8).repeat(3), 8)) == pytest.approx(8)
    assert float(perplexity(torch.zeros(10, dtype=torch.int64), 8)) == pytest.approx(1)


# ---- The order of codes


def test_that_the_order_sees_only_what_came_before() -> None:
    prior = CodePrior(5, (4, 4), classes=0, width=8, depth=2)
    for layer in prior.layers:
        torch.nn.init.normal_(layer.get_parameter("out.weight"))
    codes = torch.randint(5, (1, 4, 4), generator=stream())
    with torch.no_grad():
        before = prior(codes, None)
        for row, column in itertools.product(range(4), range(4)):
            changed = codes.clone()
            changed[0, row, column] = (changed[0, row, column] + 1) % 5
            differs = (prior(changed, None) - before).abs().amax((0, 1)).flatten() > 1e-6
            assert not differs[: 4 * row + column + 1].any()


def test_that_the_probabilities_of_all_maps_sum_to_one() -> None:
    prior = CodePrior(3, (2, 2), classes=2, width=8, depth=1)
    maps = torch.cartesian_prod(*[torch.arange(3)] * 4).view(-1, 2, 2)
    for labels in (None, torch.zeros(len(maps), dtype=torch.int64), torch.full((len(maps),), -1)):
        with torch.no_grad():
            total = torch.exp(-prior.nats(maps, labels).sum((1, 2))).sum()
        assert float(total) == pytest.approx(1, abs=1e-4)


def test_that_codes_are_drawn_as_often_as_they_are_likely() -> None:
    prior = CodePrior(3, (1, 2), classes=0, width=8, depth=1)
    request = SampleRequest(Noise(0, range(4000)), None, VqSampling())
    with torch.no_grad():
        drawn = prior.draw(request, None, 1.0)
        maps = torch.cartesian_prod(torch.arange(3), torch.arange(3)).view(-1, 1, 2)
        expected = torch.exp(-prior.nats(maps, None).sum((1, 2)))
    found = torch.bincount(drawn[:, 0, 0] * 3 + drawn[:, 0, 1], minlength=9) / 4000
    assert float((found - expected).abs().max()) < 0.03


# ---- VQ-VAE


VQ_SMALL = VqConfig(images=3200, batch_size=BATCH, width=8, codes=16, dimensions=4, prior_width=16, prior_depth=1)


def test_that_pictures_become_codes_and_codes_pictures() -> None:
    dataset = made_up(1, 15, 18, labelled=True)
    learner = VQ.build(VQ_SMALL, dataset.spec, NoRuns())
    assert isinstance(learner, VqLearner) and isinstance(learner, Tokenises) and isinstance(learner, Autoencodes)
    train(learner, dataset, 5)
    batch = source_of(dataset).fixed(range(6), 0)
    with torch.no_grad():
        codes = learner.eval().codes(batch.images)
        assert codes.shape == (6, *learner.code_shape) == (6, 4, 5)
        assert torch.equal(learner.decode_codes(codes), learner.reconstruct(batch.images))
        request = SampleRequest(Noise(0, range(6)), None, VqSampling())
        torch.testing.assert_close(learner.decode(learner.encode(batch.images), request), learner.decode_codes(codes))
        torch.testing.assert_close(learner.from_latents(learner.to_latents(batch.images)), learner.decode_codes(codes))
        odd = learner.anomaly(batch)
    torch.testing.assert_close(odd.scores, odd.maps.square().mean((1, 2)).sqrt())


def test_that_a_vq_vae_learns_and_uses_its_codes() -> None:
    dataset = made_up(1, 16, 16, labelled=True)
    learner = VQ.build(VQ_SMALL, dataset.spec, NoRuns())
    first = train(learner, dataset, 1)
    last = train(learner, dataset, 80)
    assert float(last["bound"]) < 0.9 * float(first["bound"])
    assert float(last["used"]) > 4
    assert float(last["bound"]) == pytest.approx(float(last["reconstruction"] + last["codes"]), rel=1e-5)


# ---- KL-autoencoder


KL_SMALL = KlConfig(images=3200, batch_size=BATCH, width=8, channels=3, learning_rate=1e-3)


def test_that_small_maps_are_evened_out_and_redrawn() -> None:
    dataset = made_up(3, 16, 16, labelled=False)
    learner = KL.build(KL_SMALL, dataset.spec, NoRuns())
    assert isinstance(learner, KlLearner) and isinstance(learner, Autoencodes)
    train(learner, dataset, 60)
    batch = source_of(dataset).fixed(range(24), 0)
    with torch.no_grad():
        latents = learner.eval().to_latents(batch.images)
        assert latents.shape == (24, *learner.latent_shape) == (24, 3, 4, 4)
        torch.testing.assert_close(learner.from_latents(latents), learner.reconstruct(batch.images))
    assert float(latents.mean((0, 2, 3)).abs().max()) < 0.8
    assert 0.5 < float(latents.std((0, 2, 3)).min()) <= float(latents.std((0, 2, 3)).max()) < 2


def test_that_colours_pass_from_the_first_step() -> None:
    """Before anything is learned, the plain way redraws the mean colour of every place of the map."""
    colours = torch.rand(8, 4, 4, 4, generator=stream()) * 2 - 1
    pictures = colours.repeat_interleave(4, 2).repeat_interleave(4, 3)
    spec = made_up(4, 16, 16, labelled=False).spec
    vae = KL.build(KL_SMALL.replaced({"channels": 4}), spec, NoRuns()).vae
    assert isinstance(vae, MapVae)
    with torch.no_grad():
        maps = vae.encoder.plain(torch.nn.functional.avg_pool2d(pictures, 4))
        torch.testing.assert_close(maps[:, :4], colours)
        torch.testing.assert_close(vae.decoder.plain(maps[:, :4]), colours)
        assert float(vae.posterior(pictures).log_var.max()) < -2


def test_that_kernels_that_touch_pictures_or_maps_are_not_hidden() -> None:
    vae = KL.build(KL_SMALL, made_up(4, 16, 16, labelled=False).spec, NoRuns()).vae
    assert isinstance(vae, MapVae)
    hidden = {id(parameter) for parameter in vae.hidden()}
    both = (*vae.encoder.named_parameters("encoder"), *vae.decoder.named_parameters("decoder"))
    names = [name for name, parameter in both if parameter.ndim > 1 and id(parameter) not in hidden]
    assert [name.split(".", 1)[0] for name in names] == ["encoder"] * 3 + ["decoder"] * 3
    assert "encoder.deep.0.layers.0.weight" in names and "decoder.plain.weight" in names


@pytest.mark.parametrize("critic", [0.0, 0.5])
def test_that_redrawings_get_better(critic: float) -> None:
    dataset = made_up(3, 16, 16, labelled=False)
    learner = KL.build(KL_SMALL.replaced({"critic": critic, "critic_from": 0.01}), dataset.spec, NoRuns())
    first, last = train(learner, dataset, 1), train(learner, dataset, 60)
    assert float(last["reconstruction"]) < 0.96 * float(first["reconstruction"])
    assert (float(last["critic"]) == 2.0) == (critic == 0.0)


def test_that_texture_minds_blur_more_than_a_shift() -> None:
    pictures = made_up(3, 32, 32, labelled=False).pixels / 127.5 - 1
    sharp = torch.from_numpy(pictures).float()
    blurred = torch.nn.functional.avg_pool2d(sharp, 3, stride=1, padding=1, count_include_pad=False)
    shifted = sharp.roll(1, 3)
    texture = Texture(3)
    assert texture(sharp, sharp).abs().max() == 0
    assert float(texture(sharp, blurred).mean()) > float(texture(sharp, shifted).mean())
    assert float((sharp - blurred).square().mean()) < float((sharp - shifted).square().mean())


# ---- Partly labelled pictures


def partly_labelled() -> ImageDataset:
    whole = made_up(1, 16, 16, labelled=True)
    assert whole.labels is not None
    labels = [int(label) if index < 12 else -1 for index, label in enumerate(whole.labels)]
    return ImageDataset.in_memory(whole.pixels, labels=labels, classes=whole.spec.classes)


def semi(told: str, **changes: object) -> SemiLearner:
    config = SemiConfig(images=3200, batch_size=BATCH, width=8, latents=4, bound_samples=8)
    learner = SEMI.build(config.replaced({"told": told, **changes}), partly_labelled().spec, NoRuns())
    assert isinstance(learner, SemiLearner) and isinstance(learner, Classifies)
    return learner


TOLD = pytest.mark.parametrize("told", ["latents", "decoder"])


@TOLD
def test_that_it_names_pictures_whose_labels_it_was_not_given(told: str) -> None:
    dataset, whole = partly_labelled(), made_up(1, 16, 16, labelled=True)
    learner = semi(told)
    train(learner, dataset, 110)
    batch = source_of(whole).fixed(range(24), 0)
    assert batch.labels is not None
    with torch.no_grad():
        names = learner.eval().class_log_probabilities(batch.images)
    torch.testing.assert_close(names.exp().sum(1), torch.ones(24))
    right = (names.argmax(1) == batch.labels).float()
    assert float(right[:12].mean()) > 0.9
    assert float(right[12:].mean()) > 0.6


@TOLD
def test_that_the_bound_is_a_sum_over_labels_as_in_the_paper(told: str) -> None:
    learner = semi(told, bends=0).eval()
    batch = source_of(partly_labelled()).fixed(range(4), 0)
    with torch.no_grad():
        noise = torch.randn(4, 4, generator=torch.Generator().manual_seed(batch.generator.initial_seed()))
        vae = learner.ema.module
        q = vae.classifier(batch.images).exp()
        total = torch.zeros(4)
        for label in range(3):
            one = torch.zeros(4, 3)
            one[:, label] = 1
            posterior = vae.posterior(vae.features(batch.images), one)
            z = posterior.at(noise)
            cost = -vae.likelihood.log_prob(batch.images, vae.decoder(z, one)).flatten(1).sum(1)
            prior = vae.prior.of(None if told == "decoder" else torch.full((4,), label))
            kl = posterior.divergence(prior).sum(1) if told == "decoder" else -posterior.entropy() - prior.log_prob(z)
            total += q[:, label] * (cost + kl + math.log(3) + q[:, label].log())
        found = learner.evaluate(batch)["bound"]
    torch.testing.assert_close(found, total, rtol=1e-4, atol=1e-2)


def test_that_fewer_labels_are_used_when_asked_and_always_the_same() -> None:
    spec = DataSpec(count=4000, channels=1, height=16, width=16, classes=("a", "b"))
    pixels = np.zeros((4000, 1, 16, 16), np.uint8)
    dataset = ImageDataset.in_memory(pixels, labels=[0] * 2000 + [1] * 2000, classes=spec.classes)
    config = SemiConfig(width=4, latents=2, labels_used=0.05)
    learner = SEMI.build(config, spec, NoRuns())
    assert isinstance(learner, SemiLearner)
    batch = source_of(dataset).fixed(range(4000), 0)
    _, known = learner._labels(batch)
    assert 180 < int(known.sum()) < 220
    assert 80 < int(known[:2000].sum()) < 120
    assert torch.equal(known, learner._labels(batch)[1])


def test_that_the_style_stays_when_the_decoder_is_told_another_label() -> None:
    learner = semi("decoder").eval()
    drawn = [
        learner.draw_latents(SampleRequest(Noise(3, range(2)), torch.full((2,), label), VaeSampling()))
        for label in (0, 2)
    ]
    assert torch.equal(drawn[0][:, :4], drawn[1][:, :4])
    assert drawn[0][:, 4:].argmax(1).tolist() == [0, 0]
    assert drawn[1][:, 4:].argmax(1).tolist() == [2, 2]


def test_that_a_family_for_labels_refuses_pictures_without_any() -> None:
    sentence = SEMI.misfit(DataSpec(count=4, channels=1, height=16, width=16))
    assert sentence is not None
    assert "folder" in sentence
    assert SEMI.misfit(partly_labelled().spec) is None
