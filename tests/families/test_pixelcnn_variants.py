"""The networks that are not the default keep the contract too (the default is checked with all families)."""

from dataclasses import replace

import pytest

from genstudio.core.spec import DataSpec
from genstudio.testing import check_family
from genstudio_pixelcnn import FAMILY
from genstudio_pixelcnn.config import PRESETS


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["pixelcnn", "pixelcnn++"])
def test_that_every_network_passes_the_conformance_suite(variant: str) -> None:
    draft = PRESETS["Draft"].replaced({"variant": variant, "features": 12, "depth": 2, "learning_rate": 5e-3})
    family = replace(FAMILY, presets={**PRESETS, "Draft": draft})
    report = check_family(family)
    assert report.passed, report.problems


@pytest.mark.parametrize(("width", "height"), [(129, 16), (16, 400)])
def test_that_pictures_too_large_to_draw_are_refused_with_a_sentence(width: int, height: int) -> None:
    refusal = FAMILY.misfit(DataSpec(count=1, channels=3, width=width, height=height))
    assert refusal is not None and "pixel after the other" in refusal
    assert FAMILY.misfit(DataSpec(count=1, channels=3, width=128, height=128)) is None
