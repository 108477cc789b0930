"""`manage.py import_notes` of files that are broken, too big or up to something: one fails, the rest go in."""

import os
import struct
import zlib
from pathlib import Path

import pytest

from papers.importers.folder import Folder
from papers.importers.found import Refused
from papers.models import Figure, Paper

from .importing import counts, jekyll, png, post, run, site, written_out

pytestmark = pytest.mark.django_db

FILE = "_posts/2025-07-01-x.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one good post."""
    return jekyll(tmp_path / "blog", {"_posts/2025-07-09-good.md": post(title="Good")})


def refused(folder: Path, content: str | bytes, name: str = FILE) -> str:
    """The line about one file that fails, while the other goes in."""
    output = run(site(folder, {name: content}))
    assert counts(output) == {"created": 1, "skipped": 1}
    return next(line for line in output.splitlines() if line.startswith(f"{name}:"))


def bomb(width: int = 60_000, height: int = 20_000) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(width // 8 * height)))
        + chunk(b"IEND", b"")
    )


def test_yaml_bomb(folder: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "别名" in refused(folder, "---\n" + "\n".join(lines) + "\n---\nx\n")


def test_yaml_nested_deep(folder: Path) -> None:
    assert ":2: " in refused(folder, f"---\ntitle: {'[' * 5000}\n---\nx\n")


def test_long_front_matter(folder: Path) -> None:
    assert "64 KB" in refused(folder, f"---\ntitle: {'a' * 70_000}\n---\nx\n")


def test_python_in_yaml_is_text(folder: Path) -> None:
    run(site(folder, {FILE: "---\ntitle: !!python/object/apply:os.system ['true']\n---\nx\n"}))
    assert not Paper.objects.filter(slug="2025-07-x").exists()


def test_file_of_fifty_megabytes(folder: Path) -> None:
    assert "50.0 MB" in refused(folder, b"x" * 50 * 1024**2)


def test_note_of_too_much_text(folder: Path) -> None:
    assert "KB" in refused(folder, post("字" * 300_000))


def test_picture_bomb_is_left_out_and_named(folder: Path) -> None:
    output = run(site(folder, {FILE: post(f"一\n\n![图]({written_out(bomb())})")}))
    assert counts(output) == {"created": 2}
    assert f"{FILE}:7: 图片" in output
    assert Paper.objects.get(slug="2025-07-x").notes == "一\n\n![图](data:,)\n"
    assert not Figure.objects.exists()


def test_svg_and_half_a_picture_are_left_out(folder: Path) -> None:
    half = written_out(png(200, 200)[:-40])
    body = f'<p>a</p><img alt="b" src="data:image/svg+xml;base64,PHN2Zy8+"><img alt="c" src="{half}">'
    output = run(site(folder, {"_posts/2025-07-01-x.html": post(body)}))
    assert output.count("_posts/2025-07-01-x.html:5: ") == 2
    assert not Figure.objects.exists()


@pytest.mark.parametrize(
    "written", ["../secret.png", "/../secret.png", "%2e%2e/secret.png", "link.png", "dir/secret.png"]
)
def test_pictures_outside_are_not_read(folder: Path, written: str) -> None:
    site(folder.parent, {"secret.png": png()})
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "dir").symlink_to(folder.parent)
    output = run(site(folder, {FILE: post(f"![x]({written})")}))
    assert f"{FILE}:5: {written}" in output
    assert not Figure.objects.exists()


@pytest.mark.parametrize("written", ["../_posts", "x" * 300 + ".png"], ids=["a folder", "a long name"])
def test_what_can_be_no_picture_costs_only_itself(folder: Path, written: str) -> None:
    output = run(site(folder, {FILE: post(f"字 ![x]({written})")}))
    assert counts(output) == {"created": 2}
    assert f"{FILE}:5: {written[:50]}" in output


def test_picture_by_its_absolute_path_is_not_read(folder: Path) -> None:
    secret = site(folder.parent, {"secret.png": png()}) / "secret.png"
    run(site(folder, {FILE: post(f"![x]({secret}) ![y](file://{secret})")}))
    assert not Figure.objects.exists()


def test_post_that_is_a_link_is_refused(folder: Path) -> None:
    site(folder.parent, {"secret.md": post("秘密")})
    (folder / FILE).symlink_to(folder.parent / "secret.md")
    output = run(folder)
    assert f"{FILE}:1: 是符号链接" in output
    assert counts(output) == {"created": 1, "skipped": 1}


def test_folders_that_are_links_are_not_entered(folder: Path) -> None:
    site(folder.parent, {"other/_posts/2025-07-01-y.md": post("秘密")})
    (folder / "more").symlink_to(folder.parent / "other")
    assert counts(run(folder)) == {"created": 1}


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "_posts/../../secret", "a\0b"])
def test_no_name_leads_out_of_the_folder(folder: Path, name: str) -> None:
    site(folder.parent, {"secret": "x"})
    with pytest.raises(Refused):
        Folder(folder).read(name)


def test_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / FILE)
    assert f"{FILE}:1: 不是普通文件" in run(folder)


def test_bytes_that_are_no_text(folder: Path) -> None:
    assert ":5: 既不是 UTF-8" in refused(
        folder, post().encode().replace("正文".encode(), b"\xff\xfe\x80\x81")
    )


def test_nul(folder: Path) -> None:
    assert ":5: 含有 NUL" in refused(folder, post("a\0b"))


@pytest.mark.parametrize(
    "front", ["title: [a, b]", "title: {a: b}", "categories: {a: b}", "- a", "date: yesterday"]
)
def test_front_matter_that_says_something_else(folder: Path, front: str) -> None:
    refused(folder, f"---\n{front}\n---\nx\n")


def test_title_that_is_too_long(folder: Path) -> None:
    assert "title: " in refused(folder, post(title="a" * 600))


def test_date_that_is_none_is_said_with_its_line(folder: Path) -> None:
    assert refused(folder, post(date="2025-02-30")).startswith(f"{FILE}:4: 日期不存在")


def test_name_in_bytes_that_are_no_text(folder: Path) -> None:
    (folder / "_posts" / os.fsdecode(b"2025-07-01-\xff.md")).write_text(post())
    assert counts(run(folder)) == {"created": 1, "skipped": 1}


def test_configuration_that_cannot_be_read_is_one_line(folder: Path) -> None:
    site(folder, {"_config.yml": "a: [\n"})
    assert "YAML 有误" in run(folder).splitlines()[-1]


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    assert run(tmp_path / "none").endswith("not a folder")
