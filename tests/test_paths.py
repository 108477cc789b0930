"""What a path may be, and when two spellings are one."""

import unicodedata
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from papers import paths


def code_of(check: Callable[..., None], *args: str) -> str | None:
    """The code a check refuses with; None if it accepts."""
    try:
        check(*args)
    except ValidationError as error:
        return error.code
    return None


# --- Folding ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/llm/RL/", "/LLM/rl/"),
        ("/Straße/", "/STRASSE/"),
        ("/caf\u00e9/", "/cafe\u0301/"),
        ("/\u0130stanbul/", "/i\u0307stanbul/"),
        ("/ΣΟΦΟΣ/", "/σοφος/"),
        ("/\u1fb3/", "/\u03b1\u03b9/"),
    ],
)
def test_two_spellings_of_one_path_are_equal(one: str, other: str) -> None:
    assert paths.fold(one) == paths.fold(other)


@pytest.mark.parametrize(("one", "other"), [("/ı/", "/i/"), ("/a-b/", "/a_b/"), ("/推理/", "/推力/")])
def test_different_paths_stay_different(one: str, other: str) -> None:
    assert paths.fold(one) != paths.fold(other)


def test_folding_twice_changes_nothing_more() -> None:
    letters = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code))[0] in "LMN"]
    normal = [letter for letter in letters if unicodedata.is_normalized("NFC", letter)]
    assert [letter for letter in normal if paths.fold(paths.fold(letter)) != paths.fold(letter)] == []


def test_the_longest_path_fits_the_index_of_postgresql() -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    normal = [character for character in characters if unicodedata.is_normalized("NFC", character)]
    assert max(len(paths.fold(character)) for character in normal) <= 3
    assert paths.PATH_MAX_LENGTH * max(len(paths.fold(character).encode()) for character in normal) < 2600


# --- Segments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slug", ["RL", "gpu_acceleration", "2025-07-Step-3", "推理优化", "v1.2", "C++", "a~b", "日本語"]
)
def test_good_segments(slug: str) -> None:
    assert code_of(paths.validate_segment, slug) is None


@pytest.mark.parametrize("char", [*"/\\?#%\"'<>^`{|}[] \t\n\0", "\u3000", "\u00a0", "\u2028"])
def test_characters_that_no_address_may_hold(char: str) -> None:
    assert code_of(paths.validate_segment, f"a{char}b") == "bad_segment"


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x7f", "\ud800", "\ue000"])
def test_characters_that_nobody_sees(char: str) -> None:
    assert code_of(paths.validate_segment, f"a{char}b") == "bad_segment"


@pytest.mark.parametrize("slug", [".", "..", ".hidden", "end.", "\u0301a", "cafe\u0301"])
def test_dots_and_marks_at_the_ends(slug: str) -> None:
    assert code_of(paths.validate_segment, slug) == "bad_segment"


def test_the_message_shows_no_nul() -> None:
    with pytest.raises(ValidationError) as caught:
        paths.validate_segment("a\0b")
    assert "\0" not in caught.value.messages[0]


# --- Reserved words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slug", ["papers", "Tags", "p", "-", "ADMIN", "static", "media", "search", "readyz", "ſearch"]
)
def test_words_of_the_site_are_reserved_at_the_top(slug: str) -> None:
    assert code_of(paths.validate_section_slug, slug, "/") == "reserved_slug"


@pytest.mark.parametrize("slug", ["papers", "tags", "admin", "2025"])
def test_and_free_below(slug: str) -> None:
    assert code_of(paths.validate_section_slug, slug, "/llm/") is None


@pytest.mark.parametrize("parent", ["/", "/llm/"])
@pytest.mark.parametrize("slug", ["feed", "Feed.xml", "feed.json"])
def test_feeds_are_reserved_everywhere(slug: str, parent: str) -> None:
    assert code_of(paths.validate_section_slug, slug, parent) == "reserved_slug"
    assert code_of(paths.validate_paper_slug, slug) == "reserved_slug"


@pytest.mark.parametrize("slug", ["2025", "1", "２０２５"])
def test_digits_at_the_top_are_years(slug: str) -> None:
    assert code_of(paths.validate_section_slug, slug, "/") == "reserved_slug"


@pytest.mark.parametrize("slug", ["a.html", "a.md", "a.BIB", "a.ris", "a.json"])
def test_no_section_looks_like_a_paper_or_its_twin(slug: str) -> None:
    assert code_of(paths.validate_section_slug, slug, "/llm/") == "reserved_slug"


def test_a_paper_slug_is_typed_without_its_ending() -> None:
    assert code_of(paths.validate_paper_slug, "2025-07-X.HTML") == "reserved_slug"
    assert code_of(paths.validate_paper_slug, "2025-07-v1.md") is None


# --- Lengths, uids, parts ---------------------------------------------------------------------------------


def test_a_path_has_an_end() -> None:
    assert code_of(paths.validate_path_length, "x" * paths.PATH_MAX_LENGTH) is None
    assert code_of(paths.validate_path_length, "x" * (paths.PATH_MAX_LENGTH + 1)) == "path_too_long"


@pytest.mark.parametrize("uid", ["a", "llm-inference", "2x", "a" * 64])
def test_good_uids(uid: str) -> None:
    assert code_of(paths.validate_uid, uid) is None


@pytest.mark.parametrize("uid", ["", "-a", "a-", "A", "a_b", "中", "a" * 65, "a\n"])
def test_bad_uids(uid: str) -> None:
    assert code_of(paths.validate_uid, uid) == "bad_uid"


@pytest.mark.parametrize("path", ["/a/b/", "/a/b.html", "/a/zz/中文.html", "/a/"])
def test_what_is_below_a_section_is_within_its_bounds(path: str) -> None:
    low, high = paths.subtree_bounds("/a/")
    assert low <= path < high


@pytest.mark.parametrize("path", ["/", "/a.html", "/a-b/x.html", "/ab/", "/a0/", "/b/"])
def test_and_nothing_else(path: str) -> None:
    low, high = paths.subtree_bounds("/a/")
    assert not low <= path < high


def test_ancestors_of_a_paper() -> None:
    assert paths.ancestors("/a/b/c.html") == ["/", "/a/", "/a/b/"]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/a/b.bib", ("/a/b.html", ".bib")),
        ("/a/b.JSON", ("/a/b.html", ".json")),
        ("/a/b.html", ("/a/b.html", "")),
        ("/a/", ("/a/", "")),
    ],
)
def test_twins(path: str, parts: tuple[str, str]) -> None:
    assert paths.split_twin(path) == parts


@pytest.mark.parametrize(
    ("path", "parts"),
    [("/a/Feed.xml", ("/a/", "feed.xml")), ("/feed.json", ("/", "feed.json")), ("/a/x", ("/a/x", ""))],
)
def test_feeds(path: str, parts: tuple[str, str]) -> None:
    assert paths.split_feed(path) == parts


def test_a_section_is_not_named_like_the_sites_prefix() -> None:
    paths.validate_section_slug("papercache", "/", prefix="")
    with pytest.raises(ValidationError):
        paths.validate_section_slug("PaperCache", "/", prefix="/papercache")
