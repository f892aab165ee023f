"""Which device trains, what it is called, how much memory is in use, and how torch is set up."""

import os

import psutil
import torch

from genstudio.core.errors import ConfigError

_KINDS = ("cuda", "mps", "cpu")


def pick_device(name: str = "auto") -> torch.device:
    """Return the device of this name; "auto" takes the best there is (CUDA, then Apple's, then the processor).

    Raises `ConfigError` when the machine has no such device.
    """
    if name == "auto":
        return next(_device(kind) for kind in _KINDS if _available(kind))
    kind = name.split(":")[0]
    if kind not in _KINDS:
        raise ConfigError(f"“{name}” is no device. Choose auto, {', '.join(_KINDS)}.")
    if not _available(kind):
        raise ConfigError(f"This computer has no {kind} device that torch can use. Choose auto or cpu.")
    return _device(name)


def _available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    return kind == "cpu" or torch.backends.mps.is_available()


def _device(name: str) -> torch.device:
    """Under torchrun each process takes the card of its local rank."""
    if name == "cuda":
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device(name)


def device_label(device: torch.device) -> str:
    """Name a device for people."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple graphics"
    threads = torch.get_num_threads()
    return f"processor, {threads} thread{'' if threads == 1 else 's'}"


def memory_in_use(device: torch.device) -> int:
    """Bytes in use: of the device's own memory, or of the whole process when the processor trains."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return torch.mps.current_allocated_memory()
    return int(psutil.Process().memory_info().rss)


def prepare() -> None:
    """Set torch up once per process, before the first learner is built.

    Every thread the machine allows is used (the environment may say fewer); numbers too small to matter count as
    zero, which saves processors a great slowdown; matrices multiply in TF32 where a card has it. On a card, operations
    add up in a fixed order where torch has one, so that a resumed run goes on bit by bit; where it has none, it warns.
    """
    torch.set_flush_denormal(True)
    torch.set_float32_matmul_precision("high")
    if torch.cuda.is_available():
        torch.use_deterministic_algorithms(True, warn_only=True)
        # Nothing is read here before it is written, and filling takes time.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined] # torch adds it late
