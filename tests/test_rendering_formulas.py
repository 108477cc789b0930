"""Formulas: which text is one, what becomes of it, what is refused."""

import re
from pathlib import Path

import pytest

from papers.rendering import render_in_child
from papers.rendering.formulas import Formula, convert
from papers.rendering.mathml import UnexpectedMarkup, without_styles
from papers.rendering.pieces import Piece
from papers.rendering.renderer import render

CORPUS = Path(__file__).parent / "data" / "formulas"


def html(source: str) -> str:
    return render(source, "markdown").html


def converted(tex: str, *, is_display: bool = True) -> Piece:
    return convert([Formula(f"${tex}$", tex, is_display, 1)])[0]


def mathml(tex: str) -> str:
    """The formula without its source and its address."""
    piece = converted(tex)
    assert piece.problem is None
    return piece.html[piece.html.index("<math") :].partition("<annotation")[0]


def corpus(name: str) -> list[str]:
    """One a line; with blank lines between them where they have several."""
    text = (CORPUS / f"{name}.txt").read_text(encoding="utf-8").strip()
    return text.split("\n\n") if "\n\n" in text else text.splitlines()


def tex(source: str) -> list[str]:
    """The sources of the formulas that were converted."""
    return re.findall(r'<annotation encoding="application/x-tex">(.*?)</annotation>', html(source), re.DOTALL)


@pytest.mark.parametrize(
    "source", ["$x^2$", "$$x^2$$", r"\(x^2\)", r"\[x^2\]", "$$\nx^2\n$$", "\\[\nx^2\n\\]"]
)
def test_every_way_to_write_a_formula(source: str) -> None:
    assert tex(f"设 {source} 为") == ["x^2"]


def test_an_inline_formula_stands_in_its_line() -> None:
    page = html("设 $x$ 为")
    assert page.startswith('<p>设 <span class="formula" translate="no"><math><semantics>')


def test_a_displayed_formula_is_a_block_of_its_own() -> None:
    page = html("设\n$$\nx\n$$\n为")
    assert (
        '<p>设</p>\n<div class="formula" id="formula-2d711642" translate="no"><math display="block">' in page
    )
    assert page.endswith("</div>\n<p>为</p>")


@pytest.mark.parametrize(
    "source",
    ["从 $5 到 $10", "$5，到$10", "$ x$", r"\$x\$", "`$x$`", "```\n$x$\n```", "    $x$", "$a\n\nb$", "$$"],
)
def test_dollars_that_are_no_formula(source: str) -> None:
    assert tex(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "US$3 与 HK$4",
        "100$ 和 200$",
        "$1.5M",
        "$100k 与 $200k",
        "约 $3/$15，$0.5-$1",
        "$5~$10",
        "$1,000 和 $2B",
        "$AAPL 和 $TSLA",
    ],
)
def test_prices_are_no_formulas(source: str) -> None:
    assert tex(source) == []


@pytest.mark.parametrize(
    "source",
    [
        '"$A" "$B"',
        "$PATH:$HOME",
        "${A}/${B}",
        "$SRC_DIR/$DST",
        "$1 $2",
        "$_GET['a'] $_POST['b']",
        "jQuery $('#a') 和 $(b)",
        "$i++ 与 $j",
        "$x = $y + 1",
        "$a_1 与 $b_2",
        "x$a_1 $",
        "if ($a > $b)",
    ],
)
def test_variables_are_no_formulas(source: str) -> None:
    assert tex(source) == []


@pytest.mark.parametrize("source", ["$$$$ 和 $ $ 和 $$ $$", "$x$1"])
def test_other_dollars_are_text(source: str) -> None:
    assert tex(source) == []


@pytest.mark.parametrize(
    ("source", "formulas"),
    [
        ("$x$，($y$)、$z$-轴", ["x", "y", "z"]),
        ("第$i$个，共5$n$次", ["i", "n"]),
        ("**$x$** 与 *$y$* 与 ~~$z$~~", ["x", "y", "z"]),
        ("$x$s 和 $n$-gram 和 $k$NN", ["x", "n", "k"]),
        ("$d_k$dim，H$_2$O，$F_1$score", ["d_k", "_2", "F_1"]),
        (r"2$\times$2，p$<$0.05，$\sim$100", [r"\times", "&lt;", r"\sim"]),
        ("$0.5$ 与 $10\\%$ 与 $1,000$", ["0.5", "10\\%", "1,000"]),
        ("花 $5，得 $x_1$", ["x_1"]),
        ("$a$$b$ 与 $$c$$", ["a", "b", "c"]),
        (r"$\text{若 $x$ 且 $y$}$ 与 $z$", [r"\text{若 $x$ 且 $y$}", "z"]),
        ("$a_{i$ 与 $b$", ["b"]),
        (r"($a_1 $)，$ b = 2$ 与 $\theta $", ["a_1", "b = 2", r"\theta"]),
    ],
)
def test_dollars_next_to_words_and_numbers(source: str, formulas: list[str]) -> None:
    assert tex(source) == formulas


