"""What a person may turn when training an upscaler and when enlarging with it. No torch here."""

from typing import Literal

from genstudio.api import FamilyConfig, SamplingConfig, knob

SMALLEST = 8  # pixels a side of a training picture


class UpscalerConfig(FamilyConfig):
    """Knobs of training."""

    factor: Literal["2", "4"] = knob(
        "2",
        title="Factor",
        help="How many times as wide and high it makes pictures.",
        choices={
            "2": "Twice as large: the surest, and the quickest to learn.",
            "4": "Four times as large: more of what it draws is its own invention.",
        },
    )
    width: int = knob(
        32,
        title="Width",
        help="How many features it looks for at the finest size; twice as many take about three times as long.",
        low=8,
        high=512,
        log=True,
    )
    depth: int = knob(
        1,
        title="Depth",
        help="How many blocks it has at each size; more of them see more, and take longer.",
        low=1,
        high=24,
    )
    crop: int = knob(
        48,
        title="Crop",
        help="How large a part of a picture it looks at while training; smaller pictures are looked at whole.",
        unit="px",
        low=16,
        high=512,
    )
    damage: float = knob(
        0.5,
        title="Damage",
        help="How blurred, noisy and compressed half of its small pictures are at worst, so that it copes with real "
        "ones; 0 is clean ones only.",
        low=0.0,
        high=1.0,
    )
    learning_rate: float = knob(
        8e-3,
        title="Learning rate",
        help="How large each change is; halve it if the loss jumps about.",
        low=1e-6,
        high=1e-1,
        log=True,
        advanced=True,
    )


class UpscalerSampling(SamplingConfig):
    """Knobs of enlarging."""

    detail: float = knob(
        0.5,
        title="Detail",
        help="How much fitting detail it invents: 0 is the safest guess, 1 the crispest, which may be grainy.",
        low=0.0,
        high=1.0,
    )
    steps: int = knob(
        6,
        title="Steps",
        help="How many steps the detail is drawn in; more take longer, and soon change little.",
        low=2,
        high=100,
        log=True,
    )
    damage: float = knob(
        0.0,
        title="Damage",
        help="How blurred, noisy or compressed the small picture is; what is told here is repaired along the way.",
        low=0.0,
        high=1.0,
    )
    faithful: bool = knob(
        True,
        title="Faithful",
        help="Corrects the result until, made small again, it is the picture you gave; not for damaged ones.",
    )
