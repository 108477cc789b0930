"""What the form suggests and doubts: addresses, other papers, months, venues."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papers import paths, suggestions
from papers.models import Address, Kind, Paper, Section, Tag
from papers.querysets import HEAVY_COLUMNS
from papers.suggestions import SLUG_LENGTH, doubts, duplicates, slug_for, venue_full_for, venues

from .conftest import make_paper, make_section

JULY = date(2025, 7, 1)


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


# --- Addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("FlashAttention: Fast and Memory Efficient", "2025-07-FlashAttention-Fast-and-Memory-Efficient"),
        ("ZERO BUBBLE PIPELINE PARALLELISM", "2025-07-ZERO-BUBBLE-PIPELINE-PARALLELISM"),
        ("Do LLMs Need a Network?", "2025-07-Do-LLMs-Need-a-Network"),
        ("Plug-and-play IO-Awareness", "2025-07-Plug-and-play-IO-Awareness"),
        ("推理加速综述", "2025-07-推理加速综述"),
        ("推理：加速（综述）", "2025-07-推理-加速-综述"),
        ("ＬＬＭ　推理", "2025-07-LLM-推理"),
        ("Llama 3.1, or 10,000 GPUs", "2025-07-Llama-3.1-or-10000-GPUs"),
        ("Don't {GPU}s", "2025-07-Dont-GPUs"),
        ("C++ & C#", "2025-07-C-C"),
        ("Cafe\u0301 Müller", "2025-07-Café-Müller"),
        ("हिन्दी में", "2025-07-हिन्दी-में"),
        ("soft\u00adware\nand\thard\u200bware", "2025-07-software-and-hardware"),
        ("❤\ufe0f GPUs 1\ufe0f\u20e3", "2025-07-GPUs-1"),
        ("feed.xml", "2025-07-feed-xml"),
    ],
)
def test_a_slug_is_the_month_and_the_words(title: str, slug: str) -> None:
    assert slug_for(title, JULY, None) == slug


@pytest.mark.parametrize(
    "title", ["", "   ", "???", "😀", "\0", "\ud800", "...", "\u0301\u0302", "\u200b", "\u3164"]
)
def test_a_title_without_words_is_a_paper(title: str) -> None:
    assert slug_for(title, JULY, None) == "2025-07-paper"
    assert slug_for(title, None, None) == "paper"


def test_without_a_month_the_words_stand_alone() -> None:
    assert slug_for("Step 3", None, None) == "Step-3"


@pytest.mark.parametrize("title", ["feed", "FEED", "ｆｅｅｄ."])
def test_no_paper_is_called_like_a_feed(title: str) -> None:
    assert paths.fold(slug_for(title, None, None)) == "feed-2"


def test_a_long_title_is_cut_at_a_word() -> None:
    slug = slug_for("Attention " * 1000, JULY, None)
    assert slug == "2025-07" + "-Attention" * 7
    assert len(slug) <= SLUG_LENGTH


def test_a_word_that_just_fits_stays() -> None:
    fits = "a" * 36 + "-" + "b" * 35
    assert slug_for(f"{fits} c", JULY, None) == f"2025-07-{fits}"


def test_a_long_title_without_spaces_is_cut_anywhere() -> None:
    assert slug_for("综述 " + "推理" * 5000, JULY, None) == "2025-07-综述-" + "推理" * 34 + "推"


def test_no_dot_is_left_at_a_cut() -> None:
    slug = slug_for("1." * 100, None, None)
    assert is_valid(slug)
    assert len(slug) <= SLUG_LENGTH


def test_a_taken_slug_gets_a_number(section: Section) -> None:
    make_paper(section, "2025-07-Step")
    assert slug_for("Step", JULY, section) == "2025-07-Step-2"
    make_paper(section, "2025-07-Step-2")
    assert slug_for("Step", JULY, section) == "2025-07-Step-3"


def test_a_gap_among_the_numbers_is_used(section: Section) -> None:
    for slug in ("2025-07-Step", "2025-07-Step-3"):
        make_paper(section, slug)
    assert slug_for("Step", JULY, section) == "2025-07-Step-2"


def test_another_spelling_is_taken_too(section: Section) -> None:
    make_paper(section, "2025-07-STRASSE", status="draft")
    assert slug_for("Straße", JULY, section) == "2025-07-Straße-2"


def test_longer_slugs_are_in_nobodys_way(section: Section) -> None:
    make_paper(section, "2025-07-Step-3-is-Large")
    assert slug_for("Step", JULY, section) == "2025-07-Step"


def test_another_section_is_free(root: Section, section: Section) -> None:
    make_paper(section, "2025-07-Step")
    assert slug_for("Step", JULY, make_section("other", root)) == "2025-07-Step"


def test_a_section_below_is_in_nobodys_way(section: Section) -> None:
    make_paper(make_section("2025-07-Step", section), "2025-07-Step")
    assert slug_for("Step", JULY, section) == "2025-07-Step"


def test_a_former_address_is_taken(section: Section) -> None:
    paper = make_paper(section, "2025-07-Step")
    paper.slug = "2025-07-Stride"
    paper.save()
    assert slug_for("Step", JULY, section) == "2025-07-Step-2"


def test_a_paper_may_have_its_own_addresses(section: Section) -> None:
    paper = make_paper(section, "2025-07-Step")
    paper.slug = "2025-07-Stride"
    paper.save()
    assert slug_for("Step", JULY, section, exclude_uid=paper.uid) == "2025-07-Step"
    assert slug_for("Stride", JULY, section, exclude_uid=paper.uid) == "2025-07-Stride"


def test_the_former_address_of_a_thing_of_the_same_uid_but_another_kind_is_taken(section: Section) -> None:
    Address.objects.create(path_folded="/rl/2025-07-step.html", kind=Kind.TAG, uid="step")
    assert slug_for("Step", JULY, section, exclude_uid="step") == "2025-07-Step-2"


def test_the_number_of_collisions_costs_no_queries(section: Section, django_assert_num_queries: Any) -> None:
    for number in range(2, 30):
        make_paper(section, f"2025-07-Step-{number}")
    make_paper(section, "2025-07-Step")
    with django_assert_num_queries(2):
        assert slug_for("Step", JULY, section) == "2025-07-Step-30"


def is_valid(slug: str) -> bool:
    try:
        paths.validate_segment(slug)
        paths.validate_paper_slug(slug)
    except ValidationError:
        return False
    return bool(slug) and len(slug) <= paths.SEGMENT_MAX_LENGTH


awkward = st.text() | st.text(
    "aA.1-\u0301\u0345ßſıİ\u200d\ufe0f\ud800\0 feed中\u1100\u1161\u11a8,", max_size=12
)


@given(titles=st.lists(awkward, min_size=1, max_size=4), month=st.none() | st.dates())
@settings(
    max_examples=60, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_title_has_a_valid_and_free_slug(
    section: Section, titles: list[str], month: date | None
) -> None:
    for title in titles:
        slug = slug_for(title, month, section)
        assert is_valid(slug)
        paper = Paper(section=section, slug=slug, title="x")
        paper.full_clean(exclude=["uid"])
        paper.save()
        assert paper.path_folded == section.path_folded + paths.fold(f"{slug}.html")


# --- Tags -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "slug"),
    [("C++", "cpp"), ("C#", "c-sharp"), ("F#", "f-sharp"), ("C", "c"), ("中文", "中文"), (".NET", "net")],
)
def test_tags_of_symbols_have_sensible_slugs(name: str, slug: str, db: None) -> None:
    tag = Tag(name=name)
    tag.save()
    assert tag.slug == slug


def test_a_tag_of_symbols_alone_has_a_slug(db: None) -> None:
    tag = Tag(name="???")
    tag.save()
    assert tag.slug == f"tag-{tag.uid}"


def test_no_two_of_them_are_one(db: None) -> None:
    tags = [Tag(name=name) for name in ("C++", "C#", "F#", "C", "中文", ".NET", "NET", "???", "!!!", "Cpp")]
    for tag in tags:
        tag.save()
    assert len({tag.slug for tag in tags} - {""}) == len(tags)


# --- Duplicates -------------------------------------------------------------------------------------------


def found(**names: str) -> list[tuple[str, str]]:
    return [(duplicate.paper.uid, duplicate.because) for duplicate in duplicates(**names)]


@pytest.fixture
def vllm(section: Section) -> Paper:
    return make_paper(
        section,
        "2023-09-vLLM-notes",
        title="分页注意力",
        title_official="Efficient Memory Management with PagedAttention",
        aliases="vLLM",
        arxiv_id="2309.06180",
        doi="10.1145/3600006.3613165",
        notes="# 笔记",
        uid="vllm",
    )


@pytest.mark.parametrize(
    ("names", "because"),
    [
        ({"arxiv_id": "2309.06180"}, "arxiv_id"),
        ({"arxiv_id": "https://arxiv.org/abs/2309.06180v3"}, "arxiv_id"),
        ({"doi": "10.1145/3600006.3613165"}, "doi"),
        ({"title": "分页注意力！"}, "title"),
        ({"title": "efficient memory management: with {PagedAttentions}"}, "title"),
        ({"title_official": "VLLM"}, "title"),
        ({"title_published": "Efficient Memory Management with PagedAttention"}, "title"),
        ({"arxiv_id": "2309.06180", "doi": "10.1145/3600006.3613165", "title": "vLLM"}, "arxiv_id"),
        (
            {"arxiv_id": "2309.00001", "doi": "https://doi.org/10.1145/3600006.3613165", "title": "vLLM"},
            "doi",
        ),
    ],
)
def test_the_same_paper_is_found(vllm: Paper, names: dict[str, str], because: str) -> None:
    assert found(**names) == [("vllm", because)]


def test_letter_case_of_a_doi_does_not_matter(section: Section) -> None:
    make_paper(section, "a", uid="a", doi="10.1109/HOTI66940.2025.00024")
    assert found(doi="10.1109/hoti66940.2025.00024") == [("a", "doi")]


@pytest.mark.parametrize(
    "names",
    [
        {},
        {"title": "", "arxiv_id": "", "doi": ""},
        {"title": "???", "arxiv_id": "0", "doi": "-"},
        {"title": "\0", "arxiv_id": "2309.06180\0", "doi": "10.1145/\0"},
        {"title": "\ud800", "arxiv_id": "\ud800", "doi": "10.1145/\ud800"},
        {"title": "x" * 10_000},
        {"title": "Efficient Memory Management"},
        {"arxiv_id": "2309.06181", "doi": "10.1145/3600006"},
        {"doi": "10.1145/3600006_3613165"},
        {"doi": "10.1145/%"},
    ],
)
def test_other_papers_are_not(vllm: Paper, names: dict[str, str]) -> None:
    make_paper(vllm.section, "b", uid="b", title="Another", arxiv_id="", doi="")
    assert found(**names) == []


def test_an_arxiv_id_that_is_the_title_of_a_paper_is_no_arxiv_id(section: Section) -> None:
    make_paper(section, "a", title="2309.06180")
    assert found(arxiv_id="2309.06180") == []


def test_a_paper_is_no_duplicate_of_itself(vllm: Paper) -> None:
    assert duplicates(title="vLLM", arxiv_id="2309.06180", doi=vllm.doi, exclude_uid=vllm.uid) == []


def test_titles_that_grow_when_normalised_are_found(section: Section) -> None:
    make_paper(section, "a", uid="a", title="ﷺ" * 100)
    assert found(title="ﷺ" * 100) == [("a", "title")]


def test_nothing_filled_in_asks_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        duplicates(title="???", arxiv_id="vLLM", doi="")


def test_drafts_and_scheduled_papers_are_found(draft_paper: Paper, scheduled_paper: Paper) -> None:
    uids = {uid for uid, _because in found(title="Secret Paper", title_official="Tomorrow Paper")}
    assert uids == {draft_paper.uid, scheduled_paper.uid}


def test_surer_reasons_come_first(vllm: Paper) -> None:
    make_paper(vllm.section, "z", uid="z", title="vLLM", published_on=date(2030, 1, 1))
    assert found(title="vLLM", arxiv_id="2309.06180") == [("vllm", "arxiv_id"), ("z", "title")]


def test_ten_duplicates_are_enough(section: Section, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        make_paper(section, f"a{number}", title="Same", doi="10.1/a" if number % 2 else "10.1234/a")
    with django_assert_max_num_queries(3):
        assert len(duplicates(title="Same", arxiv_id="2309.06180", doi="10.1234/a")) == 10


def test_duplicates_leave_heavy_columns_in_the_database(vllm: Paper, django_assert_num_queries: Any) -> None:
    [duplicate] = duplicates(title="vLLM")
    assert duplicate.paper.get_deferred_fields() == set(HEAVY_COLUMNS)
    with django_assert_num_queries(0):
        assert (str(duplicate.paper), duplicate.paper.state) == ("分页注意力", "published")


# --- Months -----------------------------------------------------------------------------------------------


def doubted(
    arxiv_id: str = "", listed: date | None = None, first: str = "", year: int | None = None
) -> list[str]:
    return doubts(
        arxiv_id=arxiv_id, published_on=listed, first_posted=first, year=year, now=date(2025, 12, 15)
    )


@pytest.mark.parametrize(
    ("listed", "first", "year"),
    [
        (date(2023, 12, 1), "2023-12", 2023),
        (date(2025, 7, 1), "2023-11", 2024),
        (date(2024, 1, 31), "2024-01-02", 2022),
        (date(2026, 1, 31), "", None),
        (None, "", None),
        (None, "2023", 2100),
        (None, "soon", None),
    ],
)
def test_what_can_be_is_not_doubted(listed: date | None, first: str, year: int | None) -> None:
    assert doubted("2312.00001", listed, first, year) == []
    assert doubted("", listed, "", year) == []


@pytest.mark.parametrize("listed", [date(2013, 12, 1), date(2023, 11, 30)])
def test_no_note_is_older_than_its_paper(listed: date) -> None:
    [doubt] = doubted("arXiv:2312.00001v2", listed)
    assert doubt == (
        f"“年月”是 {listed:%Y-%m}，而 arXiv 编号 2312.00001 是 2023-12 的，那时还没有这篇论文：请核对年月和编号。"
    )


@pytest.mark.parametrize("first", ["2023-10", "2024-02", "2013-12-31"])
def test_a_paper_is_first_posted_in_the_month_of_its_id(first: str) -> None:
    [doubt] = doubted("2312.00001", first=first)
    assert doubt == (
        f"“首次公开”是 {first[:7]}，而 arXiv 编号 2312.00001 是 2023-12 的：请核对首次公开的年月和编号。"
    )


def test_no_paper_is_published_years_before_it_is_posted() -> None:
    [doubt] = doubted("2312.00001", year=2021)
    assert doubt == "“发表年份”是 2021，而 arXiv 编号 2312.00001 是 2023-12 的：请核对发表年份和编号。"


def test_no_month_is_in_the_future() -> None:
    assert doubted(listed=date(2026, 2, 1), first="2026-02") == [
        "“年月”说的是 2026-02，还没有到：请核对。",
        "“首次公开”说的是 2026-02，还没有到：请核对。",
    ]
    assert doubted("3212.00001") == ["“arXiv 编号”说的是 2032-12，还没有到：请核对。"]


def test_ids_of_the_last_century_are_no_ids_of_the_future() -> None:
    assert doubted("hep-th/9901001", date(1999, 1, 1), "1999-01", 1999) == []


def test_each_doubt_is_said() -> None:
    assert len(doubted("2312.00001", date(2013, 12, 1), "2013-12", 2013)) == 3


def test_what_is_no_id_raises_no_doubt() -> None:
    assert doubted("vLLM", date(1990, 1, 1), "1990-01", 1990) == []


def test_the_seed_has_one_doubtful_month(seed: None) -> None:
    """A note that is listed two months before the arXiv id of its paper."""
    columns = ("arxiv_id", "published_on", "first_posted", "year")
    doubtful = [row["uid"] for row in Paper.objects.values("uid", *columns) if doubts(**pick(row, columns))]
    assert doubtful == ["zero-bubble"]


def pick(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names} | {"now": date(2025, 12, 15)}


# --- Venues -----------------------------------------------------------------------------------------------


@pytest.fixture
def papers_of_venues(section: Section) -> None:
    rows = [
        ("SOSP 2023", "29th Symposium on Operating Systems Principles"),
        ("SOSP 2023", "Proceedings of the 29th Symposium on Operating Systems Principles"),
        ("SOSP 2023", "Proceedings of the 29th Symposium on Operating Systems Principles"),
        ("SOSP 2021", "28th Symposium on Operating Systems Principles"),
        ("OSDI 2022", ""),
        ("OSDI '21", "15th USENIX Symposium"),
        ("MLSys 2023", "Proceedings of Machine Learning and Systems"),
        ("MLSys 2024", "Proceedings of Machine Learning and Systems"),
        ("MLSys2025", "Eighth Conference on Machine Learning and Systems"),
        ("SOSP Workshop 2023", "A Workshop"),
        ("", "Nowhere"),
    ]
    for number, (venue, full) in enumerate(rows):
        make_paper(section, f"p{number}", venue=venue, venue_full=full, status="draft")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sosp", ["SOSP 2023", "SOSP 2021", "SOSP Workshop 2023"]),
        (" 2021 ", ["SOSP 2021"]),
        ("sys", ["MLSys 2023", "MLSys 2024", "MLSys2025"]),
        ("%", []),
        ("\0", []),
        ("\ud800", []),
    ],
)
def test_venues_that_contain_a_text(papers_of_venues: None, text: str, names: list[str]) -> None:
    assert venues(text, among=Paper.objects.all()) == names


def test_venues_without_a_text_are_the_most_used(
    papers_of_venues: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert venues("", limit=2, among=Paper.objects.all())[0] == "SOSP 2023"
    assert len(venues("", limit=2, among=Paper.objects.all())) == 2
    assert "" not in venues("", among=Paper.objects.all())


@pytest.mark.parametrize(
    ("venue", "full"),
    [
        ("SOSP 2023", "Proceedings of the 29th Symposium on Operating Systems Principles"),
        (" sosp 2023 ", "Proceedings of the 29th Symposium on Operating Systems Principles"),
        ("SOSP 2021", "28th Symposium on Operating Systems Principles"),
        ("SOSP 2025", "Proceedings of the 29th Symposium on Operating Systems Principles"),
        ("SOSP'25", "Proceedings of the 29th Symposium on Operating Systems Principles"),
        ("OSDI 2022", "15th USENIX Symposium"),
        ("MLSys 2026", "Proceedings of Machine Learning and Systems"),
        ("MLSys 2025", "Proceedings of Machine Learning and Systems"),
        ("SOSP Workshop 2024", "A Workshop"),
        ("SOS 2023", ""),
        ("2023", ""),
        ("", ""),
        ("\0", ""),
        ("\ud800", ""),
        ("%", ""),
    ],
)
def test_the_full_name_of_a_venue(papers_of_venues: None, venue: str, full: str) -> None:
    assert venue_full_for(venue, among=Paper.objects.all()) == full


def test_of_names_used_equally_the_newest_is_taken(section: Section) -> None:
    for year in (2022, 2024, 2023):
        make_paper(section, f"p{year}", venue=f"ATC {year}", venue_full=f"ATC of {year}")
    assert venue_full_for("ATC 2025", among=Paper.objects.all()) == "ATC of 2024"


def test_the_full_name_costs_one_query(papers_of_venues: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        venue_full_for("SOSP 2025", among=Paper.objects.all())


def test_nothing_is_written(vllm: Paper, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(6) as captured:
        slug_for("x", JULY, vllm.section)
        suggestions.duplicates(title="x", doi="10.1234/x")
        venues("x", among=Paper.objects.all())
        venue_full_for("x", among=Paper.objects.all())
    assert {query["sql"].split()[0] for query in captured} == {"SELECT"}
