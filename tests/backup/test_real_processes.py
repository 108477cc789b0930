"""`backup` and `restore` as they are run: beside others, interrupted, killed, from one database to the other."""

from pathlib import Path

import pytest

from ..sites import Site
from .files import Taken, hash_of, made, manage, parts_of

HEAD = "import os, django; django.setup(); from django.core.management import call_command; from papers import figures; from papers.backups import taking\n"

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
