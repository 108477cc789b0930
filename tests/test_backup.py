"""`backup` and `restore`: everything in one file, out of a site in use, into an empty place on any database."""

import hashlib
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from papers import derived, search
from papers.backups import reading, taking
from papers.models import Address, Figure, Missed, Paper, Revision, Section, SiteState, WorkingCopy

from . import sites
from .benchmarks import scratch
from .conftest import make_paper, make_section
from .content import content_hash
from .sites import Site

MORE = """
import django; django.setup()
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone
from papers import figures, revisions, roles
from papers.models import Missed, Paper, Report, Section, WorkingCopy
from tests.conftest import make_paper, make_section
from tests.drawing import picture
root, section = Section.objects.get(uid="root"), Section.objects.get(slug="RL")
shown = [figures.store(picture(colour=colour), alt=f"图 {colour}") for colour in (10, 200)]
make_paper(section, "2025-08-推理加速", ("注意力", "vLLM"), uid="rich", title="推理加速 𝔸", aliases="vLLM\\nPagedAttention",
           notes=f"见 [[Paper 3]]：$x^2$\\n\\n![图](/-/figures/{shown[0].name})\\n")
make_paper(section, "2025-09-draft", uid="draft", status="draft")
moved = make_section("old", root, uid="moved"); make_paper(moved, "2025-07-m", uid="m")
moved.slug = "new"; moved.save(); revisions.record(moved)
Paper.objects.get(uid="p5").delete()
carl = User.objects.create_user("carl", password="another-password-of-tests", is_staff=True)
carl.groups.add(Group.objects.order_by("name").first())
carl.user_permissions.add(Permission.objects.get(codename="publish_paper"))
LogEntry.objects.log_actions(carl.pk, [Paper.objects.get(uid="rich")], CHANGE, "改了")
WorkingCopy.objects.create(account=carl, kind="paper", uid="rich", fields={"title": ["半句"]}, seen_at=timezone.now())
Missed.objects.create(kind="search", text="没有的")
Report.objects.create(part="links", made_at=timezone.now(), looked_at=3, counts={"dead": 1}, findings=[{"a": "b"}])
"""
HASH = "import django; django.setup(); from tests.content import content_hash; print(content_hash())"
HEAD = "import os, django; django.setup(); from django.core.management import call_command; from papers import figures; from papers.backups import taking\n"


@dataclass(frozen=True)
class Taken:
    file: Path
    content: str


def manage(site: Site, *words: str) -> str:
    status, output = site.run("manage.py", *words)
    assert status == 0, output
    return output


def hash_of(site: Site) -> str:
    return site.run("-c", HASH)[1].strip()


