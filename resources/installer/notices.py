"""Third-party notices and a bill of materials, from what was really packed.

Three kinds of things travel with the program: Python packages (their metadata and licence files are read from the
build's environment), the Python interpreter, and shared libraries of the system the build ran on (on Debian their
package, version and licence are asked of dpkg). Run by build_installer.py with the build's own Python:

    python -m resources.installer.notices CONTENTS.json FOLDER
"""

import json
import platform
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

HERE = Path(__file__).parent
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_CLASSIFIER = "License :: OSI Approved :: "
_NOT_PACKED = {"setuptools"}  # torch names it for compiling, which an installed program cannot do
_LONGEST = 60  # a licence's name longer than this is the text itself


@dataclass(frozen=True)
class Part:
    """One thing that travels with the program. `kind` is package, interpreter or library; `texts` are its licences."""

    name: str
    version: str
    licence: str
    kind: str
    home: str
    purl: str
    texts: tuple[str, ...]


def packed_packages(root: str = "genstudio") -> list[Part]:
    """Every package that the program needs, itself first, and PyInstaller for its bootloader."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [root, "pyinstaller"]
    while waiting:
        name = _normal(waiting.pop(0))
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        if name != "pyinstaller":
            waiting += _needs(found[name])
    return [_part(dist) for dist in found.values()]


def _needs(dist: metadata.Distribution) -> Iterator[str]:
    for line in dist.requires or ():
        requirement = Requirement(line)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and _normal(requirement.name) not in _NOT_PACKED:
            yield requirement.name


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _part(dist: metadata.Distribution) -> Part:
    about = dist.metadata
    name, version = _normal(about["Name"]), dist.version
    purl = f"pkg:pypi/{name}@{version}"
    home = _home(about)
    return Part(name, version, _licence(about), "package", home, purl, tuple(_texts(dist)))


def _licence(about: Any) -> str:
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    said = str(about.get("License") or "").strip()
    if said and "\n" not in said and len(said) <= _LONGEST:
        return said
    names = [
        line.removeprefix(_CLASSIFIER) for line in about.get_all("Classifier") or () if line.startswith(_CLASSIFIER)
    ]
    return " and ".join(names) or "see its licence text"


def _home(about: Any) -> str:
    links = [line.partition(",") for line in about.get_all("Project-URL") or ()]
    named = {name.strip().lower(): link.strip() for name, _, link in links}
    wanted = ("homepage", "home", "source", "source code", "repository", "code")
    return str(about.get("Home-page") or next((named[name] for name in wanted if name in named), ""))


def _texts(dist: metadata.Distribution) -> Iterator[str]:
    for file in sorted(dist.files or (), key=str):
        if _LICENCE_FILE.search(file.name) and file.suffix not in {".py", ".pyc"}:
            place = Path(str(dist.locate_file(file)))
            if place.is_file():
                yield f"[{file}]\n{place.read_text('utf-8', errors='replace')}"
    if _normal(dist.name) in {"pyside6-essentials", "shiboken6"}:
        yield from (f"[{file.name}]\n{file.read_text('utf-8')}" for file in sorted((HERE / "licences").glob("*.txt")))


def interpreter() -> Part:
    """Python itself."""
    version = platform.python_version()
    file = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    texts = (file.read_text("utf-8"),) if file.is_file() else ()
    return Part(
        "python", version, "PSF-2.0", "interpreter", "https://www.python.org", f"pkg:generic/python@{version}", texts
    )


def system_libraries(sources: Iterable[str]) -> list[Part]:
    """The packages of the system that shared libraries were taken from; none where dpkg is not at hand."""
    packages: dict[str, Part] = {}
    for source in sorted({str(Path(source).resolve()) for source in sources}):
        owner = _owner(source)
        if owner and owner not in packages:
            packages[owner] = _debian_part(owner)
    return list(packages.values())


def _owner(file: str) -> str:
    for place in (file, file.removeprefix("/usr")):
        answer = _ask("dpkg-query", "--search", place)
        if answer:
            return answer.splitlines()[0].partition(":")[0]
    return ""


def _debian_part(package: str) -> Part:
    version, _, home = _ask("dpkg-query", "--show", "--showformat=${Version}\t${Homepage}", package).partition("\t")
    file = Path("/usr/share/doc") / package / "copyright"
    text = file.read_text("utf-8", errors="replace") if file.is_file() else ""
    named = sorted(set(re.findall(r"^License:[ \t]*(\S.*)$", text, re.MULTILINE)))
    licence = " AND ".join(named) if named and len(" AND ".join(named)) <= 2 * _LONGEST else "see its licence text"
    return Part(
        package, version, licence, "library", home, f"pkg:deb/debian/{package}@{version}", (text,) if text else ()
    )


def _ask(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return ""


def parts_of(contents: list[list[str]]) -> list[Part]:
    """Everything that travels, given PyInstaller's list of (place, source, kind)."""
    inside = str(Path(sys.prefix).resolve())
    python = str(Path(sysconfig.get_config_var("installed_base") or sys.base_prefix).resolve())
    foreign = [
        source
        for _, source, kind in contents
        if kind in {"BINARY", "EXTENSION"} and not str(Path(source).resolve()).startswith((inside, python))
    ]
    return [*packed_packages(), interpreter(), *system_libraries(foreign)]


def notices(parts: list[Part]) -> str:
    """The text of all licences, one part after the other."""
    lines = [
        "GenStudio contains the following parts by others. Thank you.",
        "Qt and PySide6 are used under the LGPL, version 3: their libraries lie as files of their own in the program's",
        "folder and may be replaced by other builds of the same version.",
        "",
        *(f"  {part.name} {part.version} – {part.licence}" for part in parts[1:]),
    ]
    for part in parts:
        lines += ["", "=" * 100, f"{part.name} {part.version}", part.home, f"Licence: {part.licence}", ""]
        lines += part.texts or ("No licence text came with it.",)
    return "\n".join(lines) + "\n"


def bill_of_materials(parts: list[Part]) -> dict[str, Any]:
    """The parts as CycloneDX 1.6. No date and no random serial number: the same build gives the same bill."""
    own, *others = parts
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component(own, "application")},
        "components": [_component(part, "library") for part in others],
    }


def _component(part: Part, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind, "bom-ref": part.purl, "name": part.name, "version": part.version}
    found |= {"purl": part.purl, "licenses": [{"license": {"name": part.licence}}]}
    if part.home:
        found["externalReferences"] = [{"type": "website", "url": part.home}]
    return found


def summary(parts: list[Part]) -> list[dict[str, str]]:
    """What About shows: names, versions, licences."""
    return [{"name": part.name, "version": part.version, "licence": part.licence} for part in parts]


def write(contents: Path, folder: Path) -> list[Part]:
    """Write NOTICES.txt, parts.json and genstudio.cdx.json into a folder."""
    parts = parts_of(json.loads(contents.read_text("utf-8"))["contents"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "NOTICES.txt").write_text(notices(parts), "utf-8")
    (folder / "parts.json").write_text(json.dumps(summary(parts), indent=1, ensure_ascii=False), "utf-8")
    (folder / "genstudio.cdx.json").write_text(
        json.dumps(bill_of_materials(parts), indent=1, ensure_ascii=False), "utf-8"
    )
    return parts


if __name__ == "__main__":
    print(f"{len(write(Path(sys.argv[1]), Path(sys.argv[2])))} parts")
