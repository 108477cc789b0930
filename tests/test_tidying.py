"""HTML of an old generator as the source of a note."""

import pytest

from papers.rendering.renderer import render
from papers.rendering.shown_formulas import count_lost
from papers.rendering.tidying import tidied


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("<head><title>t</title></head><body><p>a</p></body>", "<p>a</p>"),
        ("<script>1</script><style>x{}</style><p>a</p>", "<p>a</p>"),
        ('<div class="c"><div><p>a</p></div></div>', "<p>a</p>"),
        ("<div>a</div>", "<p>a</p>"),
        ("<p>a</p><p> &nbsp; </p><p><br/></p>", "<p>a</p>"),
        ("<p>a<br/></p>", "<p>a</p>"),
        ('<p><span class="x">a</span></p>', "<p>a</p>"),
        ('<p onclick="x()"><a href="javascript:x()">a</a></p>', "<p><a>a</a></p>"),
        ("<!-- x --><p>a</p>", "<p>a</p>"),
        ("<h2> </h2><p>a</p>", "<p>a</p>"),
        ('<p><a class="anchor" href="/x/">论文</a></p>', '<p><a href="/x/">论文</a></p>'),
        ("<p>a<o:p>&nbsp;</o:p></p>", "<p>a&nbsp;</p>"),
        ('<h2>a<a class="headerlink" href="#a">&para;</a></h2>', "<h2>a</h2>"),
        (
            '<nav><ul><li>a</li></ul></nav><div class="toc"><ul><li>b</li></ul></div><p>[TOC]</p><p>c</p>',
            "<p>c</p>",
        ),
        ('<ul><li><input type="checkbox" checked> a</li></ul>', "<ul><li>☑ a</li></ul>"),
        ('<ul><li><input type="checkbox"><p>a</p></li></ul>', "<ul><li><p>☐ a</p></li></ul>"),
        (
            '<ul><li><div class="checkbox checkbox-on"></div> <i>a</i></li></ul>',
            "<ul><li>☑ <i>a</i></li></ul>",
        ),
        ('<ul><li><div class="checkbox checkbox-off"></div>a</li></ul>', "<ul><li>☐ a</li></ul>"),
        ("<figure><pre>a</pre></figure>", "<pre>a</pre>"),
        ('<p>a<img class="icon" src="https://x.org/i.ico"></p>', "<p>a</p>"),
        ('<iframe src="https://x.org/v"></iframe>', '<a href="https://x.org/v">https://x.org/v</a>'),
        (
            '<figure><noscript><img src="a.png"/></noscript><img src="data:," data-original="b.png"></figure>',
            '<figure><img src="b.png"></figure>',
        ),
        (
            '<p><a><img src="a.png"></a> <noscript><img src="b.png"></noscript></p>',
            '<p><a><img src="a.png"></a></p>',
        ),
        ('<p><noscript><img src="a.png"></noscript>a</p>', '<p><img src="a.png">a</p>'),
        ('<p><noscript><img src="a.png"></noscript><img src="data:,"></p>', '<p><img src="a.png"><img></p>'),
        ("<noscript>Please enable JavaScript</noscript><p>a</p>", "<p>a</p>"),
        ('<mp-common-profile data-id="x"></mp-common-profile><p>a <mp-x>b</mp-x></p>', "<p>a b</p>"),
        ('<p><img class="lazy" src="a.gif" data-src="b.png"></p>', '<p><img src="b.png"></p>'),
    ],
)
def test_what_says_nothing_goes(html: str, source: str) -> None:
    assert tidied(html) == source


@pytest.mark.parametrize("sign", ["<api>", "</api>", "<eos>", "a<b", "<128K"])
def test_what_is_no_tag_stays_as_text(sign: str) -> None:
    source = tidied(f"<p>{sign} x</p>")
    assert source.startswith(f"<p>{sign.replace('<', '&lt;').replace('>', '&gt;')}")
    assert render(source, "html").plain_text == f"{sign} x"


@pytest.mark.parametrize("sign", ["<title>", "<s>", "<label>", "<input>", "<template>", "<select>"])
def test_tag_that_is_not_closed_swallows_nothing(sign: str) -> None:
    html = f"<p>{sign} x</p>\n<p><strong>b</strong></p>"
    assert tidied(html) == html.replace(sign, f"&lt;{sign[1:-1]}&gt;")