@pytest.mark.parametrize("name", ["equation", "align*", "gather", "multline", "eqnarray", "alignat"])
def test_an_environment_is_a_formula_without_dollars(name: str) -> None:
    source = rf"\begin{{{name}}}a\end{{{name}}}"
    assert tex(f"设\n\n{source}\n\n为") == [source]
    assert tex(f"`{source}`") == []


def test_code_that_looks_like_a_formula_stays_as_typed() -> None:
    assert "echo $a$ \\(b\\)" in html("    echo $a$ \\(b\\)")


def test_escaped_brackets_in_a_sentence_are_brackets() -> None:
    assert html(r"以 \[EOS\] 结束") == "<p>以 [EOS] 结束</p>"


@pytest.mark.parametrize("formula", ["a_1 * b_2 * c_3", r"x \\ y", "a < b", r"\{x\}", "[a](b)", "|x|"])
def test_markdown_leaves_formulas_alone(formula: str) -> None:
    expected = formula.replace("<", "&lt;")
    assert tex(f"${formula}$ 与 $${formula}$$") == [expected, expected]


def test_an_ampersand_reaches_the_converter() -> None:
    assert html(r"$$\begin{pmatrix}1&2\\3&4\end{pmatrix}$$").count("<mtd>") == 4


def test_a_quoted_formula_loses_its_quote_signs() -> None:
    assert tex("> $$\n> a\n> = b\n> $$") == ["a\n= b"]


def test_a_displayed_formula_has_an_address_made_of_its_tex() -> None:
    ids = re.findall(r'id="(formula-[^"]*)"', html("$$x$$\n\n$$y$$\n\n$$x$$\n\n$z$"))
    assert ids == ["formula-2d711642", "formula-a1fce436", "formula-2d711642-2"]
    assert re.findall(r'id="(formula-[^"]*)"', html("前文\n\n$$y$$")) == ids[1:2]


def test_in_the_words_for_a_picture_a_formula_is_its_tex() -> None:
    assert '<img src="a.png" alt="损失 L" title="t">' in html('字 ![损失 $L$](a.png "$t$")')


@pytest.mark.parametrize(
    "formula",
    [
        r"\begin{aligned}a&=b\\c&=d\end{aligned}",
        r"\begin{align}a&=b\\c&=d\end{align}",
        r"\begin{array}{|l:r||c|}a&b&c\\\hline d&e&f\end{array}",
        r"\begin{cases}1&x\\2&y\end{cases}",
        r"\begin{pmatrix}1&2\end{pmatrix}",
        r"\color{red}x",
        r"\boxed{\cancel{x}}\!y",
        r"\cfrac{1}{2}\cramped{x}\mathbin{a}",
    ],
)
def test_no_style_leaves_a_formula(formula: str) -> None:
    rendered = render(f"$${formula}$$", "markdown")
    assert "<math" in rendered.html
    assert " style=" not in rendered.html


def test_alignment_and_colour_survive_without_styles() -> None:
    page = html(r"$$\begin{aligned}a&=\color{red}b\end{aligned}$$")
    assert '<mtd class="m-right m-no-right">' in page
    assert 'mathcolor="#FF0000"' in page


def test_equations_are_numbered_through_the_note_and_referred_to() -> None:
    page = html(r"见 $\eqref{e}$ $$\begin{align}a\end{align}$$ $$\begin{align}b\label{e}\end{align}$$")
    assert '<a href="#eq-e">(2)</a>' in page


