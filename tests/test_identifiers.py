"""What an editor pastes for an arXiv id or a DOI, and what becomes of it."""

import string
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.fields import is_arxiv_id
from papers.identifiers import LONGEST_PASTE, arxiv_month, normalise_arxiv, normalise_doi

without_a_store = settings(database=None, deadline=None)

# --- arXiv ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        "2309.06180",
        " 2309.06180v3\n",
        "2309.06180.",
        "https://arxiv.org/abs/2309.06180v3",
        "http://www.arxiv.org/pdf/2309.06180v2.pdf",
        "https://arxiv.org/pdf/2309.06180.PDF#page=3",
        "https://arxiv.org/html/2309.06180v1",
        "https://arxiv.org/html/2309.06180v1/#S3.F2",
        "https://export.arxiv.org/abs/2309.06180?context=cs",
        "arxiv.org/abs/2309.06180/",
        "HTTPS://ArXiv.org/abs/2309.06180V2",
        "https://alphaxiv.org/abs/2309.06180",
        "https://www.alphaxiv.org/zh/overview/2309.06180v2?chatId=a",
        "https://huggingface.co/papers/2309.06180",
        "https://hf.co/papers/2309.06180#community",
        "https://ar5iv.labs.arxiv.org/html/2309.06180",
        "https://papers.cool/arxiv/2309.06180",
        "arXiv:2309.06180",
        "arXiv: 2309.06180v1 [cs.LG] 12 Sep 2023",
        "arXiv:2309.06180v3 [cs.LG]",
        "arXiv preprint arXiv:2309.06180, 2023.",
        "arXiv 2309.06180 (2023)",
        "ａｒＸｉｖ：２３０９．０６１８０",
        "arXiv:\u200b2309.06180\ufeff",
        "10.48550/arXiv.2309.06180",
        "doi: 10.48550/ARXIV.2309.06180",
        "https://doi.org/10.48550/arXiv.2309.06180",
    ],
)
def test_what_is_pasted_becomes_the_bare_id(pasted: str) -> None:
    assert normalise_arxiv(pasted) == "2309.06180"


@pytest.mark.parametrize(
    "pasted",
    [
        "hep-th/9901001",
        " arxiv.org/abs/hep-th/9901001v2?context=x#y",
        "https://arxiv.org/pdf/hep-th/9901001v1.pdf",
        "https://arxiv.org/abs/hep-th%2F9901001",
        "arXiv:hep-th/9901001v1 [hep-th]",
    ],
)
def test_ids_of_the_last_century(pasted: str) -> None:
    assert normalise_arxiv(pasted) == "hep-th/9901001"


@pytest.mark.parametrize("arxiv_id", ["cs/0601001", "math.GT/0309136", "0704.0001", "1412.6980"])
def test_ids_of_every_kind(arxiv_id: str) -> None:
    assert normalise_arxiv(f"https://arxiv.org/abs/{arxiv_id}v2") == arxiv_id


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "  ",
        "vLLM",
        "2309.061801",
        "12309.06180",
        "2313.06180",
        "2309.06180 2309.06181",
        "2309.061802023",
        "https://arxiv.org/abs/9901001",
        "https://example.org/abs/2309.06180",
        "https://notarxiv.org/abs/2309.06180",
        "10.1145/2309.06180",
        "2309.06180\0",
        "\ud800",
    ],
)
def test_what_is_no_arxiv_id_comes_back_stripped(pasted: str) -> None:
    assert normalise_arxiv(f" {pasted}\n") == f" {pasted}\n".strip()


@given(st.text() | st.text(string.ascii_lowercase + string.digits + ":/.[]v ?#", max_size=40))
@without_a_store
def test_every_result_is_valid_or_as_it_was_typed(text: str) -> None:
    result = normalise_arxiv(text)
    if result != text.strip():
        is_arxiv_id(result)
    assert normalise_arxiv(result) == result


@pytest.mark.parametrize(
    ("arxiv_id", "month"),
    [
        ("2312.00001", (2023, 12)),
        ("0704.0001", (2007, 4)),
        ("9912.00001", (2099, 12)),
        ("hep-th/9901001", (1999, 1)),
        ("hep-th/9108001", (1991, 8)),
        ("cs/0601001", (2006, 1)),
        ("math.GT/0309136", (2003, 9)),
    ],
)
def test_the_month_that_an_id_says(arxiv_id: str, month: tuple[int, int]) -> None:
    assert arxiv_month(arxiv_id) == month


@pytest.mark.parametrize(
    "text", ["", "2313.00001", "2300.00001", "2312.1", "2312.00001v2", "vLLM", "２３12.00001"]
)
def test_what_is_no_id_says_no_month(text: str) -> None:
    assert arxiv_month(text) is None


