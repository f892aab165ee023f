"""p(z): where latents are looked for when a new picture is drawn.

A standard normal distribution is what the paper takes, and what the encoder must then squeeze all pictures into. It
never quite succeeds: between the pictures it knows it leaves gaps, from which the decoder draws blots. Here the prior
goes towards the encoder instead. It bends a normal distribution into the shape that the latents really have, with a
few affine couplings (Dinh et al. 2017, "RealNVP", section 3), and learns that shape along with the rest (as in Chen et
al. 2017, "Variational lossy autoencoder", section 3.2, there with an autoregressive flow).

There are two sets of coordinates: bent ones, z, between encoder and decoder, and straight ones, u = f(z), in which the
prior is normal. Straight ones are shown and walked through, because what lies between two of them is as probable.

With labels, every label has a normal distribution of its own in straight coordinates, learned as well (as in Jiang et
al. 2017, with labels in place of clusters).
"""

import math

import torch
from torch import Tensor, nn

from genstudio.api import FamilyError
from genstudio_vae.distributions import QUICK, Gaussian

_WIDEST = 2.0  # a coupling stretches a latent by at most e to this


class Coupling(nn.Module):
    """Half of the latents shift and stretch the others (Dinh et al. 2017, equations 7 and 8); then they change places.

    It begins as doing nothing.
    """

    def __init__(self, latents: int, width: int) -> None:
        super().__init__()
        self.kept = latents // 2
        layers = [nn.Linear(self.kept, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()]
        self.last = nn.Linear(width, 2 * (latents - self.kept))
        self.layers = nn.Sequential(*layers)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def straighten(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """(B, Z) to the next coordinates, and the log of how much room they take up more, (B,)."""
        kept, moved = z[:, : self.kept], z[:, self.kept :]
        shift, stretch = self._move(kept)
        return torch.cat(((moved - shift) * torch.exp(-stretch), kept), 1), -stretch.sum(1)

    def bend(self, u: Tensor) -> Tensor:
        """The way back."""
        moved, kept = u[:, : u.shape[1] - self.kept], u[:, u.shape[1] - self.kept :]
        shift, stretch = self._move(kept)
        return torch.cat((kept, moved * torch.exp(stretch) + shift), 1)

    def _move(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        shift, stretch = self.last(self.layers(kept)).chunk(2, 1)
        return shift, _WIDEST * torch.tanh(stretch / _WIDEST)


class Prior(nn.Module):
    """p(z), or p(z | label): normal distributions, bent by `bends` couplings."""

    def __init__(self, latents: int, classes: int, bends: int = 0) -> None:
        super().__init__()
        self.classes = classes
        width = max(32, 2 * latents)
        self.couplings = nn.ModuleList(Coupling(latents, width) for _ in range(bends if latents > 1 else 0))
        if classes:
            self.mean = nn.Parameter(0.5 / QUICK * torch.randn(classes, latents))
            self.log_var = nn.Parameter(torch.zeros(classes, latents))
        else:
            self.register_buffer("origin", torch.zeros(1, latents), persistent=False)

    def of(self, labels: Tensor | None) -> Gaussian:
        """The prior of each label (B,) in straight coordinates. Raises `FamilyError` when labels are wanted."""
        if self.classes:
            if labels is None:
                raise FamilyError("This model was trained by label, and these pictures have none.")
            every = self.each()
            return Gaussian(every.mean[labels], every.log_var[labels])
        return Gaussian(self.get_buffer("origin"), self.get_buffer("origin"))

    def each(self) -> Gaussian:
        """The priors of all classes in straight coordinates, (K, Z)."""
        return Gaussian(QUICK * self.mean, (QUICK * self.log_var).clamp(-8.0, 4.0))

    def straighten(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Bent coordinates (B, Z) to straight ones, and log |du / dz|, (B,)."""
        room = z.new_zeros(len(z))
        for coupling in self.couplings:
            assert isinstance(coupling, Coupling)
            z, more = coupling.straighten(z)
            room = room + more
        return z, room

    def bend(self, u: Tensor) -> Tensor:
        """Straight coordinates (B, Z) to bent ones."""
        for coupling in reversed(self.couplings):
            assert isinstance(coupling, Coupling)
            u = coupling.bend(u)
        return u

    def log_prob(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """Log-density at z, (B, Z) to (B,); where labels are not known, any is as likely as another."""
        if self.classes and labels is None:
            return torch.logsumexp(self.log_prob_of_each(z), 1) - math.log(self.classes)
        u, room = self.straighten(z)
        return self.of(labels).log_prob(u) + room

    def log_prob_of_each(self, z: Tensor) -> Tensor:
        """Log p(z | label) for every label, (B, Z) to (B, K)."""
        u, room = self.straighten(z)
        return self.each().log_prob(u[:, None]) + room[:, None]

    def divergence(self, posterior: Gaussian, z: Tensor, labels: Tensor | None) -> Tensor:
        """KL(q(z | x) || p(z | label)) in nats, (B,): exactly if p is normal, else from one draw z of q."""
        if not len(self.couplings) and not (self.classes and labels is None):
            return posterior.divergence(self.of(labels)).sum(1)
        return -posterior.entropy() - self.log_prob(z, labels)
