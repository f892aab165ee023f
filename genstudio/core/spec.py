"""What a model needs to know of a dataset, and nothing more."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field


class Modality(StrEnum):
    """The kind of thing a dataset holds."""

    IMAGES = "images"
    TEXT = "text"


class DataSpec(BaseModel):
    """The shape of a dataset: enough to build a model, show a form and refuse a misfit.

    For images, `channels` is 1 (grey), 3 (RGB) or 4 (RGBA), `height` and `width` are pixels. For text, `length` is
    the longest example in tokens and `vocabulary` the tokens. `classes` are label names in the order of their
    numbers, empty for unlabelled data; `unlabelled` is how many examples have none of them, where others do. `domains`
    names the sides of a two-domain dataset, empty otherwise. `embedding` is how many numbers came with each example to
    describe it, 0 where none did.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    modality: Modality = Modality.IMAGES
    count: int = Field(ge=1)
    channels: int = Field(default=0, ge=0, le=4)
    height: int = Field(default=0, ge=0)
    width: int = Field(default=0, ge=0)
    classes: tuple[str, ...] = ()
    unlabelled: int = Field(default=0, ge=0)
    captioned: bool = False
    embedding: int = Field(default=0, ge=0)
    length: int = Field(default=0, ge=0)
    vocabulary: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    def without_embeddings(self) -> Self:
        """The same, for somebody who has no use for embeddings."""
        return self.model_copy(update={"embedding": 0})

    def without_labels(self) -> Self:
        """The same, for somebody who has no use for labels."""
        return self.model_copy(update={"classes": (), "unlabelled": 0})

    def has_pictures_like(self, other: "DataSpec") -> bool:
        """Whether its pictures have the size and the colour mode of another dataset's."""
        return (self.channels, self.height, self.width) == (other.channels, other.height, other.width)

    @property
    def dimensions(self) -> int:
        """Numbers in one example: pixels times channels, or tokens."""
        if self.modality is Modality.TEXT:
            return self.length
        return self.channels * self.height * self.width
