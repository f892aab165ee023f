"""What a person may turn in the variational autoencoder: knobs of training and of generating. No torch here."""

from typing import Literal

from genstudio.api import FamilyConfig, SamplingConfig, knob


class AutoencoderConfig(FamilyConfig):
    """Knobs that all autoencoders have."""

    width: int = knob(
        16,
        title="Width",
        help="How many features it looks for at the finest size; twice as many take about three times as long.",
        low=4,
        high=256,
        log=True,
    )
    depth: int = knob(
        1,
        title="Depth",
        help="How many residual blocks it has at each size, in the encoder and again in the decoder.",
        low=1,
        high=8,
        advanced=True,
    )
    likelihood: Literal["logistic", "gaussian", "bernoulli"] = knob(
        "logistic",
        title="Likelihood",
        help="What the model believes about the difference between a picture and its redrawing.",
        choices={
            "logistic": "Exact for pictures of 256 levels, and forgiving about a few large errors.",
            "gaussian": "Exact for pictures of 256 levels, with errors like a bell curve; softer pictures.",
            "bernoulli": "For pure black and white: every level is read as a probability, and its figures compare only "
            "with one another.",
        },
    )
    learning_rate: float = knob(
        1e-3,
        title="Learning rate",
        help="How large each change is; halve it if the loss jumps about.",
        low=1e-6,
        high=1e-1,
        log=True,
        advanced=True,
    )


class VaeConfig(AutoencoderConfig):
    """Knobs of training."""

    latents: int = knob(
        32,
        title="Latents",
        help="How many numbers a picture is boiled down to; more keep more detail but are harder to draw from.",
        low=1,
        high=1024,
        log=True,
    )
    by_label: bool = knob(
        True,
        title="Use labels",
        help="Gives every label a region of its own among the latents, so that you can ask for it; "
        "without labels in the dataset it does nothing.",
    )
    bends: int = knob(
        4,
        title="Bends of the prior",
        help="How freely the region that new pictures are drawn from may take the shape of what it has seen; 0 keeps "
        "the plain bell of the paper.",
        low=0,
        high=32,
        advanced=True,
    )
    beta: float = knob(
        1.0,
        title="Beta",
        help="How dear the latents are: above 1, redrawings get simpler and new pictures more typical; 1 is the bound.",
        low=0.0,
        high=100.0,
        advanced=True,
    )
    warmup: float = knob(
        0.1,
        title="Beta warm-up",
        help="Over which share of the run beta rises from 0, so that the latents are used before they get dear.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    free_bits: float = knob(
        0.0,
        title="Free information",
        help="How much the latents may say at no cost; a little keeps them from falling silent.",
        unit="nats per latent",
        low=0.0,
        high=5.0,
        advanced=True,
    )
    bound_samples: int = knob(
        64,
        title="Samples per likelihood",
        help="How many guesses at the latents an evaluation averages over; more come closer to the true likelihood.",
        low=1,
        high=10_000,
        log=True,
        advanced=True,
    )


class VaeSampling(SamplingConfig):
    """Knobs of generating."""

    temperature: float = knob(
        1.0,
        title="Temperature",
        help="How far pictures stray from the typical one: below 1 they are safer and more alike, above 1 wilder.",
        low=0.0,
        high=2.0,
    )
