"""How a sample was made, written into its PNG, so that it can be made again."""

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """Everything that decides the pixels of one sample.

    Pictures are made in chunks of `batch`; a sample's noise depends on (`seed`, `index`) alone, and making its whole
    chunk again gives the same bits. `options` are the family's sampling knobs, `label` is a class name, `extra` holds
    what an ability adds (for an interpolation: the two seeds and the position).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    ability: str = "sample"
    family: str
    run: str
    run_name: str = ""
    checkpoint: str
    images_seen: int
    seed: int = Field(ge=0, le=2**32 - 1)
    index: int = Field(ge=0)
    count: int = Field(ge=1)
    batch: int = Field(ge=1)
    label: str | None = None
    options: dict[str, str | int | float | bool | None] = {}
    extra: dict[str, str | int | float | bool | None] = {}
    version: str = ""