def test_signs_in_code_stay_as_text() -> None:
    assert tidied("<p><code><eos> a<b</code></p>") == "<p><code>&lt;eos&gt; a&lt;b</code></p>"


@pytest.mark.parametrize("formula", ["$a<b$", r"\(w_{<t}\)", "$$\nx &= y \\\\\n$$", "$x_1$ 和 $y^*$"])
def test_formulas_stay_as_they_were_typed(formula: str) -> None:
    assert tidied(f"<p>{formula}</p>") == f"<p>{formula}</p>"


@pytest.mark.parametrize(
    ("html", "tex"),
    [
        ('<script type="math/tex">a&b</script>', "$a&b$"),
        ('<script type="math/tex; mode=display">x</script>', "$$x$$"),
        ('<script type="math/tex">% <![CDATA[\na<b %]]></script>', "$a<b$"),
        ('<img src="https://www.zhihu.com/equation?tex=%5Calpha+%2B+1" alt="x">', r"$\alpha + 1$"),
        (r'<img src="//latex.codecogs.com/gif.latex?\alpha&plus;1">', r"$\alpha+1$"),
        (
            r'<span class="math inline">x_t=\sqrt{a}</span> <span class="math display">y &lt; z</span>',
            r"$x_t=\sqrt{a}$ $$y < z$$",
        ),
        (r'<span class="math inline">\(x\)</span>', r"\(x\)"),
        ('<span class="math inline"><em>x</em> = 1</span>', "<em>x</em> = 1"),
        (
            '<math display="block"><mi>x</mi><annotation encoding="application/x-tex">x &lt; y</annotation></math>',
            "$$x < y$$",
        ),
    ],
)
def test_formulas_that_scripts_showed_are_tex(html: str, tex: str) -> None:
    assert tidied(f"<p>{html}</p>") == f"<p>{tex}</p>"


KATEX = """<span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow>
<mi>x</mi><mo>&lt;</mo><mi>y</mi></mrow><annotation encoding="application/x-tex">x&lt;y</annotation></semantics></math></span
><span class="katex-html" aria-hidden="true"><span class="base"><span class="strut" style="height:0.6em;"></span><span
class="mord mathnormal">x</span><span class="mrel">&lt;</span></span><span class="base"><span class="strut"></span><span
class="mord mathnormal">y</span></span></span></span>"""
MATHJAX_2 = """<span class="MathJax_Preview">x</span><span class="MathJax" id="MathJax-Element-1-Frame" data-mathml="<math><mi>x</mi></math>"
><nobr aria-hidden="true"><span class="math"><span class="mi">x</span></span></nobr><span class="MJX_Assistive_MathML"><math
><mi>x</mi></math></span></span><script type="math/tex" id="MathJax-Element-1">x</script>"""
MATHJAX_2_DISPLAY = """<div class="MathJax_Display"><span class="MathJax"><nobr><span class="mi">x</span></nobr></span></div
><script type="math/tex; mode=display">x</script>"""
MATHJAX_4 = """<mjx-container class="MathJax" jax="CHTML" display="true"><mjx-math data-latex="x_1<y" display="true" aria-hidden="true"
><mjx-mi data-latex="x"><mjx-c class="mjx-c1D465">x</mjx-c></mjx-mi></mjx-math><mjx-assistive-mml><math data-latex="x_1<y"
display="block"><mi data-latex="x">x</mi></math></mjx-assistive-mml></mjx-container>"""


@pytest.mark.parametrize(
    ("html", "tex"),
    [
        (KATEX, "$x<y$"),
        (f'<span class="katex-display">{KATEX}</span>', "$$x<y$$"),
        (MATHJAX_2, "$x$"),
        (MATHJAX_2_DISPLAY, "$$x$$"),
        (MATHJAX_4, "$$x_1<y$$"),
    ],
)
def test_formulas_that_a_script_left_on_the_page_are_there_once(html: str, tex: str) -> None:
    assert tidied(f"<p>设 <b>{html}</b> 为 <span>1</span></p>") == f"<p>设 <b>{tex}</b> 为 1</p>"


