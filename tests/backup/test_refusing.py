"""What `restore` refuses: in one line, and with nothing changed."""

import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from papers.backups import reading
from papers.models import Figure, Section, SiteState

from .files import Taken, altered, rewritten, with_member


def refused(file: Path) -> str:
    """Why; in one line, and with nothing changed."""
    before = SiteState.objects.values_list("generation", flat=True).first()
    with pytest.raises(CommandError) as caught:
        call_command("restore", str(file), verbosity=0)
    assert not Section.objects.exists()
    assert not User.objects.exists()
    assert not Figure.objects.exists()
    assert SiteState.objects.values_list("generation", flat=True).first() == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_place_with_content_is_left_as_it_is(place: Path, taken: Taken, section: Section) -> None:
    with pytest.raises(CommandError, match=r"papers.section 2"):
        call_command("restore", str(taken.file), verbosity=0)
    assert Section.objects.count() == 2
    assert not place.exists()


def test_a_place_with_an_account_is_not_empty(place: Path, taken: Taken, editor: User) -> None:
    with pytest.raises(CommandError, match=r"auth.user 1"):
        call_command("restore", str(taken.file), verbosity=0)


@pytest.mark.parametrize("eighth", range(8))
def test_a_file_with_one_wrong_byte_is_refused(
    place: Path, taken: Taken, tmp_path: Path, eighth: int
) -> None:
    with zipfile.ZipFile(taken.file) as archive:
        members = [member for member in archive.infolist() if member.compress_size > 60]
    member = members[len(members) * eighth // 8]
    data = bytearray(taken.file.read_bytes())
    data[member.header_offset + 30 + len(member.filename) + member.compress_size // 2] ^= 0xFF
    (tmp_path / "bad.zip").write_bytes(data)
    refused(tmp_path / "bad.zip")
    assert not place.exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\0" * 5000])
def test_what_is_no_backup_is_refused(place: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.zip").write_bytes(data)
    assert "不是备份" in refused(tmp_path / "bad.zip")


def test_half_a_file_is_refused(place: Path, taken: Taken, tmp_path: Path) -> None:
    data = taken.file.read_bytes()
    (tmp_path / "bad.zip").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "bad.zip")


def test_a_member_that_begins_before_the_file_is_refused(place: Path, taken: Taken, tmp_path: Path) -> None:
    data = bytearray(taken.file.read_bytes())
    start = data.rfind(b"PK\5\6")  # the end of the directory; at 16 where the directory is to begin
    data[start + 16 : start + 20] = (len(data) * 2).to_bytes(4, "little")
    (tmp_path / "bad.zip").write_bytes(data)
    assert "已损坏" in refused(tmp_path / "bad.zip")


def test_no_file_is_refused(place: Path, tmp_path: Path) -> None:
    assert "nothing.zip" in refused(tmp_path / "nothing.zip")


def test_a_pipe_is_refused_at_once(place: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "管道" in refused(tmp_path / "pipe")


def test_the_archive_of_another_program_is_refused(place: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("manifest.json", '{"made_by": "somebody"}')
    assert "不是 PaperCache 的备份" in refused(tmp_path / "bad.zip")


def test_a_packing_that_we_do_not_use_is_refused(place: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("manifest.json", '{"made_by": "PaperCache"}')
    data = bytearray((tmp_path / "bad.zip").read_bytes())
    data[30 + len("manifest.json") + 9] ^= 0xFF
    (tmp_path / "bad.zip").write_bytes(data)
    assert "不是 PaperCache 的备份" in refused(tmp_path / "bad.zip")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: said.update(format=2), "较新"),
        (lambda said: said["migrations"].append("papers.9999_tomorrow"), "较新"),
        (lambda said: said["migrations"].remove("papers.0001_initial"), "较旧"),
        (lambda said: said["parts"].pop("figures.jsonl"), "不是 PaperCache 的备份"),
        (lambda said: said.update(parts=[]), "不是 PaperCache 的备份"),
        (lambda said: said.update(migrations=1), "不是 PaperCache 的备份"),
        (lambda said: said["migrations"].append([]), "较新"),
        (lambda said: said["parts"]["figures.jsonl"].update(count="many"), "不是 PaperCache 的备份"),
        (lambda said: said["parts"]["figures.jsonl"].update(count=None), "不是 PaperCache 的备份"),
    ],
)
def test_a_backup_of_another_age_is_refused(
    place: Path, taken: Taken, tmp_path: Path, change: Callable[[Any], Any], words: str
) -> None:
    def edit(text: bytes) -> bytes:
        said = json.loads(text)
        change(said)
        return json.dumps(said).encode()

    assert words in refused(rewritten(taken, tmp_path, {"manifest.json": edit}))


def test_a_place_that_is_not_migrated_is_refused(place: Path, taken: Taken) -> None:
    MigrationRecorder.Migration.objects.filter(app="papers").latest("name").delete()
    assert "manage.py migrate" in refused(taken.file)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text + b"{}\n",
        lambda text: text + text.splitlines(keepends=True)[0],
        lambda text: text.replace(b'"uid":"rich"', b'"uid":null'),
        lambda text: text.replace(b'"published_on":"2025-07-01"', b'"published_on":"today"'),
        lambda text: text.replace(b'"section_id":', b'"section_id":99'),
        lambda text: text.replace(b'"title":', b'"titel":'),
        lambda text: b"[" * 100_000 + text,
        lambda text: b"\xff\n" + text,
    ],
)
def test_rows_that_do_not_fit_are_refused(
    place: Path, taken: Taken, tmp_path: Path, edit: Callable[[bytes], bytes]
) -> None:
    refused(altered(taken, tmp_path, "rows/papers.paper.jsonl", edit))
    assert not place.exists()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../../evil",
            "/etc/evil",
            "figures/../../evil.png",
            "figures/evil.png",
            "rows/papers.paper.jsonl/",
        ),
        *("C:\\evil", "rows/auth.session.jsonl", "", "figures/", "x" * 60_000),
    ],
)
def test_members_that_are_not_ours_are_refused(place: Path, taken: Taken, tmp_path: Path, name: str) -> None:
    assert "不该有的内容" in refused(with_member(taken, tmp_path, zipfile.ZipInfo(name)))
    assert not list(tmp_path.rglob("*evil*"))


def test_a_link_is_refused(place: Path, taken: Taken, tmp_path: Path) -> None:
    link = zipfile.ZipInfo(f"figures/{'0' * 32}.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "不该有的内容" in refused(with_member(taken, tmp_path, link, b"/etc/passwd"))


def test_a_picture_that_is_in_no_list_is_refused(place: Path, taken: Taken, tmp_path: Path) -> None:
    assert "figures.jsonl" in refused(
        with_member(taken, tmp_path, zipfile.ZipInfo(f"figures/{'0' * 32}.png"))
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(place: Path, taken: Taken, tmp_path: Path) -> None:
    again = zipfile.ZipInfo("rows/papers.paper.jsonl")
    assert "同名" in refused(with_member(taken, tmp_path, again))


def test_a_bomb_is_refused_before_it_is_unpacked(
    place: Path, taken: Taken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "HARMLESS_SIZE", 1024)
    bomb = zipfile.ZipInfo(f"figures/{'0' * 32}.png")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    assert "大得不合理" in refused(with_member(taken, tmp_path, bomb, bytes(50_000_000)))


def test_a_disk_that_is_full_changes_nothing(
    place: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(name: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("papers.figures.put_back", full)
    assert "No space left" in refused(taken.file)
