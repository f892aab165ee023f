"""What goes wrong with autoencoders, read off a run's figures: latents that fall silent, codes that are never used."""

from genstudio.api import History, Verdict
from genstudio_vae.config import AutoencoderConfig, VaeConfig
from genstudio_vae.relatives import VqConfig

_SETTLED = 0.25  # the share of a run before which nothing is said; latents may take long to find their use
_SETTLED_STEPS = 500  # nor before so many steps
_LATELY = 0.8  # the last fifth of what was trained so far
_SILENT = 2.0  # nats a picture: enough to tell seven kinds of pictures apart
_UNUSED = 0.05  # of all codes


def collapsed(config: VaeConfig, history: History) -> Verdict | None:
    """Posterior collapse (Bowman et al. 2016, section 3.1): the decoder goes without the latents."""
    if _is_early(config, history, max(_SETTLED, 1.5 * config.warmup)):
        return None
    said, active = history.mean("kl", _LATELY), history.mean("active", _LATELY)
    if said is None or active is None or said > _SILENT:
        return None
    return Verdict(
        "posterior collapse",
        "The latents say next to nothing about a picture (posterior collapse); all redrawings look alike.",
        f"Of {config.latents:,} latents {active:.0f} say something, together {said:.2g} nats a picture.",
        _against_silence(config),
    )


def _is_early(config: AutoencoderConfig, history: History, share: float) -> bool:
    return history.images_seen < max(share * config.images, _SETTLED_STEPS * config.batch_size)


def _against_silence(config: VaeConfig) -> str:
    if config.beta > 1:
        return f"Start a new run with Beta at {max(1.0, config.beta / 4):g} in place of {config.beta:g}."
    if config.free_bits < 0.1:
        return "Start a new run with Free information at 0.2 nats per latent."
    if config.warmup < 0.5:
        return "Start a new run with Beta warm-up at 0.5."
    return f"Start a new run with the learning rate at half ({config.learning_rate / 2:g})."


def crowded(config: VqConfig, history: History) -> Verdict | None:
    """Codebook collapse: nearly every patch is rounded to the same few codes."""
    if _is_early(config, history, _SETTLED):
        return None
    used = history.mean("used", _LATELY)
    if used is None or used > max(4.0, _UNUSED * config.codes):
        return None
    return Verdict(
        "codebook collapse",
        "Most codes are never used (codebook collapse), so that redrawings lack detail.",
        f"Of {config.codes:,} codes pictures make use of about {used:.0f}.",
        _against_crowding(config),
    )


def _against_crowding(config: VqConfig) -> str:
    if config.dimensions > 8:
        return f"Start a new run with {config.dimensions // 2} numbers per code."
    if config.commitment > 0.1:
        return f"Start a new run with Commitment at {config.commitment / 2:g}."
    return f"Start a new run with {max(config.codes // 4, 8)} codes: these pictures need no more."
