"""`check_site addresses`: every address that the site has or had is asked for as a reader would."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import storage
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.urls import set_script_prefix

from papers import figures, operations, revisions, trash
from papers.models import Address, Kind, Paper, Section, Tag
from papers.site_check import addresses, inside
from papers.site_check.inside import Reply, Site
from tests.conftest import make_paper, make_section
from tests.drawing import picture


def found() -> list[str]:
    return [str(finding) for one in addresses.look() for finding in one]


def test_a_site_with_a_past_answers_everywhere(section: Section) -> None:
    """Moved, deleted, unpublished, taken over, retagged."""
    moved, gone, hidden = (make_paper(section, slug, tags=("MoE",)) for slug in ("moved", "gone", "hidden"))
    below = make_section("below", section)
    make_paper(below, "deep", venue="OSDI 2020", tags=("中文",))
    revisions.change(moved, lambda data: {**data, "slug": "elsewhere"})
    revisions.change(below, lambda data: {**data, "slug": "over"})
    trash.delete(gone)
    revisions.unpublish(hidden)
    operations.merge_tags(Tag.objects.get(name="中文"), Tag.objects.get(name="MoE"))
    assert Address.objects.count() >= 5
    assert found() == []


def test_each_is_counted(section: Section, published_paper: Paper) -> None:
    revisions.change(published_paper, lambda data: {**data, "slug": "moved"})
    make_paper(section, "p", notes=f"![]({figures.store(picture()).get_absolute_url()})")
    assert addresses.count() == len(list(addresses.look()))


def test_twins_feeds_and_lists_are_among_them(section: Section) -> None:
    make_paper(section, "p", tags=("moe",), venue="OSDI 2020")
    assert {
        "/RL/p.html",
        "/RL/p.bib",
        "/RL/p.json",
        "/RL/feed.xml",
        "/feed.json",
        "/tags/moe/feed.xml",
        "/venues/osdi-2020/",
        "/2025/",
        "/2025/07/",
    } <= set(addresses.live())


def test_a_picture_that_readers_see_answers(section: Section, media: Path) -> None:
    figure = figures.store(picture())
    make_paper(section, "p", notes=f"![]({figure.get_absolute_url()})")
    assert found() == []
    (media / figures.place_of(figure.name)).unlink()
    assert found() == [f"{figure.get_absolute_url()}: 现有网址应答 200，却答 404。"]


def test_drafts_are_not(section: Section, draft_paper: Paper) -> None:
    assert not [path for path in addresses.live() if "Secret" in path]


def test_reading_goes_on_in_batches(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "BATCH", 2)
    for slug in "abcde":
        Address.objects.create(path_folded=f"/{slug}.html", kind=Kind.PAPER, uid="nobody")
        make_paper(section, slug)
    assert len(list(addresses.look())) == addresses.count()
    assert found() == []


def test_site_without_style_sheets_is_said_in_one_line(
    section: Section,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No page can be made before collectstatic has run: not every address is wrong."""
    backend = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(storage.staticfiles_storage, "_wrapped", storage.ManifestStaticFilesStorage())
    output = StringIO()
    with pytest.raises(CommandError, match=r"^there are no style sheets yet: run collectstatic first$"):
        call_command("check_site", "addresses", stdout=output)
    assert not output.getvalue()
    assert "Traceback" not in caplog.text


# --- What is wrong ----------------------------------------------------------------------------------------


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Reply]:
    """By path; the real site's for all others."""
    told: dict[str, Reply] = {}
    real = Site.ask
    monkeypatch.setattr(Site, "ask", lambda site, path, **more: told.get(path) or real(site, path, **more))
    return told


@pytest.mark.parametrize("status", [301, 404, 410, 500])
def test_a_live_address_answers_200(
    section: Section, published_paper: Paper, answers: dict[str, Reply], status: int
) -> None:
    answers["/RL/2025-07-Public.md"] = Reply(status, "/RL/")
    assert found() == [f"/RL/2025-07-Public.md: 现有网址应答 200，却答 {status}。"]


@pytest.fixture
def former(section: Section, published_paper: Paper) -> str:
    revisions.change(published_paper, lambda data: {**data, "slug": "moved"})
    return "/rl/2025-07-public.html"


@pytest.mark.parametrize("status", [302, 404, 410, 500])
def test_a_former_address_leads_on(former: str, answers: dict[str, Reply], status: int) -> None:
    answers[former] = Reply(status, "/RL/moved.html")
    assert found() == [f"{former}: 旧网址应转到现在的网址，却答 {status}。"]


def test_in_one_hop(former: str, answers: dict[str, Reply]) -> None:
    answers[former] = Reply(301, "/RL/Moved.html")
    assert found() == [f"{former}: 转到 /RL/Moved.html，那里又答 301。"]


def test_what_is_deleted_is_gone(former: str, answers: dict[str, Reply]) -> None:
    trash.delete(Paper.objects.get())
    answers[former] = Reply(404)
    assert found() == [f"{former}: 内容已删除，旧网址应答 410，却答 404。"]


def test_a_draft_is_not_betrayed(former: str, answers: dict[str, Reply]) -> None:
    revisions.unpublish(Paper.objects.get())
    answers[former] = Reply(410)
    assert found() == [f"{former}: 论文没有公开，旧网址应答 404，却答 410。"]


# --- Asking from within -----------------------------------------------------------------------------------


def test_errors_are_answers(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papers.views.content._section", lambda *_anything: 1 / 0)
    assert Site().ask("/RL/").status == 500


def test_a_site_below_a_prefix(former: str, settings: Any) -> None:
    settings.PAPERCACHE_URL, settings.FORCE_SCRIPT_NAME = "https://example.org/papercache", "/papercache"
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["example.org"], True
    set_script_prefix("/papercache/")
    try:
        assert found() == []
        assert Site().ask(former).location == "/RL/moved.html"
    finally:
        set_script_prefix("/")


def test_who_asks_is_known(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        "papers.views.content._section", lambda request, *_more: asked.append(request) or HttpResponse()
    )
    Site().ask("/RL/")
    assert asked[0].META[inside.MARK]


def test_the_command_ends_with_1(former: str, answers: dict[str, Reply]) -> None:
    answers[former] = Reply(404)
    with pytest.raises(CommandError, match="1 problems, address 1") as ended:
        call_command("check_site", "addresses", stdout=StringIO())
    assert ended.value.returncode == 1
