"""How far GitHub's specification of Markdown is kept: its examples, section by section.

    python -m tests.gfm [--failed SECTION]

The specification has a licence of its own (CC BY-SA), so it is not kept here. Its version 0.29 is in the source
package of `marko`, as tests/spec/gfm.txt: put that file where GFM_SPEC says, or to .cache/gfm.txt.
"""

import argparse
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote

from papers.rendering import Targets, finish
from papers.rendering.renderer import render

SPEC = Path(os.environ.get("GFM_SPEC") or Path(__file__).parents[1] / ".cache" / "gfm.txt")

# What the specification tells in several of its sections; any other section goes by its own name.
_GROUPS = {
    "lists": ("List items", "Lists", "Task list items (extension)"),
    "fences": ("Fenced code blocks",),
    "tables": ("Tables (extension)",),
    "emphasis": ("Emphasis and strong emphasis", "Strikethrough (extension)"),
    "links": ("Links", "Images", "Link reference definitions"),
}
_GROUP_OF = {section: group for group, sections in _GROUPS.items() for section in sections}

_EXAMPLE = re.compile(
    r"^`{32} example[^\n]*\n(?P<source>.*?)^\.\n(?P<expected>.*?)^`{32}$|^## (?P<section>[^\n]+)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Example:
    number: int
    section: str
    source: str
    expected: str

    @property
    def html(self) -> str:
        return finish(render(self.source, "markdown").html, Targets())

    @property
    def is_kept(self) -> bool:
        return canonical(self.html) == canonical(self.expected)


def examples(spec: Path = SPEC) -> Iterator[Example]:
    number, section = 0, ""
    for found in _EXAMPLE.finditer(spec.read_text(encoding="utf-8").replace("→", "\t")):
        if found["section"]:
            section = _GROUP_OF.get(found["section"], found["section"])
        else:
            number += 1
            yield Example(number, section, found["source"], found["expected"])


def by_section(spec: Path = SPEC) -> dict[str, list[Example]]:
    """In the order of the specification."""
    sections: dict[str, list[Example]] = {}
    for example in examples(spec):
        sections.setdefault(example.section, []).append(example)
    return sections


# --- What counts as the same ---------------------------------------------------------------------------------

_BLOCKS = frozenset(
    """
    address article aside blockquote body br dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html iframe li main nav ol option p pre script section style summary table tbody
    td textarea tfoot th thead title tr ul
    """.split()
)
_BLANKS = re.compile(r"\s+")
# Of our own markup, by element; `*` is any. Task boxes differ in all their attributes but whether they are ticked.
_OURS = {
    "*": {"translate"},
    "a": {"rel"},
    "input": {"aria-label", "disabled", "type"},
    "img": {"decoding", "loading"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}


def canonical(html: str) -> str:
    parser = _Canonical()
    parser.feed(html)
    parser.close()
    return parser.text.strip()


class _Canonical(HTMLParser):
    """HTML by the rules of the specification's own test program, and without the markup that is only ours.

    Its rules: blanks count as one, and around blocks as none, but for code; attributes have no order; a character
    and a reference to it are the same, in addresses too. Ours: the marks of code, headings, task boxes and links to
    other sites; pictures say that there are no words for them, and one that stands alone is a figure with a caption.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._is_code = False
        self._is_edge = True
        #: Where the picture of a figure ends in `text`, and its words, as long as the figure is open.
        self._picture: tuple[int, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if (tag == "span" and self._is_code) or tag == "figcaption":
            return
        if tag == "figure":
            tag, attributes, self._picture = "p", {}, (0, "")
        self._start_block(tag)
        self._is_code |= tag == "pre"
        self.text += f"<{tag}{_written(tag, attributes)}>"
        if tag == "img" and self._picture:
            self._picture = len(self.text) - 1, attributes.get("alt", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if (tag == "span" and self._is_code) or tag == "figcaption":
            return
        if tag == "figure":
            tag, self._picture = "p", None
        self._start_block(tag)
        self._is_code &= tag != "pre"
        self.text += f"</{tag}>"

    def _start_block(self, tag: str) -> None:
        self._is_edge = tag in _BLOCKS
        if self._is_edge and not self._is_code:
            self.text = self.text.rstrip()

    def handle_data(self, data: str) -> None:
        if self._picture and self._picture[0]:
            self._read_caption(data)
            return
        if not self._is_code:
            data = _BLANKS.sub(" ", data)
            data = data.lstrip() if self._is_edge else data
        self.text += escape(data)
        self._is_edge &= not data

    def _read_caption(self, caption: str) -> None:
        """It is the title, or else the words that stand for the picture."""
        assert self._picture
        end, alt = self._picture
        if caption != alt:
            self.text = f'{self.text[:end]} title="{escape(caption)}"{self.text[end:]}'

    def handle_comment(self, data: str) -> None:
        self.text += f"<!--{data}-->"

    def handle_decl(self, decl: str) -> None:
        self.text += f"<!{decl}>"

    def handle_pi(self, data: str) -> None:
        self.text += f"<?{data}>"

    def unknown_decl(self, data: str) -> None:
        self.text += f"<![{data}]>"


def _written(tag: str, attributes: dict[str, str]) -> str:
    left = {
        name: value for name, value in attributes.items() if name not in _OURS["*"] | _OURS.get(tag, set())
    }
    if left.get("class") in ("highlight", "task"):
        del left["class"]
    if tag == "img" and not left.get("alt"):
        left["alt"] = ""
    for name in left.keys() & {"href", "src"}:
        left[name] = quote(unquote(left[name]), safe="/")
    return "".join(f' {name}="{escape(value)}"' for name, value in sorted(left.items()))


# --- The report ----------------------------------------------------------------------------------------------


def percent(found: list[Example]) -> float:
    return 100 * sum(example.is_kept for example in found) / len(found)


def report(sections: dict[str, list[Example]]) -> None:
    everything = [example for found in sections.values() for example in found]
    for section, found in [*sections.items(), ("all", everything)]:
        kept = sum(example.is_kept for example in found)
        print(f"{section:45} {kept:3}/{len(found):3} {percent(found):6.1f} %")


def show(example: Example) -> None:
    print(f"=== {example.number} ({example.section})")
    for name, text in (("source", example.source), ("expected", example.expected), ("got", example.html)):
        print(f"--- {name}\n{text.rstrip()}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gfm", description=__doc__)
    parser.add_argument(
        "--failed", metavar="SECTION", help="show what is not kept of it (`all`: of every section)"
    )
    section = parser.parse_args().failed
    sections = by_section()
    if not section:
        report(sections)
        return
    for example in examples():
        if section in ("all", example.section) and not example.is_kept:
            show(example)


if __name__ == "__main__":
    main()
