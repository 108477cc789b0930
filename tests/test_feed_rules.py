"""What RFC 4287, JSON Feed 1.1 and the W3C's validator ask of a feed, what a reader elsewhere can do with it, and
that who has the newest one gets 304."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from papers import feeds
from papers.figures import store
from papers.models import Paper, Section

from .conftest import make_paper, make_section
from .drawing import picture
from .reading import links_in

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "http://127.0.0.1:8000"
NOTE = """公式 $x^2$，脚注[^1]，[上级](../about/)，[标题](#h)，<http://example.org/?a=1&b=2>，<mailto:a@b.org>。

$$\\frac{a}{b}$$

[^1]: 脚注。
"""
EACH = pytest.mark.parametrize(
    "path", [f"{place}feed.{kind}" for place in ("/", "/RL/", "/tags/moe/") for kind in ("xml", "json")]
)


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "Note", uid="note", summary="摘要 & <b>", notes=NOTE, tags=("MoE",))


def atom(client: Client, place: str = "/") -> ElementTree.Element:
    return ElementTree.fromstring(client.get(f"{place}feed.xml").content)


def json_feed(client: Client, place: str = "/") -> dict[str, Any]:
    return json.loads(client.get(f"{place}feed.json").content)


def only(parent: ElementTree.Element, name: str) -> str:
    """The text of a child that there must be exactly one of."""
    (child,) = parent.findall(ATOM + name)
    return child.text or ""


def is_absolute(address: str) -> bool:
    return bool(urlsplit(address).scheme)


# --- RFC 4287 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["/", "/RL/", "/tags/moe/"])
def test_feed_has_what_is_required_of_it_once(client: Client, paper: Paper, place: str) -> None:
    feed = atom(client, place)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert only(feed, name)
    author = feed.find(f"{ATOM}author")
    assert author is not None
    assert only(author, "name") == "PaperCache"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"alternate": BASE + place, "self": f"{BASE}{place}feed.xml"}


def test_entry_has_what_is_required_of_it_once(client: Client, paper: Paper) -> None:
    (entry,) = atom(client).findall(f"{ATOM}entry")
    for name in ("id", "title", "updated", "published", "summary", "content"):
        assert only(entry, name)
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert [link.get("href") for link in entry.findall(f"{ATOM}link")] == [f"{BASE}/RL/Note.html"]


def test_ids_are_absolute_and_no_two_are_the_same(client: Client, paper: Paper, root: Section) -> None:
    make_paper(make_section("other", parent=root), "Second", tags=("MoE",))
    found = [atom(client, place) for place in ("/", "/RL/", "/other/", "/tags/moe/")]
    feeds_ids = [only(feed, "id") for feed in found]
    entry_ids = [only(entry, "id") for entry in found[0].findall(f"{ATOM}entry")]
    assert len(set(feeds_ids + entry_ids)) == 6
    assert all(map(is_absolute, feeds_ids + entry_ids))


def test_id_of_a_feed_outlives_a_move(client: Client, paper: Paper, section: Section) -> None:
    before = [only(atom(client, place), "id") for place in ("/RL/", "/tags/moe/")]
    section.slug = "rlhf"
    section.save()
    tag = paper.tags.get()
    tag.slug = "mixture"
    tag.save()
    assert [only(atom(client, place), "id") for place in ("/rlhf/", "/tags/mixture/")] == before


def test_nothing_is_older_than_its_publication(client: Client, section: Section) -> None:
    """A scheduled paper was last changed before readers could see it."""
    paper = make_paper(section, "x", publish_at=timezone.now() + timedelta(days=2))
    shown = timezone.now() - timedelta(minutes=1)
    Paper.objects.filter(pk=paper.pk).update(
        publish_at=shown, first_public_at=shown, changed_at=shown - timedelta(days=2)
    )
    feed, item = atom(client), json_feed(client)["items"][0]
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert only(entry, "updated") == only(entry, "published") == only(feed, "updated")
    assert item["date_modified"] == item["date_published"]


def test_dates_have_an_offset(client: Client, paper: Paper) -> None:
    entry = atom(client).find(f"{ATOM}entry")
    assert entry is not None
    for moment in (only(entry, "updated"), only(entry, "published")):
        assert datetime.fromisoformat(moment).tzinfo is not None


def test_empty_feed_is_as_old_as_its_section(client: Client, section: Section) -> None:
    assert section.changed_at is not None
    assert datetime.fromisoformat(only(atom(client, "/RL/"), "updated")) == section.changed_at


@settings(
    max_examples=30, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(
        st.characters(exclude_categories=["Cs"])
        | st.sampled_from("\x01\x0b\x1f\x7f\x85\ufffe\uffff\u2028]]>&<"),
        max_size=20,
    )
)
@example("\x01\ufffe\uffff]]>")
def test_feed_is_well_formed_whatever_a_note_holds(client: Client, paper: Paper, text: str) -> None:
    Paper.objects.filter(pk=paper.pk).update(
        title=f"t{text}".replace("\0", ""), notes_html=f"n{text}".replace("\0", "")
    )
    entry = atom(client).find(f"{ATOM}entry")
    assert entry is not None
    assert only(entry, "title").startswith("t")
    assert json_feed(client)["items"][0]["title"].startswith("t")


# --- JSON Feed 1.1 ----------------------------------------------------------------------------------------


def test_json_feed_has_what_is_required_of_it(client: Client, paper: Paper) -> None:
    feed = json_feed(client)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert feed["authors"] == [{"name": "PaperCache"}]
    assert feed["language"] == "zh-CN"
    (item,) = feed["items"]
    assert item["id"] == f"{BASE}/p/note/"
    assert isinstance(item["content_html"], str)
    assert all(is_absolute(feed[name]) for name in ("home_page_url", "feed_url"))
    assert datetime.fromisoformat(item["date_published"]).tzinfo is not None


# --- Content ----------------------------------------------------------------------------------------------


def content(client: Client) -> str:
    html = json_feed(client)["items"][0]["content_html"]
    entry = atom(client).find(f"{ATOM}entry")
    assert entry is not None
    assert only(entry, "content") == html
    return html


def test_no_address_in_a_note_is_relative(client: Client, paper: Paper) -> None:
    paper.notes = f"{NOTE}\n![图](/-/figures/{store(picture()).name})"
    paper.save()
    links = links_in(content(client))
    assert {
        f"{BASE}/about/",
        f"{BASE}/RL/Note.html#h",
        "http://example.org/?a=1&b=2",
        "mailto:a@b.org",
    } <= set(links)
    assert any(link.startswith(f"{BASE}/-/figures/") for link in links)
    assert [link for link in links if not is_absolute(link)] == []


@pytest.mark.parametrize(
    ("html", "portable"),
    [
        ('<a href="#x">a</a>', '<a href="http://h/p.html#x">a</a>'),
        ('<img alt="a > b" src="c.png">', '<img alt="a > b" src="http://h/c.png">'),
        ('<code>&lt;a href="#x"></code>', '<code>&lt;a href="#x"></code>'),
        (
            '<a title="href=&quot;#&quot;" href="/y">a</a>',
            '<a title="href=&quot;#&quot;" href="http://h/y">a</a>',
        ),
        ('<a href="http://[">a</a>', '<a href="http://[">a</a>'),
        ('<a href="https://e.org/a%20b?c&amp;d#e">a</a>', '<a href="https://e.org/a%20b?c&amp;d#e">a</a>'),
    ],
)
def test_addresses_of_tags_are_made_absolute_and_nothing_else(html: str, portable: str) -> None:
    assert feeds.portable(html, "http://h/p.html") == portable


def test_formula_can_be_read_where_no_mathml_is_drawn(client: Client, paper: Paper) -> None:
    """Readers that take its tags away leave its text, and after that its TeX."""
    html = content(client)
    assert html.count("<math") == 2
    text = re.sub("<[^>]*>", "", html)
    assert "公式 x2 $x^2$ ，" in text
    assert "ab $\\frac{a}{b}$ " in text


# --- News -------------------------------------------------------------------------------------------------


def test_new_note_on_an_old_paper_is_news(client: Client, section: Section, monkeypatch: Any) -> None:
    monkeypatch.setattr(feeds, "FEED_SIZE", 2)
    notes = {name: make_paper(section, name) for name in ("first", "second")}
    notes["old"] = make_paper(section, "old", published_on="2017-06-12")
    for days, paper in enumerate(notes.values()):
        moment = timezone.now() - timedelta(days=9 - days)
        Paper.objects.filter(pk=paper.pk).update(first_public_at=moment)
    assert [item["title"] for item in json_feed(client)["items"]] == ["old", "second"]


# --- Conditional requests ---------------------------------------------------------------------------------


@EACH
def test_who_has_the_newest_feed_gets_304(client: Client, paper: Paper, path: str) -> None:
    etag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert client.get(path, headers={"If-None-Match": f'"old", W/{etag}'}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"old"'}).status_code == 200


def test_empty_feed_is_304_too(client: Client, section: Section) -> None:
    for path in ("/RL/feed.xml", "/RL/feed.json"):
        etag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_feed_promises_no_time_by_which_it_could_be_missed(client: Client, paper: Paper) -> None:
    response = client.get("/feed.xml")
    assert "Last-Modified" not in response.headers
    later = "Tue, 19 Jan 2038 03:14:07 GMT"
    assert client.get("/feed.xml", headers={"If-Modified-Since": later}).status_code == 200


def changed(client: Client, path: str, etag: str) -> bool:
    return client.get(path, headers={"If-None-Match": etag}).status_code == 200


@EACH
def test_scheduled_paper_that_becomes_due_is_no_304(client: Client, paper: Paper, path: str) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    scheduled = make_paper(paper.section, "Due", publish_at=tomorrow, tags=("MoE",))
    etag = client.get(path).headers["ETag"]
    assert not changed(client, path, etag)
    past = timezone.now() - timedelta(seconds=1)
    Paper.objects.filter(pk=scheduled.pk).update(publish_at=past)  # the clock moves, and nobody writes
    assert changed(client, path, etag)


@EACH
def test_every_change_that_readers_see_is_no_304(
    client: Client, paper: Paper, section: Section, path: str
) -> None:
    etag = client.get(path).headers["ETag"]
    tag = paper.tags.get()
    tag.name = "Mixture of Experts"
    tag.save()
    assert changed(client, path, etag)
    etag = client.get(path).headers["ETag"]
    gone = make_paper(section, "Gone", tags=("MoE",))
    gone.tags.set([tag])
    assert changed(client, path, etag)
    gone.status = "draft"
    gone.save()
    assert not changed(client, path, etag)
