"""Pictures made in memory, real ones and others."""

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "gif": "GIF", "avif": "AVIF"}
ORIENTATION, GPS = 0x0112, 0x8825
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(
    extension: str = "png", size: tuple[int, int] = (40, 20), colour: int = 90, **options: Any
) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, (colour, 40, 10)).save(file, FORMATS[extension], **options)
    return file.getvalue()


def animation(extension: str, size: tuple[int, int] = (40, 20), frames: int = 3) -> bytes:
    file = BytesIO()
    images = [Image.new("RGB", size, (80 * number % 256, 40, 10)) for number in range(frames)]
    images[0].save(file, FORMATS[extension], save_all=True, append_images=images[1:], duration=50, loop=0)
    return file.getvalue()


def exif(orientation: int = 1, *, with_place: bool = False) -> Image.Exif:
    """What a camera writes."""
    made = Image.Exif()
    made[ORIENTATION] = orientation
    made[0x010F] = "CameraMaker"
    if with_place:
        made.get_ifd(GPS).update({1: "N", 2: (31.0, 14.0, 5.0), 3: "E", 4: (121.0, 29.0, 40.0)})
    return made


def flat_png(width: int, height: int) -> bytes:
    """Black, in a thousandth of its size: a decompression bomb if it is big."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(row) for _row in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def data_uri(content: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
