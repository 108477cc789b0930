"""What pages say of themselves to Zotero, search engines and sites that show a card of them."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from papers import structured_data
from papers.citations import Reference
from papers.figures import store
from papers.models import Paper, Section
from papers.rendering import script_json

from .conftest import make_paper
from .drawing import picture
from .reading import attributes_of, canonical, meta, text_of
from .test_paper_page import RECORD

BASE = "http://127.0.0.1:8000"
EVERY_KIND = pytest.mark.parametrize(
    "path",
    ["/", "/RL/", "/RL/Full.html", "/papers/", "/tags/", "/tags/moe/", "/venues/sosp-2023/", "/2025/07/"],
)


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "Full", uid="full", tags=("MoE", "训练"), notes="正文", **RECORD)


def properties(response: Any, name: str) -> list[str]:
    return [tag["content"] for tag in attributes_of(response, "meta") if tag.get("property") == name]


def data_of(response: Any) -> dict[str, Any]:
    (text,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    return json.loads(text)


# --- OpenGraph --------------------------------------------------------------------------------------------


@EVERY_KIND
def test_every_kind_of_page_makes_a_card(client: Client, paper: Paper, path: str) -> None:
    response = client.get(path)
    assert properties(response, "og:url") == [canonical(response)] == [BASE + path]
    assert properties(response, "og:site_name") == ["PaperCache"]
    assert properties(response, "og:locale") == ["zh_CN"]
    assert meta(response, "twitter:card") == ["summary"]
    (title,), (kind,) = properties(response, "og:title"), properties(response, "og:type")
    assert title
    assert kind == ("article" if path.endswith(".html") else "website")
    assert properties(response, "og:description") == meta(response, "description") != []


def test_card_of_a_paper_is_that_of_the_note(client: Client, paper: Paper) -> None:
    response = client.get("/RL/Full.html")
    assert properties(response, "og:title") == ["Site Title"]
    assert properties(response, "og:description") == ["一句话摘要"]
    assert properties(response, "article:section") == ["强化学习"]
    assert properties(response, "article:tag") == ["MoE", "训练"]
    (published,), (modified,) = (
        properties(response, f"article:{name}_time") for name in ("published", "modified")
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00", published)
    assert published <= modified


def test_note_without_summary_is_described_by_its_first_words(client: Client, section: Section) -> None:
    make_paper(section, "x", notes="## 标题\n\n" + "正文" * 200)
    (described,) = meta(client.get("/RL/x.html"), "description")
    assert described.startswith("标题")
    assert len(described) == 150


def test_first_picture_of_the_note_is_on_the_card(client: Client, section: Section) -> None:
    avif, png = store(picture("avif")), store(picture("png", colour=7))
    notes = f'![a](/-/figures/{avif.name})\n\n![图 "一" <b>](/-/figures/{png.name})'
    make_paper(section, "x", notes=notes)
    response = client.get("/RL/x.html")
    assert properties(response, "og:image") == [f"{BASE}/-/figures/{png.name}"]
    assert properties(response, "og:image:alt") == ['图 "一" <b>']
    assert (properties(response, "og:image:width"), properties(response, "og:image:height")) == (
        ["40"],
        ["20"],
    )
    assert data_of(response)["image"] == f"{BASE}/-/figures/{png.name}"


def test_note_without_a_picture_claims_none(client: Client, paper: Paper) -> None:
    assert properties(client.get("/RL/Full.html"), "og:image") == []


@pytest.mark.parametrize("path", ["/nothing", "/-/language/"])
def test_page_that_is_not_to_be_shared_makes_no_card(client: Client, paper: Paper, path: str) -> None:
    assert properties(client.get(path), "og:title") == []


def test_draft_makes_no_card(editor_client: Client, draft_paper: Paper) -> None:
    html = editor_client.get(draft_paper.get_absolute_url()).content.decode()
    assert not re.search("og:|ld\\+json|alternate[^>]*markdown", html)


# --- citation_* tags --------------------------------------------------------------------------------------


def test_zotero_gets_the_paper_and_not_the_note(client: Client, paper: Paper) -> None:
    response = client.get("/RL/Full.html")
    assert meta(response, "citation_title") == ["Published Title"]
    assert meta(response, "citation_author") == ["Woosuk Kwon", "Zhuohan Li"]
    assert meta(response, "citation_conference_title") == [RECORD["venue_full"]]
    assert meta(response, "prism.publicationName") == [RECORD["venue_full"]]
    assert meta(response, "citation_publication_date") == ["2023"]
    assert meta(response, "citation_arxiv_id") == ["2309.06180"]
    assert meta(response, "citation_doi") == [RECORD["doi"]]
    assert meta(response, "citation_pdf_url") == ["https://arxiv.org/pdf/2309.06180"]
    assert meta(response, "citation_public_url") == ["https://example.org/paper"]


def test_year_of_a_preprint_is_that_of_its_first_posting(client: Client, section: Section) -> None:
    paper = make_paper(section, "x", first_posted="2023-09", arxiv_id="2309.06180")
    assert meta(client.get("/RL/x.html"), "citation_publication_date") == ["2023"]
    assert paper.reference().year == 2023


def test_only_papers_have_citation_tags(client: Client, paper: Paper) -> None:
    for path in ("/", "/RL/", "/papers/", "/tags/moe/", "/search/?q=Title"):
        assert "citation_title" not in client.get(path).content.decode(), path


def test_organisation_in_braces_is_shown_without_them(client: Client, section: Section) -> None:
    make_paper(section, "x", authors="{Google DeepMind}\nHal Daumé III")
    response = client.get("/RL/x.html")
    assert meta(response, "citation_author") == ["Google DeepMind", "Hal Daumé III"]
    assert text_of(response, "dd") == "Google DeepMind, Hal Daumé III"
    assert client.get("/RL/x.json").json()["authors"] == ["Google DeepMind", "Hal Daumé III"]


# --- JSON-LD ----------------------------------------------------------------------------------------------


def test_page_is_a_review_of_a_scholarly_article(client: Client, paper: Paper) -> None:
    review = data_of(client.get("/RL/Full.html"))
    assert (review["@context"], review["@type"]) == ("https://schema.org", "Review")
    assert (review["name"], review["description"]) == ("Site Title", "一句话摘要")
    assert (review["@id"], review["url"]) == (f"{BASE}/p/full/", f"{BASE}/RL/Full.html")
    assert review["keywords"] == ["MoE", "训练"]
    assert review["author"]["name"] == review["publisher"]["name"] == "PaperCache"
    assert review["datePublished"] <= review["dateModified"]


def test_article_is_the_paper_as_published(client: Client, paper: Paper) -> None:
    article = data_of(client.get("/RL/Full.html"))["itemReviewed"]
    assert (article["@type"], article["name"]) == ("ScholarlyArticle", "Published Title")
    assert [author["familyName"] for author in article["author"]] == ["Kwon", "Li"]
    assert article["isPartOf"] == {"@type": "PublicationVolume", "name": RECORD["venue_full"]}
    assert (article["datePublished"], article["pagination"]) == ("2023", "611-626")
    assert {part["propertyID"]: part["value"] for part in article["identifier"]} == {
        "DOI": RECORD["doi"],
        "arXiv": "2309.06180",
    }
    assert article["sameAs"] == [
        "https://example.org/paper",
        "https://doi.org/10.1145/3600006.3613165",
        "https://arxiv.org/abs/2309.06180",
    ]


def test_what_is_not_known_is_not_said() -> None:
    bare = structured_data.scholarly_article(Reference(uid="x", bibtex_type="misc", title="T"))
    assert bare == {"@type": "ScholarlyArticle", "name": "T"}


def test_team_is_an_organization() -> None:
    reference = Reference(uid="x", bibtex_type="misc", title="T", authors=("Qwen Team",))
    assert structured_data.scholarly_article(reference)["author"] == [
        {"@type": "Organization", "name": "Qwen Team"}
    ]


@pytest.mark.parametrize(
    "title",
    ["</script><script>alert(1)</script>", "<!--<script>", "a\u2028b\u2029c", 'a"b\\c', "&quot;&amp;"],
)
def test_data_cannot_break_out_of_its_element(client: Client, section: Section, title: str) -> None:
    make_paper(section, "x", title=title, summary=title)
    response = client.get("/RL/x.html")
    review = data_of(response)
    assert (review["name"], review["description"]) == (title, title)
    inside = response.content.decode().split("ld+json")[1].split("</script>")[0][2:]
    assert not re.search("[<>&\u2028\u2029]", inside)


@settings(database=None, deadline=None)
@given(
    st.recursive(
        st.text(), lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3)
    )
)
def test_json_comes_back_as_it_went_in(value: Any) -> None:
    text = str(script_json(value))
    assert json.loads(text) == value
    assert not re.search("[<>&\u2028\u2029]", text)


# --- Other forms of a page --------------------------------------------------------------------------------


def test_head_links_to_the_other_forms_of_a_paper(client: Client, paper: Paper) -> None:
    links = attributes_of(client.get("/RL/Full.html"), "link")
    twins = {
        link["type"]: link["href"]
        for link in links
        if link.get("rel") == "alternate" and "Full" in link["href"]
    }
    assert twins == {
        "text/markdown": "/RL/Full.md",
        "application/json": "/RL/Full.json",
        "application/x-bibtex": "/RL/Full.bib",
        "application/x-research-info-systems": "/RL/Full.ris",
    }


@EVERY_KIND
def test_head_of_every_page_leads_to_a_feed(client: Client, paper: Paper, path: str) -> None:
    links = attributes_of(client.get(path), "link")
    feeds = [link["href"] for link in links if re.search(r"atom\+xml|feed\+json", link.get("type", ""))]
    place = path if path in ("/RL/", "/tags/moe/") else "/"
    assert feeds == [f"{place}feed.xml", f"{place}feed.json"]
    assert [client.get(feed).status_code for feed in feeds] == [200, 200]