def test_a_broken_formula_shows_its_source_and_the_rest_goes_on() -> None:
    rendered = render("一\n\n坏 $\\foo{a<b}$ 好 $x$", "markdown")
    (problem,) = rendered.problems
    assert (problem.line, problem.snippet) == (3, "$\\foo{a<b}$")
    assert "不认识的命令 \\foo" in problem.sentence
    assert '<code class="formula-error" title="' in rendered.html
    assert "$\\foo{a&lt;b}$</code> 好 <span" in rendered.html


def test_a_broken_formula_in_code_is_no_problem() -> None:
    assert render("    a=$\\foo$", "markdown").problems == ()


def test_a_formula_without_end_is_reported() -> None:
    (problem,) = render("一\n\n$$\nx\n\ny", "markdown").problems
    assert (problem.line, problem.snippet) == (3, "$$")


@pytest.mark.parametrize(
    "formula",
    [
        "{" * 100_000,
        "{" * 5000 + "}" * 5000,
        r"\frac{" * 200 + "x" + "}{y}" * 200,
        r"\left(" * 200 + "x" + r"\right)" * 200,
        r"\begin{matrix}" * 200 + "x" + r"\end{matrix}" * 200,
        "}" * 100 + "{" * 150,
        r"\sqrt " * 1600 + "x",
        r"\newcommand{\a}[1]{#1#1}\a{x}",
        r"\def\a{\a}\a",
        r"\log[" * 22,
        "{(}a" * 22,
        r"\bra^" * 22 + "(" * 9,
        "x+" * 6000,
    ],
)
def test_what_could_kill_the_converter_is_refused(formula: str) -> None:
    rendered = render(f"${formula}$", "markdown")
    assert len(rendered.problems) == 1
    assert "<math" not in rendered.html


@pytest.mark.parametrize(
    "formula", ["[a, b) + " * 30, "f(" * 30 + "x" + ")" * 30, r"(a & \\bigl(b \\\\ " * 9]
)
def test_brackets_of_different_kinds_close_each_other(formula: str) -> None:
    assert converted(rf"\begin{{matrix}}{formula}\end{{matrix}}").problem is None


def test_a_long_derivation_is_not_refused() -> None:
    lines = r"\\".join([r"\frac{\partial \mathcal{L}}{\partial \theta_i} &= \sum_{j} \alpha_{ij}"] * 60)
    assert render(rf"$$\begin{{aligned}}{lines}\end{{aligned}}$$", "markdown").problems == ()


@pytest.mark.parametrize(
    "name", ["transformers", "learning", "systems", "notation", "typed", "editors", "lines"]
)
@pytest.mark.parametrize("is_display", [True, False])
def test_what_people_write_is_converted(name: str, is_display: bool) -> None:
    broken = [tex for tex in corpus(name) if converted(tex, is_display=is_display).problem]
    assert broken == []


@pytest.mark.parametrize("line", corpus("refused"))
def test_what_cannot_be_converted_says_why(line: str) -> None:
    tex, reason = line.split("\t")
    problem = converted(tex).problem
    assert problem is not None
    assert reason in problem.sentence


def test_the_source_of_a_formula_is_what_was_typed() -> None:
    assert tex(r"$\text{a_b} &lt; ½ \\[2pt] c$") == [r"\text{a_b} &amp;lt; ½ \\[2pt] c"]


@pytest.mark.parametrize(
    "formula",
    [
        r"a \\ b",
        r"a \\[4pt] b \\",
        r"\left\{ a \\ b \right.",
        r"\begin{equation} a \\ b \end{equation}",
        r"\begin{pmatrix} a \\[4pt] b \end{pmatrix}",
        r"\begin{aligned}[t] a \\ b \end{aligned}",
        r"\boxed{a \\ b}",
        r"\sum_{\substack{a \\ b}}",
    ],
)
def test_rows_stay_rows(formula: str) -> None:
    page = mathml(formula)
    assert page.count("<mtr>") == 2
    assert "[" not in page


def test_the_signs_around_an_equals_sign_are_one_column() -> None:
    assert mathml(r"\begin{eqnarray*} a &=& b \end{eqnarray*}") == mathml(
        r"\begin{align*} a &= b \end{align*}"
    )


def test_a_line_under_the_last_row_has_no_row_of_its_own() -> None:
    page = mathml(r"\begin{array}{cc} a & b \\ \hline \end{array}")
    assert page.count("<mtd>") == 2
    assert '<mtr class="m-last-line"></mtr></mtable>' in page


