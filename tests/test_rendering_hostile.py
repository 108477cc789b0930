"""Input that wants to harm the reader."""

import re
from html.parser import HTMLParser

import pytest

from papers.rendering import Format, Targets, block_names, finish
from papers.rendering.renderer import render
from tests.hostile_notes import HOSTILE

SAFE_ATTRIBUTES = {
    "align",
    "alt",
    "aria-label",
    "checked",
    "class",
    "colspan",
    "decoding",
    "depth",
    "disabled",
    "display",
    "displaystyle",
    "encoding",
    "form",
    "height",
    "href",
    "id",
    "loading",
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
    "type",
    "voffset",
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
            "base",
            "meta",
        }
        assert tag != "input" or ("disabled", None) in attrs
        assert {name for name, _ in attrs} <= SAFE_ATTRIBUTES
        for name, value in attrs:
            if name in ("href", "src"):
                scheme = re.match(r"[\x00-\x20]*([a-z][a-z0-9+.\x00-\x20-]*):", value or "", re.IGNORECASE)
                assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}
            if name == "id":
                assert (value or "").startswith(
                    (
                        "s-",
                        "fn",
                        "fig-",
                        "formula-",
                        "eq-",
                        "n-",
                        "code-",
                        "cite-",
                        "link-",
                        "fig-",
                        "formula-",
                    )
                )


@pytest.mark.parametrize("format", ["markdown", "html"])
@pytest.mark.parametrize("attack", HOSTILE.values(), ids=HOSTILE)
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


@pytest.mark.parametrize("format", ["markdown", "html"])
@pytest.mark.parametrize(
    "picture",
    [
        "![x]( http://a.b/c)",
        "![x](\nhttp://a.b/c)",
        "![x](< //a.b/c>)",
        "<img src=' //a.b/c'>",
        "<img src='/\t/a.b/c'>",
    ],
)
def test_no_blank_hides_a_picture_on_another_host(picture: str, format: Format) -> None:
    assert "<img" not in render(picture, format).html


def test_a_link_behind_a_blank_is_to_another_site_too() -> None:
    assert 'rel="noopener noreferrer"' in render("[x]( http://a.b/c)", "markdown").html


def test_a_piece_in_an_address_cannot_make_it_run() -> None:
    html = render("[x](`javascript:alert(1)`) [y](javascript`:`z)", "markdown").html
    assert not re.search(r'href="\s*javascript:', html)


@pytest.mark.parametrize(
    ("nested", "read"),
    [
        ("<p>a<object><p>b</p></object>c</p>", "<p>a</p><p>b</p>c"),
        ("<a href=x>a<object><a href=y>b</a></object></a>", '<a href="x">a</a><a href="y">b</a>'),
        ("<div><li>a</li></div>", "<li>a</li>"),
    ],
)
def test_what_cannot_stand_in_another_stands_beside_it(nested: str, read: str) -> None:
    assert render(nested, "html").html == read


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_of_equal_ids_the_first_stays(format: Format) -> None:
    html = render("<p id=x>a</p><p id=x>b</p><h2 id=x>c</h2>", format).html
    assert html.count('id="n-x"') == 1


def test_labels_of_signs_are_footnotes_of_their_own() -> None:
    html = render("a[^*] b[^†]\n\n[^*]: c\n\n[^†]: d", "markdown").html
    targets = re.findall(r'href="#(fn-[^"]*)"', html)
    assert len(set(targets)) == 2
    assert set(targets) == set(re.findall(r'<li id="([^"]*)"', html))


def test_of_equal_equation_labels_the_first_stays() -> None:
    html = render("$$x\\label{a}\\tag{1}$$\n\n$$y\\label{a}\\tag{2}$$", "markdown").html
    assert html.count('id="eq-a"') == 1


def test_a_reference_in_a_link_is_no_link() -> None:
    html = render("$$x\\label{a}\\tag{1}$$\n\n[$\\eqref{a}$](/x)", "markdown").html
    assert html.count("<a ") == 1


def test_a_sentence_without_end_is_cut() -> None:
    rendered = render("【1，Attention】" + "【1】" * 2000, "markdown")
    assert {len(citation.sentence) for citation in rendered.citations} == {1000}


def test_a_citation_in_a_link_keeps_its_place() -> None:
    rendered = render("[【索引1，Attention，2017】](/x)", "markdown")
    assert f'id="{rendered.citations[0].anchor}"' in rendered.html


def test_a_link_in_a_pictures_words_leaves_nothing_behind() -> None:
    assert "\x02" not in render("![[</p>](/b)](c)", "markdown").html