def test_subscripts_that_were_taken_for_emphasis() -> None:
    html = r"<p>$\hat{x}<em>{i}$ 和 $\hat{y}</em>{j}$，$x^<em>$ 与 $y^</em>$</p>"
    assert tidied(html) == r"<p>$\hat{x}_{i}$ 和 $\hat{y}_{j}$，$x^*$ 与 $y^*$</p>"


def test_formula_that_could_be_money_stands_in_brackets() -> None:
    assert tidied(f"<p>{KATEX.replace('x&lt;y', '5')}0</p>") == r"<p>\(5\)0</p>"


@pytest.mark.parametrize(
    "html",
    [
        '<span class="katex">x</span>',
        '<span class="MathJax">x</span>',
        '<mjx-container class="MathJax"><math><mi>x</mi></math></mjx-container>',
    ],
)
def test_formula_without_its_tex_stays_as_text(html: str) -> None:
    assert tidied(f"<p>a{html}b</p>") == "<p>axb</p>"


@pytest.mark.parametrize(
    ("html", "number"),
    [
        ("<math><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", 1),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", 0),
        ('<math><msup><mi>x</mi></msup><annotation encoding="application/x-tex">x</annotation></math>', 0),
        ('<span class="katex"><span class="katex-html"><span class="vlist">1</span></span></span>', 1),
        ('<span class="katex"><span class="katex-html"><span class="mord">1</span></span></span>', 0),
        (KATEX.replace('class="base"', 'class="vlist"'), 0),
        ("<mjx-container><svg></svg></mjx-container>", 1),
        ("<mjx-container><svg></svg></mjx-container>\n<script type='math/tex'>x</script>", 0),
        ("<mjx-container><math><msup></msup></math></mjx-container>", 1),
        ("<mjx-container><math><mi>x</mi></math></mjx-container>", 0),
    ],
)
def test_formulas_that_are_lost_are_counted(html: str, number: int) -> None:
    assert count_lost(f"<p>{html} a</p>") == number


def test_formula_beside_its_script_is_there_once() -> None:
    html = '<mjx-container><math><mi>x</mi></math></mjx-container><script type="math/tex">x</script>'
    assert tidied(f"<p>{html}</p>") == "<p>$x$</p>"


