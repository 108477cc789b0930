"""Notes that name papers: by a citation or a wikilink, which lead to whatever is public when the page is made."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers import links
from papers.models import Citation, Paper, PaperKey, Revision, Section, TaggedPaper
from papers.rendering import Citation as Cited

from .conftest import make_paper, make_section
from .editing import fresh, overwrite, publish
from .people import begun, member
from .reading import attributes_of, links_in

TITLE = "Efficient Memory Management for Large Language Model Serving with PagedAttention"


@pytest.fixture
def cited(section: Section) -> Paper:
    return make_paper(section, "vllm", uid="pagedattention", title=TITLE, aliases="vLLM")


def citing(section: Section, notes: str, slug: str = "citing", **fields: Any) -> Paper:
    return make_paper(section, slug, notes=notes, **fields)


def paper_links(client: Client, url: str = "/RL/citing.html") -> list[str]:
    """Where the links to papers lead that a page's text has."""
    found = attributes_of(client.get(url), "a")
    return [link["href"] for link in found if link.get("class") == "to-paper"]


def said(names: list[str]) -> list[Cited]:
    return [Cited("wikilink", name, name, "", "", 1) for name in names]


def messages(cited: list[Cited], user: Any = None) -> list[str]:
    return [problem.sentence for problem in links.problems(cited, user)]


# --- On the page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "vLLM",
        "vllm|这篇",
        "pagedattention",
        TITLE,
        "efficient memory management for {large} language model serving with pagedattentions",
    ],
)
def test_a_wikilink_leads_to_a_paper_by_any_of_its_names(
    client: Client, section: Section, cited: Paper, name: str
) -> None:
    citing(section, f"见 [[{name}]]。")
    assert paper_links(client) == ["/RL/vllm.html"]


def test_a_citation_leads_to_the_paper_with_its_title(client: Client, section: Section, cited: Paper) -> None:
    citing(section, f"页表很好【索引23，{TITLE}，2023，SOSP】。")
    assert paper_links(client) == ["/RL/vllm.html"]


def test_what_is_nobodys_name_stays_as_typed(client: Client, section: Section) -> None:
    citing(section, "见 [[没有这篇]] 和【索引1，Nothing of Ours，2023，SOSP】。")
    assert paper_links(client) == []
    page = client.get("/RL/citing.html").content.decode()
    assert ("没有这篇" in page, "【索引1，Nothing of Ours，2023，SOSP】" in page) == (True, True)


def test_a_name_of_two_published_papers_leads_nowhere(client: Client, section: Section, cited: Paper) -> None:
    citing(section, "见 [[vLLM]]。")
    other = make_paper(section, "other", aliases="vllm")
    assert paper_links(client) == []
    overwrite(other, status="draft")
    assert paper_links(client) == ["/RL/vllm.html"]


def test_a_note_does_not_link_to_itself(client: Client, section: Section) -> None:
    citing(section, "见 [[我自己]]。", aliases="我自己")
    assert paper_links(client) == []


def test_section_texts_link_too_topics_as_well(client: Client, root: Section, cited: Paper) -> None:
    make_section("llm", root, icon="📖", text="见 [[vLLM]]。")
    root.text = "先读 [[pagedattention]]。\n\n[[topics]]"
    root.save()
    assert paper_links(client, "/") == ["/RL/vllm.html"] * 2
    assert paper_links(client, "/llm/") == ["/RL/vllm.html"]


@pytest.mark.parametrize("feed", ["feed.xml", "feed.json"])
def test_feeds_link_by_absolute_address(client: Client, section: Section, cited: Paper, feed: str) -> None:
    citing(section, "见 [[vLLM]]。")
    body = unescape(client.get(f"/{feed}").content.decode()).replace(r"\"", '"')
    assert '<a class="to-paper" href="http://127.0.0.1:8000/RL/vllm.html">' in body


def test_links_carry_the_sites_prefix(wsgi: Any, settings: Any, section: Section, cited: Paper) -> None:
    settings.FORCE_SCRIPT_NAME = "/papercache"
    citing(section, "见 [[vLLM]]。")
    assert "/papercache/RL/vllm.html" in links_in(wsgi("/papercache/RL/citing.html").text)


# --- What happens to the one that is named ----------------------------------------------------------------


def changes_of_the_citing_note(paper: Paper) -> list[Any]:
    return [
        *Paper.objects.filter(pk=paper.pk).values("notes_html", "revision", "head_revision", "changed_at"),
        Revision.objects.filter(uid=paper.uid).count(),
        list(Citation.objects.filter(paper=paper).values()),
    ]


def test_no_move_of_the_named_one_writes_to_the_note(client: Client, section: Section, cited: Paper) -> None:
    note = citing(section, "见 [[vLLM]]。")
    before = changes_of_the_citing_note(note)
    shelf = make_section("shelf", section)
    overwrite(cited, section=shelf, slug="other")
    shelf.slug = "shelf2"
    shelf.save()
    assert paper_links(client) == ["/RL/shelf2/other.html"]
    assert changes_of_the_citing_note(note) == before


def test_a_link_goes_and_comes_with_what_it_leads_to(client: Client, section: Section, cited: Paper) -> None:
    note = citing(section, "见 [[vLLM]]。")
    before = changes_of_the_citing_note(note)
    overwrite(cited, status="draft")
    assert paper_links(client) == []
    publish(cited)
    assert paper_links(client) == ["/RL/vllm.html"]
    fresh(cited).delete()
    assert paper_links(client) == []
    assert changes_of_the_citing_note(note) == before


