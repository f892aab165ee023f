"""What a run can do: its family's abilities, less those that its settings or its data leave out."""

from collections.abc import Mapping

from genstudio.core.abilities import Ability
from genstudio.core.config import parse
from genstudio.core.errors import ConfigError
from genstudio.core.family import AnyFamily
from genstudio.core.spec import DataSpec


def able(family: AnyFamily, config: Mapping[str, object], spec: DataSpec | None) -> frozenset[Ability]:
    """The abilities of a run; all of its family's while its dataset is gone or its settings are of another version."""
    if spec is None:
        return family.abilities
    try:
        return family.able(parse(family.config_type, config), spec)
    except ConfigError:
        return family.abilities
