"""Names of papers, completed while a note is written: whose they are, what is put into the note, and to whom."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers.models import Paper, PaperKey, Section
from papers.rendering.renderer import render
from papers.roles import CONTRIBUTOR
from tests.conftest import make_paper
from tests.people import begun, member, signed_in
from tests.test_admin_check import HOSTILE

COMPLETE = "/admin/papers/paper/complete/"


def complete(client: Client, text: str, **more: str) -> list[dict[str, Any]]:
    response = client.get(COMPLETE, {"q": text, **more})
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["papers"]
    return found


def titles(client: Client, text: str, **more: str) -> list[str]:
    return [paper["title"] for paper in complete(client, text, **more)]


@pytest.fixture
def vllm(section: Section) -> Paper:
    official = "Efficient Memory Management for Large Language Model Serving with PagedAttention"
    fields = {"title_official": official, "aliases": "vLLM", "year": 2023, "venue": "SOSP 2023"}
    return make_paper(section, "2023-09-Paged-Cache", title="分页注意力", **fields)


@pytest.mark.parametrize(
    "typed",
    ["分页", "分", "注意力", "efficient mem", "PagedAtt", "vll", "2023-09-Paged-Cache", "paged-ca", "SOSP"],
)
def test_a_paper_is_found_by_what_it_is_called(editor_client: Client, vllm: Paper, typed: str) -> None:
    assert titles(editor_client, typed) == ["分页注意力"]


@pytest.mark.parametrize("typed", ["", "  ", "没有", "2023-09-", "-分页"])
def test_nothing_is_found_by_nothing(editor_client: Client, vllm: Paper, typed: str) -> None:
    assert titles(editor_client, typed) == []


def test_the_words_of_a_note_are_no_name(editor_client: Client, section: Section) -> None:
    make_paper(section, "p", title="别的", notes="分页")
    assert titles(editor_client, "分页") == []


def test_a_few_are_shown_the_newest_first(editor_client: Client, section: Section) -> None:
    for month in range(1, 13):
        make_paper(section, f"2025-{month:02}", title=f"论文 {month}", published_on=f"2025-{month:02}-01")
    assert titles(editor_client, "论文") == [f"论文 {month}" for month in range(12, 4, -1)]


def test_a_paper_does_not_offer_itself(editor_client: Client, vllm: Paper) -> None:
    assert titles(editor_client, "分页", uid=vllm.uid) == []


# --- What is put into the note ----------------------------------------------------------------------------


def test_a_link_is_the_title(editor_client: Client, vllm: Paper) -> None:
    (found,) = complete(editor_client, "分页")
    assert found["wikilink"] == "[[分页注意力]]"
    assert found["about"] == "2025-07 · SOSP 2023"


def test_a_title_that_two_papers_share_is_a_link_by_slug(editor_client: Client, section: Section) -> None:
    for slug in ("one", "two"):
        make_paper(section, slug, title="同名")
    assert [one["wikilink"] for one in complete(editor_client, "同名")] == ["[[two|同名]]", "[[one|同名]]"]


def test_a_title_that_no_link_can_hold_is_a_link_by_slug(editor_client: Client, section: Section) -> None:
    make_paper(section, "c-sharp", title="C# [draft] | notes")
    assert complete(editor_client, "draft")[0]["wikilink"] == "[[c-sharp|C draft notes]]"


@pytest.mark.parametrize("title", ["分页注意力", "C# [draft]", "同名", "A, 2023, B"])
def test_a_link_leads_to_its_paper(editor_client: Client, section: Section, title: str) -> None:
    make_paper(section, "one", title="同名")
    paper = make_paper(section, "two", title=title)
    found = complete(editor_client, title)[0]
    (named,) = render(found["wikilink"], "markdown").citations
    assert PaperKey.objects.papers([named.title]) == {named.title: paper}


def test_a_citation_names_official_title_year_and_venue(editor_client: Client, vllm: Paper) -> None:
    (found,) = complete(editor_client, "分页")
    assert found["cited"] == f"{vllm.title_official}，2023，SOSP"
    (cited,) = render(f"【索引1，{found['cited']}】", "markdown").citations
    assert cited.title == vllm.title_official


def test_a_citation_without_a_year_is_the_title_alone(editor_client: Client, section: Section) -> None:
    make_paper(section, "p", title="没有年份", venue="SOSP")
    assert complete(editor_client, "没有")[0]["cited"] == "没有年份"


# --- To whom ----------------------------------------------------------------------------------------------


def test_a_contributor_is_told_nothing_of_a_draft(editor: User, section: Section) -> None:
    begun(editor, section, "2025-01-Verborgen", title="Verborgen")
    assert titles(signed_in(member(CONTRIBUTOR)), "Verborgen") == []


def test_own_drafts_are_completed_and_said_to_be_drafts(section: Section) -> None:
    user = member(CONTRIBUTOR)
    begun(user, section, "mine", title="Mine")
    (found,) = complete(signed_in(user), "Mine")
    assert found["about"] == "2025-07 · 草稿"


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:20])
def test_no_input_is_an_error(editor_client: Client, vllm: Paper, value: str) -> None:
    raw = value.encode(errors="surrogatepass")
    assert editor_client.get(COMPLETE, {"q": raw, "uid": raw}).status_code == 200


def test_the_number_of_queries_does_not_grow(
    editor_client: Client, section: Section, django_assert_num_queries: Any
) -> None:
    for number in range(10):
        make_paper(section, f"p{number}", title=f"论文 {number}")
    with django_assert_num_queries(5):  # session, user, how many, papers, whose names
        assert len(titles(editor_client, "论文")) == 8
