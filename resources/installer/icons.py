"""Draw the program's icon in the sizes and containers that platforms want.

Run: python -m resources.installer.icons FOLDER   (with PySide6 and Pillow at hand; no display is needed)
"""

import os
import sys
from pathlib import Path

DRAWING = Path(__file__).with_name("genstudio.svg")
SIZES = (16, 24, 32, 48, 64, 128, 256)


def draw(folder: Path) -> None:
    """Write genstudio-SIZE.png, genstudio.ico (Windows) and genstudio.icns (macOS)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for size in (*SIZES, 512, 1024):
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        QSvgRenderer(str(DRAWING)).render(painter)
        painter.end()
        image.save(str(folder / f"genstudio-{size}.png"))
    largest = Image.open(folder / "genstudio-1024.png")
    Image.open(folder / "genstudio-256.png").save(folder / "genstudio.ico", sizes=[(size, size) for size in SIZES])
    largest.save(folder / "genstudio.icns")
    del application


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
