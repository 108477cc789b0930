"""The admin's list of papers costs the same few statements however many papers there are, and reads no whole table."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.models import Paper, Section, Tag, TaggedPaper

from .conftest import make_paper

PAPERS = "/admin/papers/paper/"
MAX_QUERIES = 10
LISTS = (
    "",
    "p=2",
    "o=1",
    "o=-1",
    "o=3",
    "state=draft",
    "state=scheduled",
    "state=published",
    "state=changed",
    "state=unchecked",
    "state=checked",
    "state=empty",
    "section=demo",
    "section=demo-rl",
    "tag=demo-moe",
    "month=2020-05",
    "venue=OSDI+2020",
)


def cost(client: Client, query: str) -> list[str]:
    """The statements of one list."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{PAPERS}?{query}").status_code == 200
    return [one["sql"] for one in captured]


def listed(client: Client, query: str) -> set[str]:
    answer: Any = client.get(f"{PAPERS}?{query}")
    return {paper.slug or paper.uid for paper in answer.context["cl"].result_list}


def test_a_list_costs_no_more_for_more_papers(root: Section, admin_client: Client) -> None:
    call_command("make_demo", papers=60, verbosity=0)
    few = {query: len(cost(admin_client, query)) for query in (*LISTS, "q=Serving", "q=nosuchword")}
    call_command("make_demo", papers=240, verbosity=0)
    many = {query: len(cost(admin_client, query)) for query in few}
    assert many == few
    assert max(many.values()) <= MAX_QUERIES


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by the size of the table")
@pytest.mark.parametrize("query", LISTS)
def test_no_list_reads_every_row(root: Section, admin_client: Client, query: str) -> None:
    """A search does: substrings have no index. An index that is read whole is a tenth of the rows and less."""
    call_command("make_demo", papers=60, verbosity=0)
    for statement in cost(admin_client, query):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}".replace("%", "%%"), ())
            plan = [str(row[-1]) for row in cursor.fetchall()]
        assert not [step for step in plan if step == "SCAN papers_paper"], statement


def test_the_section_filter_finds_drafts_without_an_address(section: Section, admin_client: Client) -> None:
    below = Section.objects.create(parent=section, slug="below", title="下级")
    Paper.objects.create(uid="nameless", section=section)
    make_paper(below, "deep", status="draft")
    make_paper(section.parent, "elsewhere", status="draft")  # type: ignore[arg-type]
    assert listed(admin_client, f"section={section.uid}") == {"nameless", "deep"}


def test_months_are_offered_once_and_newest_first(section: Section, admin_client: Client) -> None:
    days = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2023, 12, 1), None]
    for number, day in enumerate(days):
        make_paper(section, f"paper-{number}", published_on=day, status="draft")
    assert offered(admin_client, "month") == ["2024-02", "2024-01", "2023-12"]
    assert listed(admin_client, "month=2024-02") == {"paper-1", "paper-2"}
    assert listed(admin_client, "month=2023-12") == {"paper-3"}


def offered(client: Client, name: str) -> list[str]:
    answer: Any = client.get(PAPERS)
    (chosen,) = [one for one in answer.context["cl"].filter_specs if one.parameter_name == name]
    return [value for value, _label in chosen.lookup_choices]


def test_venues_are_offered_once_in_order(section: Section, admin_client: Client) -> None:
    for number, venue in enumerate(["SOSP 2023", "ATC 2024", "", "SOSP 2023", "会议"]):
        make_paper(section, f"paper-{number}", venue=venue, status="draft")
    assert offered(admin_client, "venue") == ["ATC 2024", "SOSP 2023", "会议"]


def test_what_filters_offer_is_found_by_seeking_in_an_index(section: Section, admin_client: Client) -> None:
    make_paper(section, "some", venue="ATC 2024")
    statements = cost(admin_client, "")
    assert len([one for one in statements if one.startswith("WITH RECURSIVE")]) == 2
    assert not [one for one in statements if "DISTINCT" in one]


def test_a_paper_is_listed_once_under_its_tag(section: Section, admin_client: Client) -> None:
    paper = make_paper(section, "tagged", status="draft")
    for name in ("moe", "rag"):
        tag = Tag.objects.create(name=name, slug=name)
        TaggedPaper.objects.create(content_object=paper, tag=tag)
    answer: Any = admin_client.get(f"{PAPERS}?tag=moe&q=tagged")
    assert [one.pk for one in answer.context["cl"].result_list] == [paper.pk]
