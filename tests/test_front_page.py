"""The front page says everything that the seed's page said, in its order, and all of it can be edited."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from papers import pages
from papers.models import Paper, Section

from .conftest import make_paper, make_section
from .reading import attributes_of, links_in, meta, text_of, texts_of, words_of_markdown

_FRONT_MATTER, SEED = (Path(__file__).parent / "data" / "seed-index.md").read_text().split("---\n", 2)[1:]
LINES = [line for line in SEED.splitlines() if line.strip() and line.strip() != "---"]
PAPERS = re.findall(r"^- \*\*\[(\S+)\] \[(.+)\]\((/\S+)\)\*\* - (.+)$", SEED, re.MULTILINE)


def change(thing: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.save()


# --- The seed ---------------------------------------------------------------------------------------------


def test_every_line_of_the_seed_is_there_in_its_order(client: Client, seed: None) -> None:
    text, position = text_of(client.get("/")), 0
    for line in LINES:
        for words in re.split(r" - (?!.*\]\()", words_of_markdown(line)):
            found = text.find(words, position)
            assert found >= 0, f"{words} is not on the page after …{text[max(0, position - 40) : position]}"
            position = found + len(words)


def test_every_heading_of_the_seed_keeps_its_level(client: Client, seed: None) -> None:
    response = client.get("/")
    for level in (1, 2, 3):
        typed = [words_of_markdown(line) for line in LINES if line.startswith("#" * level + " ")]
        assert texts_of(response, f"h{level}") == typed


def test_every_paper_line_has_its_date_title_address_and_summary(client: Client, seed: None) -> None:
    html = client.get("/").content.decode()
    main = html.split("<main")[1].split("</main>")[0]
    rows = [
        re.sub(r"<[^>]+>|\s+", " ", row)
        for row in re.findall(r"<li>(?:(?!<li>).)*?\.html(?:.)*?</li>", main, re.DOTALL)
    ]
    assert len(PAPERS) == len(rows) == 23
    for (month, title, _path, summary), row in zip(PAPERS, rows, strict=True):
        assert [part in " ".join(row.split()) for part in (f"[{month}]", title, summary)] == [True] * 3, row


def test_every_paper_answers_at_its_original_path(client: Client, seed: None) -> None:
    linked = [link for link in links_in(client.get("/").content.decode()) if link.endswith(".html")]
    assert linked == [path for _date, _title, path, _summary in PAPERS]
    assert [path for path in linked if client.get(path).status_code != 200] == []


def test_bold_words_of_the_seed_are_bold(client: Client, seed: None) -> None:
    bold = texts_of(client.get("/"), "strong")
    typed = re.findall(r"\*\*([^*\[\n]+)\*\*", SEED)
    assert [words for words in typed if words not in bold] == []


def test_title_and_description_are_those_of_the_front_matter(client: Client, seed: None) -> None:
    front_matter = yaml.safe_load(_FRONT_MATTER)
    response = client.get("/")
    assert text_of(response, "title") == front_matter["title"]
    assert meta(response, "description") == [front_matter["description"]]


def test_about_page_has_the_seeds_sentences_about_the_site(client: Client, seed: None) -> None:
    assert "/about/" in links_in(client.get("/").content.decode())
    text = text_of(client.get("/about/"))
    assert (
        "PaperCache 是一个为深度学习、机器学习和人工智能爱好者、研究人员和实践者提供的综合资源中心。" in text
    )
    assert "本集合持续更新AI和机器学习领域的最新研究和见解。" in text


def test_topics_lead_to_their_sections(client: Client, seed: None) -> None:
    links = links_in(client.get("/").content.decode())
    assert {"/llm/", "/llm/algorithm/", "/llm/engineering/", "/diffusion/", "/mlsys/"} <= set(links)
    for path in ("/llm/", "/llm/algorithm/", "/diffusion/", "/mlsys/"):
        assert client.get(path).status_code == 200


def test_page_speaks_chinese_and_offers_its_feeds(client: Client, seed: None) -> None:
    response = client.get("/")
    assert attributes_of(response, "html")[0]["lang"] == "zh-CN"
    types = {link.get("type") for link in attributes_of(response, "link")}
    assert {"application/atom+xml", "application/feed+json"} <= types


# --- Editing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uid", "fields", "shown"),
    [
        ("root", {"text": "# 新的欢迎\n\n[[papers]]"}, "新的欢迎"),
        ("llm", {"title": "大模型"}, "🤖 大模型"),
        ("diffusion", {"icon": "🌊"}, "🌊 扩散模型"),
        ("llm-algorithm", {"text": "- **新方向**: 稀疏"}, "新方向: 稀疏"),
        ("llm-inference", {"title": "推理与服务"}, "推理与服务"),
    ],
)
def test_edited_section_shows_at_once(
    client: Client, seed: None, uid: str, fields: dict[str, str], shown: str
) -> None:
    change(Section.objects.get(uid=uid), **fields)
    assert shown in text_of(client.get("/"))


def test_edited_title_and_description_show_in_the_head(client: Client, seed: None) -> None:
    change(Section.objects.get(uid="root"), title="新站名", description="新简介")
    response = client.get("/")
    assert (text_of(response, "title"), meta(response, "description")) == ("新站名", ["新简介"])


def test_edited_summary_shows_at_once(client: Client, seed: None) -> None:
    change(Paper.objects.get(uid="orca"), summary="换过的一句话", title="Orca!", day_known=True)
    assert "[2022-07-01] Orca! 换过的一句话" in text_of(client.get("/"))


def test_order_of_headings_can_be_edited(client: Client, seed: None) -> None:
    change(Section.objects.get(uid="mlsys"), index_position=1)
    headings = texts_of(client.get("/"), "h3")
    assert headings[2:4] == ["机器学习系统", "推理优化"]


# --- The paper list ---------------------------------------------------------------------------------------


@pytest.fixture
def front(root: Section) -> Section:
    change(root, text="[[papers]]")
    return root


def headings_with_papers(client: Client) -> list[tuple[str, list[str]]]:
    html = client.get("/").content.decode()
    groups = re.findall(r'<section class="index-group">(.*?)</section>', html, re.DOTALL)
    plain = [
        [re.sub(r"<[^>]+>", "", part).strip() for part in re.findall(r"<(?:h3|a)[ >].*?</(?:h3|a)>", group)]
        for group in groups
    ]
    return [
        (re.sub(r".*>", "", first), [title for title in rest if title != first]) for first, *rest in plain
    ]


def test_papers_of_deeper_sections_fall_under_the_nearest_heading(client: Client, front: Section) -> None:
    top = make_section("top", parent=front, title="Top", index_position=1)
    deep = make_section("deep", parent=make_section("middle", parent=top))
    own = make_section("own", parent=top, title="Own", index_position=2)
    for section, slug in ((top, "at-top"), (deep, "at-deep"), (own, "at-own")):
        make_paper(section, slug)
    assert headings_with_papers(client) == [("Top", ["at-top", "at-deep"]), ("Own", ["at-own"])]


def test_papers_without_any_heading_come_last(client: Client, front: Section) -> None:
    make_paper(make_section("a", parent=front), "lost")
    make_paper(make_section("b", parent=front, title="B", index_position=1), "listed")
    assert headings_with_papers(client) == [("B", ["listed"]), ("其他", ["lost"])]


def test_heading_without_papers_is_not_shown(client: Client, front: Section) -> None:
    section = make_section("a", parent=front, title="Empty", index_position=1)
    make_paper(section, "secret", status="draft")
    assert headings_with_papers(client) == []
    assert "还没有论文" in text_of(client.get("/"))


def test_long_heading_shows_the_newest_twenty_and_a_way_to_the_rest(client: Client, front: Section) -> None:
    section = make_section("a", parent=front, title="Long", index_position=1)
    deep = make_section("deep", parent=section)
    for number in range(25):
        make_paper(deep if number % 2 else section, f"p{number:02}")
    ((_heading, shown),) = headings_with_papers(client)
    assert shown[:20] == [f"p{number:02}" for number in range(24, 4, -1)]
    assert "更多 →" in text_of(client.get("/"))


def test_papers_mark_in_a_sentence_stays_as_typed(client: Client, root: Section) -> None:
    change(root, text="Here are [[papers]] of ours.")
    assert "Here are" in text_of(client.get("/"))
    assert "index-group" not in client.get("/").content.decode()


def test_site_without_any_section_is_404_and_not_500(client: Client, db: None) -> None:
    assert client.get("/").status_code == 404


@pytest.mark.parametrize("at_a_time", [1, 2, 300])
def test_papers_of_all_sections_stand_in_one_order(
    root: Section, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    """Of one day as well, and of sections with more papers than are shown."""
    monkeypatch.setattr(pages, "SECTIONS", at_a_time)
    monkeypatch.setattr(pages, "INDEX_SIZE", 3)
    for section in (make_section(slug, root) for slug in ("one", "two", "three")):
        for number in range(5):
            status = "draft" if number == 4 else "published"
            make_paper(
                section,
                f"{number}-{section.slug}",
                published_on=date(2025, 7, 1 + number // 2),
                status=status,
            )
    [heading] = pages.index(pages.Tree())
    assert heading.papers == list(Paper.objects.published().newest_first()[:3])
    assert heading.has_more
