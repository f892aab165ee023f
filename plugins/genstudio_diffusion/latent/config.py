"""What a person may turn in latent diffusion. No torch here."""

from genstudio.api import Ability, knob
from genstudio_diffusion.config import DenoisingConfig, DenoisingSampling


class LatentConfig(DenoisingConfig):
    """Knobs of training on maps."""

    autoencoder: str = knob(
        "",
        title="Autoencoder",
        help="Train a KL-autoencoder or a VQ-VAE on the same pictures first: this model learns from its small maps.",
        run_with=Ability.ENCODE,
        same_pictures=True,
    )
    width: int = knob(
        32,
        title="Width",
        help="How many features it looks for where maps are largest; twice as many take about three times as long.",
        low=8,
        high=512,
        log=True,
    )
    patch: int = knob(
        1,
        title="Patch",
        help="How many places of the map a side it takes for one; larger is quicker, smaller is finer.",
        unit="places",
        low=1,
        high=16,
        advanced=True,
    )
    mirror: float = knob(
        0.12,
        title="Mirrored",
        help="How often a picture is mirrored left to right while training; the model is told, so that its own "
        "pictures are not.",
        low=0.0,
        high=1.0,
    )


class LatentSampling(DenoisingSampling):
    """Knobs of generating from maps: without the pixels' range, for maps have none."""
