"""From a config to the network it asks for."""

from dataclasses import replace

from genstudio.api import FamilyError
from genstudio_diffusion import neighbours
from genstudio_diffusion.config import DenoisingConfig
from genstudio_diffusion.guide import Guide
from genstudio_diffusion.space import Shape
from genstudio_diffusion.transformer import Transformer, TransformerPlan
from genstudio_diffusion.unet import UNet, UNetPlan

_LARGEST_COARSE = 64  # places a side of the smallest map of pictures that wrap: all of them look at one another
_TRANSFORMER = 4  # a transformer's features and layers at a "width" and a "depth" of 1


def denoising_network(
    config: DenoisingConfig, shape: Shape, classes: int, *, text: int = 0, whole: int = 0
) -> UNet | Transformer:
    """The network of the denoiser; text, whole: how many numbers stand for a token of a text and for all of it.

    Raises `FamilyError` for pictures that wrap and cannot be halved evenly.
    """
    outputs = shape[0] * (2 if config.variance == "learned" else 1) + neighbours.COUNT
    if config.network == "unet":
        return UNet(replace(_unet_plan(config, shape, outputs, classes), text=text, whole=whole))
    return Transformer(
        TransformerPlan(
            inputs=shape[0],
            outputs=outputs,
            height=shape[1],
            width=shape[2],
            features=_TRANSFORMER * config.width,
            depth=_TRANSFORMER * config.depth,
            patch=config.patch,
            dropout=config.dropout,
            classes=classes,
            text=text,
            whole=whole,
        )
    )


def guide(config: DenoisingConfig, shape: Shape, classes: int) -> Guide:
    """The classifier for guidance: as wide as the U-Net, with one block at each size."""
    return Guide(_unet_plan(config, shape, classes, classes), classes)


def _unet_plan(config: DenoisingConfig, shape: Shape, outputs: int, classes: int) -> UNetPlan:
    plan = UNetPlan(
        inputs=shape[0],
        outputs=outputs,
        height=shape[1],
        width=shape[2],
        features=config.width,
        depth=config.depth,
        patch=config.patch,
        attention=config.attention,
        dropout=config.dropout,
        classes=classes,
        wraps=config.wraps,
    )
    step = config.patch * 2 ** (len(plan.sizes) - 1)
    uneven = shape[1] % config.patch or shape[2] % config.patch
    if config.wraps and (uneven or max(shape[1:]) // step > _LARGEST_COARSE):
        raise FamilyError(
            f"Seamless tiles have to be halved evenly several times, and {shape[2]} × {shape[1]} pixels in patches of "
            f"{config.patch} cannot be. Import the pictures at a size that {8 * config.patch} divides, or set “Patch” "
            "to 1."
        )
    return plan
