"""What a person may turn: knobs of training and of generating. No torch here."""

from typing import Literal, Self

from pydantic import model_validator

from genstudio.api import Ability, FamilyConfig, SamplingConfig, knob

Prediction = Literal["edm", "flow", "v", "noise", "clean"]
Levels = Literal["continuous", "linear", "cosine", "zero-terminal"]
Variance = Literal["small", "large", "learned"]
Sampler = Literal["dpm++", "heun", "euler", "flow", "ddim", "ddpm", "quick"]
Spacing = Literal["trailing", "leading", "linspace"]


class DenoisingConfig(FamilyConfig):
    """Knobs of training that a denoiser has, of pictures and of maps alike."""

    network: Literal["unet", "transformer"] = knob(
        "unet",
        title="Network",
        help="What kind of network looks at the noisy picture.",
        choices={
            "unet": "Convolutions on several sizes of the picture: the best choice for small data and small machines.",
            "transformer": "Patches that look at one another: for large data and a graphics card.",
        },
    )
    width: int = knob(
        16,
        title="Width",
        help="How many features it looks for where pictures are largest; twice as many take about 2.5 times as long.",
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
    patch: int = knob(
        1,
        title="Patch",
        help="How many pixels a side it takes for one; 2 is quicker for pictures of 64 pixels and more, 1 is finer.",
        unit="px",
        low=1,
        high=16,
        advanced=True,
    )
    attention: int = knob(
        8,
        title="Attention up to",
        help="At sizes of at most so many pixels a side, far-off parts of the picture look at one another directly.",
        unit="px",
        low=0,
        high=64,
        advanced=True,
    )
    dropout: float = knob(
        0.0,
        title="Dropout",
        help="Which share of the features is left out at random while training; some keeps it from copying, and costs "
        "time.",
        low=0.0,
        high=0.9,
        advanced=True,
    )
    by_label: bool = knob(
        True,
        title="Use labels",
        help="Lets you ask for a label when generating; without labels in the dataset it does nothing.",
    )
    words: str | None = knob(
        None,
        title="Words from",
        help="A finished run that learned to read captions; with it you can say in words what to draw.",
        run_with=Ability.MATCH_TEXT,
    )
    label_dropout: float = knob(
        0.1,
        title="Label dropout",
        help="How often it is told neither label nor words while training, which is what guidance needs.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    prediction: Prediction = knob(
        "flow",
        title="Prediction",
        help="What the network is asked for; every choice can be drawn from with every sampler.",
        choices={
            "flow": "The straight way from noise to picture (rectified flow); it learned fastest in our trials.",
            "edm": "A balanced mixture of the noise and the clean picture (Karras et al. 2022).",
            "v": "The velocity: part noise, part picture (Salimans and Ho 2022).",
            "noise": "The noise alone, as in the first diffusion models (Ho et al. 2020).",
            "clean": "The clean picture itself.",
        },
        advanced=True,
    )
    levels: Levels = knob(
        "continuous",
        title="Noise levels",
        help="How much noise pictures are trained with.",
        choices={
            "continuous": "Any amount, most often the amounts at which most is to be learned.",
            "linear": "The thousand levels of Ho et al. 2020.",
            "cosine": "A thousand levels that lose the picture more slowly (Nichol and Dhariwal 2021).",
            "zero-terminal": "The linear levels, ending in noise alone (Lin et al. 2024); not with noise prediction.",
        },
        advanced=True,
    )
    level_mean: float = knob(
        0.0,
        title="Middle level",
        help="The logarithm of the noise it trains with most, for continuous levels; larger pictures want more.",
        low=-5.0,
        high=5.0,
        advanced=True,
    )
    level_spread: float = knob(
        1.2,
        title="Spread of levels",
        help="How far the logarithm of the noise strays from the middle, for continuous levels.",
        low=0.1,
        high=5.0,
        advanced=True,
    )
    weighting: Literal["plain", "min-snr"] = knob(
        "plain",
        title="Weighting",
        help="How much each noise level counts.",
        choices={
            "plain": "All alike, in the units of what is predicted.",
            "min-snr": "Levels with little noise count less, so that they do not outvote the others "
            "(Hang et al. 2023).",
        },
        advanced=True,
    )
    guide: bool = knob(
        False,
        title="Train a guide",
        help="Trains a small judge of labels beside it, which can push pictures towards a label; for data with labels.",
        advanced=True,
    )
    quick: float = knob(
        0.0,
        title="Train for few steps",
        help="In which last share of the training a twin learns to draw in one to four steps; 0.2 is enough and takes "
        "a third longer.",
        low=0.0,
        high=0.9,
    )
    variance: Variance = knob(
        "small",
        title="Variance",
        help="How much fresh noise a step of the DDPM sampler adds.",
        choices={
            "small": "As much as if the clean picture were known.",
            "large": "As much as forward noising takes; needs very many steps.",
            "learned": "The network says for each pixel, between the two (Nichol and Dhariwal 2021).",
        },
        advanced=True,
    )
    learning_rate: float = knob(
        3e-3,
        title="Learning rate",
        help="How large each change is; halve it if the loss jumps about.",
        low=1e-6,
        high=1e-1,
        log=True,
        advanced=True,
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.prediction == "noise" and self.levels == "zero-terminal":
            raise ValueError(
                "Where nothing but noise is left, predicting noise says nothing. Choose another prediction"
            )
        if self.variance == "learned" and self.levels == "continuous":
            raise ValueError("A learned variance needs a fixed list of noise levels. Choose linear or cosine levels")
        return self

    @property
    def wraps(self) -> bool:
        """Whether what is drawn goes on at the other side."""
        return False


class DiffusionConfig(DenoisingConfig):
    """Knobs of training on pictures."""

    seamless: bool = knob(
        False,
        title="Seamless tiles",
        help="Draws pictures that continue on the other side, to be laid side by side; for patterns that repeat.",
    )
    augment: float = knob(
        0.12,
        title="Augmentation",
        help="How often a picture is mirrored, turned, moved or scaled while training; the model is told, so that its "
        "own pictures are not. Helps most with few pictures.",
        low=0.0,
        high=1.0,
    )
    looks: int = knob(
        16,
        title="Looks per likelihood",
        help="At how many amounts of noise an evaluation looks at each picture; more are more exact, and slower.",
        low=1,
        high=1000,
        log=True,
        advanced=True,
    )
    likelihood: Literal["bound", "flow"] = knob(
        "bound",
        title="Likelihood",
        help="How an evaluation says how likely pictures are.",
        choices={
            "bound": "The least they can be, from a few looks at each.",
            "flow": "Closer, and some twenty times slower: follows every picture to noise.",
        },
        advanced=True,
    )

    @model_validator(mode="after")
    def _tiles(self) -> Self:
        if self.network == "transformer" and self.seamless:
            raise ValueError("A transformer knows where the edges are. Choose the U-Net for seamless tiles")
        return self

    @property
    def wraps(self) -> bool:
        """Whether pictures go on at the other side."""
        return self.seamless


class DenoisingSampling(SamplingConfig):
    """Knobs of generating by taking noise away."""

    sampler: Sampler = knob(
        "dpm++",
        title="Sampler",
        help="How the noise is taken away, step by step.",
        choices={
            "dpm++": "The best pictures for the time: 12 to 30 steps.",
            "heun": "Looks twice at each step; steady, and the best with 20 steps and more.",
            "euler": "The simplest way; its steps lie closer together where there is little noise.",
            "flow": "Straight and even steps; the best with fewer than 10.",
            "ddim": "Along the levels of the first diffusion models; can add fresh noise on the way.",
            "ddpm": "As in the first paper: fresh noise at every step, and hundreds of steps.",
            "quick": "One to four jumps, however many steps are asked for; for models trained for few steps.",
        },
    )
    steps: int = knob(
        20,
        title="Steps",
        help="How many steps the noise is taken away in; more take longer, and soon change little.",
        low=1,
        high=1000,
        log=True,
    )
    guidance: float = knob(
        2.0,
        title="Guidance",
        help="How strongly pictures are pushed towards the label or the words you asked for; 1 is not at all, more is "
        "plainer and less varied.",
        low=0.0,
        high=20.0,
    )
    guide_weight: float = knob(
        0.0,
        title="Guide's weight",
        help="How strongly the guide pushes pictures towards the label, where one was trained; 0 is not at all, and 1 "
        "where the model itself was told no labels.",
        low=0.0,
        high=100.0,
        advanced=True,
    )
    words_weight: float = knob(
        0.0,
        title="Words' weight",
        help="How strongly the model of words pushes pictures towards what you asked for; 0 is not at all, more takes "
        "three times as long.",
        low=0.0,
        high=1000.0,
        advanced=True,
        only_with=Ability.TEXT_CONDITION,
    )
    guide_below: float = knob(
        5.0,
        title="Guide below",
        help="Noise stronger than this is taken away without guidance by label, which keeps pictures varied; words "
        "guide from the first step.",
        low=0.0,
        high=1000.0,
        advanced=True,
    )
    guide_above: float = knob(
        0.2,
        title="Guide above",
        help="Noise weaker than this is taken away without guidance, which saves time.",
        low=0.0,
        high=1000.0,
        advanced=True,
    )
    spacing: Spacing = knob(
        "trailing",
        title="Spacing",
        help="Which of the thousand levels DDIM and DDPM visit when they take fewer steps.",
        choices={
            "trailing": "Evenly, from the very last: the best with few steps.",
            "leading": "Evenly, from the very first; leaves out the noisiest.",
            "linspace": "Evenly, with both ends.",
        },
        advanced=True,
    )
    eta: float = knob(
        0.0,
        title="Fresh noise",
        help="How much fresh noise DDIM adds on the way: 0 is none, 1 as much as DDPM.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    average: float = knob(
        0.1,
        title="Average over",
        help="Over which share of the training the weights are averaged; longer is smoother, shorter is more recent.",
        low=0.05,
        high=0.15,
        advanced=True,
    )
    rounds: int = knob(
        4,
        title="Rounds when completing",
        help="How often a step is taken when completing a picture; more fit better to what is given, and take longer.",
        low=1,
        high=50,
        advanced=True,
    )


class DiffusionSampling(DenoisingSampling):
    """Knobs of generating pictures."""

    clip: bool = knob(
        True,
        title="Keep in range",
        help="Keeps every guess at the clean picture within black and white.",
        advanced=True,
    )
