"""The pages of Help: which there are, what they are called, where their links lead. Nothing is drawn here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from genstudio.core import paths
from genstudio.core.errors import GenStudioError
from genstudio.plugins import PluginHost

START = "help.md"
_FOR_AUTHORS = ("plugin_guide", "architecture", "packaging", "measured")
_OURS = "genstudio"
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)[^)]*\)")
_MOST_CHARACTERS = 1_000_000


class HelpError(GenStudioError):
    """A page of Help cannot be shown."""


class Group(StrEnum):
    """A part of the list of pages; they stand in this order."""

    USING = "using"
    MODELS = "models"
    AUTHORS = "authors"


@dataclass(frozen=True)
class HelpPage:
    """One document. `root` is the folder that its links and pictures may not leave."""

    file: Path
    root: Path
    title: str
    text: str

    def matches(self, typed: str) -> bool:
        """Whether every word that was typed is in it."""
        text = self.text.casefold()
        return all(word in text for word in typed.casefold().split())

    def pictures(self) -> dict[str, str]:
        """The names of its pictures, as they are written, and what they show, in words."""
        return {name: words for words, name in _PICTURE.findall(self.text)}

    def links(self) -> list[str]:
        """Where its links lead, as they are written."""
        return _LINK.findall(self.text)

    def place(self, name: str) -> Path | None:
        """The file that a relative name in it means; None where that lies outside of its folder."""
        file = (self.file.parent / unquote(urlsplit(name).path)).resolve()
        return file if file.is_relative_to(self.root.resolve()) else None

    def picture(self, name: str, *, dark: bool) -> Path | None:
        """The file of a picture; one that shows the window is there twice, and the one in the same look is taken."""
        file = self.place(name)
        if file is None:
            return None
        here, other = ("-dark", "-light") if dark else ("-light", "-dark")
        twin = file.with_stem(file.stem.removesuffix(other) + here)
        return twin if file.stem.endswith(other) and twin.is_file() else file


def documents() -> Path:
    """The folder of the documents that come with the studio."""
    return paths.resources() / "docs"


def read_page(file: Path, root: Path) -> HelpPage:
    """Read a document. Raises `HelpError` with a sentence when it is not there or no text."""
    try:
        text = file.read_text("utf-8")[:_MOST_CHARACTERS]
    except (OSError, UnicodeDecodeError) as error:
        raise HelpError(f"The page “{file.name}” is not here, or is no text.") from error
    return HelpPage(file, root, _title(text) or file.stem, text)


def list_pages(host: PluginHost | None) -> dict[Group, list[HelpPage]]:
    """Read every page of the list: the studio's own, and the READMEs of plugins by others (once there is a host)."""
    found: dict[Group, list[HelpPage]] = {group: [] for group in Group}
    root = documents()
    for file in sorted(root.glob("*.md"), key=_order):
        found[Group.AUTHORS if file.stem in _FOR_AUTHORS else Group.USING].append(read_page(file, root))
    models = [read_page(file, root) for file in sorted((root / "families").glob("*.md"))]
    if host is not None:
        brought = (family_page(host, family.name) for family in host.families())
        models += [page for page in brought if page is not None]
    found[Group.MODELS] = list({page.file: page for page in models}.values())
    return found


def family_page(host: PluginHost, family: str) -> HelpPage | None:
    """The page about a family: for what comes with the studio one of its documents, otherwise its plugin's README."""
    report = next((report for report in host.reports() if family in report.families), None)
    if report is None:
        return None
    if report.origin == _OURS:
        return _first_page([family, report.name.removeprefix("genstudio_")])
    readme = host.readme(family)
    return read_page(readme, readme.parent) if readme is not None else None


def _first_page(names: Sequence[str]) -> HelpPage | None:
    files = (documents() / "families" / f"{name}.md" for name in names)
    file = next((file for file in files if file.is_file()), None)
    return read_page(file, documents()) if file is not None else None


def _title(text: str) -> str:
    return next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), "")


def _order(file: Path) -> tuple[bool, int, str]:
    return file.name != START, _FOR_AUTHORS.index(file.stem) if file.stem in _FOR_AUTHORS else 0, file.stem