@pytest.mark.parametrize(
    ("formula", "number"),
    [
        (r"a \tag{1}", "(1)"),
        (r"a \tag*{A}", "A"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned} \tag{3.1}", "(3.1)"),
        (r"\begin{align*} a \end{align*} \tag{2}", "(2)"),
        (r"E = mc^2 \label{eq:mass_energy}", "(1)"),
    ],
)
def test_a_number_stands_at_the_edge(formula: str, number: str) -> None:
    assert re.search(
        rf'<mtd class="m-half m-right"[^<>]*><mtext>{re.escape(number)}</mtext></mtd>', mathml(formula)
    )


def test_each_row_may_have_a_number() -> None:
    page = mathml(r"\begin{aligned} a &= b \tag{1} \\ c &= d \tag{2} \end{aligned}")
    assert re.findall(r"<mtext>(\(\d\))</mtext>", page) == ["(1)", "(2)"]


def test_a_number_in_words_stands_behind_the_formula() -> None:
    assert mathml(r"a \tag{式 $n$}").endswith("<mtext>)</mtext></mrow></mrow>")


def test_a_reference_to_nothing_is_a_problem() -> None:
    (problem,) = render(r"见 $\eqref{nowhere}$", "markdown").problems
    assert problem.sentence == "公式引用的编号 nowhere 在这篇笔记里没有"


def test_a_label_may_have_any_characters() -> None:
    page = html("$$a \\label{eq:损失_1}$$ 见 $\\eqref{eq:损失_1}$")
    assert re.search(r'<a href="#(eq-eq:[^"]+)">\(1\)</a>', page)[1] in page.partition("<a")[0]


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        (r"x² + y₁₀", r"x^{2} + y_{10}"),
        (r"x̂ ≤ （1）", r"\hat{x} \le (1)"),
        (r"损失 + x_旧", r"\text{损失} + x_{\text{旧}}"),
        (r"95%", r"95\%"),
        (r"\text{a_b & 5%}", r"\text{a\_b \&{} 5\%}"),
        (r"\text{设 \& 为}", r"\text{设 \&{} 为}"),
        (r"\alpha*\beta", r"\alpha *\beta"),
        (r"a &lt; b", r"a \lt b"),
        (r"\left<x\right>", r"\left\langle x\right\rangle"),
        (r"j^\rm{th}", r"j^{\mathrm{th}}"),
        (r"{\large x}", r"{x}"),
        (r"\textcolor{#f00}{x} y", r"{\color[HTML]{FF0000} x} y"),
        (r"\color{red}{x} y", r"{\color{red} x} y"),
        (r"\bm{0}", r"\mathbf{0}"),
        (r"\mathop{X}\limits_a^b", r"\overset{b}{\underset{a}{\mathop{X}}}"),
        (r"\mathop\max\limits_\mathbf{w} f", r"\underset{\mathbf{w}}{\mathop{\max}} f"),
        (r"\mathop{pr}\nolimits_a", r"{pr}_a"),
        (r"\operatorname{V_r}", r"{\mathrm{V_r}}"),
        (r"\buildrel a \over =", r"\overset{a}{=}"),
        (r"\big{(} x", r"\big( x"),
        (r"x \Big. y", r"x y"),
        (r"\smash[b]{x} \smash{y}", r"{x} {y}"),
        (r"\small [a]", r"[a]"),
        (r"\cfrac[l]{1}{2}", r"\cfrac{1}{2}"),
        (r"P^' + Q' ^2", r"P' + Q'^2"),
        (r"\not6", r"\cancel{6}"),
        (r"\unicode{x3b1}", r"α"),
        (r"\text{a\\b}", r"\text{a b}"),
        (r"\verb|a_b|", r"\texttt{a_b}"),
        (r"\red{x} y", r"{\color{red} x} y"),
        (r"\bbox[1px,border:1px solid]{x}", r"\boxed{x}"),
        (r"\text{占比 (%)} \\" + "\nb", r"\text{占比 (\%)} \\ b"),
        (r"\mathrm{R (%)} ", r"\mathrm{R (\%)}"),
    ],
)
def test_habits_mean_what_tex_says_with_more_words(formula: str, same: str) -> None:
    assert mathml(formula) == mathml(same)


def test_a_formula_in_a_text_is_one() -> None:
    page = mathml(r"x_\text{当 $a_1$ 时}")
    assert "<mtext>当\u00a0</mtext><msub><mi>a</mi><mn>1</mn></msub><mtext>\u00a0时</mtext>" in page


