"""What a note looks like: Markdown, headings, code, links, marks, plain text."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest

from papers.rendering import Heading, Rendered, Targets, block_names, finish, renderer_version
from papers.rendering.renderer import render

NOTE = (Path(__file__).parent / "data" / "rendering" / "note.md").read_text(encoding="utf-8")


def html(source: str) -> str:
    return render(source, "markdown").html


def finished(source: str, **targets: object) -> str:
    return finish(html(source), Targets(**targets))  # type: ignore[arg-type]


def test_all_that_is_doubtful_in_a_whole_note_are_its_prices() -> None:
    problems = render(NOTE, "markdown").problems
    assert {(problem.line, problem.kind) for problem in problems} == {(4, "price")}


def test_emphasis_works_next_to_chinese() -> None:
    assert html("**注意：**这是*强*调") == "<p><strong>注意：</strong>这是<em>强</em>调</p>"


def test_table_alignment_is_an_attribute() -> None:
    table = html("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert '<th align="center">a</th>' in table
    assert '<td align="right">2</td>' in table


def test_a_bar_in_code_or_formula_does_not_split_a_table_cell() -> None:
    assert html("| a | b |\n|---|---|\n| `x|y` | $|x|$ |").count("<td>") == 2


def test_sane_lists_keep_their_start() -> None:
    assert '<ol start="3">' in html("3. 三\n4. 四")


def test_a_footnote_leads_there_and_back() -> None:
    page = html("正文[^注 1]\n\n[^注 1]: 说明")
    assert 'href="#fn-注-1"' in page
    assert '<li id="fn-注-1">' in page
    assert 'class="footnote-backref" href="#fnref-注-1"' in page


def test_footnotes_are_numbered_as_the_text_needs_them() -> None:
    page = html("正文[^b c] [^a]\n\n[^a]: 甲\n\n[^b c]: 乙\n\n[^d]:")
    assert 'href="#fn-b-c">1</a>' in page
    assert re.findall(r'<li id="([^"]*)">', page) == ["fn-b-c", "fn-a", "fn-d"]


def test_heading_ids_are_readable_and_prefixed() -> None:
    assert html("## 2. 推理 Speed-Up！") == '<h2 id="s-2-推理-speed-up">2. 推理 Speed-Up！</h2>'


def test_equal_headings_get_different_ids() -> None:
    ids = [heading.id for heading in render("# a-2\n# a\n# a\n# a", "markdown").contents]
    assert ids == ["s-a-2", "s-a", "s-a-3", "s-a-4"]


def test_a_heading_without_words_has_an_id_but_no_place_in_the_contents() -> None:
    rendered = render("##\n", "markdown")
    assert 'id="s-section"' in rendered.html
    assert rendered.contents == ()


def test_contents_are_plain_text() -> None:
    contents = render("# *方法* `a<b` $O(n)$[^1]\n\n[^1]: x", "markdown").contents
    assert contents == (Heading(1, "s-方法-ab-on", "方法 a<b O(n)"),)


def test_fenced_code_is_coloured_by_classes() -> None:
    page = html("```python\nreturn 1\n```")
    assert '<pre class="highlight" translate="no"><code class="language-python">' in page
    assert '<span class="k">return</span>' in page


def test_code_in_an_unknown_language_is_plain() -> None:
    assert '<code class="language-nonsense"><span id="code-1-1">a &lt; b</span>\n</code>' in html(
        "```nonsense\na < b\n```"
    )


def test_code_keeps_every_character() -> None:
    code = "  _a_ *b* \\(c\\) <d> &amp; `e` [[topics]]\n\n\tf\n"
    page = html(f"````\n{code}````")
    assert unescape(re.sub("<[^<>]*>", "", page)) == code


def test_a_fence_works_in_a_quotation() -> None:
    page = html("> ```py\n> a\n>     b\n> ```\n> 后")
    assert page.startswith('<blockquote>\n<pre class="highlight"')
    assert "<p>后</p>" in page


def test_a_fence_does_not_end_the_list_it_is_in() -> None:
    page = html("1. 一\n\n    ```py\n    x\n    ```\n2. 二")
    assert page.count("<li>") == 2
    assert page.count("<ol>") == 1


def test_an_open_fence_is_reported_with_its_line() -> None:
    (problem,) = render("一\n\n```py\nx", "markdown").problems
    assert (problem.line, problem.snippet) == (3, "```py")


def test_code_spans_keep_backticks_and_tags() -> None:
    assert html("``a`<b>``") == '<p><code translate="no">a`&lt;b&gt;</code></p>'


@pytest.mark.parametrize("text", ["a<b 且 c>d", "以 <eos> 结束", "</s>", "1 < 2", "<api>", "a <- b"])
def test_text_that_looks_like_a_tag_stays(text: str) -> None:
    assert render(text, "markdown").plain_text == text


def test_allowed_html_stays() -> None:
    source = 'H<sub>2</sub>O <kbd>Ctrl</kbd> <ruby>漢<rt>han</rt></ruby> <abbr title="x">m</abbr>'
    assert html(source) == f"<p>{source}</p>"


def test_comments_vanish_outside_code_only() -> None:
    assert html("a <!-- $x$ -->b `<!-- c -->`") == '<p>a b <code translate="no">&lt;!-- c --&gt;</code></p>'


def test_links_on_this_site_get_the_prefix() -> None:
    page = finished("[a](/about/) ![b](/b.png)", prefix="/papercache")
    assert 'href="/papercache/about/"' in page
    assert 'src="/papercache/b.png"' in page


@pytest.mark.parametrize("address", ["//host/x", "/\\host", "https://host/", "x.html", "#s-a"])
def test_other_links_get_no_prefix(address: str) -> None:
    assert f'href="{address}"' in finished(f'<a href="{address}">a</a>', prefix="/papercache")


def test_links_to_other_sites_keep_them_from_reaching_back() -> None:
    assert 'rel="noopener noreferrer"' in html("[a](https://example.com)")
    assert "rel=" not in html("[a](/about/)")


def test_a_block_mark_becomes_its_block() -> None:
    page = finished("前\n\n[[topics]]\n\n后", blocks={"topics": "<ul>…</ul>"})
    assert "<p>前</p>\n<ul>…</ul>\n<p>后</p>" in page


def test_a_block_that_is_not_offered_is_the_words_typed() -> None:
    assert finished("[[papers]]") == "<p>[[papers]]</p>"


def test_block_names_are_found() -> None:
    assert block_names(html("[[topics]]\n文字\n[[papers]]")) == {"topics", "papers"}


@pytest.mark.parametrize("source", ["见 [[topics]]", "`[[topics]]`", "```\n[[topics]]\n```", "[[other]]"])
def test_block_marks_stand_alone_on_a_line(source: str) -> None:
    assert block_names(html(source)) == frozenset()


def test_plain_text_is_what_can_be_read() -> None:
    source = "# 题\n\n中文\n换行 *a* & `b`，$x_1$[^1]\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n[^1]: 注"
    assert render(source, "markdown").plain_text == "题 中文换行 a & b，x_1 甲 乙 1 2 注"


def test_the_same_source_gives_the_same_result_in_every_thread() -> None:
    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(lambda _: repr(render(NOTE, "markdown")), range(32)))
    assert len(results) == 1


def test_a_note_leaves_nothing_behind_for_the_next() -> None:
    render("[a]: /x\n\n[^1]: y", "markdown")
    assert html("[a] [^1]") == "<p>[a] [^1]</p>"


def test_html_is_not_read_as_markdown() -> None:
    assert render("<p>*a*\n- b `c`</p>", "html").html == "<p>*a*\n- b `c`</p>"


def test_html_gets_heading_ids_and_plain_text() -> None:
    rendered = render("<h2>一 &amp; 二</h2><p>三</p>", "html")
    assert rendered.contents == (Heading(2, "s-一-二", "一 & 二"),)
    assert rendered.plain_text == "一 & 二 三"


def test_line_ends_and_control_characters_do_not_matter() -> None:
    assert html("a\r\nb\x00\x1b\r\rc") == html("a\nb\n\nc")


def test_a_result_survives_json() -> None:
    rendered = render(NOTE + "\n\n$\\foo$", "markdown")
    assert Rendered.from_dict(rendered.as_dict()) == rendered


def test_nothing_is_nothing() -> None:
    assert render("", "markdown") == render("", "html") == Rendered(html="")


def test_the_version_fits_its_column() -> None:
    assert "nh3-" in renderer_version()
    assert len(renderer_version()) <= 100
