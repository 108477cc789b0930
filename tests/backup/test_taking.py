"""`backup`: the file that it writes, or does not."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from papers.backups import taking
from papers.models import Section

from .files import parts_of


def test_only_a_file_is_replaced(root: Section, own_view: None, tmp_path: Path) -> None:
    """What a device would be, a pipe is here."""
    pipe, link, folder = (tmp_path / name for name in ("pipe", "link", "folder"))
    os.mkfifo(pipe)
    link.symlink_to("nothing")
    folder.mkdir()
    for target in (pipe, link, folder, Path(".")):
        with pytest.raises(CommandError, match="不是文件"):
            call_command("backup", str(target), "--force", verbosity=0)
    assert pipe.is_fifo()
    assert link.is_symlink()


def test_a_file_that_is_there_stays_unless_forced(root: Section, own_view: None, tmp_path: Path) -> None:
    file = tmp_path / "site.zip"
    file.write_text("mine")
    with pytest.raises(CommandError, match="--force"):
        call_command("backup", str(file), verbosity=0)
    assert file.read_text() == "mine"
    call_command("backup", str(file), "--force", verbosity=0)
    assert parts_of(file)["rows/papers.section.jsonl"]["count"] == 1


def test_only_its_owner_may_read_it(root: Section, own_view: None, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "site.zip"), verbosity=0)
    assert stat.S_IMODE((tmp_path / "site.zip").stat().st_mode) == 0o600


def test_a_backup_that_fails_leaves_nothing(
    root: Section, own_view: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking, "_write_manifest", fail)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(tmp_path / "site.zip"), verbosity=0)
    assert not list(tmp_path.iterdir())


def test_two_backups_do_not_write_one_file(root: Section, own_view: None, tmp_path: Path) -> None:
    with taking._written_beside(tmp_path / "site.zip"), pytest.raises(CommandError, match="另一个备份"):
        call_command("backup", str(tmp_path / "site.zip"), verbosity=0)


def test_a_backup_that_another_one_has_just_finished_is_not_written_over(
    root: Section, own_view: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, file = tmp_path / "site.zip.part", tmp_path / "site.zip"
    part.write_text("whole")
    monkeypatch.setattr("fcntl.flock", lambda *_args: part.replace(file))  # between opening it and having it
    with pytest.raises(CommandError, match="另一个备份"):
        call_command("backup", str(file), "--force", verbosity=0)
    assert file.read_text() == "whole"


def test_a_picture_without_its_file_is_named_and_the_rest_is_kept(
    restored: Path, own_view: None, tmp_path: Path
) -> None:
    lost = min((restored / "figures").iterdir())
    lost.unlink()
    with pytest.raises(CommandError, match=lost.name):
        call_command("backup", str(tmp_path / "site.zip"), verbosity=0)
    assert parts_of(tmp_path / "site.zip")["figures.jsonl"]["count"] == 1


def test_a_picture_whose_file_is_damaged_is_as_good_as_lost(
    restored: Path, own_view: None, tmp_path: Path
) -> None:
    damaged = min((restored / "figures").iterdir())
    damaged.write_bytes(b"broken")
    with pytest.raises(CommandError, match=damaged.name):
        call_command("backup", str(tmp_path / "site.zip"), verbosity=0)
    assert parts_of(tmp_path / "site.zip")["figures.jsonl"]["count"] == 1


def test_without_a_terminal_each_part_is_a_line(
    root: Section, own_view: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", str(tmp_path / "site.zip"))
    said = capsys.readouterr()
    assert "papers.section: 1\n" in said.out
    assert said.err == ""
