"""Feeds of the site, a section and a tag, in Atom and JSON, read back as a feed reader does."""

import json
import warnings
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from django.test import Client
from django.utils import timezone

from papers.models import Paper, Section, Tag

from .conftest import make_paper, make_section

BASE = "http://127.0.0.1:8000"
OF_EACH_KIND = pytest.mark.parametrize("place", ["/", "/RL/", "/tags/moe/"])


@pytest.fixture
def paper(section: Section) -> Paper:
    notes = "全文 **很长** $x^2$，见[关于](/about/)。\n\n| a |\n|---|\n| b |\n\n<script>alert(1)</script>"
    return make_paper(
        section, "Note", title="A & B < C", summary="一句话 & 摘要", notes=notes, tags=("MoE", "训练")
    )


def atom(client: Client, place: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return feedparser.parse(client.get(f"{place}feed.xml").content)


def json_feed(client: Client, place: str) -> dict[str, Any]:
    response = client.get(f"{place}feed.json")
    assert response.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    return json.loads(response.content)


@OF_EACH_KIND
def test_atom_is_well_formed_and_holds_the_paper(client: Client, paper: Paper, place: str) -> None:
    feed = atom(client, place)
    assert (feed.bozo, feed.version) == (False, "atom10")
    (entry,) = feed.entries
    assert (entry.title, entry.summary) == ("A & B < C", "一句话 & 摘要")
    assert entry.summary_detail.type == "text/plain"
    assert entry.link == f"{BASE}/RL/Note.html"
    assert {tag.term for tag in entry.tags} == {"MoE", "训练"}


@OF_EACH_KIND
def test_json_feed_holds_the_paper(client: Client, paper: Paper, place: str) -> None:
    feed = json_feed(client, place)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = feed["items"]
    assert (item["title"], item["summary"]) == ("A & B < C", "一句话 & 摘要")
    assert item["url"] == f"{BASE}/RL/Note.html"
    assert set(item["tags"]) == {"MoE", "训练"}


@OF_EACH_KIND
def test_feed_says_where_it_lives_and_what_of(client: Client, paper: Paper, place: str) -> None:
    title = {"/": "站名", "/RL/": "强化学习", "/tags/moe/": "MoE"}[place]
    feed, described = atom(client, place).feed, json_feed(client, place)
    links = {link.rel: link.href for link in feed.links}
    assert (feed.title, described["title"], feed.language) == (title, title, "zh-CN")
    assert links == {"alternate": f"{BASE}{place}", "self": f"{BASE}{place}feed.xml"}
    assert (described["home_page_url"], described["feed_url"]) == (
        f"{BASE}{place}",
        f"{BASE}{place}feed.json",
    )


def test_both_formats_hold_the_whole_note_with_absolute_links(client: Client, paper: Paper) -> None:
    raw = client.get("/feed.xml").content.decode()
    html = json_feed(client, "/")["items"][0]["content_html"]
    assert "<strong>很长</strong>" in html
    assert "<math" in html
    assert f'href="{BASE}/about/"' in html
    assert "&lt;strong&gt;很长&lt;/strong&gt;" in raw
    assert f'href="{BASE}/about/"' in atom(client, "/").entries[0].content[0].value
    assert "<script" not in html


def test_ids_outlive_an_edit_and_a_move(client: Client, root: Section, paper: Paper) -> None:
    def ids() -> list[str]:
        return [atom(client, "/").entries[0].id, json_feed(client, "/")["items"][0]["id"]]

    before = ids()
    assert before == [f"{BASE}/p/{paper.uid}/"] * 2
    paper.title, paper.slug, paper.section = "Changed", "Moved", make_section("other", parent=root)
    paper.save()
    assert ids() == before


def test_dates_are_those_of_this_site(client: Client, paper: Paper) -> None:
    shown = [datetime(2025, 1, 2, tzinfo=UTC), datetime(2025, 3, 4, tzinfo=UTC)]
    Paper.objects.filter(pk=paper.pk).update(first_public_at=shown[0], changed_at=shown[1])
    entry, item = atom(client, "/").entries[0], json_feed(client, "/")["items"][0]
    assert [entry.published[:10], entry.updated[:10]] == ["2025-01-02", "2025-03-04"]
    assert [item["date_published"][:10], item["date_modified"][:10]] == ["2025-01-02", "2025-03-04"]


def test_newest_first_and_thirty_at_most(client: Client, section: Section) -> None:
    for number in range(31):
        make_paper(section, f"p{number:02}")
    titles = [entry.title for entry in atom(client, "/RL/").entries]
    assert titles == [f"p{number:02}" for number in range(30, 0, -1)]


def test_notes_of_one_day_come_in_the_order_of_the_site(client: Client, seed: None) -> None:
    Paper.objects.update(first_public_at=timezone.now())
    in_order = Paper.objects.newest_first().values_list("title", flat=True)
    assert [item["title"] for item in json_feed(client, "/")["items"]] == list(in_order)


def test_section_feed_takes_in_deeper_sections_and_no_others(
    client: Client, root: Section, section: Section
) -> None:
    make_paper(make_section("deep", parent=section), "in")
    make_paper(make_section("RL2", parent=root), "out")
    assert [entry.title for entry in atom(client, "/RL/").entries] == ["in"]


def test_feed_without_papers_is_a_feed(client: Client, section: Section) -> None:
    assert atom(client, "/RL/").entries == []
    assert json_feed(client, "/RL/")["items"] == []


def test_paper_without_notes_is_in_the_feed(client: Client, published_paper: Paper) -> None:
    assert json_feed(client, "/")["items"][0]["content_html"] == ""


def test_control_characters_do_not_break_the_feed(client: Client, section: Section) -> None:
    make_paper(section, "odd", title="a\x0bb", notes="c\x0cd\x1b")
    assert not atom(client, "/").bozo


def test_feed_costs_the_same_for_one_paper_and_thirty(
    client: Client, section: Section, django_assert_num_queries: Any
) -> None:
    for number in range(30):
        make_paper(section, f"p{number}", tags=("a", "b"))
    with django_assert_num_queries(3):
        client.get("/RL/feed.xml")


def test_feed_of_a_tag_without_published_papers_is_404(client: Client, section: Section) -> None:
    make_paper(section, "x", status="draft", tags=("secret",))
    assert Tag.objects.filter(slug="secret").exists()
    assert client.get("/tags/secret/feed.xml").status_code == 404
    assert client.get("/tags/nothing/feed.json").status_code == 404


def test_pages_announce_their_feeds(client: Client, paper: Paper) -> None:
    for place in ("/", "/RL/", "/tags/moe/"):
        assert f'{place}feed.xml"' in client.get(place).content.decode().split("</head>")[0]
