"""Arrays as pictures, and pictures at the size of the screen with their pixels kept crisp."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter

Pixels = NDArray[np.uint8]

OPAQUE = QImage.Format.Format_RGB32
CLEAR = QImage.Format.Format_ARGB32_Premultiplied
WHOLE_STEP_SHARE = 0.8


def qimage_from_array(pixels: Pixels) -> QImage:
    """Copy a picture into a QImage that owns its memory.

    Args:
        pixels: uint8 (H, W), (H, W, 1), (H, W, 3) or (H, W, 4): grey, RGB or RGBA.

    Returns:
        An image in Format_RGB32, or in Format_ARGB32_Premultiplied where there is alpha: the
        two that Qt draws fastest.

    Raises:
        ValueError: another shape or another type of number.
    """
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4):
        raise ValueError(f"A picture is uint8 (H, W, 1, 3 or 4), not {pixels.dtype} {pixels.shape}.")
    image = QImage(pixels.shape[1], pixels.shape[0], CLEAR if pixels.shape[2] == 4 else OPAQUE)
    write_pixels(image, pixels)
    return image


def write_pixels(image: QImage, pixels: Pixels) -> None:
    """Copy pixels (H, W, 1, 3 or 4) into an image of that size made by ``qimage_from_array``."""
    height, width, channels = pixels.shape
    room = np.frombuffer(image.bits(), np.uint8).reshape(height, image.bytesPerLine())
    target = room[:, : 4 * width].reshape(height, width, 4)  # blue, green, red, alpha
    if channels == 4:
        alpha = pixels[..., 3:].astype(np.uint16)
        target[..., :3] = (pixels[..., 2::-1] * alpha + 127) // 255
        target[..., 3] = pixels[..., 3]
    else:
        target[..., :3] = pixels if channels == 1 else pixels[..., ::-1]
        target[..., 3] = 255


def fitted(size: QSize, box: QSize, smooth: bool) -> QSize:
    """Give the size, in the pixels of ``box``, at which a picture of ``size`` fills it best.

    Enlarged pixels stay squares of one size wherever that wastes little of the box.
    """
    scale = min(box.width() / max(size.width(), 1), box.height() / max(size.height(), 1))
    if scale > 1 and not smooth and math.floor(scale) >= WHOLE_STEP_SHARE * scale:
        scale = math.floor(scale)
    return QSize(max(1, round(size.width() * scale)), max(1, round(size.height() * scale)))


def scaled(image: QImage, size: QSize, smooth: bool) -> QImage:
    """Give the image at a size in device pixels.

    Reducing is always smooth. Enlarging is smooth on demand only: else each pixel becomes a
    block, by whole steps, and what is left to the wanted size is taken off smoothly.
    """
    if size == image.size():
        return image
    enlarged = size.width() > image.width()
    if enlarged and not smooth:
        factor = math.ceil(size.width() / image.width() - 1e-9)
        image = image.scaled(image.size() * factor)
    if size != image.size():
        image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    return image.convertToFormat(CLEAR if image.hasAlphaChannel() else OPAQUE)


def paint_picture(painter: QPainter, cell: QRectF, image: QImage, checks: QBrush) -> QRectF:
    """Paint an image made of device pixels in the middle of a cell; give the area it fills."""
    ratio = painter.device().devicePixelRatio()
    if image.devicePixelRatio() != ratio:
        image.setDevicePixelRatio(ratio)
    # Whole device pixels, or the picture would be drawn between them.
    left = cell.x() + math.floor((cell.width() * ratio - image.width()) / 2) / ratio
    top = cell.y() + math.floor((cell.height() * ratio - image.height()) / 2) / ratio
    area = QRectF(left, top, image.width() / ratio, image.height() / ratio)
    if image.hasAlphaChannel():
        painter.setBrushOrigin(area.topLeft())
        painter.fillRect(area, checks)
    painter.drawImage(area.topLeft(), image)
    return area
