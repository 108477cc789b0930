"""Input that wants to harm the reader."""

import re
from html.parser import HTMLParser

import pytest

from papers.rendering import Format, Targets, block_names, finish, render

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//x></sCrIpT>",
    '<img src="x" onerror="alert(1)">',
    "<img src=x onerror=alert(1)//",
    '<p onclick="alert(1)">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java&#10;script:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:x">x</a>',
    "[x](javascript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "![x](data:image/svg+xml;base64,AAAA)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>*{display:none}</style>",
    '<p style="position:fixed">x</p>',
    "<iframe src=//x></iframe><object data=x></object><embed src=x>",
    '<form action="//x"><input name=a></form>',
    '<base href="//x"><meta http-equiv=refresh content=0><link rel=stylesheet href=//x>',
    '<div id="content" class="site-header" data-action="x">x</div>',
    "</article></main></body></html>",
    "$\\text{</math><script>alert(1)</script>}$",
    "$x</annotation></semantics></math><img src=x onerror=alert(1)>$",
    '$\\foo"><img src=x onerror=alert(1)>$',
    '$$\\begin{align}x\\label{a" onclick="x}\\end{align}$$',
    '$\\color{red;" onclick="x}x$',
    "`</code><script>alert(1)</script>`",
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n</code></pre><script>alert(1)</script>\n```",
    '<a title="$x$ onclick=1" href="/x">x</a>',
    '![$" onerror="alert(1)$](x)',
    '[x](/a "$\\"><script>$")',
    "<p <script>alert(1)</script>>",
    "<!--><script>alert(1)</script>-->",
    '[^"><script>]\n\n[^"><script>]: x',
    "# <script>alert(1)</script>",
]

SAFE_ATTRIBUTES = {
    "align",
    "alt",
    "class",
    "colspan",
    "display",
    "displaystyle",
    "encoding",
    "form",
    "height",
    "href",
    "id",
    "lspace",
    "mathcolor",
    "maxsize",
    "minsize",
    "movablelimits",
    "open",
    "rel",
    "rowspan",
    "rspace",
    "scriptlevel",
    "src",
    "start",
    "stretchy",
    "title",
    "translate",
    "width",
}


class Inspector(HTMLParser):
    """Fails on anything that could act."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {
            "script",
            "style",
            "svg",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "base",
            "meta",
        }
        assert {name for name, _ in attrs} <= SAFE_ATTRIBUTES
        for name, value in attrs:
            if name in ("href", "src"):
                scheme = re.match(r"[\x00-\x20]*([a-z][a-z0-9+.\x00-\x20-]*):", value or "", re.IGNORECASE)
                assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}
            if name == "id":
                assert (value or "").startswith(
                    ("s-", "fn", "eq-", "n-", "code-", "cite-", "link-", "fig-", "formula-")
                )


@pytest.mark.parametrize("format", ["markdown", "html"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_acts_comes_out(attack: str, format: Format) -> None:
    for source in (attack, f"字 {attack} 字", f"<div>{attack}", f"> {attack}", f"- a\n    - {attack}"):
        Inspector().feed(finish(render(source, format).html, Targets(prefix="/x")))


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_classes_of_the_site_cannot_be_borrowed(format: Format) -> None:
    page = render('<div class="site-header footnote" id="main"><span class="k">x</span></div>', format).html
    assert 'class="footnote" id="n-main"' in page
    assert "site-header" not in page
    assert '"k"' not in page


@pytest.mark.parametrize("format", ["markdown", "html"])
@pytest.mark.parametrize(
    "forged",
    [
        "\ufdd3topics\ufdd4",
        "&#xFDD3;topics&#xFDD4;",
        "&#64979;topics&#64980;",
        "&#x0000fdd3topics&#xfdd4",
        "&amp;#xfdd3;topics&amp;#xfdd4;",
        "&\\#xfdd3;topics&\\#xfdd4;",
        '<p title="\ufdd3topics\ufdd4">x</p>',
        '<img alt="&#xfdd3;topics&#xfdd4;" src="x">',
    ],
)
def test_a_block_mark_cannot_be_forged(forged: str, format: Format) -> None:
    assert block_names(render(forged, format).html) == frozenset()


@pytest.mark.parametrize(
    "forged", ["\ufdd00\ufdd1", "&#xfdd0;0&#xfdd1;", "&#xfdd0;999&#xfdd1;", "\ufdd0999\ufdd1"]
)
def test_a_placeholder_cannot_be_forged(forged: str) -> None:
    assert render(f"$x$ {forged}", "markdown").html.count("<math>") == 1


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_the_prefix_mark_cannot_be_forged(format: Format) -> None:
    page = render('<a href="&#xfdd5;x">x</a> \ufdd5 &#xfdd5;', format).html
    assert "/papercache" not in finish(page, Targets(prefix="/papercache"))


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_control_characters_cannot_be_referred_to(format: Format) -> None:
    page = render("a&#0;b&#x1;c&#27;d&#127;e", format).html
    assert not any(ord(character) < 32 or ord(character) == 127 for character in page)


@pytest.mark.parametrize("source", ["\x02klzzwxh:0000\x03", "\x02wzxhzdk:0\x03", "\x0242\x03"])
def test_pythons_markdown_placeholders_cannot_be_forged(source: str) -> None:
    assert render(f"<div>a</div>\n\n{source}", "markdown").html.count("<div>") == 1


def test_half_surrogates_do_not_break_the_page() -> None:
    assert render("a\ud800b", "markdown").html == "<p>ab</p>"
