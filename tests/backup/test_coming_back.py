"""What `restore` puts back into an empty place."""

from pathlib import Path
from zipfile import ZipFile

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from papers import derived, search
from papers.models import Address, Figure, Missed, Paper, Revision, Section, WorkingCopy

from ..conftest import make_paper, make_section
from ..content import content_hash
from .files import Taken, altered, parts_of


def test_content_history_addresses_and_pictures_come_back_equal(restored: Path, taken: Taken) -> None:
    assert content_hash() == taken.content
    assert sorted(file.name for file in (restored / "figures").iterdir()) == sorted(
        Figure.objects.values_list("pk", flat=True)
    )
    assert Address.objects.filter(path_folded="/old/").exists()
    assert Revision.objects.filter(uid="p5", is_deletion=True).exists()


def test_a_backup_of_what_came_back_has_the_same_sums(
    restored: Path, taken: Taken, own_view: None, tmp_path: Path
) -> None:
    call_command("backup", str(tmp_path / "again.zip"), verbosity=0)
    assert parts_of(tmp_path / "again.zip") == parts_of(taken.file)


def test_every_kind_of_row_is_in_the_backup(taken: Taken) -> None:
    """But these, of which the site has none."""
    empty = {name for name, part in parts_of(taken.file).items() if not part["count"]}
    assert empty == {"rows/papers.linkcheck.jsonl", "rows/papers.importedfile.jsonl"}


def test_accounts_come_back_with_password_groups_and_rights(restored: Path) -> None:
    carl = User.objects.get(username="carl")
    assert carl.check_password("another-password-of-tests")
    assert carl.groups.count() == 1
    assert carl.has_perm("papers.publish_paper")
    assert LogEntry.objects.get(user=carl).get_edited_object() == Paper.objects.get(uid="rich")
    assert WorkingCopy.objects.get(account=carl).title == "半句"


def test_a_right_of_no_version_any_more_is_left_out(place: Path, taken: Taken, tmp_path: Path) -> None:
    def rename(text: bytes) -> bytes:
        return text.replace(b'"publish_paper"', b'"fly_paper"')

    name = "rows/auth.user_user_permissions.jsonl"
    call_command("restore", str(altered(taken, tmp_path, name, rename)), verbosity=0)
    assert not User.objects.get(username="carl").user_permissions.exists()


def test_nothing_derived_is_stale_and_search_finds(restored: Path) -> None:
    call_command("rebuild", "--check", verbosity=0)
    assert [paper.uid for paper in search.find(search.parse("推理"))] == ["rich"]


def test_a_damaged_file_of_the_same_length_gives_way_to_the_picture(place: Path, taken: Taken) -> None:
    with ZipFile(taken.file) as archive:
        member = next(member for member in archive.infolist() if member.filename.endswith(".png"))
        (place / "figures").mkdir(parents=True)
        (place / member.filename).write_bytes(bytes(member.file_size))
        call_command("restore", str(taken.file), verbosity=0)
        assert (place / member.filename).read_bytes() == archive.read(member)


def test_new_rows_get_keys_of_their_own(restored: Path) -> None:
    section = make_section("fresh", Section.objects.get(uid="root"))
    assert make_paper(section, "2025-10-new", ("新标签",)).pk > 0
    assert User.objects.create_user("dora").pk > User.objects.get(username="carl").pk


def test_pages_that_a_cache_holds_are_not_shown_again(place: Path, taken: Taken) -> None:
    derived.raise_generation()
    before = derived.generation()
    call_command("restore", str(taken.file), verbosity=0)
    assert derived.generation() > before


def test_a_text_that_is_packed_as_densely_as_can_be_comes_back(
    place: Path, own_view: None, tmp_path: Path
) -> None:
    ada, text = User.objects.create_user("ada"), {"notes": ["一" * 5_000_000]}
    WorkingCopy.objects.create(account=ada, kind="paper", uid="x", fields=text, seen_at=timezone.now())
    call_command("backup", str(tmp_path / "site.zip"), verbosity=0)
    ada.delete()
    call_command("restore", str(tmp_path / "site.zip"), verbosity=0)
    assert WorkingCopy.objects.get().fields == text


def test_what_an_empty_place_has_counted_gives_way(place: Path, taken: Taken) -> None:
    Missed.objects.create(kind="address", text="/wp-login.php")
    call_command("restore", str(taken.file), verbosity=0)
    assert [missed.text for missed in Missed.objects.all()] == ["没有的"]
