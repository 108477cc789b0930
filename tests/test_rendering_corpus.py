"""Habits of people who write notes, one by one: what was typed, and what becomes of it (tests/data/markdown)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from papers.rendering import Format, Targets, finish
from papers.rendering.renderer import render

FOLDER = Path(__file__).parent / "data" / "markdown"

# What the notes of the corpus may name: two papers and a picture.
TARGETS = Targets(
    blocks={"topics": "<ul><li>栏目</li></ul>"},
    papers=dict.fromkeys(("Attention Is All You Need", "attention"), "/llm/attention.html")
    | dict.fromkeys(("{BERT}: Pre-training", "BERT: Pre-training"), "/llm/bert.html"),
    figures={"0123456789abcdef0123456789abcdef.png": (640, 480)},
)

_MATH = re.compile(
    r'<math( display="block")?>.*?<annotation[^<>]*>(.*?)</annotation></semantics></math>', re.DOTALL
)
_BLOCKS = "blockquote|dd|details|div|dl|dt|figcaption|figure|h[1-6]|hr|li|ol|p|pre|section|summary|t[a-z]+|ul"
_EDGE = re.compile(rf"\n?(</?(?:{_BLOCKS})\b[^<>]*>)\n?")


def cases() -> Iterator[object]:
    for path in sorted(FOLDER.glob("*.txt")):
        for case in re.split(r"^==== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name, _, text = case.partition("\n")
            source, _, expected = text.partition("\n----\n")
            note_format = "html" if path.stem == "html_format" else "markdown"
            yield pytest.param(source, note_format, expected.strip(), id=f"{path.stem}-{name}")


def legible(html: str) -> str:
    """Formulas as their TeX without their ids, and no line breaks around blocks; those in code stay."""
    html = re.sub(r' id="formula-[0-9a-f-]+"', "", html)
    html = _MATH.sub(lambda found: f"<math{' block' if found[1] else ''}>{found[2]}</math>", html)
    parts = re.split(r"(<pre\b.*?</pre>)", html, flags=re.DOTALL)
    parts[::2] = [_EDGE.sub(r"\1", part).strip("\n") for part in parts[::2]]
    return "".join(parts)


@pytest.mark.parametrize(("source", "note_format", "expected"), list(cases()))
def test_what_becomes_of_it(source: str, note_format: Format, expected: str) -> None:
    assert legible(finish(render(source, note_format).html, TARGETS)) == expected
