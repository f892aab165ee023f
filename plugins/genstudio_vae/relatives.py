"""What a person may turn in the relatives of the variational autoencoder. No torch here."""

from typing import Literal

from genstudio.api import SamplingConfig, knob
from genstudio_vae.config import AutoencoderConfig, VaeConfig


class SemiConfig(VaeConfig):
    """Knobs of the semi-supervised one."""

    told: Literal["latents", "decoder"] = knob(
        "latents",
        title="The label",
        help="What the label of a picture changes.",
        choices={
            "latents": "Where its latents are looked for: every label has a region of its own. Quick.",
            "decoder": "What the decoder makes of them, as in the paper: latents are left with everything else, so "
            "that one can keep the style and change the label. Every picture is decoded once for each label there is.",
        },
    )
    labels_used: float = knob(
        1.0,
        title="Labels used",
        help="Which share of the labels there are it may see; turn it down to find out how few are enough.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    naming: float = knob(
        50.0,
        title="Weight of naming",
        help="How much it counts to name the labels that are known right, beside learning what pictures look like.",
        unit="nats",
        low=0.0,
        high=10_000.0,
        advanced=True,
    )
    dropout: float = knob(
        0.3,
        title="Dropout",
        help="Which share of what it has seen it forgets while naming, so as not to learn the few labels by heart.",
        low=0.0,
        high=0.9,
        advanced=True,
    )


class MapConfig(AutoencoderConfig):
    """Knobs of autoencoders that keep a small map of a picture."""

    halvings: int = knob(
        2,
        title="Halvings",
        help="How often width and height are halved; each one makes the map four times smaller and coarser.",
        low=1,
        high=5,
    )


class VqConfig(MapConfig):
    """Knobs of the one with a codebook."""

    codes: int = knob(
        256,
        title="Codes",
        help="How many patches it may choose from at every place; more of them redraw better and are harder to learn.",
        low=8,
        high=8192,
        log=True,
    )
    dimensions: int = knob(
        16,
        title="Numbers per code",
        help="How many numbers stand for one code; few of them keep all codes in use.",
        low=2,
        high=256,
        log=True,
        advanced=True,
    )
    commitment: float = knob(
        0.25,
        title="Commitment",
        help="How strongly the encoder is held to the codes it has chosen.",
        low=0.0,
        high=10.0,
        advanced=True,
    )
    by_label: bool = knob(
        True,
        title="Use labels",
        help="Lets you ask for a label when generating; without labels in the dataset it does nothing.",
    )
    prior_width: int = knob(
        64,
        title="Width of the order",
        help="How many features it has to learn in which order codes stand; more draws better and takes longer.",
        low=8,
        high=1024,
        log=True,
        advanced=True,
    )
    prior_depth: int = knob(
        4,
        title="Depth of the order",
        help="How many layers it has to learn in which order codes stand.",
        low=1,
        high=32,
        advanced=True,
    )


class VqSampling(SamplingConfig):
    """Knobs of generating with codes."""

    temperature: float = knob(
        1.0,
        title="Temperature",
        help="Below 1 it keeps to codes that are likely next to one another, above 1 it gets wilder.",
        low=0.0,
        high=2.0,
    )


class KlConfig(MapConfig):
    """Knobs of the one with a small map of numbers."""

    width: int = knob(
        24,
        title="Width",
        help="How many features it looks for at the finest size; twice as many take about three times as long.",
        low=4,
        high=256,
        log=True,
    )
    learning_rate: float = knob(
        4e-3,
        title="Learning rate",
        help="How large each change is; halve it if the loss jumps about.",
        low=1e-6,
        high=1e-1,
        log=True,
        advanced=True,
    )
    channels: int = knob(
        4,
        title="Numbers per place",
        help="How many numbers it keeps at every place of its map; more keep more detail.",
        low=1,
        high=64,
        log=True,
    )
    kl: float = knob(
        1e-2,
        title="Price of the map",
        help="How dear the map is: higher keeps its numbers small and smooth, lower keeps more detail.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    texture: float = knob(
        1.0,
        title="Texture",
        help="How much it counts that textures and edges are as strong as they were, even if not at the very spot.",
        low=0.0,
        high=100.0,
    )
    critic: float = knob(
        0.0,
        title="Critic",
        help="How much a critic counts that learns to tell redrawn patches from real ones; it makes details crisp "
        "and invents some, and training takes half as long again.",
        low=0.0,
        high=10.0,
    )
    critic_from: float = knob(
        0.3,
        title="Critic from",
        help="After which share of the run the critic is listened to, when redrawings are worth a critic's while.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
