"""What is read out of tags, lines and names: venues, authors, dates, slugs."""

from datetime import date

import pytest

from papers import paths
from papers.importers import people, said, venues


@pytest.mark.parametrize(
    ("tag", "venue"),
    [
        ("osdi24", ("OSDI 2024", 2024)),
        ("nips23", ("NeurIPS 2023", 2023)),
        ("NeurIPS-2023", ("NeurIPS 2023", 2023)),
        ("atc'21", ("USENIX ATC 2021", 2021)),
        ("sosp 99", ("SOSP 1999", 1999)),
        ("MLSys2025", ("MLSys 2025", 2025)),
    ],
)
def test_venues(tag: str, venue: tuple[str, int]) -> None:
    assert venues.of_tag(tag) == venue


@pytest.mark.parametrize(
    "tag", ["fp16", "qwen25", "int8", "moe", "h100", "cuda12", "osdi", "osdi2", "24", "推理24"]
)
def test_other_tags_are_no_venues(tag: str) -> None:
    assert venues.of_tag(tag) is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("作者/机构：Ada Example (Example University), 张三 (示例大学)", ["Ada Example", "张三"]),
        ("**作者/机构**：Ada Example, Bob B. Sample", ["Ada Example", "Bob B. Sample"]),
        ("<strong>作者</strong>: 张三、李小四", ["张三", "李小四"]),
        (
            "<p><b>作者/机构：</b>Ada Example¹, Bob van Sample<sup>2</sup></p>",
            ["Ada Example", "Bob van Sample"],
        ),
        ("Authors: Ada Example and Bob Sample", ["Ada Example", "Bob Sample"]),
        ("作者／机构：Ada Example，Tri Dao / Stanford University", ["Ada Example", "Tri Dao"]),
        ("作者/机构：Jean-Luc O'Neil (A (B) C)", ["Jean-Luc O'Neil"]),
        (
            "作者：[Ada Example](https://x.org/a), [Bob Sample](https://x.org/b)",
            ["Ada Example", "Bob Sample"],
        ),
        (
            "作者：Ada Example【A】，Bob Sample [2]，Cy Third $^{3}$",
            ["Ada Example", "Bob Sample", "Cy Third"],
        ),
        ("作者：Ada Example1,2, Bob Sample2", ["Ada Example", "Bob Sample"]),
        ("作者：Ada Example,\nBob Sample (A)", ["Ada Example", "Bob Sample"]),
        ("作者：欧阳小明、司马光", ["欧阳小明", "司马光"]),
        (
            "<p><b>作者</b>：<br/>Ada Example, Bob Sample<br/>Example University</p>",
            ["Ada Example", "Bob Sample"],
        ),
        (
            "<p>作者：</p>\n<ul>\n<li>Ada Example (A)</li>\n<li>Bob Sample</li>\n</ul><p>a</p>",
            ["Ada Example", "Bob Sample"],
        ),
        ("作者：\n- Ada Example (A)\n- Bob Sample\n\n正文", ["Ada Example", "Bob Sample"]),
        (
            "<table><tr><td>作者</td><td>Ada Example, Bob Sample</td></tr></table>",
            ["Ada Example", "Bob Sample"],
        ),
        ("| 作者 | Ada Example, Bob Sample |", ["Ada Example", "Bob Sample"]),
    ],
)
def test_authors_that_can_be_told(line: str, names: list[str]) -> None:
    assert people.in_note(f"论文标题：X\n{line}\n") == names


@pytest.mark.parametrize(
    "line",
    [
        "作者/机构：StepFun Inc.",
        "作者/机构：Ada Example, Example University",
        "作者/机构：张三等",
        "作者/机构：清华大学",
        "作者/机构：Ada Example et al.",
        "作者/机构：Google DeepMind",
        "作者/机构：NVIDIA Corporation, Ada Example",
        "作者/机构：字节跳动",
        "作者指出：Ada Example",
        "作者/机构：Ada Example, Ada Example",
        "作者/机构：",
        "作者/机构：\n- Ada Example\n- 清华大学",
        "作者/机构：\nAda Example\nBob Sample",
        "作者/机构：Ada Example, 以及其他",
        "| 作者 | 机构 |",
    ],
)
def test_authors_that_cannot_be_told_for_certain(line: str) -> None:
    assert people.in_note(line) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-01", (date(2024, 3, 1), True)),
        ("2024-03-01 12:00:00 +0800", (date(2024, 3, 1), True)),
        ("2024-03-01T12:00:00Z", (date(2024, 3, 1), True)),
        ("2024/3/1", (date(2024, 3, 1), True)),
        ("2024-03", (date(2024, 3, 1), False)),
        ("2024年3月1日", (date(2024, 3, 1), True)),
        ("20240301", (date(2024, 3, 1), True)),
        ("Mar 1, 2024", (date(2024, 3, 1), True)),
        ("1 March 2024", (date(2024, 3, 1), True)),
        ("2024年3月", (date(2024, 3, 1), False)),
    ],
)
def test_dates(text: str, day: tuple[date, bool]) -> None:
    assert said.date_of(text) == day


@pytest.mark.parametrize("text", ["2024-13-01", "2024-02-30", "yesterday", "24-01-01", "2024"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        said.date_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "我的 笔记",
        "C++ & {x}",
        "..x..",
        "x" * 500,
        "a/b",
        "é\u0301x",
        "\u0301x",
        "a\u200bb",
        "x.html",
        "%20",
    ],
)
def test_slugs_are_valid(text: str) -> None:
    slug = said.slug_of(text)
    paths.validate_segment(slug)
    if slug:
        paths.validate_paper_slug(slug)


@pytest.mark.parametrize(
    "names", [("papers",), ("2024",), ("llm", "feed"), ("a.html",), ("Machine Learning", "x/y")]
)
def test_sections_are_valid(names: tuple[str, ...]) -> None:
    path = "/"
    for slug in said.segments(names):
        paths.validate_segment(slug)
        paths.validate_section_slug(slug, path)
        path = paths.section_path(path, slug)
