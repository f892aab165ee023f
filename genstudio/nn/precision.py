"""Numbers of half the size, where a device multiplies them so much faster that it pays."""

from collections.abc import Callable, Mapping
from functools import cache

import torch

_AMPERE = (8, 0)


def mixed(device: torch.device) -> torch.autocast:
    """Within this, products and convolutions are of bfloat16 numbers; weights and sums stay as they are.

    On graphics cards and processors that have instructions for them: NVIDIA's from Ampere on, all that ROCm knows; a
    whole step of diffusion takes three quarters of its time with AVX-512's, convolutions a fifth with AMX. Elsewhere
    they would take longer, and this changes nothing: older cards imitate them, outside cuDNN.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=halves(device))


def halves(device: torch.device) -> bool:
    """Whether `mixed` changes anything on this device."""
    if device.type == "cuda":
        return torch.version.hip is not None or torch.cuda.get_device_capability(device) >= _AMPERE
    return device.type == "cpu" and processor_has_halves()


@cache
def processor_has_halves() -> bool:
    """Whether the processor multiplies bfloat16 numbers itself; torch before 2.10 cannot say, and is taken for no."""
    ask: Callable[[], Mapping[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
    return any(ask().get(name, False) for name in ("amx_bf16", "avx512_bf16"))
