"""What a person may turn: knobs of training and of generating. No torch here."""

from typing import Literal

from genstudio.api import FamilyConfig, SamplingConfig, knob

Architecture = Literal["resnet", "dcgan", "mlp"]
Loss = Literal["relativistic", "non-saturating", "hinge", "wgan-gp", "wgan-clip", "lsgan", "minimax"]


class GanConfig(FamilyConfig):
    """Knobs of training."""

    architecture: Architecture = knob(
        "resnet",
        title="Architecture",
        help="How the two networks are built.",
        choices={
            "resnet": "Residual blocks without normalisation: smooth pictures without a chequerboard.",
            "dcgan": "The classic of 2015, strided convolutions with batch normalisation: quick, even on a processor.",
            "mlp": "The paper of 2014: fully connected layers; for small, simple pictures and for learning about GANs.",
        },
    )
    loss: Loss = knob(
        "relativistic",
        title="Loss",
        help="What the generator and the discriminator are paid for.",
        choices={
            "non-saturating": "The one most people mean by GAN; with R1 and augmentation a safe choice.",
            "relativistic": "Tells a real picture from a generated one beside it; made for R1 and R2 together.",
            "hinge": "Stops pushing once it is sure, with layers held in check by spectral normalisation.",
            "wgan-gp": "A critic measures how far apart the two are, held smooth by a penalty: steady, slow.",
            "wgan-clip": "The first of that kind: every weight is clipped to a small range; weak, for comparison.",
            "lsgan": "Squares instead of logarithms: gradients that do not fade when the discriminator is sure.",
            "minimax": "As written in the paper: its gradient fades just when the generator needs it most.",
        },
    )
    labels: Literal["projection", "concatenation", "none"] = knob(
        "projection",
        title="Labels",
        help="How the discriminator is told a picture's label; without labels in the dataset it does nothing.",
        choices={
            "projection": "Compares what it sees with what it knows of the label: usually the best.",
            "concatenation": "The label comes in as further channels of the picture.",
            "none": "Labels are left aside; one cannot ask for them afterwards.",
        },
    )
    latents: int = knob(
        64,
        title="Latents",
        help="How many random numbers a picture is made from; more allow for more variety.",
        low=2,
        high=1024,
        log=True,
    )
    width: int = knob(
        16,
        title="Width",
        help="How many features both networks use at half size; twice as many take about three times as long.",
        low=4,
        high=256,
        log=True,
    )
    depth: int = knob(
        1,
        title="Depth",
        help="How many residual blocks both networks have at each size (fully connected: layers); DCGAN has none.",
        low=1,
        high=8,
        advanced=True,
    )
    augment: Literal["adaptive", "fixed", "none"] = knob(
        "adaptive",
        title="Augmentation",
        help="Shows the discriminator changed pictures, real and generated alike, so that few do not bore it.",
        choices={
            "adaptive": "As much as it takes: more when the discriminator begins to learn the pictures by heart.",
            "fixed": "The same all the time, with the strength below.",
            "none": "Never; for thousands of pictures or more.",
        },
    )
    augment_strength: float = knob(
        0.6,
        title="Strength of augmentation",
        help="The probability of each change; adaptive: the most it may become.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    augment_colour: bool = knob(
        True, title="Change colours", help="Augments brightness, contrast and saturation.", advanced=True
    )
    augment_shift: bool = knob(
        True, title="Move and zoom", help="Augments by moving pictures a little and changing their size.", advanced=True
    )
    augment_cut: bool = knob(
        True, title="Cut out", help="Augments by greying out a part of the picture.", advanced=True
    )
    augment_turn: bool = knob(
        False,
        title="Mirror and turn",
        help="Augments by mirroring and turning; only for pictures in which up and down do not matter much.",
        advanced=True,
    )
    augment_target: float = knob(
        0.6,
        title="Target of adaptive augmentation",
        help="How sure of real pictures the discriminator may be (r_t) before it is shown more changes.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    augment_images: int = knob(
        50_000,
        title="Inertia of adaptive augmentation",
        help="How many images it takes the strength to go from nothing to everything.",
        unit="images",
        low=100,
        high=10_000_000,
        log=True,
        advanced=True,
    )
    mirror: bool = knob(
        False,
        title="Mirrored pictures too",
        help="Learns from every picture and its mirror image: twice as many, but never for writing.",
    )
    r1: float = knob(
        0.3,
        title="R1",
        help="Holds the discriminator's slope at real pictures in check; more is steadier and softer. "
        "Not used by the Wasserstein losses.",
        low=0.0,
        high=1000.0,
        advanced=True,
    )
    r2: float = knob(
        0.3,
        title="R2",
        help="The same at generated pictures; the relativistic loss needs both.",
        low=0.0,
        high=1000.0,
        advanced=True,
    )
    penalty_every: int = knob(
        4,
        title="Penalties every",
        help="R1 and R2 are computed in one of so many steps and weighted up: quicker, and hardly different.",
        unit="steps",
        low=1,
        high=64,
        advanced=True,
    )
    gradient_penalty: float = knob(
        10.0,
        title="Gradient penalty",
        help="How strongly WGAN-GP holds the critic's slope at 1.",
        low=0.0,
        high=1000.0,
        advanced=True,
    )
    clip: float = knob(
        0.01,
        title="Clip weights",
        help="How large a weight of WGAN's clipped critic may be.",
        low=1e-4,
        high=10.0,
        log=True,
        advanced=True,
    )
    spectral_norm: bool = knob(
        False,
        title="Spectral normalisation",
        help="Holds every layer of the discriminator at a largest gain of 1; the hinge loss always does.",
        advanced=True,
    )
    generator_rate: float = knob(
        5e-4,
        title="Learning rate of the generator",
        help="How large each change of the generator is; lower it when pictures get worse again.",
        low=1e-6,
        high=1e-1,
        log=True,
        advanced=True,
    )
    discriminator_rate: float = knob(
        5e-4,
        title="Learning rate of the discriminator",
        help="How large each change of the discriminator is; up to four times the generator's helps a weak one.",
        low=1e-6,
        high=1e-1,
        log=True,
        advanced=True,
    )
    momentum: float = knob(
        0.0,
        title="Momentum",
        help="How much of the last change goes into the next; 0 is steady, the DCGAN paper has 0.5.",
        low=0.0,
        high=0.95,
        advanced=True,
    )
    critic_steps: int = knob(
        1,
        title="Discriminator steps",
        help="How many steps the discriminator takes for each one of the generator; Wasserstein losses want 5.",
        unit="steps",
        low=1,
        high=20,
        advanced=True,
    )
    rest_above: float = knob(
        1.0,
        title="Discriminator rests above",
        help="It does not learn while it recognises more than this share of pictures; 1 means that it never rests.",
        low=0.5,
        high=1.0,
        advanced=True,
    )
    smoothing: float = knob(
        0.0,
        title="Label smoothing",
        help="Lets the discriminator doubt real pictures a little, so that it is never too sure (0.1 is usual).",
        low=0.0,
        high=0.4,
        advanced=True,
    )
    noise: float = knob(
        0.0,
        title="Noise on pictures",
        help="Blurs the border between real and generated with noise that is gone by the middle of the run.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    batch_spread: bool = knob(
        False,
        title="Show the spread of a batch",
        help="Tells the discriminator how varied a batch is, so that drawing one picture again and again is noticed.",
        advanced=True,
    )
    variety: float = knob(
        0.5,
        title="Reward for variety",
        help="Pays the generator for drawing different pictures while they are less varied than the real ones; "
        "the cure for mode collapse.",
        low=0.0,
        high=10.0,
        advanced=True,
    )
    averaging: float = knob(
        0.999,
        title="Averaging of weights",
        help="How slowly the averaged generator, with which everything is drawn, follows the one that learns.",
        low=0.0,
        high=0.99999,
        advanced=True,
    )


class GanSampling(SamplingConfig):
    """Knobs of generating."""

    truncation: float = knob(
        1.0,
        title="Truncation",
        help="Below 1, pictures come closer to the average one: safer and more alike; above 1, wilder.",
        low=0.0,
        high=1.5,
    )
