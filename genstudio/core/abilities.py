"""What a trained model can do, in words both people and programs use.

An ability is a promise: a learner that names it implements the protocol of the same meaning in
`genstudio.training.learner`, and `check_family` verifies that it really does.
"""

from enum import StrEnum


class Ability(StrEnum):
    """One thing a trained model can do."""

    SAMPLE = "sample"
    CLASS_CONDITION = "class-condition"
    TEXT_CONDITION = "text-condition"
    LIKELIHOOD = "likelihood"
    RECONSTRUCT = "reconstruct"
    INTERPOLATE = "interpolate"
    COMPLETE = "complete"
    IMAGE_TO_IMAGE = "image-to-image"
    SURPRISE = "surprise"
    TRANSLATE = "translate"
    UPSCALE = "upscale"
    SCORE_ANOMALY = "score-anomaly"
    CONTINUE_TEXT = "continue-text"
    ENCODE = "encode"
    TOKENISE = "tokenise"
    MATCH_TEXT = "match-text"

    @property
    def label(self) -> str:
        """A short name for labels and buttons."""
        return _WORDS[self][0]

    @property
    def sentence(self) -> str:
        """One plain sentence for somebody who has never trained a model."""
        return _WORDS[self][1]


_WORDS: dict[Ability, tuple[str, str]] = {
    Ability.SAMPLE: ("Generate", "Makes new pictures like those it learned from."),
    Ability.CLASS_CONDITION: ("By label", "Makes pictures of the label you choose."),
    Ability.TEXT_CONDITION: ("By text", "Makes pictures that follow the words you type."),
    Ability.LIKELIHOOD: ("Likelihood", "Says how probable a given picture is under the model."),
    Ability.RECONSTRUCT: ("Reconstruct", "Redraws a given picture from what it kept of it."),
    Ability.INTERPOLATE: ("Interpolate", "Blends smoothly from one picture to another."),
    Ability.COMPLETE: ("Complete", "Finishes a picture of which only a part is given."),
    Ability.IMAGE_TO_IMAGE: ("Restyle", "Draws a given picture anew, as close to it or as far from it as you like."),
    Ability.SURPRISE: ("Surprise map", "Shows where a picture is unlike what it learned."),
    Ability.TRANSLATE: ("Translate", "Turns a picture of one kind into one of another kind."),
    Ability.UPSCALE: ("Upscale", "Makes a small picture larger and adds fitting detail."),
    Ability.SCORE_ANOMALY: ("Find oddities", "Says how unusual a picture is, and where."),
    Ability.ENCODE: ("Small maps", "Turns pictures into small maps that another model can learn from."),
    Ability.TOKENISE: ("Codes", "Writes pictures as a few whole numbers that another model can learn from."),
    Ability.MATCH_TEXT: ("Match words", "Says how well words and a picture fit, and reads words for other models."),
    Ability.CONTINUE_TEXT: ("Continue text", "Writes on from the words you give it."),
}
