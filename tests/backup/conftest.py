"""A site that has something of everything, its backup, and empty places for it."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.management import call_command

from papers.backups import taking

from .. import sites
from ..sites import Site
from .files import Taken, hash_of, made, manage

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


@pytest.fixture
def empty_site(empty_database: str, tmp_path: Path) -> Iterator[Site]:
    with sites.copied(empty_database, tmp_path) as database:
        yield Site(tmp_path, database)


@pytest.fixture
def place(db: None, media: Path) -> Path:
    """An empty place in this process; where its pictures come to."""
    return media


@pytest.fixture
def restored(place: Path, taken: Taken) -> Path:
    call_command("restore", str(taken.file), verbosity=0)
    return place


@pytest.fixture
def own_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another connection would not see what the test's transaction holds."""
    monkeypatch.setattr(taking, "snapshot", lambda: nullcontext("default"))
