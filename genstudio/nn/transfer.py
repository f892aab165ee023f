"""From the processor to the device that trains."""

import torch
from torch import Tensor


def sent(values: Tensor, device: torch.device) -> Tensor:
    """A tensor on a device.

    A card takes it from pinned memory, and nobody waits; plain copies wait for all that the card was told before.
    """
    return values.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else values.to(device)
