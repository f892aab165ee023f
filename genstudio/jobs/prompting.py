"""What is said in words to a model that draws by them: checked, kept in the recipe, told again."""

from genstudio.core.abilities import Ability
from genstudio.core.errors import ConfigError
from genstudio.core.recipe import Recipe
from genstudio.jobs.shelf import Loaded

PROMPT, PROMPT_B = "prompt", "prompt_b"
"""Under these names a recipe keeps the words, and those of the other end of a walk where they are others."""

LONGEST = 1000
"""Characters; no model reads more, and a recipe out of somebody else's file may not be longer either."""


def prompted(loaded: Loaded, recipe: Recipe, prompt: str | None, name: str = PROMPT) -> Recipe:
    """A recipe that says what to draw, or the same where nothing is said. Raises `ConfigError` like `said`."""
    words = said(loaded.abilities, prompt, name)
    return recipe if words is None else recipe.model_copy(update={"extra": recipe.extra | {name: words}})


def said(abilities: frozenset[Ability], prompt: str | None, name: str = PROMPT) -> str | None:
    """What somebody typed as it is told to a run of these abilities, None for nothing.

    Raises `ConfigError` when the run does not draw by words, or there are too many of them.
    """
    words = " ".join((prompt or "").split())
    return _understood(abilities, words, name) if words else None


def prompt_of(loaded: Loaded, recipe: Recipe, name: str = PROMPT) -> str | None:
    """What a recipe says to draw. Raises `ConfigError` like `said`."""
    words = recipe.extra.get(name)
    return None if words is None else _understood(loaded.abilities, words, name)


def _understood(abilities: frozenset[Ability], words: object, name: str) -> str:
    problem = ""
    if Ability.TEXT_CONDITION not in abilities:
        problem = (
            "This run cannot draw by words. Train one on pictures with captions, with a run that matches words chosen "
            "as “Words from”."
        )
    elif not isinstance(words, str) or len(words) > LONGEST:
        problem = f"Say it in at most {LONGEST:,} characters."
    if problem:
        raise ConfigError(problem, {name: problem})
    return str(words)
