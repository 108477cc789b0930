"""All papers: what narrows them, how many stand behind each value, their orders, and the address of every choice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from papers import columns, counting, derived, facets, totals
from papers.facets import Choice
from papers.models import Paper, Section, Tag

from .conftest import made_once, make_paper, make_root, make_section
from .reading import attributes_of, canonical, links_in, text_of, texts_of


@pytest.fixture
def shelf(db: None) -> dict[str, Section]:
    made_once(make_four)
    return {section.uid: section for section in Section.objects.exclude(parent=None)}


def make_four() -> None:
    """Papers under two sections, one of them below the other."""
    root = Section.objects.get(pk=make_root())
    llm = make_section("llm", root, "大模型", uid="llm", position=1)
    inference = make_section("inference", llm, "推理", uid="inference")
    rl = make_section("RL", root, "强化学习", uid="rl", position=2)
    make_paper(llm, "a", tags=("MoE", "训练"), venue="SOSP 2023", published_on=date(2023, 5, 1), title="beta")
    make_paper(inference, "b", tags=("MoE",), venue="OSDI 2024", published_on=date(2024, 6, 1), title="Gamma")
    make_paper(
        inference, "c", tags=("缓存",), venue="SOSP 2023", published_on=date(2024, 7, 1), title="alpha"
    )
    make_paper(rl, "d", tags=("训练",), published_on=date(2025, 1, 1), title="Delta")


def found(query: str) -> str:
    return "".join(paper.slug for paper in facets.papers_of(QueryDict(query)))


def became_public(slug: str, moment: datetime) -> None:
    paper = Paper.objects.get(slug=slug)
    paper.first_public_at = moment
    derived.write(paper)
    derived.raise_generation()


# --- What is found ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", "dcba"),
        ("section=llm", "cba"),
        ("section=inference", "cb"),
        ("tag=moe", "ba"),
        ("tag=moe&tag=训练", "a"),
        ("tag=moe&tag=训练&tags=any", "dba"),
        ("tag=moe&tag=训练&tags=all", "a"),
        ("venue=sosp-2023", "ca"),
        ("venue=SOSP-2023", "ca"),
        ("year=2024", "cb"),
        ("month=2024-06", "b"),
        ("section=inference&tag=moe&venue=osdi-2024&year=2024", "b"),
        ("section=inference&year=2025", ""),
        ("section=nothing", ""),
        ("tag=nothing", ""),
        ("sort=title", "cadb"),
        ("sort=title&section=llm", "cab"),
    ],
)
def test_a_query_string_names_papers(shelf: dict[str, Section], query: str, slugs: str) -> None:
    assert found(query) == slugs


@pytest.mark.parametrize(
    "query", ["year=abc", "year=20255", "since=yesterday", "since=0001-01-01", "sort=x", "tags=x", "month=1"]
)
def test_a_query_string_that_makes_no_sense_names_no_paper(shelf: dict[str, Section], query: str) -> None:
    assert found(query) == ""


def test_drafts_and_scheduled_papers_are_not_found(shelf: dict[str, Section]) -> None:
    make_paper(shelf["rl"], "e", tags=("MoE",), status="draft")
    make_paper(shelf["rl"], "f", tags=("MoE",), publish_at=timezone.now() + timedelta(days=1))
    assert found("tag=moe") == "ba"


def test_since_a_day_begins_at_midnight_of_the_sites_time_zone(shelf: dict[str, Section]) -> None:
    became_public("a", datetime(2025, 5, 31, 15, 59, tzinfo=UTC))
    became_public("b", datetime(2025, 5, 31, 16, 0, tzinfo=UTC))  # midnight in Shanghai
    assert found("since=2025-06-01") == "dcb"


def test_newest_notes_come_first(shelf: dict[str, Section]) -> None:
    for hours, slug in enumerate("cadb"):
        became_public(slug, datetime(2025, 1, 1, hours, tzinfo=UTC))
    assert found("sort=newest") == "bdac"


def test_papers_that_most_notes_cite_come_first(shelf: dict[str, Section]) -> None:
    for slug in ("x", "y"):
        make_paper(
            shelf["rl"],
            slug,
            notes="【1，beta，2023，SOSP】【2，beta，2023，SOSP】",
            published_on=date(2022, 1, 1),
        )
    make_paper(shelf["rl"], "z", notes="[[Gamma]]", published_on=date(2022, 1, 1))
    assert found("sort=cited") == "abdczyx"


def test_citations_of_drafts_of_oneself_and_by_shared_names_do_not_count(shelf: dict[str, Section]) -> None:
    make_paper(shelf["rl"], "x", notes="[[beta]]", status="draft")
    make_paper(shelf["rl"], "y", notes="[[y]] [[alpha]]", published_on=date(2022, 1, 1))
    make_paper(shelf["rl"], "z", title="alpha", published_on=date(2022, 1, 1))
    assert found("sort=cited") == "dcbazy"


def checked(slug: str) -> None:
    """Somebody has compared the note with its paper."""
    paper = Paper.objects.get(slug=slug)
    paper.review_state = "reviewed"
    paper.save()


def test_papers_whose_notes_were_checked_or_not(shelf: dict[str, Section]) -> None:
    checked("b")
    assert found("review=reviewed") == "b"
    assert found("review=unreviewed") == "dca"
    assert found("review=unreviewed&section=inference") == "c"
    assert found("review=perhaps") == ""


def test_of_each_review_the_papers_are_counted(client: Client, shelf: dict[str, Section]) -> None:
    checked("b")
    for query, expected in (
        ("", {"reviewed": 1, "unreviewed": 3}),
        ("review=reviewed", {"reviewed": 1, "unreviewed": 3}),
        ("section=inference", {"reviewed": 1, "unreviewed": 1}),
        ("tag=训练", {"unreviewed": 2}),
    ):
        choice, _problems = facets.read(QueryDict(query))
        subtree = {shelf["inference"].pk} if choice.section else ()
        assert counting.count(choice, subtree).reviews == expected


def test_of_a_review_only_its_papers_are_counted(shelf: dict[str, Section]) -> None:
    checked("b")
    counts = counting.count(Choice(review="reviewed"))
    assert (counts.total, counts.tags, counts.years) == (1, {"moe": 1}, {2024: 1})


def test_the_facet_of_reviews_is_of_use(client: Client, shelf: dict[str, Section]) -> None:
    assert "review=" not in client.get("/papers/").content.decode()
    checked("b")
    assert "/papers/?review=reviewed" in links_in(client.get("/papers/").content.decode())
    chosen = client.get("/papers/?review=reviewed")
    assert "/papers/" in links_in(chosen.content.decode())
    assert "Gamma" in text_of(chosen)
    assert "alpha" not in text_of(chosen)


# --- Addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "tidy"),
    [
        ("section=&tag=&venue=&year=&since=&sort=", ""),
        ("year=2024&section=llm", "section=llm&year=2024"),
        ("tag=训练&tag=moe&tag=MoE", "tag=moe&tag=%E8%AE%AD%E7%BB%83"),
        ("tag=moe&tags=any", "tag=moe"),
        ("sort=month", ""),
        ("since=2025-6-1", "since=2025-06-01"),
        ("section=llm&page=2&sort=month", "section=llm"),
    ],
)
def test_a_choice_has_one_address(client: Client, shelf: dict[str, Section], query: str, tidy: str) -> None:
    response = client.get(f"/papers/?{query}")
    assert (response.status_code, response["Location"]) == (302, f"/papers/?{tidy}".rstrip("?"))
    assert client.get(response["Location"]).status_code == 200


WORDS = st.sampled_from(
    ["", "llm", "MoE", "a b", "训练", "2024", "2025-06-01", "any", "title", "\0", "İ", "x" * 300]
)


@given(st.lists(st.tuples(st.sampled_from([*Choice.__dataclass_fields__, "page"]), WORDS), max_size=12))
def test_the_tidy_form_is_read_back_as_itself(pairs: list[tuple[str, str]]) -> None:
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    choice, problems = facets.read(data)
    again = QueryDict(choice.query_string())
    if not problems:
        assert facets.read(again) == (choice, [])
        assert facets.is_tidy(again, choice)


def test_every_link_of_the_page_is_tidy_and_answers(client: Client, shelf: dict[str, Section]) -> None:
    page = client.get("/papers/?tag=moe&tag=训练&tags=any&year=2023").content.decode()
    links = {link for link in links_in(page) if link.startswith("/papers/?")}
    assert len(links) > 10
    assert {client.get(link).status_code for link in links} == {200}


def test_crawlers_are_kept_from_combinations(client: Client, shelf: dict[str, Section]) -> None:
    response = client.get("/papers/?tag=moe&page=1")
    assert canonical(response) == "http://127.0.0.1:8000/papers/"
    choices = [link for link in attributes_of(response, "a") if "/papers/?" in link.get("href", "")]
    assert {link.get("rel") for link in choices} == {"nofollow"}
    rules = client.get("/robots.txt").content.decode().splitlines()
    assert {"Disallow: /papers/?", "Allow: /papers/?page=", "Disallow: /*?in="} <= set(rules)


# --- The page ---------------------------------------------------------------------------------------------


def values(client: Client, query: str) -> list[str]:
    """Every value of a facet with its count, as the page has them."""
    return [
        text for text in texts_of(client.get(f"/papers/?{query}"), "li") if text.rpartition(" ")[2].isdigit()
    ]


def test_facets_count_all_papers(client: Client, shelf: dict[str, Section]) -> None:
    assert values(client, "") == [
        *("大模型 3", "推理 2", "强化学习 1"),
        *("MoE 2", "训练 2", "缓存 1"),
        *("2025 1", "2024 2", "2023 1"),
        *("SOSP 2023 2", "OSDI 2024 1"),
    ]


def test_a_facet_counts_what_another_value_of_it_would_give(
    client: Client, shelf: dict[str, Section]
) -> None:
    assert values(client, "year=2024") == [
        *("大模型 2", "推理 2"),
        *("MoE 1", "缓存 1"),
        *("2025 1", "2024 2", "2023 1"),
        *("OSDI 2024 1", "SOSP 2023 1"),
    ]


def test_of_all_tags_those_that_go_with_the_chosen_one_are_counted(
    client: Client, shelf: dict[str, Section]
) -> None:
    assert [text for text in values(client, "tag=moe") if text[0] in "M训缓"] == ["MoE 2", "训练 1"]


def test_of_any_tags_each_is_counted_alone(client: Client, shelf: dict[str, Section]) -> None:
    listed = values(client, "tag=moe&tag=训练&tags=any")
    assert [text for text in listed if text[0] in "M训缓"] == ["MoE 2", "训练 2", "缓存 1"]


def test_a_day_and_a_tag_narrow_the_counts(client: Client, shelf: dict[str, Section]) -> None:
    became_public("a", datetime(2020, 1, 1, tzinfo=UTC))
    assert "MoE 1" in values(client, "since=2021-01-01")
    assert "大模型 1" in values(client, "tag=moe&since=2021-01-01")


def test_counts_agree_with_what_is_listed(client: Client, shelf: dict[str, Section]) -> None:
    for query in ("", "tag=moe", "year=2024", "section=llm&tag=moe", "tag=moe&tag=训练&tags=any"):
        assert f"共 {len(found(query))} 篇" in text_of(client.get(f"/papers/?{query}")), query


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("section=nothing", "没有“nothing”这个栏目"),
        ("tag=nothing", "没有公开的论文带标签“nothing”"),
        ("venue=nothing", "没有公开的论文发表于“nothing”"),
        ("year=1999", "没有 1999 年的论文"),
        ("year=abc", "年份写成四位数字"),
        ("month=2025-13", "月份写成四位年份和两位月份"),
        ("since=2025-02-30", "起始日期写成年、月、日"),
        ("sort=random", "没有这种排序"),
        ("tags=none", "标签之间的关系"),
        ("&".join(f"tag={n}" for n in range(11)), "最多同时选 10 个标签"),
    ],
)
def test_what_makes_no_sense_is_answered_in_a_sentence(
    client: Client, shelf: dict[str, Section], query: str, sentence: str
) -> None:
    response = client.get(f"/papers/?{query}")
    assert response.status_code == 400
    assert sentence in text_of(response)
    assert texts_of(response, "a").count("去掉全部条件") == 1
    assert texts_of(response, "h2") == []


@pytest.mark.parametrize(
    "query", ["year=" + "9" * 5000, "tag=%ED%A0%80", "since=9999-12-31", "section=%5C%25_", "year=٢٠٢٤"]
)
def test_odd_values_are_no_error(client: Client, shelf: dict[str, Section], query: str) -> None:
    assert client.get(f"/papers/?{query}").status_code in (200, 302, 400)


def test_nothing_found_leads_back(client: Client, shelf: dict[str, Section]) -> None:
    response = client.get("/papers/?section=rl&tag=moe")
    assert response.status_code == 200
    assert "没有同时符合这些条件的论文" in text_of(response)
    assert texts_of(response, "a").count("去掉全部条件") == 1


def test_what_is_chosen_can_be_let_go_one_by_one(client: Client, shelf: dict[str, Section]) -> None:
    response = client.get("/papers/?section=llm&tag=moe&year=2023&since=2020-01-01")
    chosen = response.content.decode().split('class="chosen"')[1].split("</ul>")[0].replace("&amp;", "&")
    assert links_in(chosen) == [
        "/papers/?tag=moe&year=2023&since=2020-01-01",
        "/papers/?section=llm&year=2023&since=2020-01-01",
        "/papers/?section=llm&tag=moe&since=2020-01-01",
        "/papers/?section=llm&tag=moe&year=2023",
    ]


def test_citations_are_said_where_they_order(client: Client, shelf: dict[str, Section]) -> None:
    make_paper(shelf["rl"], "x", notes="[[beta]]")
    assert "被 1 篇笔记引用" in text_of(client.get("/papers/?sort=cited"))
    assert "篇笔记引用" not in text_of(client.get("/papers/"))


# --- What is kept -----------------------------------------------------------------------------------------


def test_counts_are_made_once_a_generation(
    shelf: dict[str, Section], monkeypatch: pytest.MonkeyPatch
) -> None:
    counting.everything()
    counting.count(Choice(tag=("moe",)))
    for module, name in (columns, "_read_papers"), (columns, "_read_tags"), (totals, "_places"):
        monkeypatch.setattr(module, name, lambda *_given: 1 / 0)
    assert counting.everything().total == 4
    assert counting.count(Choice(tag=("moe",))).total == 2


@pytest.mark.parametrize("query", ["", "?tag=moe"])
def test_counts_are_never_stale(client: Client, shelf: dict[str, Section], query: str) -> None:
    before = int(text_of(client.get(f"/papers/{query}")).split("共 ")[1].split()[0])
    paper = make_paper(shelf["rl"], "new", tags=("MoE",))
    assert f"共 {before + 1} 篇" in text_of(client.get(f"/papers/{query}"))
    paper.delete()
    assert f"共 {before} 篇" in text_of(client.get(f"/papers/{query}"))


def test_a_renamed_tag_has_its_new_name(client: Client, shelf: dict[str, Section]) -> None:
    client.get("/papers/")
    tag = Tag.objects.get(slug="moe")
    tag.name = "混合专家"
    tag.save()
    assert "混合专家 2" in values(client, "")


@pytest.mark.parametrize("query", ["", "?tag=moe"])
def test_counts_change_when_a_scheduled_paper_becomes_public(
    client: Client, shelf: dict[str, Section], monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    now = timezone.now()
    for days in (1, 2):
        make_paper(shelf["rl"], f"s{days}", tags=("MoE",), publish_at=now + timedelta(days=days))
    before = int(text_of(client.get(f"/papers/{query}")).split("共 ")[1].split()[0])
    for days in (1, 2):
        monkeypatch.setattr(timezone, "now", lambda moment=now + timedelta(days=days): moment)
        assert f"共 {before + days} 篇" in text_of(client.get(f"/papers/{query}"))


def test_counts_are_the_same_in_both_languages(client: Client, shelf: dict[str, Section]) -> None:
    client.get("/papers/")
    client.cookies["django_language"] = "en"
    assert "MoE 2" in values(client, "")


def test_a_site_that_was_never_written_to_has_no_papers(db: Any, client: Client) -> None:
    assert "还没有论文" in text_of(client.get("/papers/"))


def test_a_venue_that_no_paper_has_counts_none(shelf: dict[str, Section]) -> None:
    assert counting.count(Choice(venue="nowhere")).total == 0