@pytest.fixture(scope="session")
def taken(filled_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    """The backup of a site that has something of everything."""
    folder = tmp_path_factory.mktemp("taken")
    with sites.copied(filled_database, folder) as database:
        site = Site(folder, database)
        status, output = site.run("-c", MORE)
        assert status == 0, output
        manage(site, "backup", str(folder / "site.zip"))
        yield Taken(folder / "site.zip", hash_of(site))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("empty")
    with made(folder, os.environ.get("DATABASE_URL", "")) as site:
        yield site.database


@contextmanager
def made(folder: Path, server: str) -> Iterator[Site]:
    """An empty site: on that server, or in a file."""
    database = f"sqlite:///{folder}/empty.sqlite3"
    if server.startswith("postgres"):
        database = scratch.named(server, f"papercache_{os.getpid()}_empty_{sites.free_port()}")
    scratch.make(database)
    site = Site(folder, database)
    try:
        manage(site, "migrate", "--verbosity", "0")
        yield site
    finally:
        scratch.drop(database)


@pytest.fixture
def empty_site(empty_database: str, tmp_path: Path) -> Iterator[Site]:
    with sites.copied(empty_database, tmp_path) as database:
        yield Site(tmp_path, database)


@pytest.fixture
def place(db: None, settings: Any, tmp_path: Path) -> Path:
    """An empty place in this process; where its pictures come to."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def restored(place: Path, taken: Taken) -> Path:
    call_command("restore", str(taken.file), verbosity=0)
    return place


@pytest.fixture
def own_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another connection would not see what the test's transaction holds."""
    monkeypatch.setattr(taking, "snapshot", lambda: nullcontext("default"))


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


# --- What comes back --------------------------------------------------------------------------------------


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


def parts_of(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        parts: dict[str, Any] = json.loads(archive.read("manifest.json"))["parts"]
    return parts


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


# --- What is refused --------------------------------------------------------------------------------------


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


def test_the_archive_of_another_program_is_refused(place: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("manifest.json", '{"made_by": "somebody"}')
    assert "不是 PaperCache 的备份" in refused(tmp_path / "bad.zip")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: said.update(format=2), "较新"),
        (lambda said: said["migrations"].append("papers.9999_tomorrow"), "较新"),
        (lambda said: said["migrations"].remove("papers.0001_initial"), "较旧"),
        (lambda said: said["parts"].pop("figures.jsonl"), "不是 PaperCache 的备份"),
        (lambda said: said.update(parts=[]), "不是 PaperCache 的备份"),
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
    MigrationRecorder.Migration.objects.filter(app="papers", name__startswith="0017").delete()
    assert "manage.py migrate" in refused(taken.file)


def rewritten(taken: Taken, folder: Path, edits: dict[str, Callable[[bytes], bytes]]) -> Path:
    with zipfile.ZipFile(taken.file) as old, zipfile.ZipFile(folder / "bad.zip", "w") as new:
        for member in old.infolist():
            new.writestr(member, edits.get(member.filename, bytes)(old.read(member)))
    return folder / "bad.zip"


def altered(taken: Taken, folder: Path, name: str, edit: Callable[[bytes], bytes]) -> Path:
    """With the right sums of what is wrong."""

    def resum(text: bytes) -> bytes:
        said = json.loads(text)
        with zipfile.ZipFile(taken.file) as archive:
            data = edit(archive.read(name))
        said["parts"][name].update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        return json.dumps(said).encode()

    return rewritten(taken, folder, {name: edit, "manifest.json": resum})


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


def with_member(taken: Taken, folder: Path, member: zipfile.ZipInfo, data: bytes = b"x") -> Path:
    shutil.copy(taken.file, folder / "bad.zip")
    with zipfile.ZipFile(folder / "bad.zip", "a") as archive:
        archive.writestr(member, data)
    return folder / "bad.zip"


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


# --- The file ---------------------------------------------------------------------------------------------


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


def test_a_picture_without_its_file_is_named_and_the_rest_is_kept(
    restored: Path, own_view: None, tmp_path: Path
) -> None:
    lost = min((restored / "figures").iterdir())
    lost.unlink()
    with pytest.raises(CommandError, match=lost.name):
        call_command("backup", str(tmp_path / "site.zip"), verbosity=0)
    assert parts_of(tmp_path / "site.zip")["figures.jsonl"]["count"] == 1


def test_without_a_terminal_each_part_is_a_line(
    root: Section, own_view: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", str(tmp_path / "site.zip"))
    said = capsys.readouterr()
    assert "papers.section: 1\n" in said.out
    assert said.err == ""


# --- Real processes ---------------------------------------------------------------------------------------

IN_USE = f"""{HEAD}
from papers.models import Paper, Section
from tests.conftest import make_paper
with taking.snapshot() as alias:
    before = Paper.objects.using(alias).count()
    make_paper(Section.objects.get(slug="RL"), "2025-12-meanwhile", uid="meanwhile")
    print(before, Paper.objects.using(alias).count(), Paper.objects.count())
"""


def test_a_backup_sees_one_moment_and_lets_others_write(site: Site) -> None:
    assert site.run("-c", IN_USE) == (0, "12 12 13\n")


INTERRUPTED = f"""{HEAD}
line, left = taking._line, [1, 1, 1]
def interrupted(row):
    if not left: raise KeyboardInterrupt
    left.pop(); return line(row)
taking._line = interrupted
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "backup", os.environ["FILE"], "--verbosity", "0"])
"""


def test_an_interrupted_backup_says_so_in_one_line_and_leaves_nothing(site: Site) -> None:
    site.variables["FILE"] = str(site.folder / "site.zip")
    assert site.run("-c", INTERRUPTED) == (130, "CommandError: 已中断，什么也没有改变。\n")
    assert not list(site.folder.glob("site.zip*"))


DIES_RESTORING = f"""{HEAD}
put_back, left = figures.put_back, [1]
def die(*args):
    if not left: os.kill(os.getpid(), 9)
    left.pop(); put_back(*args)
figures.put_back = die
call_command("restore", os.environ["FILE"], verbosity=0)
"""


def test_a_restore_that_is_killed_is_run_again(empty_site: Site, taken: Taken) -> None:
    empty_site.variables["FILE"] = str(taken.file)
    assert empty_site.run("-c", DIES_RESTORING) == (-9, "")
    assert len(list((empty_site.folder / "media" / "figures").iterdir())) == 1
    manage(empty_site, "restore", str(taken.file))
    assert hash_of(empty_site) == taken.content
    assert empty_site.is_right()


DIES_BACKING_UP = f"""{HEAD}
taking._write_manifest = lambda *args: os.kill(os.getpid(), 9)
call_command("backup", os.environ["FILE"], "--force", verbosity=0)
"""


def test_a_backup_that_is_killed_leaves_the_one_before_and_is_run_again(site: Site) -> None:
    file = site.folder / "site.zip"
    site.variables["FILE"] = str(file)
    manage(site, "backup", str(file))
    before = file.read_bytes()
    assert site.run("-c", DIES_BACKING_UP) == (-9, "")
    assert file.read_bytes() == before
    manage(site, "backup", str(file), "--force")
    assert {path.name for path in site.folder.glob("site.zip*")} == {"site.zip"}


def test_a_site_moves_to_the_other_database_and_back(
    taken: Taken, empty_site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if not empty_site.database.startswith("postgres"):
        pytest.skip("the tests run on SQLite alone; on PostgreSQL they do both")
    there, file = tmp_path_factory.mktemp("there"), str(empty_site.folder / "moved.zip")
    with made(there, "sqlite") as other:
        manage(other, "restore", str(taken.file))
        assert hash_of(other) == taken.content
        assert other.is_right()
        manage(other, "backup", file)
    assert parts_of(Path(file)) == parts_of(taken.file)
    manage(empty_site, "restore", file)
    assert hash_of(empty_site) == taken.content
    assert empty_site.is_right()
