"""What a picture is, by its bytes alone: its type, the picture itself without what travels with it, its size.

Only what a browser needs to show a picture is kept. So nobody learns where a photo was taken, and nothing can hide
in a file that is a picture and something else as well; the pixels stay as they are, byte for byte.
"""

import os
import re
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path
from threading import Lock

from django.utils.translation import gettext as _
from PIL import Image

MAX_BYTES = 20 * 1024 * 1024
# One WebP of this size takes 400 MB to decode, other types half of that at most.
MAX_PIXELS = 25_000_000
MAX_PIXELS_OF_ALL_FRAMES = 200_000_000
MAX_SIDE = 30_000
AVIF_MEMORY = 640 * 1024 * 1024  # bytes of address space of the process that decodes it
AVIF_SECONDS = 30

# Said before a pixel is decoded, and as an error: Pillow would decode up to twice as many, and warn.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_one_at_a_time = Lock()  # so that many big pictures need no more memory than one


class FigureRefused(Exception):
    """A sentence for the editor: what is wrong with the picture, and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`extension` is the type; `orientation` is EXIF's number for how a browser turns it."""

    extension: str
    data: bytes
    orientation: int = 1


def recognise(data: bytes) -> Picture:
    """The picture alone, whatever else the bytes hold; nothing is decoded yet. Raises FigureRefused."""
    if len(data) > MAX_BYTES:
        raise too_big()
    for extension, (signature, read) in _TYPES.items():
        if signature.match(data):
            return read(extension, data)
    raise FigureRefused(_not_a_picture(data))


