"""How a Linux desktop knows the program: menu entry, icons, the kind of its projects. The same for every package."""

import shutil
from pathlib import Path

from resources.installer.freeze import ICONS
from resources.installer.icons import DRAWING, SIZES

ENTRY = """[Desktop Entry]
Type=Application
Name=GenStudio
GenericName=Generative model studio
Comment=Train small generative models on your own images, watch them learn, generate with them
Exec={command} %f
Icon=genstudio
Terminal=false
Categories=Graphics;Education;Science;
Keywords=images;model;train;generate;
MimeType=application/x-genstudio-project;
StartupNotify=true
StartupWMClass=genstudio
"""

# A project is an SQLite file that says whose it is: "GSPJ" at byte 68 (the database's application id).
KIND = """<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-genstudio-project">
    <comment>GenStudio project</comment>
    <sub-class-of type="application/vnd.sqlite3"/>
    <icon name="genstudio"/>
    <magic priority="60"><match type="string" offset="0" value="SQLite format 3\\0">
      <match type="big32" offset="68" value="0x4753504A"/></match></magic>
    <glob pattern="*.gsproj"/>
  </mime-type>
</mime-info>
"""


def write_desktop(share: Path, command: str) -> None:
    """Fill a `share` folder (usr/share, or ~/.local/share) for a program that starts with `command`."""
    _write(share / "applications" / "genstudio.desktop", ENTRY.format(command=command))
    _write(share / "mime" / "packages" / "genstudio.xml", KIND)
    icons = share / "icons" / "hicolor"
    for size in SIZES:
        _copy(ICONS / f"genstudio-{size}.png", icons / f"{size}x{size}" / "apps" / "genstudio.png")
    _copy(DRAWING, icons / "scalable" / "apps" / "genstudio.svg")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