def test_a_colour_in_a_text_ends_with_its_group() -> None:
    page = mathml(r"\text{较 \textcolor{red}{高} 的}")
    assert re.findall(r"<mtext>(.*?)</mtext>", page) == ["较\u00a0", "高", "\u00a0的"]
    assert page.count("mathcolor") == 1


def test_a_comment_ends_with_its_line() -> None:
    assert mathml("a % 注释\n+ b") == mathml("a + b")


def test_a_coloured_box_and_a_struck_out_word() -> None:
    page = mathml(r"\colorbox{yellow}{重点} \sout{x}")
    assert '<mrow class="m-box" mathbackground="#' in page
    assert '<menclose notation="horizontalstrike">' in page
    assert "\ufdef" not in page


def test_a_colour_that_dark_paper_would_swallow_is_marked() -> None:
    assert 'mathcolor="#0000FF" class="m-deep"' in mathml(r"\color{blue} x")
    assert "m-deep" not in mathml(r"\color{yellow} x")


def test_a_line_over_a_formula_does_not_touch_it() -> None:
    assert '<mo stretchy="true" class="m-bar">' in mathml(r"\overline{xyz}")
    assert "m-bar" not in mathml(r"\underline{xyz}")


def test_a_style_without_a_class_is_no_formula() -> None:
    with pytest.raises(UnexpectedMarkup):
        without_styles('<math><mi style="position:fixed">x</mi></math>')


@pytest.mark.parametrize(
    "markup",
    [
        "<math></math></math>",
        "<math><mi>x</math></mi>",
        "<math><mi>x</mi>",
        "<mi>x</mi><math></math>",
        '<math><mi class="formula-notice">x</mi></math>',
        '<math><mi id="content">x</mi></math>',
        '<math><a href="https://example.org">x</a></math>',
        "<math><script></script></math>",
        '<math><mi onclick="x">x</mi></math>',
    ],
)
def test_markup_that_is_no_formula(markup: str) -> None:
    with pytest.raises(UnexpectedMarkup):
        without_styles(markup)


@pytest.mark.parametrize(
    "command", ["operatorname", "mathrm", "text", "texttt", "tag", "label", "mathbf{\\operatorname"]
)
def test_markup_in_a_formula_is_text(command: str) -> None:
    page = converted(rf"\{command}{{<b class='x'>}} x" + "}" * command.count("{")).html
    assert "<b" not in page


@pytest.mark.parametrize(
    "formula", [r"\sqrt\pmod " * 200, r"\cancel\bra " * 200, r"\hat\braket{" * 50 + "}" * 50]
)
def test_arguments_in_arguments_take_no_time(formula: str) -> None:
    render_in_child(f"${formula} x$", "markdown")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("$$x\\label{a b}$$\n\n文\n\n$$\ny\n\\label{a b}\n$$ 见 $\\eqref{a b}$", 7),
        ("\\begin{align}\nx\\label{a b}\\\\\ny\\label{a b}\n\\end{align}", 3),
    ],
)
def test_a_label_that_is_there_twice_is_reported(source: str, line: int) -> None:
    (problem,) = render(source, "markdown").problems
    assert (problem.line, problem.snippet, problem.params) == (line, "\\label{a b}", {"label": "a b"})


def test_one_label_in_two_notes_is_none_of_their_problems() -> None:
    for _ in range(2):
        assert render("$$x\\label{a}$$ 见 $\\eqref{a}$", "markdown").problems == ()


@pytest.mark.parametrize(
    "source",
    ["> $$ a\nb $$", "> 文 $$\na\n$$ 文", "> $$\na\n> b $$", "- \\[ a^2\nb \\]", "> > $$\n> a\n> $$"],
)
def test_a_formula_in_lines_without_their_marker_is_closed(source: str) -> None:
    rendered = render(source, "markdown")
    assert rendered.html.count("<math") == 1
    assert rendered.problems == ()


@pytest.mark.parametrize(("source", "line"), [("> $$\n> a\n\n$$\nb\n$$", 1), ("$$\na\n\n\\[b^2\\]", 1)])
def test_a_formula_that_another_one_follows_is_reported_all_the_same(source: str, line: int) -> None:
    assert [problem.line for problem in render(source, "markdown").problems] == [line]
