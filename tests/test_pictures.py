"""What gets in as a picture, what is left of it, and how big a browser shows it."""

import random
import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile

from papers import pictures
from papers.pictures import FigureRefused, Picture
from tests.drawing import FORMATS, SVG, animation, chunk, exif, flat_png, picture

every_type = pytest.mark.parametrize("extension", FORMATS)
TURNED = ("jpg", "png")  # by browsers, as EXIF says; AVIF turns by itself


def read(data: bytes) -> tuple[Picture, tuple[int, int]]:
    found = pictures.recognise(data)
    return found, pictures.measure(found)


def refusal(data: bytes) -> str:
    with pytest.raises(FigureRefused) as caught:
        read(data)
    return str(caught.value)


@every_type
def test_a_picture_is_known_by_its_content_and_measured(extension: str) -> None:
    found, size = read(picture(extension))
    assert (found.extension, size) == (extension, (40, 20))


@every_type
def test_a_picture_without_extras_is_kept_byte_for_byte(extension: str) -> None:
    data = pictures.recognise(picture(extension)).data
    assert pictures.recognise(data).data == data
    if extension in ("png", "webp", "avif"):  # Pillow writes no extras into these
        assert data == picture(extension)


@pytest.mark.parametrize("extension", ["png", "webp", "gif", "avif"])
def test_an_animation_keeps_its_frames(extension: str) -> None:
    found, size = read(animation(extension))
    with Image.open(BytesIO(found.data)) as image:
        assert (getattr(image, "n_frames", 1), size) == (3, (40, 20))


@pytest.mark.parametrize("extension", TURNED)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_that_of_the_picture_as_it_is_turned(extension: str, orientation: int) -> None:
    found, size = read(picture(extension, exif=exif(orientation)))
    assert size == ((20, 40) if orientation >= 5 else (40, 20))
    assert read(found.data) == (found, size)  # it stays turned when it is stored


def test_the_size_of_an_avif_is_that_of_the_picture_as_it_is_turned() -> None:
    assert read(picture("avif", exif=exif(6)))[1] == (20, 40)


def test_a_webp_is_shown_as_it_is_stored_whatever_its_exif_says() -> None:
    assert read(picture("webp", exif=exif(6)))[1] == (40, 20)


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_where_and_with_what_a_photo_was_taken_is_not_kept(extension: str) -> None:
    photo = picture(extension, exif=exif(6, with_place=True), xmp=b"<x>exif:GPSLatitude</x>")
    found, _size = read(photo)
    assert b"CameraMaker" in photo
    assert b"CameraMaker" not in found.data
    assert b"GPSLatitude" not in found.data


def test_an_avif_that_says_where_it_was_taken_is_refused() -> None:
    assert "GPS" in refusal(picture("avif", exif=exif(1, with_place=True)))


def test_comments_are_not_kept() -> None:
    assert b"secret" not in read(picture("gif", comment=b"secret"))[0].data
    assert b"secret" not in read(picture("jpg", comment=b"secret"))[0].data
    png = picture("png")
    assert b"secret" not in read(png[:33] + chunk(b"tEXt", b"Comment\0secret") + png[33:])[0].data


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "avif"])
def test_colour_profiles_are_kept(extension: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found, _size = read(picture(extension, icc_profile=profile))
    with Image.open(BytesIO(found.data)) as image:
        assert image.info["icc_profile"] == profile


@every_type
@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04zip", bytes(100)])
def test_what_is_hidden_behind_a_picture_is_cut_off(extension: str, tail: bytes) -> None:
    found, _size = read(picture(extension) + tail)
    assert found.data == pictures.recognise(picture(extension)).data


@every_type
def test_a_truncated_picture_is_refused(extension: str) -> None:
    whole = picture(extension, size=(200, 200))
    for share in (0.1, 0.5, 0.9, 0.99):
        assert "不完整" in refusal(whole[: int(len(whole) * share)])


@every_type
def test_a_picture_that_somebody_has_tampered_with_raises_nothing_else(extension: str) -> None:
    chance, whole = random.Random(4), picture(extension, size=(60, 60))
    for _round in range(150 if extension != "avif" else 15):  # each a process of its own
        data = bytearray(whole)
        for _byte in range(chance.randint(1, 8)):
            data[chance.randrange(12, len(data))] = chance.randrange(256)
        try:
            read(bytes(data))
        except FigureRefused:
            continue


def test_a_decompression_bomb_is_refused() -> None:
    bomb = flat_png(30_000, 30_000)
    assert len(bomb) < 200_000
    assert "2500 万像素" in refusal(bomb)


def test_the_bomb_is_refused_before_a_pixel_is_decoded(monkeypatch: Any) -> None:
    monkeypatch.setattr(ImageFile, "load", lambda _image: pytest.fail("decoded"))
    assert "2500 万像素" in refusal(flat_png(5001, 5000))


def test_an_avif_that_is_bigger_inside_than_it_says_is_stopped(monkeypatch: Any) -> None:
    monkeypatch.setattr(pictures, "AVIF_MEMORY", 120 * 1024 * 1024)
    data = bytearray(picture("avif", (5000, 5000), speed=10, subsampling="4:4:4"))
    place = data.index(b"ispe") + 8
    data[place : place + 8] = struct.pack(">II", 8, 8)
    assert "不完整" in refusal(bytes(data))
    assert read(picture("avif"))[1] == (40, 20)


def test_the_biggest_avif_allowed_gets_in() -> None:
    assert read(picture("avif", (5000, 5000), speed=10, subsampling="4:4:4"))[1] == (5000, 5000)


def test_the_biggest_picture_allowed_gets_in() -> None:
    assert read(flat_png(5000, 5000))[1] == (5000, 5000)


def test_a_picture_with_too_long_a_side_is_refused() -> None:
    assert "30000" in refusal(flat_png(30_001, 1))


def test_an_animation_of_too_many_pixels_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS_OF_ALL_FRAMES", 2 * 40 * 20)
    for extension in ("png", "webp", "gif", "avif"):
        assert "所有帧" in refusal(animation(extension))


def test_too_many_bytes_are_refused() -> None:
    assert "20 MB" in refusal(picture() + bytes(pictures.MAX_BYTES))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空"),
        (SVG, "SVG"),
        (b"\xef\xbb\xbf  <svg onload=alert(1)>", "SVG"),
        (b"<!DOCTYPE html><p>", "网页"),
        (b"%PDF-1.7", "PDF"),
        (b"BM" + bytes(60), "BMP"),
        (b"II*\0" + bytes(60), "TIFF"),
        (b"\0\0\1\0" + bytes(60), "ICO"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp41isom", "MP4"),
        (b"hello", "认不出"),
    ],
)
def test_what_is_no_picture_for_a_note_is_refused_with_a_reason(data: bytes, word: str) -> None:
    assert word in refusal(data)


@every_type
def test_only_the_content_says_what_a_picture_is(extension: str) -> None:
    """A signature alone makes no picture."""
    assert "不完整" in refusal(picture(extension)[:16])
