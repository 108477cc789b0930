"""The search page: marked excerpts, facets over the results, orders, help, and what to try where nothing is found."""

import pytest
from django.test import Client

from papers.models import Section

from .conftest import make_paper, make_section
from .reading import attributes_of, links_in, meta, text_of, texts_of


@pytest.fixture(autouse=True)
def papers(root: Section, section: Section) -> None:
    llm = make_section("llm", root, "大模型", uid="llm")
    make_paper(
        section,
        "a",
        title="推理加速",
        tags=("MoE",),
        venue="SOSP 2023",
        notes="## 方法\n\n第一句。\n\n缓存 <b>共享</b>",
    )
    make_paper(
        llm,
        "b",
        title="Second",
        tags=("MoE", "KV 缓存"),
        notes="## 背景\n\n讲推理。\n\n## 方法\n\n还是缓存。",
    )
    make_paper(llm, "c", title="Third", summary="推理综述", venue="OSDI 2024")
    make_paper(llm, "hidden", title="推理草稿", status="draft")


def search(client: Client, query: str) -> str:
    response = client.get(f"/search/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_results_are_ordered_by_where_the_words_stand(client: Client) -> None:
    assert texts_of(client.get("/search/?q=推理"), "h2") == ["推理加速", "Third", "Second"]
    assert "找到 3 篇" in text_of(client.get("/search/?q=推理"))


def test_hits_are_marked_in_the_excerpt(client: Client) -> None:
    assert "推理" in texts_of(client.get("/search/?q=推理 second"), "mark")


def test_an_excerpt_is_text(client: Client) -> None:
    make_paper(Section.objects.get(uid="llm"), "x", title="X", notes="`<script>alert(1)</script> needle`")
    page = search(client, "q=needle")
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_an_excerpt_leads_to_its_place_in_the_note(client: Client) -> None:
    link = next(
        link for link in links_in(search(client, "q=还是缓存")) if "/llm/b.html" in link and "#" in link
    )
    path, _mark, anchor = link.partition("#")
    assert anchor in {tag["id"] for tag in attributes_of(client.get(path), "h2") if "id" in tag}


def test_facets_count_the_results(client: Client) -> None:
    text = text_of(client.get("/search/?q=推理"))
    for value in ("大模型 2", "强化学习 1", "MoE 2", "KV 缓存 1", "SOSP 2023 1", "OSDI 2024 1"):
        assert value in text, value


def test_facets_narrow_the_results(client: Client) -> None:
    links = [link for link in links_in(search(client, "q=推理")) if "section=llm" in link]
    assert links == ["/search/?q=%E6%8E%A8%E7%90%86&section=llm"]
    assert texts_of(client.get(links[0]), "h2") == ["Third", "Second"]


def test_filters_may_be_typed_and_chosen_together(client: Client) -> None:
    assert texts_of(client.get("/search/?q=推理 tag:MoE&section=llm"), "h2") == ["Second"]


def test_results_have_other_orders(client: Client) -> None:
    assert texts_of(client.get("/search/?q=推理&sort=title"), "h2") == ["Second", "Third", "推理加速"]
    assert texts_of(client.get("/search/?q=推理&sort=month"), "h2") == ["Third", "Second", "推理加速"]


def test_results_have_pages(client: Client, section: Section) -> None:
    for number in range(31):
        make_paper(section, f"n{number:02}", title=f"Needle {number}")
    assert len(texts_of(client.get("/search/?q=needle&page=2"), "h2")) == 1
    assert client.get("/search/?q=needle&page=3").status_code == 404


def test_the_form_keeps_what_is_chosen(client: Client) -> None:
    kept = {
        tag["name"]: tag["value"]
        for tag in attributes_of(client.get("/search/?q=推理&section=llm&sort=title"), "input")
        if tag.get("type") == "hidden"
    }
    assert (kept["section"], kept["sort"]) == ("llm", "title")


def test_search_engines_may_keep_what_was_found_only(client: Client) -> None:
    assert meta(client.get("/search/?q=推理"), "robots") == []
    assert meta(client.get("/search/?q=nothing"), "robots") == ["noindex"]


def test_help_is_one_click_away(client: Client) -> None:
    assert "怎么写搜索词" in text_of(client.get("/search/"))
    assert "venue:SOSP" in text_of(client.get("/search/?q=x"))


@pytest.mark.parametrize("query", ["year=abc", "section=nothing", "tag=nothing", "sort=x", "since=x"])
def test_a_facet_that_makes_no_sense_is_answered_in_a_sentence(client: Client, query: str) -> None:
    response = client.get(f"/search/?q=推理&{query}")
    assert response.status_code == 400
    assert len(texts_of(response, "h2")) == 0
    assert "去掉全部条件" in text_of(response)


def test_facets_without_words_are_all_papers(client: Client) -> None:
    assert client.get("/search/?q=&section=llm")["Location"] == "/papers/?section=llm"
    assert (
        client.get("/papers/?q=推理&section=llm")["Location"] == "/search/?q=%E6%8E%A8%E7%90%86&section=llm"
    )


# --- Nothing found ----------------------------------------------------------------------------------------


def hints(client: Client, query: str) -> str:
    text = text_of(client.get(f"/search/?{query}"))
    return text.partition("没有找到")[2]


def test_the_query_without_its_rarest_word_is_offered(client: Client) -> None:
    assert "少一个词：推理" in hints(client, "q=推理 nosuchword")
    assert "少一个词" not in hints(client, "q=nosuchword")


def test_the_query_without_filters_is_offered(client: Client) -> None:
    assert "去掉筛选：Third" in hints(client, "q=Third&tag=moe")
    assert "去掉筛选" not in hints(client, "q=nosuchword&tag=moe")


def test_near_tags_are_offered(client: Client) -> None:
    assert "相近的标签：MoE" in hints(client, "q=MoEx")


def test_near_titles_are_offered(client: Client) -> None:
    make_paper(Section.objects.get(uid="llm"), "x", title="Scaling Transformers")
    assert "相近的标题：Scaling Transformers" in hints(client, "q=transformers nosuchword")


def test_hints_know_nothing_of_drafts(client: Client) -> None:
    assert "草稿" not in hints(client, "q=推理草稿 nosuchword").partition("”")[2]


# --- The palette ------------------------------------------------------------------------------------------


def test_the_palette_gets_the_first_results_as_options(client: Client) -> None:
    response = client.get("/-/search/?q=推理")
    options = [link["href"] for link in attributes_of(response, "a") if link.get("role") == "option"]
    assert [link.partition("?")[0] for link in options] == [
        "/RL/a.html",
        "/llm/c.html",
        "/llm/b.html",
        "/search/",
    ]


def test_the_palette_says_that_nothing_was_found(client: Client) -> None:
    assert 'data-status="没有找到"' in client.get("/-/search/?q=nosuchword").content.decode()


@pytest.mark.parametrize(
    ("query", "status"), [("", 200), ("q=", 200), ("q=" + "x" * 201, 400), ("q=x&year=a", 400)]
)
def test_the_palette_answers_anything(client: Client, query: str, status: int) -> None:
    response = client.get(f"/-/search/?{query}")
    assert response.status_code == status
    assert "role" not in response.content.decode()


def test_every_page_has_the_palette_closed(client: Client) -> None:
    for path in ("/", "/papers/", "/RL/a.html", "/nothing"):
        (palette,) = (dialog for dialog in attributes_of(client.get(path), "dialog") if "data-url" in dialog)
        assert ("open" in palette, palette["data-url"]) == (False, "/-/search/"), path