def test_a_link_goes_and_comes_with_an_alias(client: Client, section: Section, cited: Paper) -> None:
    citing(section, "见 [[vLLM]]。")
    overwrite(cited, aliases="", slug="paged")
    assert paper_links(client) == []
    overwrite(cited, aliases="VLLM")
    assert paper_links(client) == ["/RL/paged.html"]


def test_a_link_to_a_scheduled_paper_appears_at_its_hour(
    client: Client, section: Section, scheduled_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    citing(section, "见 [[Tomorrow Paper]]。")
    assert paper_links(client) == []
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert paper_links(client) == ["/RL/2025-09-Tomorrow.html"]


def test_a_draft_shows_its_links_to_its_editor(editor_client: Client, section: Section, cited: Paper) -> None:
    citing(section, "见 [[vLLM]]。", status="draft")
    assert paper_links(editor_client) == ["/RL/vllm.html"]


# --- What it costs ----------------------------------------------------------------------------------------


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("names", [1, 60])
def test_links_cost_a_page_one_query(client: Client, section: Section, cited: Paper, names: int) -> None:
    citing(section, "没有", slug="without")
    citing(section, " ".join(f"[[vLLM]] [[名字{number}]]" for number in range(names)))
    assert queries_of(client, "/RL/citing.html") == queries_of(client, "/RL/without.html") + 1


def test_links_of_all_notes_cost_a_feed_one_query(client: Client, section: Section, cited: Paper) -> None:
    before = queries_of(client, "/feed.xml")
    for number in range(5):
        citing(section, f"[[vLLM]] [[名字{number}]]", slug=f"n{number}")
    assert queries_of(client, "/feed.xml") == before + 1


def test_more_names_than_a_query_may_hold(cited: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papers.querysets.KEYS_AT_A_TIME", 2)
    names = {"vLLM", "一", "二", "三", "四", "…"}
    assert PaperKey.objects.papers(names) == {"vLLM": cited}


def test_names_are_the_way_in_however_many_papers_are_published(db: None) -> None:
    """Not the state: SQLite, without statistics, took its index first, and looked at every published paper."""
    rows = [PaperKey.objects.published().filter(key="x"), Citation.objects.published().filter(key="x")]
    rows.append(TaggedPaper.objects.published().filter(tag=1))
    assert [row.query for row in rows if "paper_public_order" in row.explain()] == []


def test_no_names_no_query(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert PaperKey.objects.papers(["…", ""]) == {}
    assert len(queries) == 0


# --- What the editor is told ------------------------------------------------------------------------------


def test_a_link_that_leads_somewhere_is_no_problem(cited: Paper) -> None:
    assert messages(said(["vLLM", TITLE])) == []


def test_a_link_that_leads_nowhere_is_told_with_its_line(db: None) -> None:
    [problem] = links.problems([Cited("wikilink", "文字", "没有这篇", "", "", 7)])
    assert (problem.line, problem.snippet, problem.kind) == (7, "[[没有这篇]]", "link")
    assert "没有已公开的论文叫“没有这篇”" in problem.sentence


def test_a_citation_of_a_paper_that_is_not_here_is_no_problem(db: None) -> None:
    assert messages([Cited("citation", "索引1", "Nothing of Ours", "", "", 1)]) == []


@pytest.mark.parametrize("kind", ["citation", "wikilink"])
def test_a_name_of_two_published_papers_is_told_with_both(section: Section, cited: Paper, kind: Any) -> None:
    make_paper(section, "other", title="另一篇", aliases="vLLM")
    [message] = messages([Cited(kind, "", "vLLM", "", "", 1)])
    assert (TITLE in message, "另一篇" in message) == (True, True)


def test_a_citation_with_a_shared_name_is_told_once_a_wikilink_at_each_place(
    section: Section, cited: Paper
) -> None:
    make_paper(section, "other", aliases="vLLM")
    assert len(messages([Cited("citation", "23", "vLLM", "", "", line) for line in (1, 2, 3)])) == 1
    assert len(messages([Cited("wikilink", "", "vLLM", "", "", line) for line in (1, 2, 3)])) == 3


def test_a_draft_that_the_editor_may_see_is_told(draft_paper: Paper, editor: Any) -> None:
    [message] = messages(said(["secret paper"]), editor)
    assert "还没有公开：Secret Paper" in message


@pytest.mark.parametrize("group", ["", "投稿人", None])
def test_a_draft_that_a_person_may_not_see_is_as_good_as_none(draft_paper: Paper, group: str | None) -> None:
    user = None if group is None else member(group)
    [message] = messages(said(["Secret Paper"]), user)
    assert [message.replace("Secret Paper", "Nobody")] == messages(said(["Nobody"]), user)


def test_a_contributor_is_told_of_an_own_draft(section: Section) -> None:
    author = member("投稿人")
    begun(author, section, "mine", title="我的草稿")
    assert "还没有公开：我的草稿" in messages(said(["我的草稿"]), author)[0]


def test_a_draft_beside_a_published_paper_is_no_second_owner(
    section: Section, cited: Paper, editor: Any
) -> None:
    make_paper(section, "other", aliases="vLLM", status="draft")
    assert messages(said(["vLLM"]), editor) == []


def test_problems_cost_one_query(cited: Paper) -> None:
    with CaptureQueriesContext(connection) as queries:
        links.problems(said([f"名字{number}" for number in range(50)]))
    assert len(queries) == 1
