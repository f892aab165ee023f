"""Torch's global state belongs to everybody in the process; a family leaves it alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from genstudio.testing.lab import Lab
from genstudio.testing.report import require
from genstudio.training.learner import Samples

_GLOBALS: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "default dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "default device": (torch.get_default_device, torch.set_default_device),
    "number of threads": (torch.get_num_threads, torch.set_num_threads),
    "deterministic flag": (torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms),
    "grad mode": (torch.is_grad_enabled, torch.set_grad_enabled),
    "anomaly mode": (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    "matmul precision": (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    "cuDNN benchmark flag": (
        lambda: torch.backends.cudnn.benchmark,
        lambda value: setattr(torch.backends.cudnn, "benchmark", value),
    ),
    "cuDNN deterministic flag": (
        lambda: torch.backends.cudnn.deterministic,
        lambda value: setattr(torch.backends.cudnn, "deterministic", value),
    ),
}


def check_manners(lab: Lab) -> str:
    """Building, training and drawing leave torch's global state alone."""
    before = _read()
    learner = lab.learner()
    lab.train(learner, steps=1)
    if isinstance(learner, Samples):
        lab.sample(learner, 0, range(2))
    after = _read()
    for what, value in before.items():
        require(after[what] == value, f"It changes torch's {what} from {value} to {after[what]}, for everybody.")
    return "torch's global state is left alone"


@contextmanager
def untouched() -> Iterator[None]:
    """Put back afterwards whatever was changed inside."""
    before = _read()
    try:
        yield
    finally:
        for what, value in _read().items():
            if value != before[what]:
                _GLOBALS[what][1](before[what])


def _read() -> dict[str, Any]:
    return {what: read() for what, (read, _) in _GLOBALS.items()}
