"""PixelRNN as a family: both variants keep the contract, and it knows what it cannot do well."""

from dataclasses import replace

import pytest

from genstudio.core.spec import DataSpec
from genstudio.testing import check_family
from genstudio_pixelrnn import FAMILY, LARGEST
from genstudio_pixelrnn.config import PRESETS
from genstudio_pixelrnn.courses import Diagonals, Rows
from genstudio_pixelrnn.model import density
from genstudio_pixelrnn.net import PixelRNN


def spec_of(channels: int, edge: int = 16) -> DataSpec:
    return DataSpec(count=10, channels=channels, height=edge, width=edge)


def test_that_the_row_lstm_passes_the_suite_like_the_one_of_the_presets() -> None:
    assert all(preset.variant == "diagonal-bilstm" for preset in PRESETS.values())  # checked with all families
    presets = {name: preset.replaced({"variant": "row-lstm"}) for name, preset in PRESETS.items()}
    report = check_family(replace(FAMILY, presets=presets))
    assert report.passed, report.problems


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_that_widths_are_rounded_up_to_fit_the_channels(channels: int) -> None:
    net = density(PRESETS["Draft"].replaced({"features": 13}), spec_of(channels)).net
    assert isinstance(net, PixelRNN)
    assert net.hidden % channels == 0 and 13 <= net.hidden < 13 + channels


def test_that_the_variant_chooses_the_course() -> None:
    for variant, course in (("row-lstm", Rows), ("diagonal-bilstm", Diagonals)):
        net = density(PRESETS["Draft"].replaced({"variant": variant}), spec_of(1)).net
        assert isinstance(net, PixelRNN) and net.course is course


def test_that_large_pictures_are_refused_with_a_size_that_works() -> None:
    assert FAMILY.misfit(spec_of(3, LARGEST)) is None
    refusal = FAMILY.misfit(spec_of(3, 64))
    assert refusal is not None and f"{LARGEST} × {LARGEST}" in refusal and "64 × 64" in refusal