def too_big() -> FigureRefused:
    text = _("图片超过 %(limit)d MB。请缩小尺寸，或另存为 WebP 再试。")
    return FigureRefused(text % {"limit": MAX_BYTES // (1024 * 1024)})


def measure(picture: Picture) -> tuple[int, int]:
    """Width and height as a browser shows it. Decodes every pixel of every frame. Raises FigureRefused."""
    with _one_at_a_time:
        try:
            return _decode(picture)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels() from None
        except _PILLOW_ERRORS:
            raise _broken() from None


# What Pillow raises for files that somebody has tampered with.
_PILLOW_ERRORS = (
    OSError,
    SyntaxError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


def _decode(picture: Picture) -> tuple[int, int]:
    with Image.open(BytesIO(picture.data), formats=[_PILLOW_FORMATS[picture.extension]]) as image:
        width, height = image.size
        if max(width, height) > MAX_SIDE:
            text = _("图片的长边有 %(side)d 像素，超过上限 %(limit)d。请缩小或裁成几张再试。")
            raise FigureRefused(text % {"side": max(width, height), "limit": MAX_SIDE})
        orientation = _read_avif(image) if picture.extension == "avif" else picture.orientation
        _decode_frames(image)
        if picture.extension == "avif":
            _decode_elsewhere(picture.data)
    return (height, width) if orientation >= 5 else (width, height)


def _decode_frames(image: Image.Image) -> None:
    pixels = 0
    for number in count():
        try:
            image.seek(number)
        except EOFError:
            return
        pixels += image.width * image.height
        if pixels > MAX_PIXELS_OF_ALL_FRAMES:
            text = _("动图所有帧共有 %(limit)d 万像素以上。请缩小尺寸、减少帧数，或换成视频链接。")
            raise FigureRefused(text % {"limit": MAX_PIXELS_OF_ALL_FRAMES // 10_000})
        if image.format != "AVIF":
            image.load()


def _decode_elsewhere(data: bytes) -> None:
    """In a process that may fail."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "papers.avif", str(AVIF_MEMORY)]
    try:
        subprocess.run(
            command,
            input=data,
            cwd=root,
            capture_output=True,
            timeout=AVIF_SECONDS,
            check=True,
            env=_environment(),
        )
    except subprocess.SubprocessError:
        raise _broken() from None


def _environment() -> dict[str, str]:
    """No secret key, no database address; one arena, since glibc's reservations for more count as memory."""
    known = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {**known, "MALLOC_ARENA_MAX": "1"}


def _read_avif(image: Image.Image) -> int:
    """How the container turns the picture, which Pillow gives as EXIF.

    Metadata cannot be taken out of it without moving what the file's own offsets point to.
    """
    exif = image.info.get("exif", b"").removeprefix(b"Exif\0\0")
    if _GPS in _exif_tags(exif) or b"GPS" in image.info.get("xmp", b""):
        raise FigureRefused(_("图片里记有拍摄地点（GPS）。请去掉位置信息，或另存为 JPEG 再试。"))
    return _orientation(exif)


def _too_many_pixels() -> FigureRefused:
    text = _("图片超过 %(limit)d 万像素。请缩小再试，长边 4000 像素已经够清楚。")
    return FigureRefused(text % {"limit": MAX_PIXELS // 10_000})


def _broken() -> FigureRefused:
    return FigureRefused(_("图片不完整或已损坏，读不出来。请重新导出或截图再试。"))


# --- What is no picture for a note ------------------------------------------------------------------------

_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|script|\?xml|!--)", re.IGNORECASE)
_OTHERS = (
    (rb"%PDF-", "PDF"),
    (rb"BM", "BMP"),
    (rb"II\*\0|MM\0\*", "TIFF"),
    (rb"\0\0[\x01\x02]\0", "ICO"),
    (rb".{4}ftyp(?:hei|hev|mif1|msf1)", "HEIC"),
    (rb".{4}ftyp", "MP4"),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "JPEG XL"),
    (rb"\0\0\0\x0cjP|\xff\x4f\xff\x51", "JPEG 2000"),
    (rb"8BPS", "PSD"),
    (rb"PK\x03\x04", "ZIP"),
)


def _not_a_picture(data: bytes) -> str:
    start = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if not data:
        return _("文件是空的。")
    if start.lstrip()[:1] == b"<" and _SVG.search(start):
        return _("SVG 里可以带脚本，所以不收。请导出为 PNG 或 WebP 再试。")
    if _MARKUP.match(start):
        return _("这是网页或 XML，不是图片。请保存图片本身再试。")
    for signature, name in _OTHERS:
        if re.match(signature, start, re.DOTALL):
            return _("这是 %(type)s 文件，浏览器里不能都显示。请导出为 PNG、JPEG 或 WebP 再试。") % {
                "type": name
            }
    return _("认不出这是什么文件。可以用的图片是 PNG、JPEG、WebP、GIF 和 AVIF。")


# --- Containers, read part by part ------------------------------------------------------------------------

_ORIENTATION, _GPS = 0x0112, 0x8825


def _exif_tags(exif: bytes) -> dict[int, int]:
    """The tags of the first directory of the TIFF structure that EXIF is, each with its value if that is short."""
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return {}

    def number(start: int, length: int) -> int:
        return int.from_bytes(exif[start : start + length], "little" if exif[:1] == b"I" else "big")

    entries = number(4, 4) + 2
    places = range(entries, entries + 12 * number(entries - 2, 2), 12)
    return {number(place, 2): number(place + 8, 2) for place in places}


def _orientation(exif: bytes) -> int:
    """EXIF's number for how the picture is turned; 1 is upright."""
    orientation = _exif_tags(exif).get(_ORIENTATION, 1)
    return orientation if 1 <= orientation <= 8 else 1


def _upright(orientation: int) -> bytes:
    """EXIF that says nothing but how the picture is turned."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)


def _part(data: bytes, start: int, end: int) -> bytes:
    """Raises FigureRefused where the data end before the part does."""
    if end > len(data):
        raise _broken()
    return data[start:end]


_PNG_PARTS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs acTL fcTL fdAT".split()
)


def _png(extension: str, data: bytes) -> Picture:
    kept, orientation = [data[:8]], 1
    for kind, chunk in _png_chunks(data):
        if kind == b"eXIf":
            orientation = _orientation(chunk[8:-4])
        elif kind in _PNG_PARTS:
            kept.append(chunk)
    if orientation > 1:
        exif = b"eXIf" + _upright(orientation)
        kept.insert(2, struct.pack(">I", len(exif) - 4) + exif + struct.pack(">I", zlib.crc32(exif)))
    return Picture(extension, b"".join(kept), orientation)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place, kind = 8, b""
    while kind != b"IEND":
        kind = _part(data, place, place + 8)[4:]
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        yield kind, _part(data, place, end)
        place = end


# Anything but a stuffed byte, a restart and a fill byte.
_JPEG_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_SCAN, _END = 0xDA, 0xD9


def _jpeg(extension: str, data: bytes) -> Picture:
    kept, orientation = [], 1
    for marker, segment in _jpeg_segments(data):
        content = segment[4:]
        if marker == 0xE1 and content.startswith(b"Exif\0\0"):
            orientation = _orientation(content[6:])
        elif _is_of_the_picture(marker, content):
            kept.append(segment)
    if orientation > 1:
        exif = b"Exif\0\0" + _upright(orientation)
        kept.insert(0, b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    return Picture(extension, b"\xff\xd8" + b"".join(kept), orientation)


def _is_of_the_picture(marker: int, content: bytes) -> bool:
    """What applications put beside it is left out, but for three that say how colours are meant."""
    if marker == 0xE2:
        return content.startswith(b"ICC_PROFILE\0")
    return marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """A segment, with the compressed data that follow it if it begins a scan."""
    place = 2
    while found := _JPEG_MARKER.search(data, place):
        marker, start = found[1][0], found.end() - 2
        if marker == _END:
            yield marker, data[start : start + 2]
            return
        end = start + 2 + int.from_bytes(_part(data, start + 2, start + 4), "big")
        if marker == _SCAN:
            after = _JPEG_MARKER.search(data, end)
            end = after.start() if after else len(data)
        yield marker, _part(data, start, end)
        place = max(end, start + 4)
    raise _broken()


_WEBP_PARTS = (b"VP8X", b"VP8 ", b"VP8L", b"ICCP", b"ALPH", b"ANIM", b"ANMF")
_WEBP_EXIF_AND_XMP = 0x0C


def _webp(extension: str, data: bytes) -> Picture:
    """Browsers show it as it is stored, whatever EXIF says of its orientation (seen in Chromium 156)."""
    kept = [chunk for kind, chunk in _webp_chunks(data) if kind in _WEBP_PARTS]
    if kept and kept[0].startswith(b"VP8X"):
        flags = _part(kept[0], 8, 9)[0] & ~_WEBP_EXIF_AND_XMP
        kept[0] = kept[0][:8] + bytes([flags]) + kept[0][9:]
    body = b"WEBP" + b"".join(kept)
    return Picture(extension, b"RIFF" + struct.pack("<I", len(body)) + body)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place, whole = 12, 8 + int.from_bytes(data[4:8], "little")
    _part(data, 0, whole)
    while place + 8 <= whole:
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        end = place + 8 + length + length % 2
        yield data[place : place + 4], _part(data, place, end)
        place = end


_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def _gif(extension: str, data: bytes) -> Picture:
    place = 13 + _gif_colours(_part(data, 10, 11)[0])
    kept = [_part(data, 0, place)]
    while (kind := _part(data, place, place + 1)) != b"\x3b":
        if kind == b"\x21":
            start, is_kept = place + 2, _is_kept_extension(data[place + 1 : place + 14])
        elif kind == b"\x2c":
            start, is_kept = place + 11 + _gif_colours(_part(data, place + 9, place + 10)[0]), True
        else:
            raise _broken()
        end = _end_of_sub_blocks(data, start)
        if is_kept:
            kept.append(data[place:end])
        place = end
    return Picture(extension, b"".join(kept) + b"\x3b")


def _gif_colours(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _is_kept_extension(start: bytes) -> bool:
    """No comments, and of what applications write only how often the frames are shown."""
    return start[:1] in (b"\x01", b"\xf9") or (start[:1] == b"\xff" and start[2:] in _GIF_LOOPS)


def _end_of_sub_blocks(data: bytes, place: int) -> int:
    while length := _part(data, place, place + 1)[0]:
        place += 1 + length
    return place + 1


_AVIF_PARTS = (b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip")


def _avif(extension: str, data: bytes) -> Picture:
    """Cut behind its last part; inside, offsets count from the start of the file, so all stays in its place."""
    place = 0
    while place + 8 <= len(data) and data[place + 4 : place + 8] in _AVIF_PARTS:
        length = int.from_bytes(data[place : place + 4], "big")
        if length == 1:
            length = int.from_bytes(data[place + 8 : place + 16], "big")
        length = length or len(data) - place
        _part(data, place, place + length)
        place += max(length, 8)
    return Picture(extension, data[:place])


_TYPES = {
    "png": (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    "jpg": (re.compile(rb"\xff\xd8\xff"), _jpeg),
    "webp": (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), _webp),
    "gif": (re.compile(rb"GIF8[79]a"), _gif),
    "avif": (re.compile(rb".{4}ftyp(?:.{4}){0,16}?avi[fs]", re.DOTALL), _avif),
}
_PILLOW_FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "gif": "GIF", "avif": "AVIF"}
