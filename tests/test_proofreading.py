"""What the editor is told about a note: where, about what, in which words, and with which correction."""

import pytest

from papers.rendering import Problem
from papers.rendering.renderer import render

# Each is one mistake on the third line; then the kind, and the line as the correction makes it.
MISTAKES = [
    ("### 跳了一级", "heading", "## 跳了一级"),
    ("##没有空格", "heading", "## 没有空格"),
    ("前文**没闭合", "bold", None),
    ("**粗 **后文", "bold", "**粗**后文"),
    ("** 粗**后文", "bold", "**粗**后文"),
    ("**`a` **后文", "bold", "**`a`**后文"),
    ("中文,中文", "punctuation", "中文，中文"),
    ("真的?是的", "punctuation", "真的？是的"),
    ("推理(加速", "punctuation", "推理（加速"),
    ("完了.然后", "punctuation", "完了。然后"),
    ("见【1，没有结束", "bracket", None),
    ("没有开始】的", "bracket", None),
    ("价格是 $5 一个", "price", r"价格是 \$5 一个"),
    ("价格是 US$5 一个", "price", r"价格是 US\$5 一个"),
    ("$5 per x_1$ 一年", "price", None),
    ("见【9】", "citation", None),
    ("- 公式 $\\frac{a$ 坏了", "formula", None),
    ("| $\\nonsense$ |\n|---|", "formula", None),
    ("![](/a.png)", "alt", None),
    ("> ![ ](/a.png)", "alt", None),
    ('<img src="/a.png" alt="">', "alt", None),
    ("![图](https://example.org/a.png)", "picture", None),
    ("```py", "fence", None),
    ("$$ x", "formula", None),
]

# Nothing is wrong with these.
RIGHT = [
    "中文，3.14 与 1,000 个，v1.2.3，a.b.c，e.g. 这样",
    "vLLM,SGLang 与 TensorRT-LLM",
    "代码 `中文,中文` 与 $\\text{中,文}$",
    "https://example.org/a,b 与 [中](/a,b/)",
    "2 ** 10 ** 2 与 **粗** 与 \\*\\*",
    r"价格 \$5，命令 `echo $HOME`，公式 $x$",
    "![图](/a.png) 与 【注】",
    "#话题 与 #!/bin/sh",
    "# 一\n## 二\n### 三\n# 四\n## 五",
]


def found(source: str) -> list[Problem]:
    return list(render(source, "markdown").problems)


@pytest.mark.parametrize(("mistake", "kind", "correction"), MISTAKES)
def test_a_mistake_is_found_on_its_line(mistake: str, kind: str, correction: str | None) -> None:
    problems = found(f"# 一\n\n{mistake}")
    assert {problem.kind for problem in problems} == {kind}
    assert {problem.line for problem in problems} <= {3, None}
    assert all(problem.snippet and problem.sentence for problem in problems)


@pytest.mark.parametrize(("mistake", "kind", "correction"), [case for case in MISTAKES if case[2]])
def test_its_correction_mends_it(mistake: str, kind: str, correction: str) -> None:
    (problem,) = found(f"# 一\n\n{mistake}")
    assert problem.fix
    assert mistake.replace(problem.fix.old, problem.fix.new, 1) == correction
    assert found(f"# 一\n\n{correction}") == []


@pytest.mark.parametrize("source", RIGHT)
def test_what_is_right_is_left_alone(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    "container", ["> {}", "- 一\n- {}", "1. 一\n\n   {}", "| 一 |\n|---|\n| {} |", "[^1]\n\n[^1]: {}"]
)
def test_lines_are_counted_in_containers_too(container: str) -> None:
    source = container.format("中文,中文")
    (problem,) = found(source)
    assert "中文,中文" in source.splitlines()[(problem.line or 0) - 1]


def test_every_dollar_sign_that_is_left_over_is_told() -> None:
    source = "从 $5 到 $10"
    for problem in found(source):
        assert problem.fix
        source = source.replace(problem.fix.old, problem.fix.new, 1)
    assert source == r"从 \$5 到 \$10"


def test_in_html_too_formulas_and_pictures_are_looked_at() -> None:
    problems = render('<p>一</p>\n<p>$\\frac{a$</p>\n<img src="/a.png">', "html").problems
    assert [(problem.line, problem.kind) for problem in problems] == [(2, "formula"), (3, "alt")]
