"""What a person may turn in words and pictures. No torch here."""

from genstudio.api import FamilyConfig, knob


class ClipConfig(FamilyConfig):
    """Knobs of training."""

    batch_size: int = knob(
        128,
        title="Batch",
        help="How many pictures and texts it tells apart at a time; more are harder to tell apart, and teach more.",
        unit="images",
        low=2,
        high=4096,
        log=True,
        advanced=True,
    )
    pretrained: str = knob(
        "",
        title="Pretrained weights",
        help="A folder on this computer with CLIP weights (config.json, model.safetensors, vocab.json, merges.txt) to "
        "begin from; the sizes below do nothing then. Empty begins from nothing.",
        advanced=True,
    )
    width: int = knob(
        32,
        title="Width",
        help="How many features it looks for in pictures at the finest size; twice as many take three times as long.",
        low=8,
        high=256,
        log=True,
    )
    depth: int = knob(
        1,
        title="Depth",
        help="How many blocks it looks at pictures with at each size.",
        low=1,
        high=8,
        advanced=True,
    )
    text_width: int = knob(
        128,
        title="Width for texts",
        help="How many numbers it keeps about each word; models that draw by text read these.",
        low=32,
        high=1024,
        log=True,
        advanced=True,
    )
    text_depth: int = knob(
        2,
        title="Depth for texts",
        help="How many layers read a text; more understand longer sentences, if there are many of them.",
        low=1,
        high=12,
        advanced=True,
    )
    shorten: float = knob(
        0.5,
        title="Shorten captions",
        help="How many captions lose some of their words while training, so that short prompts work too.",
        unit="of 1",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    dropout: float = knob(
        0.1,
        title="Dropout",
        help="How much of what it sees is forgotten at random while training; more of it overfits less.",
        unit="of 1",
        low=0.0,
        high=0.9,
        advanced=True,
    )
    mirror: bool = knob(
        True,
        title="Mirror pictures",
        help="Shows half of the pictures mirrored, which teaches more; switch it off where left and right matter.",
    )
    learning_rate: float = knob(
        1e-3,
        title="Learning rate",
        help="How large each change is; halve it if the loss jumps about.",
        low=1e-7,
        high=1e-1,
        log=True,
        advanced=True,
    )
    weight_decay: float = knob(
        0.1,
        title="Weight decay",
        help="How strongly weights are pulled to zero; more keeps it from learning a few pictures by heart.",
        low=0.0,
        high=10.0,
        advanced=True,
    )
