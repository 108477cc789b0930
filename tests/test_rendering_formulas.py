"""Formulas: which text is one, what becomes of it, what is refused."""

import re

import pytest

from papers.rendering import render


def html(source: str) -> str:
    return render(source, "markdown").html


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
    assert '<p>设</p>\n<div class="formula" translate="no"><math display="block">' in page
    assert page.endswith("</div>\n<p>为</p>")


@pytest.mark.parametrize(
    "source",
    ["从 $5 到 $10", "$5，到$10", "$ x $", r"\$x\$", "`$x$`", "```\n$x$\n```", "    $x$", "$a\n\nb$", "$$"],
)
def test_dollars_that_are_no_formula(source: str) -> None:
    assert tex(source) == []


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


def test_text_in_attributes_stays_as_typed() -> None:
    assert 'alt="损失 $L$" src="a.png" title="$t$"' in html('![损失 $L$](a.png "$t$")')


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
    assert "不认识的命令 \\foo" in problem.message
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
        r"\sqrt " * 2000 + "x",
        r"\newcommand{\a}[1]{#1#1}\a{x}",
        r"\def\a{\a}\a",
        "x+" * 6000,
    ],
)
def test_what_could_kill_the_converter_is_refused(formula: str) -> None:
    rendered = render(f"${formula}$", "markdown")
    assert len(rendered.problems) == 1
    assert "<math" not in rendered.html


def test_a_long_derivation_is_not_refused() -> None:
    lines = r"\\".join([r"\frac{\partial \mathcal{L}}{\partial \theta_i} &= \sum_{j} \alpha_{ij}"] * 60)
    assert render(rf"$$\begin{{aligned}}{lines}\end{{aligned}}$$", "markdown").problems == ()
