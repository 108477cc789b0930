"""A section: its text, its subsections, its papers and those of deeper sections."""

import pytest
from django.test import Client

from papers.models import Paper, Section

from .conftest import make_paper, make_section
from .reading import canonical, links_in, meta, text_of, texts_of


def test_page_shows_title_description_text_and_trail(client: Client, root: Section) -> None:
    top = make_section("llm", parent=root, title="大模型")
    make_section(
        "RL", parent=top, title="强化学习", icon="🎯", description="一句简介", text="## 小节\n\n公式 $x^2$"
    )
    response = client.get("/llm/RL/")
    assert texts_of(response, "h1") == ["🎯 强化学习"]
    assert meta(response, "description") == ["一句简介"]
    assert "一句简介" in text_of(response)
    assert b"<math" in response.content
    assert text_of(response, "ol") == "首页 大模型"
    assert text_of(response, "title") == "强化学习 · PaperCache"


def test_papers_of_deeper_sections_are_listed_newest_first(client: Client, section: Section) -> None:
    make_paper(make_section("deep", parent=section), "2025-b", title="B")
    make_paper(section, "2025-a", title="A")
    assert texts_of(client.get("/RL/"), "h2") == ["B", "A"]


def test_neighbours_with_the_same_beginning_are_not_listed(
    client: Client, root: Section, section: Section
) -> None:
    for slug in ("RL2", "RL-x", "R"):
        make_paper(make_section(slug, parent=root), "other")
    assert texts_of(client.get("/RL/"), "h2") == []


def test_subsections_are_listed_in_their_order(client: Client, section: Section) -> None:
    make_section("b", parent=section, title="B", position=1)
    make_section("a", parent=section, title="A", position=2, description="关于 A")
    links = links_in(client.get("/RL/").content.decode())
    assert [link for link in links if link in ("/RL/a/", "/RL/b/")] == ["/RL/b/", "/RL/a/"]
    assert "关于 A" in text_of(client.get("/RL/"))


def test_section_without_papers_is_a_page(client: Client, root: Section) -> None:
    make_section("about", parent=root, title="关于", text="我们")
    text = text_of(client.get("/about/"))
    assert "我们" in text
    assert "篇" not in text
    assert "还没有论文" not in text


def test_section_with_nothing_at_all_says_so(client: Client, section: Section) -> None:
    assert "还没有论文" in text_of(client.get("/RL/"))
    make_paper(section, "one")
    assert "还没有论文" not in text_of(client.get("/RL/"))


def test_paper_list_stands_where_the_text_asks_for_it_and_only_there(
    client: Client, section: Section
) -> None:
    section.text = "前文\n\n[[papers]]\n\n后文"
    section.save()
    make_paper(section, "x", title="Once")
    text = text_of(client.get("/RL/"))
    assert text.count("Once") == 1
    assert text.index("前文") < text.index("Once") < text.index("后文")


def test_drafts_are_neither_listed_nor_counted(
    client: Client,
    published_paper: Paper,
    draft_paper: Paper,
    scheduled_paper: Paper,
    unpublished_paper: Paper,
) -> None:
    assert "共 1 篇" in text_of(client.get("/RL/"))
    assert texts_of(client.get("/RL/"), "h2") == ["Public Paper"]


def test_list_comes_in_pages_of_thirty(client: Client, section: Section) -> None:
    for number in range(31):
        make_paper(section, f"p{number:02}")
    assert "第 1 / 2 页" in text_of(client.get("/RL/"))
    assert texts_of(client.get("/RL/?page=2"), "h2") == ["p00"]


@pytest.mark.parametrize(
    ("path", "true"), [("/RL/", "/RL/"), ("/RL/?utm=1", "/RL/"), ("/RL/?page=2", "/RL/?page=2"), ("/", "/")]
)
def test_canonical_is_the_one_true_address(client: Client, section: Section, path: str, true: str) -> None:
    for number in range(31):
        make_paper(section, f"p{number}")
    assert canonical(client.get(path)) == f"http://127.0.0.1:8000{true}"


def test_canonical_of_a_chinese_path_is_percent_encoded(client: Client, root: Section) -> None:
    make_section("强化", parent=root)
    assert canonical(client.get("/强化/")) == "http://127.0.0.1:8000/%E5%BC%BA%E5%8C%96/"


@pytest.mark.parametrize(
    "number", ["0", "-1", "3", "abc", "1.5", "", "99999999999999999999", "9" * 5000, "%00x"]
)
def test_page_that_is_not_there_is_refused_in_words(
    client: Client, published_paper: Paper, number: str
) -> None:
    response = client.get(f"/RL/?page={number}")
    assert response.status_code == (400 if "%00" in number else 404)
    if response.status_code == 404:
        assert "page 应为 1 到 1 的整数" in text_of(response)


def test_only_editors_see_the_edit_link(client: Client, editor_client: Client, section: Section) -> None:
    assert f"/admin/papers/section/{section.pk}/change/" in links_in(
        editor_client.get("/RL/").content.decode()
    )
    assert "/admin/" not in client.get("/RL/").content.decode()


def test_sections_marked_so_are_in_the_navigation_of_every_page(client: Client, root: Section) -> None:
    make_section("about", parent=root, title="关于", in_navigation=True)
    make_section("hidden", parent=root, title="不在导航")
    for path in ("/", "/papers/", "/nothing"):
        navigation = next(text for text in texts_of(client.get(path), "nav") if "全部论文" in text)
        assert "关于" in navigation
        assert "不在导航" not in navigation


def test_markup_in_titles_is_shown_as_typed(client: Client, root: Section) -> None:
    make_section("x", parent=root, title="<b>A & B</b>", description="<script>", in_navigation=True)
    response = client.get("/x/")
    assert texts_of(response, "h1") == ["<b>A & B</b>"]
    assert b"<script>" not in response.content
