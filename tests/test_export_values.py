"""What can be typed comes back as it was, whatever YAML, front matter or a file's name would mean by it."""

from pathlib import Path
from typing import Any

import pytest

from papers import addresses, figures, revisions
from papers.models import Figure, Section, Tag

from .conftest import make_paper, make_section
from .importing import png
from .test_export_notes import assert_round_trip, out

__all__ = ["out"]
pytestmark = pytest.mark.django_db

TEXTS = [
    *("null", "~", "yes", "True", "1e3", "0x1F", "1_000", "12:30:45", "2025-01-01", "=", "<<", "index"),
    *(
        "a: b",
        "a #b",
        "# a",
        "- a",
        "[a",
        "{a: b}",
        "'a'",
        '"',
        "%a",
        "@a",
        "&a",
        "*a",
        "!a b",
        "|",
        ">-\n a",
    ),
    *("---", "...", "---\ntitle: x\n---\nb", "a\n...\nb\n", "\n---\n", "uid: x", "\\", "a\\nb", ":"),
    *(" a ", "\ta\t", "a  b", "\n", "a\n\n", "\n\n a\n  b\n", "   ", "  \n  \n", "a\n\t\nb"),
    *("a\r\nb", "a\rb", "a\u2028b", "\na\u2029", "a\x85b", "\x85\n", "\xa0a", "\u3000a\u3000", "\ufeffa"),
    *("e\u0301", "\U0001f600\na", "a\x0bb", "\x01", "\x7f", "\u202e", "\uffff", "\U0010ffff"),
]
#: Columns in which anything may stand.
OF_PAPERS = (
    "title",
    "title_official",
    "title_published",
    "summary",
    "notes",
    "authors",
    "venue",
    "venue_full",
)
OF_PAPERS += ("pages", "aliases", "generated_by", "reviewed_by")
OF_SECTIONS = ("title", "description", "text")


def test_texts_come_back(settings: Any, out: Path, section: Section) -> None:
    """Those of changes that wait too: their front matter ends with what is typed."""
    for number, text in enumerate(TEXTS):
        make_section(f"s{number}", section, **dict.fromkeys(OF_SECTIONS, text))
        paper = make_paper(section, f"p{number}", **dict.fromkeys(OF_PAPERS, text))
        revisions.save(paper, {**revisions.typed_fields(paper), "title": f"{number}"})
    assert_round_trip(settings, out)


def test_tags_come_back(settings: Any, out: Path, section: Section) -> None:
    names = [*TEXTS, "MoE", "moe", "MOE", "true"]
    tags = [Tag.objects.create(name=name, slug=f"t{number}") for number, name in enumerate(names)]
    make_paper(section, "x").tags.set(tags)
    make_paper(section, "y").tags.set(tags[-2:])
    assert_round_trip(settings, out)


def test_words_of_pictures_come_back(settings: Any, out: Path, root: Section) -> None:
    for number, text in enumerate(TEXTS):
        name = figures.store(png(number + 1)).name
        Figure.objects.filter(pk=name).update(alt=text, caption=text)
    assert_round_trip(settings, out)


@pytest.mark.parametrize(
    "slug", ["null", "2025-01-01", "1e3", "index", "_x", "-x", "@a", "=", "---", "a~", "papercache.yaml"]
)
def test_slugs_come_back(settings: Any, out: Path, section: Section, root: Section, slug: str) -> None:
    make_paper(section, slug)
    make_paper(make_section(slug, root), slug)
    assert_round_trip(settings, out)


def test_uid_null_comes_back(settings: Any, out: Path, section: Section) -> None:
    make_paper(make_section("_x", section, uid="null"), "_x", uid="null")
    assert_round_trip(settings, out)


@pytest.mark.parametrize(
    "path", ["/a  b", "/a\u3000b", "/a?b", "/a#b", "/a//b", "/a ", "/a/ ", "/null", f"/{'ß' * 300}/"]
)
def test_former_addresses_come_back(settings: Any, out: Path, section: Section, path: str) -> None:
    addresses.point(path, make_paper(section, "x"))
    addresses.point(f"/2{path}", section)
    assert_round_trip(settings, out)
