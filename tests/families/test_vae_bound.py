"""The bound of the variational autoencoder against answers known in closed form or by quadrature."""

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from genstudio.nn.likelihoods import discretised_gaussian, discretised_logistic
from genstudio_vae.distributions import Bernoulli, Gaussian, Levels
from genstudio_vae.model import Vae, importance_bound
from genstudio_vae.prior import Prior

_FINE = 2**16 + 1  # so many levels that a bin's mass is its density times its width


# ---- Gaussians and priors


def some_gaussian(seed: int) -> Gaussian:
    stream = torch.Generator().manual_seed(seed)
    return Gaussian(torch.randn(3, 4, generator=stream), torch.randn(3, 4, generator=stream))


def test_that_the_divergence_in_closed_form_is_the_one_found_by_drawing() -> None:
    one, other = some_gaussian(0), some_gaussian(1)
    noise = torch.randn(200_000, 1, 4, generator=torch.Generator().manual_seed(2))
    z = one.at(noise)
    found = (one.log_prob(z) - other.log_prob(z)).mean(0)
    torch.testing.assert_close(one.divergence(other).sum(1), found, rtol=0.03, atol=0.03)


def test_that_the_divergence_from_a_standard_normal_is_the_papers() -> None:
    one, standard = some_gaussian(0), Prior(4, classes=0).of(None)
    papers = -0.5 * (1 + one.log_var - one.mean**2 - one.log_var.exp())
    torch.testing.assert_close(one.divergence(standard), papers)


def test_that_a_gaussian_does_not_diverge_from_itself() -> None:
    assert some_gaussian(0).divergence(some_gaussian(0)).abs().max() == 0


@pytest.mark.parametrize("classes", [0, 3])
def test_that_the_density_of_a_prior_integrates_to_one(classes: int) -> None:
    torch.manual_seed(0)
    prior = Prior(1, classes)
    z = torch.linspace(-12, 12, 4001)[:, None]
    density = prior.log_prob(z, None).detach().exp()
    assert float(torch.trapezoid(density, z[:, 0])) == pytest.approx(1, abs=1e-4)


# ---- A linear VAE and probabilistic PCA


class LinearEncoder(nn.Module):
    """q(z | x) with a mean linear in x and a width of its own for each latent."""

    def __init__(self, inputs: int, latents: int) -> None:
        super().__init__()
        self.mean = nn.Linear(inputs, latents, dtype=torch.float64)
        self.log_var = nn.Parameter(torch.zeros(latents, dtype=torch.float64))

    def forward(self, images: Tensor) -> Gaussian:
        mean = self.mean(images.flatten(1))
        return Gaussian(mean, self.log_var.expand_as(mean))


class LinearDecoder(nn.Module):
    """The mean of p(x | z), linear in z."""

    def __init__(self, latents: int, outputs: int) -> None:
        super().__init__()
        self.mean = nn.Linear(latents, outputs, dtype=torch.float64)

    def forward(self, z: Tensor) -> Tensor:
        pictures: Tensor = self.mean(z).view(len(z), 1, 2, -1)
        return pictures


def toy_pictures() -> Tensor:
    """Pictures (200, 1, 2, 3) on a plane, with noise around it."""
    stream = torch.Generator().manual_seed(0)
    plane = torch.randn(2, 6, generator=stream, dtype=torch.float64) * torch.tensor([[0.25], [0.12]])
    latents = torch.randn(200, 2, generator=stream, dtype=torch.float64)
    noise = 0.05 * torch.randn(200, 6, generator=stream, dtype=torch.float64)
    return (0.1 + latents @ plane + noise).clamp(-0.99, 0.99).view(200, 1, 2, 3)


def pca_log_likelihood(images: Tensor, latents: int) -> float:
    """The greatest mean log p(x) of probabilistic PCA in fine levels (Tipping and Bishop 1999, equations 4, 7, 8)."""
    x = images.flatten(1)
    dimensions = x.shape[1]
    values = torch.linalg.eigvalsh(torch.cov(x.T, correction=0)).flip(0)
    noise = values[latents:].mean()
    log_det = values[:latents].log().sum() + (dimensions - latents) * noise.log()
    density = -0.5 * (dimensions * math.log(2 * math.pi) + float(log_det) + dimensions)
    return density + dimensions * math.log(2 / (_FINE - 1))


def linear_vae() -> Vae:
    torch.manual_seed(0)
    levels = Levels(partial(discretised_gaussian, levels=_FINE), channels=1).double()
    return Vae(LinearEncoder(6, 2), LinearDecoder(2, 6), Prior(2, classes=0).double(), levels)


def expected_bound(vae: Vae, images: Tensor) -> Tensor:
    """The mean bound in nats, without noise: for a linear decoder corners of a square stand for the normal law."""
    corners = [torch.tensor(signs, dtype=torch.float64) for signs in itertools.product((-1, 1), repeat=2)]
    return torch.stack([vae(images, None, corner.expand(len(images), 2)).nats.mean() for corner in corners]).mean()


def test_that_a_linear_vae_learns_what_probabilistic_pca_computes() -> None:
    images, vae = toy_pictures(), linear_vae()
    optimizer = torch.optim.LBFGS(vae.parameters(), max_iter=300, line_search_fn="strong_wolfe", tolerance_change=1e-12)

    def loss() -> float:
        optimizer.zero_grad()
        bound = expected_bound(vae, images)
        bound.backward()  # type: ignore[no-untyped-call] # torch's own
        return float(bound.detach())

    for _ in range(3):
        optimizer.step(loss)  # type: ignore[no-untyped-call] # torch's own
    assert -loss() == pytest.approx(pca_log_likelihood(images, 2), abs=1e-3)


