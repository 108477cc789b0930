"""GitHub's specification of Markdown: no section of it is kept less than it was."""

import pytest

from . import gfm
from .conftest import missing

# In percent. What lies below 100 is HTML that a note may not have, text that only looks like a tag, formulas, `[[…]]`,
# emphasis next to Chinese, and a bullet below a number; or what nobody types.
FLOORS = {
    "Tabs": 100,
    "Precedence": 100,
    "Thematic breaks": 100,
    "ATX headings": 100,
    "Setext headings": 100,
    "Indented code blocks": 100,
    "fences": 96,
    "HTML blocks": 30,
    "links": 81,
    "Paragraphs": 100,
    "Blank lines": 100,
    "tables": 100,
    "Block quotes": 100,
    "lists": 96,
    "Backslash escapes": 69,
    "Entity and numeric character references": 82,
    "Code spans": 95,
    "emphasis": 94,
    "Autolinks": 47,
    "Autolinks (extension)": 81,
    "Raw HTML": 35,
    "Disallowed Raw HTML (extension)": 0,
    "Hard line breaks": 86,
    "Soft line breaks": 100,
    "Textual content": 100,
}


@pytest.fixture(scope="module")
def sections() -> dict[str, list[gfm.Example]]:
    if not gfm.SPEC.exists():
        missing(f"the specification, at {gfm.SPEC.name}; tests/gfm.py says where it comes from")
    return gfm.by_section()


def test_all_examples_are_found(sections: dict[str, list[gfm.Example]]) -> None:
    assert sum(map(len, sections.values())) == 672
    assert sections.keys() == FLOORS.keys()


@pytest.mark.parametrize(("section", "floor"), FLOORS.items())
def test_a_section_is_kept(section: str, floor: int, sections: dict[str, list[gfm.Example]]) -> None:
    broken = [example.number for example in sections[section] if not example.is_kept]
    assert gfm.percent(sections[section]) >= floor, f"not kept: {broken}"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("<h2 id='s-a'>a</h2>\n<p>b\nc </p>", "<h2>a</h2><p>b c</p>"),
        ('<a href="/%5C&quot;" rel="noopener">“</a>', '<a href="/\\%22">&ldquo;</a>'),
        (
            '<pre class="highlight"><code><span id="code-1-1">a  b</span>\n</code></pre>',
            "<pre><code>a  b\n</code></pre>",
        ),
        (
            '<li class="task"><input type="checkbox" disabled checked> a',
            '<li><input checked="" type="checkbox"> a',
        ),
        (
            '<figure><img src="a" alt="b"><figcaption>c</figcaption></figure>',
            '<p><img alt="b" title="c" src="a" /></p>',
        ),
        ('<figure><img src="a" alt="b"><figcaption>b</figcaption></figure>', '<p><img alt="b" src="a"></p>'),
    ],
)
def test_what_is_only_ours_does_not_count(ours: str, theirs: str) -> None:
    assert gfm.canonical(ours) == gfm.canonical(theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("<pre><code>a  b</code></pre>", "<pre><code>a b</code></pre>"),
        ("<p>a <em>b</em></p>", "<p>a<em>b</em></p>"),
        ('<img src="a" alt="b">', '<img src="a" alt="c">'),
        ('<a href="a" title="b">c</a>', '<a href="a">c</a>'),
        ('<code class="language-a">', "<code>"),
        ("<p>&lt;b&gt;</p>", "<p><b></p>"),
        ('<a href="a">b</a>', '<img src="a" alt="b">'),
    ],
)
def test_anything_else_does(ours: str, theirs: str) -> None:
    assert gfm.canonical(ours) != gfm.canonical(theirs)
