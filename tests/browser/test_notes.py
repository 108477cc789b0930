"""A note in a real Chromium: code that can be copied, lines that can be linked to, pictures, alerts, nothing too wide."""

from collections.abc import Callable
from typing import Any

import pytest

from papers.models import Paper, Section
from tests.conftest import make_paper

pytestmark = pytest.mark.browser

NOTES = """
```python
def f(x):
    return "<b>" + x  # 一行
```

> [!WARNING]
> 当心。

- [x] 读完

```
第二块
```
"""

# Of an element's text against the page, with the tint of each box between them painted on a canvas.
CONTRAST = """selector => {
    const element = document.querySelector(selector), context = document.createElement("canvas").getContext("2d");
    const rgb = () => [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    const paint = colour => { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); return rgb(); };
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const boxes = [];
    for (let box = element; box; box = box.parentElement) boxes.unshift(box);
    let paper = [255, 255, 255];
    for (const box of boxes) paper = paint(getComputedStyle(box).backgroundColor);
    const [dark, bright] = [light(paper), light(paint(getComputedStyle(element).color))].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
}"""

# Of each formula with signs around it: whether one of these stands in another line.
TORN = """() => [...document.querySelectorAll(".note .unbroken")].map(whole => {
    const range = document.createRange(), formula = whole.querySelector(".formula").getBoundingClientRect();
    return [whole.firstChild, whole.lastChild].some(sign => {
        range.selectNode(sign);
        const { top, bottom } = range.getBoundingClientRect();
        return bottom < formula.top || top > formula.bottom;
    });
})"""


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Code", title="Code", status="published", notes=NOTES)


def test_a_button_copies_a_block_of_code(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.locator("pre").first.hover()
    page.get_by_role("button", name="复制").first.click()
    page.get_by_role("button", name="已复制").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == 'def f(x):\n    return "<b>" + x  # 一行\n'
    assert page.complaints == []


def test_the_keyboard_copies_code_where_the_clipboard_is_closed(
    open_paper: Callable[..., Any], paper: Paper
) -> None:
    page = open_paper(paper)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.locator(".note").get_by_role("button", name="复制").last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="已复制").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").strip() == "第二块"


def test_a_line_of_code_has_an_address(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper)
    page.goto(page.url + "#code-1-2")
    shown = "element => getComputedStyle(element).backgroundColor"
    assert page.locator("#code-1-2").evaluate(shown) != page.locator("#code-1-1").evaluate(shown)


def test_without_scripts_there_is_no_button(open_paper: Callable[..., Any], paper: Paper) -> None:
    page = open_paper(paper, java_script_enabled=False)
    assert page.locator(".note pre").count() == 2
    assert page.locator("button.code-copy").count() == 0


def test_a_page_without_code_loads_nothing_for_it(open_paper: Callable[..., Any], section: Section) -> None:
    page = open_paper(make_paper(section, "2025-07-Plain", title="Plain", status="published", notes="字"))
    assert [path for path in page.paths if "code" in path] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"])
def test_an_alerts_title_can_be_read(
    open_paper: Callable[..., Any], section: Section, kind: str, scheme: str
) -> None:
    notes = f"> [!{kind}]\n> 内容"
    paper = make_paper(section, "2025-07-Alert", title="Alert", status="published", notes=notes)
    page = open_paper(paper, color_scheme=scheme)
    assert page.evaluate(CONTRAST, ".alert-title") >= 4.5


def test_what_is_wide_scrolls_inside_itself(open_paper: Callable[..., Any], section: Section) -> None:
    notes = f"```\n{'x' * 300}\n```\n\n| {'很长的一格 ' * 9}| 二 |\n|---|---|\n| `{'y' * 90}` | 1 |\n"
    page = open_paper(make_paper(section, "2025-07-W", title="W", status="published", notes=notes), 360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_no_line_begins_with_the_full_stop_behind_a_formula(
    open_paper: Callable[..., Any], section: Section
) -> None:
    lines = [f"{'字' * length}（$x_{{{length}}}$）。" for length in range(40)]
    wide = "+".join(f"x_{{{number}}}" for number in range(60))
    notes = "\n\n".join([*lines, f"（${wide}$）。"])
    page = open_paper(make_paper(section, "2025-07-P", title="P", status="published", notes=notes), 360)
    assert page.evaluate(TORN) == [False] * 41
    assert page.evaluate("document.documentElement.scrollWidth") == 360
