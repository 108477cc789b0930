"""The sitemap lists every public address once; robots.txt keeps crawlers off the admin; /healthz is cheap."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper, make_section
from .reading import Answer, path_of


def places(client: Client, path: str = "/sitemap.xml") -> list[str]:
    return [path_of(url) for url in re.findall("<loc>(.*?)</loc>", client.get(path).content.decode())]


def test_sitemap_lists_every_public_address_once(client: Client, seed: None) -> None:
    found = places(client)
    assert len(found) == len(set(found))
    expected = {section.path for section in Section.objects.all()} | {
        paper.path for paper in Paper.objects.all()
    }
    assert expected <= set(found)
    assert all(path in expected or path.startswith("/tags/") for path in found)


def test_every_address_of_the_sitemap_answers(client: Client, seed: None) -> None:
    assert [path for path in places(client) if client.get(path).status_code != 200] == []


def test_sitemap_is_absolute_escaped_and_dated(client: Client, root: Section) -> None:
    make_paper(make_section("强化学习", parent=root), "a&b")
    text = client.get("/sitemap.xml").content.decode()
    assert f"<loc>http://127.0.0.1:8000{quote('/强化学习/')}a&amp;b.html</loc><lastmod>20" in text
    assert client.get("/sitemap.xml").headers["Content-Type"] == "application/xml"


def lastmods(client: Client) -> dict[str, str]:
    text = client.get("/sitemap.xml").content.decode()
    return {
        path_of(url): day for url, day in re.findall("<loc>([^<]*)</loc><lastmod>([^<]*)</lastmod>", text)
    }


def test_every_address_says_when_it_changed(client: Client, section: Section) -> None:
    paper = make_paper(section, "x", tags=("a",))
    shown, changed = (datetime(2025, month, 2, 12, tzinfo=UTC) for month in (1, 3))
    Paper.objects.filter(pk=paper.pk).update(first_public_at=shown, changed_at=changed)
    Section.objects.update(changed_at=shown)
    assert lastmods(client) == {
        "/": "2025-01-02",
        "/RL/": "2025-01-02",
        "/RL/x.html": "2025-03-02",
        "/tags/a/": "2025-03-02",
    }


def test_paper_that_was_scheduled_changed_when_it_came(client: Client, section: Section) -> None:
    paper = make_paper(section, "x", tags=("a",))
    came = datetime(2025, 3, 2, 12, tzinfo=UTC)
    Paper.objects.filter(pk=paper.pk).update(first_public_at=came, changed_at=came - timedelta(days=9))
    assert [lastmods(client)[path] for path in ("/RL/x.html", "/tags/a/")] == ["2025-03-02"] * 2


def test_tag_does_not_betray_the_change_of_a_draft(client: Client, section: Section) -> None:
    paper = make_paper(section, "x", tags=("a",))
    moment = datetime(2025, 1, 2, 12, tzinfo=UTC)
    Paper.objects.filter(pk=paper.pk).update(first_public_at=moment, changed_at=moment)
    make_paper(section, "draft", tags=("a",), status="draft")
    assert lastmods(client)["/tags/a/"] == "2025-01-02"


def test_sitemap_has_no_draft(
    client: Client, draft_paper: Paper, scheduled_paper: Paper, unpublished_paper: Paper
) -> None:
    make_paper(None, "", status="draft", tags=("secret",))
    assert set(places(client)) == {"/", "/RL/"}


def test_sitemap_of_more_papers_than_one_file_holds_is_an_index(
    client: Client, section: Section, monkeypatch: Any
) -> None:
    from papers import sitemaps

    monkeypatch.setattr(sitemaps._SiteSitemap, "limit", 2)
    for number in range(5):
        make_paper(section, f"p{number}", tags=("a",))
    listed = [path for part in places(client) for path in places(client, part.replace("&amp;", "&"))]
    assert sorted(listed) == sorted(
        ["/", "/RL/", "/tags/a/", *(f"/RL/p{number}.html" for number in range(5))]
    )


def test_sitemap_of_kinds_that_together_are_too_many_is_an_index(
    client: Client, section: Section, monkeypatch: Any
) -> None:
    make_paper(section, "x", tags=("a",))
    monkeypatch.setattr("papers.sitemaps._SiteSitemap.limit", 4)
    assert "<sitemapindex" not in client.get("/sitemap.xml").content.decode()
    monkeypatch.setattr("papers.sitemaps._SiteSitemap.limit", 3)
    index = [place.replace("&amp;", "&") for place in places(client)]
    assert index == [f"/sitemap.xml?section={name}&p=1" for name in ("sections", "papers", "tags")]


def test_sitemap_costs_the_same_few_queries(
    client: Client, section: Section, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        make_paper(section, f"p{number}", tags=(f"t{number}",))
    with django_assert_num_queries(10):
        client.get("/sitemap.xml")
    with django_assert_num_queries(2):
        client.get("/sitemap.xml?section=papers&p=1")


def test_sitemap_page_that_is_not_there_is_404(client: Client, published_paper: Paper) -> None:
    for query in ("p=9", "p=abc", "section=nothing", "section=papers&p=99999999999999999999"):
        assert client.get(f"/sitemap.xml?{query}").status_code == 404, query


def test_robots(client: Client, root: Section) -> None:
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Disallow: /admin/" in response.content.decode()
    assert "Disallow: /-/\nAllow: /-/figures/" in response.content.decode()  # pictures of notes and cards
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in response.content.decode()


def test_a_site_for_trying_things_is_in_no_search_engine(
    wsgi: Callable[..., Answer], settings: Any, published_paper: Paper
) -> None:
    settings.PAPERCACHE_NOINDEX = True
    assert wsgi("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    for path in (
        "/",
        "/RL/2025-07-Public.html",
        "/RL/2025-07-Public.bib",
        "/nothing",
        "/static/papers/icon.svg",
    ):
        assert wsgi(path).headers["X-Robots-Tag"] == "noindex, nofollow"


def test_another_site_is_in_them(wsgi: Callable[..., Answer], root: Section) -> None:
    assert "X-Robots-Tag" not in wsgi("/").headers


def test_health_check_asks_nothing_of_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
