"""The admin's first page: what waits for an editor, as far as they may see it, for the same few queries."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers import dashboard, revisions, working
from papers.dashboard import Part
from papers.models import Kind, Missed, Paper, Section
from papers.roles import CONTRIBUTOR, EDITOR
from papers.site_check import Finding, reports
from tests.conftest import make_paper
from tests.people import begun, member, signed_in

INDEX = "/admin/"
COST = 28


def part(user: Any, name: str) -> Part:
    return next(one for one in dashboard.parts(user) if one.name == name)


def names(user: Any) -> list[str]:
    return [one.name for one in dashboard.parts(user)]


def labels(user: Any, name: str) -> list[str]:
    return [row.label for row in part(user, name).rows]


# --- Who sees what ----------------------------------------------------------------------------------------


def test_an_editor_sees_all_parts(root: Section) -> None:
    assert names(member(EDITOR)) == [
        "working",
        "drafts",
        "scheduled",
        "changed",
        "empty",
        "wanted",
        "problems",
        "broken",
        "searches",
        "addresses",
    ]


def test_a_contributor_sees_their_own(section: Section, draft_paper: Paper, scheduled_paper: Paper) -> None:
    contributor = member(CONTRIBUTOR)
    begun(contributor, section, "mine", title="Mine")
    assert names(contributor) == ["working", "drafts", "wanted"]
    assert labels(contributor, "drafts") == ["Mine"]


def test_staff_without_a_part_in_it_sees_the_stock_page(root: Section) -> None:
    nobody = member()
    assert names(nobody) == []
    page = signed_in(nobody).get(INDEX).content.decode()
    assert 'class="desk"' not in page


def test_the_page_of_a_contributor_tells_of_nothing_else(
    section: Section, draft_paper: Paper, scheduled_paper: Paper
) -> None:
    reports.keep("notes", found("/RL/2025-08-Secret.html"))
    Missed.objects.create(kind="address", text="/asked/")
    page = signed_in(member(CONTRIBUTOR)).get(INDEX).content.decode()
    for hidden in ("Secret", "Tomorrow", "/asked/"):
        assert hidden not in page


def test_the_stock_list_stays_below(admin_client: Client, root: Section) -> None:
    page = admin_client.get(INDEX).content.decode()
    assert page.index('class="desk"') < page.index("app-papers module")


# --- Papers -----------------------------------------------------------------------------------------------


def test_drafts_scheduled_and_changed(section: Section, scheduled_paper: Paper) -> None:
    editor = member(EDITOR)
    begun(editor, section, "mine", title="Mine")
    make_paper(section, "theirs", status="draft")
    changed = make_paper(section, "changed", title="Changed")
    revisions.save(changed, {**revisions.data_of(changed), "summary": "neu"})
    assert labels(editor, "drafts") == ["Mine"]
    assert labels(editor, "scheduled") == ["Tomorrow Paper"]
    assert labels(editor, "changed") == ["Changed"]


def test_ten_rows_the_count_and_the_way_to_the_rest(section: Section) -> None:
    editor = member(EDITOR)
    for number in range(12):
        begun(editor, section, f"p{number}")
    found = part(editor, "drafts")
    assert (found.count, len(found.rows), found.more) == (12, 10, "/admin/papers/paper/?state=draft")


def test_notes_without_text(section: Section, admin_client: Client) -> None:
    make_paper(section, "empty")
    make_paper(section, "full", notes="字")
    make_paper(section, "draft", status="draft")
    found = part(member(EDITOR), "empty")
    assert (found.count, [row.label for row in found.rows]) == (1, ["empty"])
    listed: Any = admin_client.get(found.more)
    assert {paper.slug for paper in listed.context["cl"].result_list} == {"empty", "draft"}


def test_what_is_typed_and_not_saved(section: Section, published_paper: Paper) -> None:
    editor, other = member(EDITOR), member(username="other")
    fields = {"title": ["Getippt"]}
    working.store(editor, Kind.PAPER, published_paper.uid, fields, 1, "w")
    working.store(editor, Kind.PAPER, "abcdefgh", {"title": ["Neu"]}, None, "w")
    working.store(other, Kind.PAPER, published_paper.uid, {"title": ["Fremd"]}, 1, "w")
    rows = {row.label: row.url for row in part(editor, "working").rows}
    form = f"/admin/papers/paper/{published_paper.pk}/change/"
    assert rows == {"Getippt": form, "Neu": "/admin/papers/paper/add/"}


def test_papers_that_are_cited_and_have_no_note(section: Section) -> None:
    for slug in "ab":
        make_paper(section, slug, notes="【1，Nobody's Paper，2020，ATC】")
    (row,) = part(member(EDITOR), "wanted").rows
    assert (row.label, row.note) == ("Nobody's Paper", "2 篇笔记引用")


# --- What was found and missed ----------------------------------------------------------------------------


def found(*where: str, kind: str = "formula") -> reports.Found:
    findings = [Finding(path, kind, "坏了", {}, path) for path in where]
    return reports.Found(9, Counter({kind: len(where)}), findings)


def test_problems_by_kind_are_those_of_the_last_check(root: Section) -> None:
    reports.keep("notes", found("/a.html:1", "/b.html:2"))
    problems = part(member(EDITOR), "problems")
    assert (problems.count, [(row.label, row.note) for row in problems.rows]) == (2, [("公式", "2")])
    assert problems.rows[0].url == "/admin/papers/report/?part=notes&kind=formula"
    assert problems.made_at


def test_broken_links_are_of_all_kinds(root: Section) -> None:
    reports.keep("links", found("/a/", kind="broken"))
    reports.keep("external", found("https://a.example/", kind="external"))
    broken = part(member(EDITOR), "broken")
    assert (broken.count, [row.label for row in broken.rows]) == (2, ["/a/", "https://a.example/"])


def test_what_was_missed_most(root: Section) -> None:
    for number in range(12):
        Missed.objects.create(kind="search", text=f"word {number}", count=number + 1)
    Missed.objects.create(kind="address", text="/asked/")
    editor = member(EDITOR)
    assert part(editor, "searches").count == 12
    assert labels(editor, "searches")[0] == "word 11"
    assert labels(editor, "addresses") == ["/asked/"]


# --- Drawings ---------------------------------------------------------------------------------------------


def test_papers_are_drawn_by_month_and_notes_by_week(section: Section) -> None:
    make_paper(section, "new")
    old = make_paper(section, "old")
    Paper.objects.filter(pk=old.pk).update(first_public_at=timezone.now() - timedelta(weeks=60))
    months, weeks = dashboard.drawings()
    assert months.rows == [("2025-07", 2)]
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    assert weeks.rows == [(monday.isoformat(), 1)]


def test_drafts_are_not_drawn(draft_paper: Paper, scheduled_paper: Paper) -> None:
    assert dashboard.drawings() == []


# --- What it costs ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[30, 300])
def desk(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Made once for all tests of a size, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", "papercache", verbosity=0)
        call_command("make_demo", papers=request.param, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_it_costs_the_same_few_queries(desk: None) -> None:
    editor = member(EDITOR)
    client = signed_in(editor)
    paper = Paper.objects.published().first()
    assert paper
    working.store(editor, Kind.PAPER, paper.uid, {"title": ["x"]}, 1, "w")
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(INDEX).status_code == 200
    assert len(queries) == COST, "\n".join(query["sql"][:150] for query in queries)
