"""What goes wrong with GANs, read off a run's figures: divergence, collapse, too strong a judge, overfitting.

The loss says nothing about how a GAN is doing. These signs do, and none is trusted alone: each finding needs two that
agree over the last stretch of the run, because every one of them may look bad for a while in a run that goes well.
"""

from genstudio.api import History, Verdict
from genstudio_gan.config import GanConfig

_SETTLED_STEPS = 250  # of the generator; before so many, nothing is said
_LATELY = 0.8  # the last fifth of what was trained so far
_SURE = 0.98  # share of pictures recognised
_SAME = 0.4  # diversity: as varied as two fifths of the data
_GAP = 0.35  # between pictures trained on and held-out ones
_KNOWING = 0.3  # r_t, from which on such a gap means something


def gan_health(config: GanConfig, history: History) -> Verdict | None:
    """Say what is going wrong, or None. Pure: the same figures always give the same verdict."""
    if history.images_seen < _SETTLED_STEPS * config.critic_steps * config.batch_size:
        return None
    for look in (_collapsed, _diverging, _saturated, _overfitting):
        verdict = look(config, history)
        if verdict is not None:
            return verdict
    return None


def _collapsed(config: GanConfig, history: History) -> Verdict | None:
    """Little variety, and not growing."""
    diversity, before = history.mean("diversity", _LATELY), history.mean("diversity", 0.5, _LATELY)
    if diversity is None or before is None or diversity > _SAME or diversity > 1.1 * before:
        return None
    return Verdict(
        "collapse",
        "The generator draws nearly the same picture again and again (mode collapse).",
        f"Its pictures are {diversity:.0%} as varied as the real ones, and were {before:.0%} before.",
        _against_collapse(config),
    )


def _against_collapse(config: GanConfig) -> str:
    if config.variety == 0:
        return "Start a new run with the reward for variety at 0.5."
    if config.loss == "minimax":
        return "Start a new run with the non-saturating loss."
    if config.r1 < 0.5 and not config.loss.startswith("wgan"):
        return "Start a new run with R1 at 1."
    if not config.batch_spread:
        return "Start a new run with “Show the spread of a batch”."
    return "Start a new run with both learning rates halved."


def _diverging(config: GanConfig, history: History) -> Verdict | None:
    """Pictures much worse than they were, while the networks push each other ever harder."""
    distances = history.means("distance", 10)
    if len(distances) < 5:
        return None
    lately, best = distances[-1], min(distances[:-1])
    strains = [_growth(history, name) for name in ("margin", "d_gradient", "g_gradient")]
    if lately < 2 * best or lately < best + 5 or max(strains) < 3:
        return None
    return Verdict(
        "divergence",
        "Training is coming apart: the pictures get worse instead of better.",
        f"Their distance from real ones was {best:.0f} levels and is {lately:.0f} now, while the two networks push "
        f"each other {max(strains):.0f} times as hard.",
        f"Start a new run with both learning rates at half ({config.generator_rate / 2:g}).",
    )


def _growth(history: History, name: str) -> float:
    """How many times as large a figure is lately as it usually was in the first half of the run."""
    means = [abs(mean) for mean in history.means(name, 10)]
    usual = sorted(means[: len(means) // 2])
    return means[-1] / max(usual[len(usual) // 2], 1e-6) if usual else 1.0


def _saturated(config: GanConfig, history: History) -> Verdict | None:
    """The discriminator is always right, and the generator learns nothing from it. Critics may always be right."""
    if config.loss.startswith("wgan"):
        return None
    real, fake = history.mean("real_right", _LATELY), history.mean("fake_right", _LATELY)
    if real is None or fake is None or min(real, fake) < _SURE:
        return None
    told, at_first = history.mean("g_gradient", _LATELY), history.mean("g_gradient", 0.0, 0.1)
    near, before = history.mean("distance", _LATELY), history.mean("distance", 0.3, 0.6)
    faded = told is not None and at_first is not None and told < 0.1 * at_first
    stuck = near is not None and before is not None and near > 0.97 * before
    if not (faded or stuck):
        return None
    shown = (
        f"the generator's gradient fell to {told / at_first:.1%} of what it was"
        if faded and told and at_first
        else "the pictures came no nearer to real ones"
    )
    return Verdict(
        "saturation",
        "The discriminator wins, so that the generator learns nothing more (saturation).",
        f"It recognises {real:.0%} of real and {fake:.0%} of generated pictures, and {shown}.",
        _against_saturation(config),
    )


def _against_saturation(config: GanConfig) -> str:
    if config.loss == "minimax":
        return "Start a new run with the non-saturating loss."
    if config.r1 == 0:
        return "Start a new run with R1 at 1."
    if config.augment == "none":
        return "Start a new run with adaptive augmentation."
    return f"Start a new run with the discriminator's learning rate at half ({config.discriminator_rate / 2:g})."


def _overfitting(config: GanConfig, history: History) -> Verdict | None:
    """Sure of the pictures it learns from, not of others of the same kind."""
    known, sure = history.mean("real_right", _LATELY), history.mean("overfit", _LATELY)
    other, before = history.mean("heldout/real_right", _LATELY), history.mean("heldout/real_right", 0.4, _LATELY)
    if known is None or sure is None or other is None or before is None:
        return None
    if sure < _KNOWING or known - other < _GAP or known - before < _GAP / 2:
        return None
    return Verdict(
        "overfitting",
        "The discriminator begins to know the pictures by heart (overfitting).",
        f"It takes {known:.0%} of the pictures it learns from for real, but only {other:.0%} of those held out.",
        _against_overfitting(config),
    )


def _against_overfitting(config: GanConfig) -> str:
    if config.augment == "none":
        return "Start a new run with adaptive augmentation."
    if config.augment == "adaptive" and config.augment_strength < 0.8:
        return "Start a new run with the strength of augmentation at 0.8."
    if not config.mirror:
        return "Add more pictures, or start a new run with mirrored pictures too if they may be mirrored."
    return "Add more pictures; the best ones of this run are behind it."
