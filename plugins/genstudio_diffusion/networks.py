"""From a config to the network it asks for."""

from torch import nn

from genstudio.api import DataSpec
from genstudio_diffusion.config import DiffusionConfig
from genstudio_diffusion.guide import Guide
from genstudio_diffusion.transformer import Transformer, TransformerPlan
from genstudio_diffusion.unet import UNet, UNetPlan

_TRANSFORMER = 4  # a transformer's features and layers at a "width" and a "depth" of 1


def denoising_network(config: DiffusionConfig, spec: DataSpec, classes: int) -> nn.Module:
    """The network of the denoiser."""
    outputs = spec.channels * (2 if config.variance == "learned" else 1)
    if config.network == "unet":
        return UNet(_unet_plan(config, spec, outputs, classes))
    return Transformer(
        TransformerPlan(
            inputs=spec.channels,
            outputs=outputs,
            height=spec.height,
            width=spec.width,
            features=_TRANSFORMER * config.width,
            depth=_TRANSFORMER * config.depth,
            patch=config.patch,
            dropout=config.dropout,
            classes=classes,
        )
    )


def guide(config: DiffusionConfig, spec: DataSpec, classes: int) -> Guide:
    """The classifier for guidance: as wide as the U-Net, with one block at each size."""
    return Guide(_unet_plan(config, spec, classes, classes), classes)


def _unet_plan(config: DiffusionConfig, spec: DataSpec, outputs: int, classes: int) -> UNetPlan:
    return UNetPlan(
        inputs=spec.channels,
        outputs=outputs,
        height=spec.height,
        width=spec.width,
        features=config.width,
        depth=config.depth,
        patch=config.patch,
        attention=config.attention,
        dropout=config.dropout,
        classes=classes,
        wraps=config.seamless,
    )
