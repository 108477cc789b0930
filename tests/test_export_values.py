"""What can be typed comes back as it was, whatever YAML, front matter or a file's name would mean by it."""

from pathlib import Path
from typing import Any

import pytest

from papers.models import Section, Tag

from .conftest import make_paper, make_section
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


def test_tags_come_back(settings: Any, out: Path, section: Section) -> None:
    names = [*TEXTS, "MoE", "moe", "MOE", "true"]
    tags = [Tag.objects.create(name=name, slug=f"t{number}") for number, name in enumerate(names)]
    make_paper(section, "x").tags.set(tags)
    make_paper(section, "y").tags.set(tags[-2:])
    assert_round_trip(settings, out)


def test_uid_null_comes_back(settings: Any, out: Path, section: Section) -> None:
    make_paper(make_section("_x", section, uid="null"), "_x", uid="null")
    assert_round_trip(settings, out)