# --- DOI --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        "10.1145/3600006.3613165",
        " 10.1145/3600006.3613165\n",
        "https://doi.org/10.1145/3600006.3613165",
        "http://dx.doi.org/10.1145/3600006.3613165",
        "doi.org/10.1145/3600006.3613165?utm_source=x",
        "doi:10.1145/3600006.3613165",
        "DOI 10.1145/3600006.3613165",
        "DOI10.1145/3600006.3613165",
        "ＤＯＩ：１０．１１４５／3600006.3613165。",
        "10.1145/3600006.3613165.",
        "10.1145/3600006.3613165，",
        "(doi: 10.1145/3600006.3613165).",
        "<https://doi.org/10.1145/3600006.3613165>",
        "https://doi.org/10.1145%2F3600006.3613165",
        "https://dl.acm.org/doi/abs/10.1145/3600006.3613165?x=y",
        "https://dl.acm.org/doi/pdf/10.1145/3600006.3613165#page=2",
        "https://dl.acm.org/doi/10.1145/3600006.3613165/",
        "https://example.org/article?doi=10.1145%2F3600006.3613165&page=2",
        "Kwon et al. 2023. PagedAttention. https://doi.org/10.1145/3600006.3613165",
        "10.1145/3600006\u200b.3613165",
    ],
)
def test_what_is_pasted_becomes_the_bare_doi(pasted: str) -> None:
    assert normalise_doi(pasted) == "10.1145/3600006.3613165"


@pytest.mark.parametrize(
    ("pasted", "doi"),
    [
        ("10.1016/S0140-6736(05)12345-6", "10.1016/S0140-6736(05)12345-6"),
        ("https://doi.org/10.1016/S0140-6736(05)12345-6", "10.1016/S0140-6736(05)12345-6"),
        ("(10.1016/0304-3975(75)90017-1).", "10.1016/0304-3975(75)90017-1"),
        ("10.1016/0001-6918(67)", "10.1016/0001-6918(67)"),
        (
            "https://doi.org/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O",
            "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O",
        ),
    ],
)
def test_brackets_that_belong_to_a_doi_stay(pasted: str, doi: str) -> None:
    assert normalise_doi(pasted) == doi


@pytest.mark.parametrize(
    ("pasted", "doi"),
    [
        (
            "https://link.springer.com/content/pdf/10.1007/s11263-020-01316-z.pdf",
            "10.1007/s11263-020-01316-z",
        ),
        ("https://www.frontiersin.org/articles/10.3389/fnins.2019.00001/full", "10.3389/fnins.2019.00001"),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v2.full.pdf", "10.1101/2020.01.01.123456"),
        (
            "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0000308",
            "10.1371/journal.pone.0000308",
        ),
    ],
)
def test_what_publishers_append_goes(pasted: str, doi: str) -> None:
    assert normalise_doi(pasted) == doi


@pytest.mark.parametrize(
    "doi", ["10.1234/a#b", "10.1234/a?b", "10.1234/full.pdf", "10.1109/HOTI66940.2025.00024"]
)
def test_a_doi_without_an_address_is_kept_as_typed(doi: str) -> None:
    assert normalise_doi(doi) == doi


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        " ",
        "vLLM",
        "10.1145",
        "10.1145/",
        "10.1145/ 3600006",
        "10.1145/36 00006",
        "110.1145/3600006",
        "\0",
        "\ud800",
    ],
)
def test_what_is_no_doi_comes_back_stripped(pasted: str) -> None:
    assert normalise_doi(f" {pasted}\n") == f" {pasted}\n".strip()


some_doi = st.from_regex(r"10\.[0-9]{4,9}/[A-Za-z0-9]+([._;:-][A-Za-z0-9]+|\([0-9]+\)){0,4}", fullmatch=True)


@given(some_doi.filter(lambda doi: not doi.lower().endswith(".pdf") and not doi.startswith("10.1101/")))
@without_a_store
def test_every_way_of_writing_a_doi_means_the_same(doi: str) -> None:
    ways = [
        doi,
        f"doi:{doi}.",
        f"（{doi}）。",
        f"https://doi.org/{quote(doi, safe='')}",
        f"//x.org/a/{doi}/full?b=c",
    ]
    assert {normalise_doi(way) for way in ways} == {doi}


@given(st.text() | st.text("10.1145/abc%2F()<>?#doi: ", max_size=40))
@without_a_store
def test_any_text_gives_a_doi_or_itself(text: str) -> None:
    result = normalise_doi(text)
    assert result == text.strip() or result.startswith("10.")


@pytest.mark.parametrize("normalise", [normalise_arxiv, normalise_doi])
def test_a_whole_book_in_the_field_is_not_looked_through(normalise: Callable[[str], str]) -> None:
    book = "10.1145/" * LONGEST_PASTE
    assert normalise(book) == book
