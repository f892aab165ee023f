"""The suite itself: which checks there are, and how each is run by itself."""

import time
from collections.abc import Callable

import torch

from genstudio.core.family import AnyFamily
from genstudio.core.spec import DataSpec
from genstudio.testing import drawing, learning, listing, manners
from genstudio.testing.lab import Lab
from genstudio.testing.report import Broken, Check, CheckReport

CHECKS: tuple[tuple[str, Callable[[Lab], str]], ...] = (
    ("words", listing.check_words),
    ("listed without torch and Qt", listing.check_import),
    ("settings described and bounded", listing.check_settings),
    ("presets survive being written down", listing.check_round_trip),
    ("refusals are sentences", listing.check_refusals),
    ("manners", manners.check_manners),
    ("learns from all it accepts", learning.check_shapes),
    ("learns from partly labelled pictures", learning.check_missing_labels),
    ("reports the series it declares", learning.check_series),
    ("no gradients left behind", learning.check_gradients),
    ("learns one batch by heart", learning.check_learning),
    ("exact resume through a checkpoint file", learning.check_resume),
    ("all state is in tensors", learning.check_state),
    ("nothing non-finite is kept", learning.check_guard),
    ("samples follow from their seed", drawing.check_samples),
    ("heeds embeddings", drawing.check_embeddings),
    ("previews leave no trace", drawing.check_previews),
    ("declared abilities work", drawing.check_abilities),
)
"""Every check by its plain name. A check returns what it saw, and raises when the contract is broken."""


def check_family(
    family: AnyFamily,
    *,
    spec: DataSpec | None = None,
    steps: int = 80,
    progress: Callable[[str], None] = lambda _: None,
) -> CheckReport:
    """Check a family against the contract of plugins.

    `spec` is the kind of pictures most checks use (by default the first of several that the family accepts), `steps`
    how long it may learn one batch by heart, `progress` is told the name of each check before it starts.
    """
    lab = Lab(family, spec, steps)
    stream = torch.random.get_rng_state()
    try:
        return CheckReport(family.name, tuple(_run(name, check, lab, progress) for name, check in CHECKS))
    finally:
        torch.random.set_rng_state(stream)


def _run(name: str, check: Callable[[Lab], str], lab: Lab, progress: Callable[[str], None]) -> Check:
    progress(name)
    begin = time.perf_counter()
    try:
        with manners.untouched():
            detail = check(lab)
    except Broken as broken:
        return Check(name, False, str(broken))
    except Exception as error:
        return Check(name, False, f"It raised {type(error).__name__}: {error}")
    return Check(name, True, f"{detail} ({time.perf_counter() - begin:.1f} s)")
