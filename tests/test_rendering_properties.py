"""What holds for every note, whatever is in it: texts put together at random."""

import re
import unicodedata
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papers.rendering import OUTPUT_LIMIT, Format, Rendered, Targets, finish, render_in_child
from papers.rendering.marks import RESERVED
from papers.rendering.renderer import render

MARKDOWN = """
# ## ###### * ** *** _ __ ~~ == ` `` ``` ~~~ [ ] ( ) ![ ]( ][ [[ ]] [^1] [^1]: [^注]: [x]: [x] > >> - + 1. 2) --- === | || |-|-| :-:
\\ \\\\ \\* \\$ : ~ ! [!NOTE] [!tip]- [[topics]] [[papers]] [[甲|乙]] [[Attention#结论]] 【1】 【索引1，Attention，2017】 【 】 [ ] [x]
<http://a.b/c> http://a.b/c www.a.b a@b.c /-/figures/00112233445566778899aabbccddeeff.png
""".split()
HTML = """
<p> </p> <div> </div> <b> </b> <i> </i> <a> <a\x20href=/x> <a\x20name=y> </a> <h2> <h2\x20id=x> </h2> <ul> <li> </li> </ul> <table> <tr> <td>
</td> </tr> </table> <br> <img\x20src=x> <img\x20src=http://a.b/c> <pre> </pre> <code> </code> <details> <summary> </summary> </details>
<svg> </svg> <math> </math> <mtext> <style> </style> <script> </script> <textarea> </textarea> <template> </template> <object> </object>
<select> <button> </button> <noscript> <title> <!-- --> <!--> <![CDATA[ ]]> <? < > </ /> " ' = &lt; &amp; &#60; &#xfdd0; &#0; &nbsp;
<p\x20id=x\x20style=text-align:center> <p\x20title=' <span\x20style="font-weight:bold"> <section> </section> <blockquote> <figure> <dl> <dt> <dd>
""".split(" ")
TEX = r"$ $$ \( \) \[ \] x_1 ^2 \frac { } \text{ \label{a} \tag{1} \eqref{a} \begin{align} \end{align} & \\ \href \color{red} % \left( $x$".split()
CHINESE = "推理 加速 ， 。 （ ） 「 」 ！ 注意力 \u3000 Ａ １ 𠮷".split(" ")
BLANKS = [" ", "  ", "    ", "\n", "\n\n", "\t", "\n    ", "\n> ", "\n- ", "\n1. ", "\r\n"]

# What may hold other things.
FRAMES = (
    "[@](/x)\n![@](x)\n![](x '@')\n**@**\n*@*\n~~@~~\n==@==\n`@`\n$@$\n$$@$$\n$\\text{@}$\n> @\n- @\n1. @\n    @\n# @\n[^1]: @\n[x]: @\n| @ | @ |\n"
    "【索引1，@，2017】\n[[@]]\n[[甲|@]]\n<p>@</p>\n<a href=/x>@</a>\n<h2>@</h2>\n<pre>@</pre>\n<pre><code class=language-python>@</code></pre>\n"
    "<div id=x>@</div>\n<ul><li>@</ul>\n<table><tr><td>@</table>\n<span title='@'>@</span>\n<a href='@'>@</a>\n<img src='@' alt='@'>\n<!-- @ -->"
).split("\n")

