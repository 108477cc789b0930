"""Listings: all papers, tags, a tag, a venue, a month; none of them is there without a published paper."""

from datetime import date

import pytest
from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper
from .reading import canonical, links_in, text_of, texts_of

EACH = pytest.mark.parametrize(
    "path", ["/papers/", "/tags/moe/", "/venues/sosp-2023/", "/2025/", "/2025/07/"]
)


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "One", title="Listed", tags=("MoE",), venue="SOSP 2023", summary="一句话")


@EACH
def test_listing_shows_a_paper_as_lists_do(client: Client, paper: Paper, path: str) -> None:
    response = client.get(path)
    text, links = text_of(response), links_in(response.content.decode())
    for words in ("Listed", "一句话", "SOSP 2023", "2025-07", "强化学习", "MoE", "共 1 篇"):
        assert words in text, words
    paths = {link.partition("?")[0] for link in links}
    assert {"/RL/One.html", "/RL/", "/2025/07/", "/tags/moe/"} <= paths


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/papers/", "全部论文"),
        ("/tags/moe/", "MoE"),
        ("/venues/sosp-2023/", "SOSP 2023"),
        ("/2025/", "2025"),
        ("/2025/07/", "2025-07"),
    ],
)
def test_listing_says_what_of(client: Client, paper: Paper, path: str, title: str) -> None:
    assert texts_of(client.get(path), "h1") == [title]
    assert text_of(client.get(path), "title").startswith(title)


@EACH
def test_newest_first_then_by_slug_downwards(client: Client, section: Section, path: str) -> None:
    for slug, day in (("a", 2), ("b", 1), ("C", 1), ("d", 1)):
        make_paper(section, slug, tags=("moe",), venue="SOSP 2023", published_on=date(2025, 7, day))
    assert texts_of(client.get(path), "h2") == ["a", "d", "b", "C"]


@EACH
def test_drafts_are_neither_listed_nor_counted(
    client: Client, section: Section, paper: Paper, path: str
) -> None:
    for slug in ("draft", "draft2"):
        make_paper(section, slug, tags=("MoE",), venue="SOSP 2023", status="draft")
    assert "共 1 篇" in text_of(client.get(path))


@EACH
def test_pages_follow_one_another(client: Client, section: Section, path: str) -> None:
    for number in range(61):
        make_paper(section, f"p{number:02}", tags=("moe",), venue="SOSP 2023")
    second = client.get(f"{path}?page=2")
    assert texts_of(second, "h2") == [f"p{number:02}" for number in range(30, 0, -1)]
    assert "第 2 / 3 页" in text_of(second)
    assert [
        link for link in links_in(second.content.decode()) if "page=" in link and "canonical" not in link
    ] == [
        f"http://127.0.0.1:8000{path}?page=2",
        "?page=1",
        "?page=3",
    ]


@EACH
@pytest.mark.parametrize(
    "number", ["0", "-1", "2", "abc", "1.0", "", "99999999999999999999", "9" * 5000, "１e3"]
)
def test_page_that_is_not_there_is_404_in_words(client: Client, paper: Paper, path: str, number: str) -> None:
    response = client.get(path, {"page": number})
    assert response.status_code == 404
    assert "page 应为 1 到 1 的整数" in text_of(response)


@pytest.mark.parametrize(
    "path",
    [
        "/tags/nothing/",
        "/venues/nothing/",
        "/2024/",
        "/2024/01/",
        "/2025/13/",
        "/2025/00/",
        "/0000/",
        "/0000/01/",
        "/9999/12/",
        "/2025/7/",
        "/venues/-/",
    ],
)
def test_listing_without_papers_is_404(client: Client, paper: Paper, path: str) -> None:
    assert client.get(path).status_code == 404


def test_tag_venue_and_month_of_drafts_only_are_404(client: Client, section: Section) -> None:
    make_paper(section, "x", tags=("MoE",), venue="SOSP 2023", status="draft")
    for path in ("/tags/moe/", "/venues/sosp-2023/", "/2025/", "/2025/07/"):
        assert client.get(path).status_code == 404, path


def test_month_ends_where_the_next_begins(client: Client, section: Section) -> None:
    for day in (date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 31), date(2025, 8, 1)):
        make_paper(section, day.isoformat(), published_on=day)
    assert texts_of(client.get("/2025/07/"), "h2") == ["2025-07-31", "2025-07-01"]


def test_tags_are_listed_with_their_number_of_published_papers(client: Client, section: Section) -> None:
    make_paper(section, "a", tags=("MoE", "训练"))
    make_paper(section, "b", tags=("MoE",))
    make_paper(section, "c", tags=("MoE", "secret"), status="draft")
    assert texts_of(client.get("/tags/"), "li")[-2:] == ["MoE 2", "训练 1"]
    assert "secret" not in client.get("/tags/").content.decode()


def test_tags_in_other_scripts_and_signs_are_kept_apart(client: Client, section: Section) -> None:
    names = ("强化学习", "C++", "C#", "C", "FP8/INT8", "！")
    make_paper(section, "a", tags=names)
    cloud = client.get("/tags/").content.decode().split("tag-cloud")[1].split("</ul>")[0]
    links = links_in(cloud)
    assert len(set(links)) == len(names)
    assert sorted(texts_of(client.get(link), "h1")[0] for link in links) == sorted(names)


def test_tag_page_announces_its_feed(client: Client, paper: Paper) -> None:
    assert "/tags/moe/feed.xml" in links_in(client.get("/tags/moe/").content.decode())


def test_site_without_papers_has_empty_listings(client: Client, root: Section) -> None:
    assert "共 0 篇" in text_of(client.get("/papers/"))
    assert "还没有标签" in text_of(client.get("/tags/"))


@EACH
def test_canonical_leaves_out_what_does_not_matter(client: Client, paper: Paper, path: str) -> None:
    assert canonical(client.get(f"{path}?utm_source=x&page=1")) == f"http://127.0.0.1:8000{path}"