def test_formula_that_is_not_closed_takes_nothing_with_it() -> None:
    html = f'<p><span class="katex">a</p><p>{KATEX}</p><script>"<span class=katex>"</script><p>b</p>'
    assert tidied(html) == "<p>a</p><p>$x<y$</p><p>b</p>"


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("<p>如下：<br/>\n*   一<br/>\n*   二</p>", "<p>如下：</p>\n<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
        ("<p>* 一<br>- 二</p>", "<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
        ("<p>a<br>1. 一<br>2. 二</p>", "<p>a</p>\n<ol>\n<li>一</li>\n<li>二</li>\n</ol>"),
        ("<p>a<br>* 一<br>续</p>", "<p>a</p>\n<ul>\n<li>一<br>续</li>\n</ul>"),
        ("<p>a<br>* 一<br><br>b</p>", "<p>a</p>\n<ul>\n<li>一</li>\n</ul>\n<p>b</p>"),
        ("<p>a<br>* <b>一<br>续</b></p>", "<p>a</p>\n<ul>\n<li><b>一<br>续</b></li>\n</ul>"),
        ("<p>-一<br>-二</p>", "<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
        ("<p>a\n* 一\n* 二</p>", "<p>a</p>\n<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
        ("<p>* 一</p>\n<p>* 二</p>", "<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
        (
            "<ul><li>a<br>* 一<br>* 二</li></ul>",
            "<ul><li>a\n<ul>\n<li>一</li>\n<li>二</li>\n</ul>\n</li></ul>",
        ),
        (
            "<p>* 一<br>&nbsp;&nbsp;* 甲</p>",
            "<ul>\n<li>一\n<ul>\n<li>甲</li>\n</ul>\n</li>\n</ul>",
        ),
        (
            "<p>a<br>\n* 一<br>\n    * 甲<br>\n* 二</p>",
            "<p>a</p>\n<ul>\n<li>一\n<ul>\n<li>甲</li>\n</ul>\n</li>\n<li>二</li>\n</ul>",
        ),
    ],
)
def test_lines_with_marks_are_lists(html: str, source: str) -> None:
    assert tidied(html) == source


@pytest.mark.parametrize(
    "html",
    [
        "<p>- 一句话</p>",
        "<p>发表于<br>2024. 年</p>",
        "<p>a<br>*重点*</p>",
        "<p><b>a<br>* b</b></p>",
        "<p>a<br>b</p>",
        "<p>a<br>–张三</p>",
        "<p>a\n- b\nc</p>",
    ],
)
def test_other_lines_stay_lines(html: str) -> None:
    assert tidied(html) == html


@pytest.mark.parametrize("end", ["\n", "<br>\n"])
def test_lines_with_bars_are_a_table(end: str) -> None:
    html = end.join(["<p>表 1", "| a | b |", "|:---|---:|", "| $|x|$ | 1 |", "c</p>"])
    assert tidied(html) == (
        '<p>表 1</p>\n<table><thead>\n<tr><th align="left">a</th><th align="right">b</th></tr>\n</thead><tbody>\n'
        '<tr><td align="left">$|x|$</td><td align="right">1</td></tr>\n</tbody></table>\n<p>c</p>'
    )


def test_row_of_a_table_goes_on_until_a_bar_ends_it() -> None:
    assert "<tr><td>1<br>2</td><td>3</td></tr>" in tidied("<p>| a | b |<br>|---|---|<br>| 1<br>2 | 3 |</p>")


def test_lists_of_word() -> None:
    item = "<p class=MsoListParagraph style='mso-list:l0 level{} lfo1'><![if !supportLists]><span>{}&nbsp; </span><![endif]>{}<o:p></o:p></p>"
    html = (
        item.format(1, "l", "一")
        + item.format(2, "l", "甲")
        + "<p>a</p>"
        + item.format(1, "1.", "x")
        + item.format(1, "2.", "y")
    )
    assert tidied(html).replace("\n", "") == (
        "<ul><li>一<ul><li>甲</li></ul></li></ul><p>a</p><ol><li>x</li><li>y</li></ol>"
    )


@pytest.mark.parametrize(
    "html",
    [
        '<pre><code class="language-c"><table class="rouge-table"><tbody><tr><td class="gl"><pre>1\n</pre></td><td class="rouge-code"><pre><span>int</span> a;\n</pre></td></tr></tbody></table></code></pre>',
        '<pre class="md-fences" lang="c"><div class="CodeMirror"><textarea></textarea><div><div>1</div><pre class=" CodeMirror-line "><span>int</span> a;</pre></div></div></pre>',
        '<pre class="sourceCode c"><code class="sourceCode c"><span id="cb1-1"><a href="#cb1-1"></a>int a;</span>\n</code></pre>',
    ],
)
def test_code_of_other_programs_is_code(html: str) -> None:
    assert (
        render(tidied(html), "html").html
        == render('<pre><code class="language-c">int a;</code></pre>', "html").html
    )


def test_code_keeps_its_language_and_loses_its_colours() -> None:
    html = '<div class="language-c++ highlighter-rouge"><div class="highlight"><pre class="highlight"><code><span class="k">int</span> a &lt; b;\n</code></pre></div></div>'
    assert tidied(html) == '<pre><code class="language-c++">int a &lt; b;\n</code></pre>'


def test_tidying_twice_changes_nothing() -> None:
    html = "<div><p>x $a<b$：<br/>* <b>一</b> <eos><br/>* 二</p><table><tr><td style='text-align:center'>a</table></div>"
    once = tidied(html)
    assert tidied(once) == once


@pytest.mark.parametrize(
    "sign",
    [
        " ",
        "<br>",
        "<p>",
        "* ",
        "$",
        "<span>",
        '<span class="math inline">',
        "<span class=",
        "<math>",
        "<mjx-container>",
        "<noscript>",
        "<img ",
        "<mp-",
        '<span class="math inline" ',
        '<div class="checkbox checkbox-on" ',
    ],
)
def test_no_run_of_signs_is_looked_through_again_and_again(sign: str) -> None:
    """Nobody ends an import that takes hours."""
    assert "字" in tidied(sign * 50_000 + "字")
    assert not count_lost(sign * 50_000)