SIMPLE = st.one_of(
    *[st.sampled_from(kind) for kind in (MARKDOWN, HTML, TEX, CHINESE, BLANKS, BLANKS, BLANKS)],
    st.text(max_size=3),
    st.text(
        alphabet=[chr(code) for code in RESERVED] + ["\x02", "\x03", "\u202e", "\u200b", "\x00"], max_size=2
    ),
)
FRAGMENT = st.recursive(
    SIMPLE,
    lambda inner: st.builds(
        lambda frame, inside: frame.replace("@", "".join(inside)),
        st.sampled_from(FRAMES),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
NOTE = st.lists(FRAGMENT, max_size=40).map("".join)
FORMAT = st.sampled_from(["markdown", "html"])
# Without a sign that Markdown or HTML could take for markup, at the start of a line or elsewhere.
PLAIN = st.lists(
    st.sampled_from(["推理", "加速", "abc", "Q4", "Ａ１", "，", "。", "（", "）", "！", "：", " ", "\n"]),
    max_size=60,
).map("".join)

VOID = {"br", "col", "hr", "img", "input", "wbr"}
KNOWN_ID = re.compile(r"(?:s|n|fn|fnref\d*|fig|formula|code|cite|link|eq)-.+", re.DOTALL)

few = settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TARGETS = Targets(
    prefix="/x", papers={"甲": "/a.html", "Attention": "/b.html"}, blocks={"topics": "<ul></ul>"}
)


class Reader(HTMLParser):
    """Fails where tags are not balanced; keeps them, and the ids."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs)
        assert "style" not in given
        self.tags.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        assert self.open.pop() == tag


def page_of(rendered: Rendered) -> str:
    return finish(rendered.html, TARGETS)


@few
@given(NOTE, FORMAT)
def test_every_note_is_rendered_and_twice_alike(source: str, format: Format) -> None:
    assert render(source, format) == render(source, format)


@few
@given(NOTE, FORMAT)
def test_another_process_gives_the_same(source: str, format: Format) -> None:
    assert render_in_child(source, format) == render(source, format)


@few
@given(NOTE, FORMAT)
def test_the_result_can_be_stored(source: str, format: Format) -> None:
    rendered = render(source, format)
    assert Rendered.from_dict(rendered.as_dict()) == rendered
    assert len(rendered.html) < OUTPUT_LIMIT


@few
@given(NOTE, FORMAT)
def test_tags_are_balanced_and_nothing_has_a_style(source: str, format: Format) -> None:
    Reader(page_of(render(source, format)))


@few
@given(NOTE, FORMAT)
def test_browsers_read_the_tree_that_is_written(source: str, format: Format) -> None:
    page = page_of(render(source, format))
    written = Reader(page).tags
    again = nh3.clean(page, tags={tag for tag in written if tag[0] != "/"}, clean_content_tags=set())
    assert Reader(again).tags == written


@few
@given(NOTE, FORMAT)
def test_ids_are_unique_and_none_of_the_page(source: str, format: Format) -> None:
    ids = Reader(page_of(render(source, format))).ids
    assert len(set(ids)) == len(ids)
    assert [id for id in ids if not KNOWN_ID.fullmatch(id)] == []


@few
@given(NOTE, FORMAT)
def test_no_mark_of_ours_meets_a_reader(source: str, format: Format) -> None:
    rendered = render(source, format)
    texts = [page_of(rendered), rendered.plain_text, *(heading.text for heading in rendered.contents)]
    texts += [citation.title + citation.sentence for citation in rendered.citations]
    texts += [problem.snippet for problem in rendered.problems]
    assert [text for text in texts if any(ord(character) in RESERVED for character in text)] == []


@few
@given(NOTE, FORMAT)
def test_headings_and_citations_lead_somewhere(source: str, format: Format) -> None:
    rendered = render(source, format)
    ids = set(Reader(page_of(rendered)).ids)
    assert {heading.id for heading in rendered.contents} <= ids
    assert {citation.anchor for citation in rendered.citations} <= ids


@few
@given(PLAIN, FORMAT)
def test_no_word_of_a_text_without_markup_is_lost(source: str, format: Format) -> None:
    def letters(text: str) -> str:
        return "".join(character for character in text if unicodedata.category(character)[0] in "LN")

    assert letters(render(source, format).plain_text) == letters(source)


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_the_reader_of_these_tests_sees_what_is_wrong(format: Format) -> None:
    for wrong in ("<p>", "</p>", "<p style=x></p>", "<b><i></b></i>"):
        with pytest.raises((AssertionError, IndexError)):
            Reader(wrong)
