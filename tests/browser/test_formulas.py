"""Formulas in a real Chromium: drawn with our own font, right in every width, copied by a click."""

from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper, Section
from tests.conftest import make_paper

pytestmark = pytest.mark.browser

WIDE = " + ".join(rf"\frac{{x_{{{i}}}}}{{y_{{{i}}}}}" for i in range(40))
NOTES = rf"""
行内 $x^2$，很长的 ${WIDE}$。

$$
\sum_{{i=1}}^n \left( \frac{{\sqrt{{a_i}}}}{{b}} \right) \tag{{7}}
$$

$$\boxed{{\cancel{{x}}}} + \vec{{v}} + \begin{{array}}{{|l|r|}} \hline 1 & 2 \\ \hline \end{{array}}$$

$${WIDE}$$

$$\color{{blue}} b$$
"""


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Formulas", title="Formulas", status="published", notes=NOTES)


def fonts(page: Any) -> list[str]:
    return [path for path in page.paths if ".woff2" in path]


def test_a_page_with_formulas_loads_one_font_and_nothing_is_blocked(
    open_paper: Callable[..., Any], paper: Paper
) -> None:
    page = open_paper(paper)
    assert len(fonts(page)) == 1
    assert page.evaluate("document.fonts.check('16px \"PaperCache Math\"')")
    assert page.complaints == []


def test_a_page_without_formulas_loads_neither_font_nor_script(
    open_paper: Callable[..., Any], section: Section
) -> None:
    page = open_paper(
        make_paper(section, "2025-07-Plain", title="Plain", status="published", notes="没有公式")
    )
    assert fonts(page) == []
    assert [path for path in page.paths if "copy_formula" in path] == []


@pytest.mark.parametrize("width", [360, 1440])
def test_wide_formulas_scroll_inside_themselves(
    open_paper: Callable[..., Any], paper: Paper, width: int
) -> None:
    page = open_paper(paper, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".formula[tabindex='0']").count() == 2
    assert page.locator(".formula:not([tabindex])").count() == 4


def test_nothing_is_cut_off_above_or_below(open_paper: Callable[..., Any], section: Section) -> None:
    formulas = [
        r"x^{2^{2^2}}_{i_j}",
        r"\frac{\frac{a}{b}}{\frac{c}{d}}",
        r"\hat{\hat{A}}",
        r"\sum\limits_{i_j}^{n^2}",
        "p_j",
        r"\boxed{y}",
    ]
    notes = "\n\n".join(f"字 ${tex}$ 字\n\n$${tex}$$" for tex in formulas)
    page = open_paper(make_paper(section, "2025-07-Tall", title="Tall", status="published", notes=notes))
    shown = page.locator(".note").screenshot()
    page.evaluate(
        "document.querySelectorAll('.formula').forEach((formula) => { formula.style.overflow = 'visible'; })"
    )
    assert page.locator(".note").screenshot() == shown


def test_a_formula_in_a_line_stands_on_the_line(open_paper: Callable[..., Any], section: Section) -> None:
    notes = "字 $x$ 字 $\\frac{a}{b}$ 字"
    page = open_paper(make_paper(section, "2025-07-Line", title="Line", status="published", notes=notes))
    boxes = [page.locator("span.formula math").nth(i).bounding_box() for i in range(2)]
    line = page.locator(".note p").bounding_box()
    assert boxes[0]["y"] > boxes[1]["y"]
    assert boxes[0]["y"] + boxes[0]["height"] < boxes[1]["y"] + boxes[1]["height"]
    assert line["height"] < 40


def test_the_number_stands_at_the_right_edge(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    block = page.locator("div.formula").first.bounding_box()
    number = page.locator("div.formula mtext").first.bounding_box()
    assert abs(block["x"] + block["width"] - number["x"] - number["width"]) < 12


def test_what_mathml_core_lacks_is_drawn_by_style_sheets(
    open_paper: Callable[..., Any], paper: Paper
) -> None:
    page = open_paper(paper)

    def style(selector: str, name: str) -> str:
        return page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{name}")

    assert style("menclose[notation=box]", "borderTopStyle") == "solid"
    assert "gradient" in style(".menclose-updiagonalstrike", "backgroundImage")
    assert style("mtr:has(+ .m-last-line) > mtd", "borderBottomStyle") == "solid"


def test_a_dark_colour_is_light_on_dark_paper(open_paper: Callable[..., Any], paper: Paper) -> None:
    style = "element => getComputedStyle(element).filter"
    assert open_paper(paper, color_scheme="light").locator(".m-deep").evaluate(style) == "none"
    assert "invert" in open_paper(paper, color_scheme="dark").locator(".m-deep").evaluate(style)


def test_a_click_copies_the_source_and_says_so(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.locator("span.formula").first.click()
    page.locator("output.formula-notice:has-text('已复制')").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "x^2"


def test_a_click_copies_where_the_clipboard_is_closed(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.locator("span.formula").first.click()
    page.locator("output.formula-notice:has-text('已复制')").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "x^2"


def test_the_keyboard_copies_a_wide_formula(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.locator(".formula[tabindex]").first.focus()
    page.keyboard.press("Enter")
    page.locator("output.formula-notice:has-text('已复制')").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith(r"\frac{x_{0}}")


def test_text_with_formulas_is_copied_with_their_sources(
    open_paper: Callable[..., Any], paper: Paper
) -> None:
    page = open_paper(paper)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.note p'))")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()").startswith("行内 $x^2$，很长的 $")


def test_words_in_typewriter_letters_are_no_box_of_code(
    open_paper: Callable[..., Any], section: Section
) -> None:
    notes = r"$\texttt{a}$ 与 `b`"
    page = open_paper(make_paper(section, "2025-07-Code", title="Code", status="published", notes=notes))
    borders = [
        page.locator(selector).evaluate("(code) => getComputedStyle(code).borderTopWidth")
        for selector in (".formula code", ".note p > code")
    ]
    assert borders == ["0px", "1px"]


def test_a_line_over_a_formula_leaves_room(open_paper: Callable[..., Any], section: Section) -> None:
    notes = r"$\overline{x}$"
    page = open_paper(make_paper(section, "2025-07-Bar", title="Bar", status="published", notes=notes))
    line, letter = (page.locator(f"mover > {name}").bounding_box() for name in ("mo", "mi"))
    assert line["height"] > 2
    assert line["y"] + line["height"] <= letter["y"] + 1
