"""Diffusion's parameterisations, networks, averages and learner."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genstudio.core.config import parse
from genstudio.core.errors import ConfigError, FamilyError
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.testing.pictures import made_for
from genstudio.training.learner import CompletionRequest, RestyleRequest, SampleRequest
from genstudio.training.noise import Noise
from genstudio.training.previews import evaluating
from genstudio_diffusion.augment import augmented
from genstudio_diffusion.condition import Condition, Leaning
from genstudio_diffusion.config import DiffusionConfig, DiffusionSampling, Prediction
from genstudio_diffusion.denoiser import Denoiser, Guess
from genstudio_diffusion.emas import LONG, SHORT, PowerEma, TwoEmas, exponent, share_of_long
from genstudio_diffusion.improved import StepBound
from genstudio_diffusion.levels import Discrete, LogNormal, linear_alphas, sigmas_of, stratified, thinned
from genstudio_diffusion.model import DiffusionLearner
from genstudio_diffusion.training import signal_weight
from genstudio_diffusion.unet import UNet, UNetPlan

SPEC = DataSpec(count=24, channels=3, height=16, width=16, classes=("bar", "disc", "ring"))
PREDICTIONS: tuple[Prediction, ...] = ("edm", "flow", "v", "noise", "clean")
SMALL: dict[str, Any] = {"width": 8, "batch_size": 8, "images": 800}


def learner_of(**knobs: Any) -> DiffusionLearner:
    torch.manual_seed(0)
    return DiffusionLearner(DiffusionConfig(**{**SMALL, **knobs}), SPEC)


def batch_at(images_seen: int = 0) -> Batch:
    dataset = made_for(SPEC)
    return BatchSource(dataset, np.arange(24), batch_size=8, seed=0, device="cpu").batch(images_seen)


def trained(steps: int = 3, **knobs: Any) -> DiffusionLearner:
    learner = learner_of(**knobs).train()
    for step in range(steps):
        learner.step(batch_at(8 * step))
    return learner


def request(count: int = 2, labels: Tensor | None = None, **options: Any) -> SampleRequest:
    return SampleRequest(Noise(7, range(count)), labels, DiffusionSampling(**{"steps": 4, **options}))


# ---- Parameterisations


class Knows(nn.Module):
    """A network that knows the answer, and checks what it is shown."""

    def __init__(self, answer: Tensor, shown: Tensor) -> None:
        super().__init__()
        self.answer, self.shown = answer, shown

    def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
        torch.testing.assert_close(x, self.shown)
        return self.answer


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_that_a_perfect_answer_is_the_clean_picture(prediction: Prediction) -> None:
    """Answers and inputs as the papers write them: with √ᾱ and √(1-ᾱ), with t, with c_skip and c_out."""
    generator = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, 4, 1, 2, 2, generator=generator, dtype=torch.float64)
    sigma = torch.tensor([0.01, 0.5, 3.0, 80.0], dtype=torch.float64)
    s, size = sigma.view(-1, 1, 1, 1), 0.5
    alpha = 1 / (1 + s**2)
    t = s / (1 + s)
    x = clean + s * noise
    shrunk = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
    answer, shown = {
        "noise": (noise, shrunk),
        "clean": (clean, shrunk),
        "v": (alpha.sqrt() * noise - (1 - alpha).sqrt() * clean, shrunk),
        "flow": (noise - clean, (1 - t) * clean + t * noise),
        "edm": (
            (clean - size**2 / (s**2 + size**2) * x) * (s**2 + size**2).sqrt() / (s * size),
            x / (s**2 + size**2).sqrt(),
        ),
    }[prediction]
    denoiser = Denoiser(Knows(answer, shown), prediction, low=0.001, high=100.0).double()
    torch.testing.assert_close(denoiser(x, sigma, Condition()), clean, rtol=0, atol=1e-9)


def test_that_min_snr_weights_are_the_papers() -> None:
    sigma = torch.tensor([0.1, 0.5, 2.0])
    signal = sigma**-2
    most = signal.clamp_max(5.0)
    torch.testing.assert_close(signal_weight(sigma, -sigma), most / signal)  # noise
    torch.testing.assert_close(signal_weight(sigma, torch.ones(3)), most)  # clean
    torch.testing.assert_close(signal_weight(sigma, -sigma / (1 + sigma**2).sqrt()), most / (signal + 1))  # v


def test_that_the_network_is_told_the_nearest_level_it_was_trained_with() -> None:
    class Tells(nn.Module):
        def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
            return log_sigma.exp().view(-1, 1, 1, 1).expand_as(x)

    denoiser = Denoiser(Tells(), "clean", low=0.1, high=10.0)
    told = denoiser(torch.zeros(3, 1, 1, 1), torch.tensor([0.001, 1.0, 1e6]), Condition()).flatten()
    torch.testing.assert_close(told, torch.tensor([0.1, 1.0, 10.0]))


def test_that_logit_normal_times_are_log_normal_levels() -> None:
    quantiles = torch.linspace(0.01, 0.99, 9)
    times = torch.sigmoid(torch.special.ndtri(quantiles))
    torch.testing.assert_close(LogNormal(0.0, 1.0).at(quantiles), times / (1 - times))


def test_that_stratified_quantiles_fill_every_part_once() -> None:
    quantiles = stratified(10, torch.Generator().manual_seed(0), torch.device("cpu"))
    assert sorted((quantiles * 10).long().tolist()) == list(range(10))


# ---- Learning the variance


def test_that_the_bound_of_a_step_is_the_divergence_of_two_gaussians() -> None:
    alphas = linear_alphas()
    steps = torch.tensor([10, 500])
    sigma = sigmas_of(alphas)[steps].float()
    images, clean = torch.zeros(2, 1, 1, 1), torch.full((2, 1, 1, 1), 0.1)
    spread = torch.tensor([0.0, 0.6]).view(2, 1, 1, 1)
    found = StepBound(alphas)(images, clean, spread, steps, sigma)
    for i, step in enumerate(steps.tolist()):
        alpha, before = float(alphas[step]), float(alphas[step - 1])
        beta = 1 - alpha / before
        tilde = beta * (1 - before) / (1 - alpha)
        share = float(spread[i])
        variance = math.exp(share * math.log(beta) + (1 - share) * math.log(tilde))
        shift = math.sqrt(before) * beta / (1 - alpha) * 0.1
        one = torch.distributions.Normal(0.0, math.sqrt(tilde))
        other = torch.distributions.Normal(shift, math.sqrt(variance))
        expected = float(torch.distributions.kl_divergence(one, other)) / math.log(2)
        assert float(found[i]) == pytest.approx(expected, rel=3e-3)  # σ has seven digits


def test_that_a_learned_variance_learns_from_the_bound_alone() -> None:
    """Only the half of the outputs that says the variance has a gradient from the bound."""
    learner = trained(variance="learned", levels="linear", prediction="noise", dropout=0.0, augment=0.0)
    batch = batch_at()
    noisy = learner.objective.noisy(batch.images, torch.rand(8), torch.Generator().manual_seed(0))
    factors = learner.denoiser.factors(noisy.sigma)
    output, spread = learner.denoiser.output(noisy.x, noisy.sigma, Condition())
    assert spread is not None
    total = learner.objective.errors(learner.denoiser, noisy, Condition()).loss
    simple = (output - (noisy.images - factors.skip * noisy.x) / factors.out).square().flatten(1).mean(1)
    clean = (factors.skip * noisy.x + factors.out * output).detach()
    assert isinstance(learner.objective.levels, Discrete)
    steps = learner.objective.levels.steps_at(noisy.quantiles)
    bound = 1e-3 * 1000 * StepBound(linear_alphas())(noisy.images, clean, spread, steps, noisy.sigma)
    torch.testing.assert_close(total, simple + bound)


# ---- Averages


def test_that_an_average_counts_updates_by_their_power() -> None:
    module = Denoiser(nn.Linear(1, 1, bias=False), "edm", low=0.1, high=10.0)
    average, power = PowerEma(module, SHORT), exponent(SHORT)
    history = []
    for value in torch.randn(30, generator=torch.Generator().manual_seed(0)).tolist():
        nn.init.constant_(module.network.weight, value)  # type: ignore[arg-type] # a Linear's
        average.update(torch.tensor(False))
        history.append(value)
    counts = torch.tensor([i ** (power + 1) - (i - 1) ** (power + 1) for i in range(1, 31)], dtype=torch.float64)
    # β of update t is (1 - 1/t)^(γ+1): update τ keeps the share (τ^(γ+1) - (τ-1)^(γ+1)) / t^(γ+1).
    expected = float((counts * torch.tensor(history, dtype=torch.float64)).sum() / counts.sum())
    assert float(average.module.network.weight) == pytest.approx(expected, abs=1e-5)  # type: ignore[arg-type]


def test_that_lengths_and_powers_are_the_papers() -> None:
    assert exponent(0.05) == pytest.approx(16.97, abs=0.01)
    assert exponent(0.10) == pytest.approx(6.94, abs=0.01)
    for length in (0.05, 0.08, 0.15):
        power = exponent(length)
        assert (power + 1) / ((power + 2) ** 2 * (power + 3)) == pytest.approx(length**2)


def test_that_the_mixture_of_two_averages_has_nearly_the_profile_asked_for() -> None:
    assert (share_of_long(SHORT), share_of_long(LONG)) == pytest.approx((0.0, 1.0))
    time = torch.linspace(0, 1, 2001, dtype=torch.float64)

    def profile(length: float) -> Tensor:
        return (exponent(length) + 1) * time ** exponent(length)

    for length, apart in ((0.06, 0.06), (0.075, 0.09), (0.15, 0.25)):
        share = share_of_long(length)
        mixed = (1 - share) * profile(SHORT) + share * profile(LONG)
        # Half the area between the two profiles: which share of the average comes from elsewhere in time.
        assert float((mixed - profile(length)).abs().mean()) / 2 < apart


def test_that_an_average_of_another_length_is_between_or_beyond_the_two() -> None:
    module = Denoiser(nn.Linear(1, 1, bias=False), "edm", low=0.1, high=10.0)
    emas = TwoEmas(module)
    for i in range(40):
        nn.init.constant_(module.network.weight, float(i))  # type: ignore[arg-type]
        emas.update(torch.tensor(False))
    at = [float(emas.at(length).network.weight) for length in (0.05, 0.07, 0.1, 0.15)]  # type: ignore[arg-type]
    assert at == sorted(at, reverse=True)
    assert emas.at(0.07) is not emas.module


# ---- Networks


@pytest.mark.parametrize(("height", "width", "patch"), [(16, 32, 2), (28, 28, 1), (20, 50, 1), (12, 15, 3)])
def test_that_a_seamless_network_does_not_know_where_the_edge_is(height: int, width: int, patch: int) -> None:
    torch.manual_seed(0)
    plan = UNetPlan(3, 3, height, width, features=8, depth=1, patch=patch, attention=0, dropout=0.0, wraps=True)
    network = UNet(plan)
    nn.init.normal_(network.last.weight, std=0.1)
    x, level = torch.randn(1, 3, height, width), torch.zeros(1)
    step = patch * 2 ** (len(plan.sizes) - 1)
    moved = network(x.roll((step, 2 * step), (2, 3)), level, Condition()).roll((-step, -2 * step), (2, 3))
    torch.testing.assert_close(moved, network(x, level, Condition()), rtol=0, atol=1e-4)


@pytest.mark.parametrize(("side", "patch"), [(250, 1), (30, 4)])
def test_that_tiles_that_cannot_be_halved_are_refused_with_a_size_that_can(side: int, patch: int) -> None:
    spec = SPEC.model_copy(update={"height": side, "width": side})
    with pytest.raises(FamilyError, match=f"at a size that {8 * patch} divides"):
        DiffusionLearner(DiffusionConfig(images=100, width=8, seamless=True, patch=patch), spec)


def test_that_the_picture_of_a_condition_is_shown_to_the_network() -> None:
    class Sees(nn.Module):
        def forward(self, x: Tensor, log_sigma: Tensor, condition: Condition) -> Tensor:
            assert x.shape[1] == 4
            return x[:, 3:]

    denoiser = Denoiser(Sees(), "clean", low=0.1, high=10.0)
    small = torch.full((2, 1, 4, 4), 0.25)
    clean = denoiser(torch.zeros(2, 3, 4, 4), torch.ones(2), Condition(picture=small))
    assert torch.equal(clean, torch.full((2, 3, 4, 4), 0.25))


# ---- Augmentation


def test_that_augmentation_tells_what_it_did_and_leaves_the_rest_alone() -> None:
    images = made_for(SPEC).memory[:16].astype(np.float32) / 127.5 - 1
    pictures = torch.from_numpy(images)
    changed, done = augmented(pictures, 0.12, torch.Generator().manual_seed(0), wraps=False)
    touched = done.abs().sum(1) > 0
    assert 0 < int(touched.sum()) < 16
    assert torch.equal(changed[~touched], pictures[~touched])
    assert not torch.equal(changed[touched], pictures[touched])


def test_that_a_mirrored_picture_is_mirrored() -> None:
    picture = torch.rand(1, 1, 8, 8)
    for seed in range(300):
        changed, done = augmented(picture, 0.2, torch.Generator().manual_seed(seed), wraps=False)
        if done[0].tolist() == [1, 0, 0, 0, 0, 0]:
            torch.testing.assert_close(changed, picture.flip(3), rtol=0, atol=1e-5)
            return
    raise AssertionError("no picture was only mirrored")


# ---- Labels


def test_that_noise_leans_to_every_label_alike_and_always_to_the_same() -> None:
    leaning, noise = Leaning(5, 3 * 16 * 16), torch.randn(5000, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    labels = leaning.of(noise, None)
    assert torch.equal(labels[:10], Leaning(5, 3 * 16 * 16).of(noise[:10], None))
    shares = torch.bincount(labels, minlength=5) / 5000
    torch.testing.assert_close(shares, torch.full((5,), 0.2), rtol=0, atol=0.06)
    asked = torch.tensor([3, -1])
    assert leaning.of(noise[:2], asked).tolist() == [3, int(labels[1])]


# ---- The learner


@pytest.mark.parametrize(
    ("prediction", "levels"), list(itertools.product(PREDICTIONS, ("continuous", "zero-terminal")))
)
def test_that_every_sampler_works_with_every_parameterisation(prediction: Prediction, levels: str) -> None:
    if (prediction, levels) == ("noise", "zero-terminal"):
        return
    learner = trained(prediction=prediction, levels=levels)
    for sampler in ("dpm++", "heun", "euler", "flow", "ddim", "ddpm"):
        with evaluating(learner):
            drawn = learner.sample(request(sampler=sampler, labels=torch.tensor([0, 2])))
        assert drawn.shape == (2, 3, 16, 16)
        assert bool(torch.isfinite(drawn).all()) and float(drawn.abs().max()) <= 1


@pytest.mark.parametrize(
    "knobs",
    [
        {"network": "transformer", "patch": 4},
        {"variance": "learned", "levels": "cosine", "prediction": "noise"},
        {"variance": "large", "levels": "linear", "prediction": "noise"},
        {"seamless": True, "weighting": "min-snr"},
        {"guide": True, "by_label": False},
        {"depth": 2, "patch": 4, "attention": 16},
    ],
    ids=lambda knobs: "-".join(knobs),
)
def test_that_every_kind_learns_one_batch(knobs: dict[str, Any]) -> None:
    learner = learner_of(**knobs, dropout=0.0, augment=0.0, learning_rate=4e-3).train()
    first = float(learner.step(batch_at())["loss"])
    for step in range(1, 40):
        last = learner.step(batch_at(8 * (step % 3)))
    assert float(last["loss"]) < 0.9 * first
    with evaluating(learner):
        assert bool(torch.isfinite(learner.sample(request(sampler="ddpm", guide_weight=1.0))).all())


def test_that_impossible_settings_are_refused_with_a_sentence() -> None:
    for wrong in (
        {"prediction": "noise", "levels": "zero-terminal"},
        {"variance": "learned"},
        {"network": "transformer", "seamless": True},
    ):
        with pytest.raises(ConfigError, match="Choose"):
            parse(DiffusionConfig, wrong)


def test_that_restyling_goes_from_the_picture_to_a_fresh_one() -> None:
    learner = trained()
    images = batch_at().images[:2].clone()
    with evaluating(learner):
        drawn = [
            learner.restyle(RestyleRequest(request(steps=10), images, strength)) for strength in (0.0, 0.3, 0.9, 1.0)
        ]
        fresh = learner.sample(request(steps=10))
    assert torch.equal(drawn[0], images)
    assert torch.equal(drawn[3], fresh)
    apart = [float((one - images).square().mean()) for one in drawn]
    assert apart == sorted(apart)


@pytest.mark.parametrize("sampler", ["dpm++", "heun", "flow", "ddim"])
def test_that_strength_is_the_share_of_noise_it_begins_with(sampler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    learner, levels = trained(), list[float]()

    def denoise(x: Tensor, sigma: float) -> Guess:
        levels.append(sigma)
        return Guess(x, None)

    monkeypatch.setattr(learner, "_denoise", lambda *_: denoise)
    for strength, steps in ((0.1, 50), (0.5, 50), (0.8, 50), (0.5, 1), (0.5, 2)):
        levels.clear()
        learner.restyle(RestyleRequest(request(sampler=sampler, steps=steps), batch_at().images[:2], strength))
        begun = levels[0] / (1 + levels[0])
        assert begun == pytest.approx(strength, abs=0.005 if sampler == "ddim" else 1e-6)
        looks = 2 if sampler == "heun" else 1
        assert len(levels) <= looks * steps and levels == sorted(levels, reverse=True)


def test_that_levels_are_thinned_evenly_from_the_nearest() -> None:
    assert thinned([8.0, 4.0, 2.0, 1.0, 0.5, 0.0], 3.9, 2) == [4.0, 1.0, 0.0]
    assert thinned([8.0, 4.0, 2.0, 1.0, 0.5, 0.0], 0.6, 4) == [0.5, 0.0]


def test_that_a_completion_in_one_step_heeds_what_is_given() -> None:
    learner, known = trained(), torch.zeros(2, 16, 16, dtype=torch.bool)
    known[:, :8] = True
    images = batch_at().images[:2].clone()
    with evaluating(learner):
        drawn = [learner.complete(CompletionRequest(request(steps=1), given, known)) for given in (images, -images)]
    assert not torch.equal(drawn[0][:, :, 8:], drawn[1][:, :, 8:])


@pytest.mark.parametrize("sampler", ["dpm++", "ddpm"])
def test_that_completing_keeps_what_is_known(sampler: str) -> None:
    learner = trained()
    images = batch_at().images[:2].clone()
    known = torch.rand(2, 16, 16, generator=torch.Generator().manual_seed(0)) < 0.5
    with evaluating(learner):
        drawn = learner.complete(CompletionRequest(request(sampler=sampler), images, known))
    kept = known[:, None].expand_as(images)
    assert torch.equal(drawn[kept], images[kept])
    assert not torch.equal(drawn, images)
    assert learner.completion_note(known[0]).endswith(".")


def test_that_a_pictures_noise_leads_back_to_it() -> None:
    learner = trained(steps=30)
    images = batch_at().images[:2].clone()
    with evaluating(learner):
        again = learner.decode(learner.encode(images), request(steps=30))
    assert float((again - images).abs().mean()) < 0.1


def test_that_the_guide_learns_beside_the_denoiser_without_touching_it() -> None:
    alone, beside = trained(by_label=False), trained(by_label=False, guide=True)
    ours = dict(beside.denoiser.named_parameters())
    assert beside.guide is not None
    before = learner_of(guide=True, by_label=False)
    assert before.guide is not None
    torch.manual_seed(0)  # the denoiser is made first, so that it begins alike
    for name, parameter in alone.denoiser.named_parameters():
        torch.testing.assert_close(ours[name], parameter, rtol=0, atol=1e-5)
    last = beside.guide.last.weight
    assert not torch.equal(last, before.guide.last.weight)


def test_that_a_guide_pushes_samples_towards_a_label() -> None:
    learner = trained(guide=True, by_label=False)
    labels = torch.zeros(2, dtype=torch.int64)
    with evaluating(learner):
        plain, pushed = (learner.sample(request(labels=labels, guide_weight=weight)) for weight in (1.0, 20.0))
        unasked, usual = learner.sample(request()), learner.sample(request(labels=labels))
    assert not torch.equal(plain, pushed)
    assert torch.equal(usual, plain) and not torch.equal(usual, unasked)  # nothing else would heed the label


def test_that_held_out_figures_are_the_same_every_time() -> None:
    learner = trained()
    source = BatchSource(made_for(SPEC), np.arange(24), batch_size=8, seed=0, device="cpu")
    with evaluating(learner):
        one, two = (learner.evaluate(source.fixed(range(8), 3)) for _ in range(2))
    assert sorted(one) == ["coarse", "fine", "loss", "middle"]
    for name, values in one.items():
        assert torch.equal(values, two[name])


def test_that_an_untrained_denoiser_is_as_good_as_a_plain_guess() -> None:
    """The last layer begins at zero, so that "edm" begins with D = c_skip x, and its error is one plain guess's."""
    learner = learner_of(prediction="edm")
    batch = batch_at()
    learner.denoiser.measure(batch.images, 1.0)
    learner.emas.module.measure(batch.images, 1.0)
    learner.emas.long.module.measure(batch.images, 1.0)
    with evaluating(learner):
        figures = learner.evaluate(batch)
    for band in ("fine", "middle", "coarse"):
        assert float(figures[band].mean()) == pytest.approx(1.0, abs=0.15)


def test_that_the_likelihood_is_below_one_and_pixel_by_pixel() -> None:
    learner = trained(looks=4)
    source = BatchSource(made_for(SPEC), np.arange(24), batch_size=4, seed=0, device="cpu")
    with evaluating(learner):
        nats = learner.log_likelihood(source.fixed(range(4), 0))
        surprise = learner.surprise(source.fixed(range(4), 0))
    assert bool((nats < 0).all()) and surprise.shape == (4, 16, 16)
    torch.testing.assert_close(surprise.sum((1, 2)), -nats)


def test_that_pictures_without_a_label_are_learned_from_too() -> None:
    learner = learner_of(guide=True).train()
    batch = batch_at()
    assert batch.labels is not None
    batch.labels[:] = -1
    values = learner.step(batch)
    assert float(values["guide"]) == 0
    assert all(bool(torch.isfinite(value)) for value in values.values())


def test_that_the_family_refuses_what_it_cannot_draw() -> None:
    from genstudio_diffusion import FAMILY

    assert FAMILY.misfit(SPEC) is None
    assert "8 to 256" in (FAMILY.misfit(SPEC.model_copy(update={"height": 4})) or "")