def test_that_with_the_true_posterior_every_draw_weighs_the_exact_likelihood() -> None:
    vae, images = linear_vae(), toy_pictures()
    assert isinstance(vae.encoder, LinearEncoder)
    assert isinstance(vae.decoder, LinearDecoder)
    assert isinstance(vae.likelihood, Levels)
    mixing = torch.linalg.qr(torch.randn(6, 2, dtype=torch.float64))[0] * torch.tensor([0.3, 0.2])
    noise = 0.1
    with torch.no_grad():
        vae.decoder.mean.weight.copy_(mixing)
        vae.decoder.mean.bias.zero_()
        vae.likelihood.log_width.fill_(math.log(noise) / 10)
        inner = (mixing * mixing).sum(0) + noise**2  # MᵀM + σ² is diagonal, as the columns are orthogonal
        vae.encoder.mean.weight.copy_(mixing.T / inner[:, None])
        vae.encoder.mean.bias.zero_()
        vae.encoder.log_var.copy_((noise**2 / inner).log())
        noises = iter(torch.randn(3, 200, 2, dtype=torch.float64))
        weights = vae.log_weights(images, None, noises)
        bound = expected_bound(vae, images)
    covariance = mixing @ mixing.T + noise**2 * torch.eye(6, dtype=torch.float64)
    exact = torch.distributions.MultivariateNormal(torch.zeros(6, dtype=torch.float64), covariance)
    marginal = exact.log_prob(images.flatten(1)) + 6 * math.log(2 / (_FINE - 1))  # type: ignore[no-untyped-call]
    torch.testing.assert_close(weights, marginal.expand(3, 200), rtol=0, atol=1e-5)
    assert -float(bound) == pytest.approx(float(marginal.mean()), abs=1e-6)


# ---- One latent: everything by quadrature


class Curve(nn.Module):
    """A decoder from one latent to pictures of two pixels, far from linear."""

    def forward(self, z: Tensor) -> Tensor:
        return torch.stack([torch.tanh(2 * z), 0.8 * torch.cos(z)], -1).view(len(z), 1, 1, 2)


class Guess(nn.Module):
    """A clumsy encoder: the same broad guess for every picture but for its mean."""

    def forward(self, images: Tensor) -> Gaussian:
        mean = 0.5 * images[:, 0, 0, :1]
        return Gaussian(mean, torch.full_like(mean, -0.3))


Kind = Callable[[], Levels | Bernoulli]
KINDS = pytest.mark.parametrize(
    "kind", [lambda: Levels(discretised_logistic, 1), lambda: Levels(discretised_gaussian, 1), Bernoulli],
    ids=["logistic", "gaussian", "bernoulli"],
)  # fmt: skip


def curved_vae(kind: Kind) -> tuple[Vae, Tensor]:
    """A model with one latent, and three pictures."""
    images = (torch.tensor([[200.0, 40.0], [10.0, 128.0], [255.0, 0.0]]) - 127.5) / 127.5
    return Vae(Guess(), Curve(), Prior(1, classes=0), kind()), images.view(3, 1, 1, 2)


def by_quadrature(vae: Vae, images: Tensor) -> Tensor:
    """Log p(x) as the integral of p(x | z) p(z), (B,)."""
    z = torch.linspace(-8, 8, 8001)[:, None]
    outputs = vae.decoder(z)
    terms = [-vae.correction(image.expand_as(outputs), z).flatten(1).sum(1) for image in images]
    return torch.stack([torch.logsumexp(term + vae.prior.log_prob(z, None), 0) for term in terms]) + math.log(16 / 8000)


def noises(seed: int, draws: int, batch: int) -> Iterator[Tensor]:
    stream = torch.Generator().manual_seed(seed)
    return (torch.randn(batch, 1, generator=stream) for _ in range(draws))


@KINDS
def test_that_more_samples_bring_the_bound_up_to_the_exact_likelihood(kind: Kind) -> None:
    vae, images = curved_vae(kind)
    with torch.no_grad():
        exact = by_quadrature(vae, images)
        many = images.repeat_interleave(2000, 0)
        bounds = [
            importance_bound(vae.log_weights(many, None, noises(k, k, len(many)))).view(3, 2000).mean(1)
            for k in (1, 4, 16, 64)
        ]
        elbo = -vae(many, None, next(noises(1, 1, len(many)))).nats.view(3, 2000).mean(1)
    for looser, tighter in itertools.pairwise([*bounds, exact]):
        assert (looser <= tighter + 5e-3).all()
    assert (elbo <= bounds[1]).all()
    torch.testing.assert_close(elbo, bounds[0], atol=0.2, rtol=0.05)  # the same bound, one term by drawing
    assert (exact - bounds[-1] < 0.2 * (exact - bounds[0]) + 5e-3).all()


@KINDS
def test_that_the_probabilities_of_all_pictures_sum_to_one(kind: Kind) -> None:
    vae, _ = curved_vae(kind)
    levels = torch.tensor([-1.0, 1.0]) if kind is Bernoulli else (torch.arange(256) * 2 - 255) / 255
    outputs = torch.tensor([[0.3, -0.7]]).view(1, 1, 1, 2)
    pairs = torch.cartesian_prod(levels, levels).view(-1, 1, 1, 2)
    with torch.no_grad():
        each = vae.likelihood.log_prob(pairs, outputs.expand_as(pairs)).flatten(1).sum(1)
    total = each.double().exp().sum()
    assert float(total) == pytest.approx(1, abs=1e-4)


def test_that_the_bernoulli_mean_is_the_probability_of_white() -> None:
    outputs = torch.linspace(-6, 6, 7)
    torch.testing.assert_close((Bernoulli().mean(outputs) + 1) / 2, torch.sigmoid(outputs))
