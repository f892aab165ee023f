"""Remakes `scheduler_reference.json`: single steps, spacings and schedules of the diffusers library.

It needs that library (version 0.39 made the file), which nothing else here does:

    pip install --target /tmp/diffusers diffusers
    PYTHONPATH=/tmp/diffusers python -m tests.families.make_scheduler_reference
"""

import json
from pathlib import Path
from typing import Any

import torch

FILE = Path(__file__).parent / "scheduler_reference.json"
_STEPS = (999, 500, 1, 0)


def _pictures(seed: int) -> torch.Tensor:
    return torch.randn(1, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _double(scheduler: Any) -> Any:
    """Redo a scheduler's tables in float64: its own have seven digits."""
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    scheduler.betas, scheduler.alphas = betas, 1 - betas
    scheduler.alphas_cumprod = torch.cumprod(1 - betas, 0)
    scheduler.one = torch.tensor(1.0, dtype=torch.float64)
    if hasattr(scheduler, "final_alpha_cumprod"):
        scheduler.final_alpha_cumprod = torch.tensor(1.0, dtype=torch.float64)
    return scheduler


def _ddpm(diffusers: Any) -> list[dict[str, object]]:
    found = []
    for variance in ("fixed_small", "fixed_large"):
        scheduler = _double(diffusers.DDPMScheduler(beta_schedule="linear", variance_type=variance, clip_sample=True))
        for step in _STEPS:
            noise = _pictures(3)
            generator = torch.Generator().manual_seed(3)
            x, epsilon = _pictures(1), _pictures(2)
            after = scheduler.step(epsilon, step, x, generator=generator).prev_sample
            found.append(
                {"variance": variance.removeprefix("fixed_"), "step": step, "x": x.tolist(),
                 "epsilon": epsilon.tolist(), "noise": noise.tolist(), "after": after.tolist()}
            )  # fmt: skip
    return found


def _ddim(diffusers: Any) -> list[dict[str, object]]:
    found = []
    for eta in (0.0, 0.5, 1.0):
        scheduler = diffusers.DDIMScheduler(
            beta_schedule="linear", clip_sample=False, set_alpha_to_one=True, timestep_spacing="trailing"
        )
        scheduler = _double(scheduler)
        scheduler.set_timesteps(10)
        for step in (999, 499, 99):
            x, epsilon, noise = _pictures(1), _pictures(2), _pictures(3)
            after = scheduler.step(epsilon, step, x, eta=eta, variance_noise=noise if eta else None).prev_sample
            found.append(
                {"eta": eta, "step": step, "x": x.tolist(), "epsilon": epsilon.tolist(),
                 "noise": noise.tolist(), "after": after.tolist()}
            )  # fmt: skip
    return found


def _spacings(diffusers: Any) -> dict[str, list[int]]:
    found = {}
    for spacing in ("leading", "trailing", "linspace"):
        scheduler = diffusers.DDIMScheduler(timestep_spacing=spacing)
        scheduler.set_timesteps(10)
        found[spacing] = scheduler.timesteps.tolist()
    return found


def make() -> None:
    """Ask the library, and write down what it says."""
    import diffusers
    from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr

    cosine = diffusers.DDPMScheduler(beta_schedule="squaredcos_cap_v2").alphas_cumprod
    zero = torch.cumprod(1 - rescale_zero_terminal_snr(torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)), 0)
    document = {
        "library": f"diffusers {diffusers.__version__}",
        "ddpm": _ddpm(diffusers),
        "ddim": _ddim(diffusers),
        "spacings": _spacings(diffusers),
        "cosine": {str(step): float(cosine[step]) for step in (0, 10, 250, 500, 900, 999)},
        "zero-terminal": {str(step): float(zero[step]) for step in (0, 10, 250, 500, 900, 999)},
    }
    FILE.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    make()
