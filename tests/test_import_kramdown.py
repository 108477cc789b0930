"""`manage.py import_notes` of Jekyll's Markdown, which is kramdown's: what differs from GitHub's becomes that."""

from pathlib import Path

import pytest

from papers.importers import kramdown

from .importing import imported

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blog"


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("设 $$a_i$$ 为", "设 $a_i$ 为"),
        ("- $$a$$", "- $$a$$"),
        ("$$a$$", "$$a$$"),
        ("$$\na\\\\[2pt]b\\\\[2pt]\n$$", "$$\na\\\\[2pt]b\\\\[2pt]\n$$"),
        (r"\\(a_i\\) \\[b_i\\]", "$a_i$ $$b_i$$"),
        (r"`$$a$$` 与 `\\(x\\)`", r"`$$a$$` 与 `\\(x\\)`"),
        ("```\nx $$a$$\n```", "```\nx $$a$$\n```"),
    ],
)
def test_formulas_of_kramdown(folder: Path, body: str, notes: str) -> None:
    assert imported(folder, body).notes == f"{notes}\n"


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("<div>\na\n</div>\n**b**", "<div>\na\n</div>\n\n**b**"),
        ('<div class="x" markdown="1">\n**b**\n</div>', '<div class="x">\n\n**b**\n</div>'),
        ("[TOC]\n\na", "a"),
        ("a\n\n{::comment}\n秘密\n\n密\n{:/comment}\n\nb", "a\n\n\n\nb"),
        ("a {::comment}秘密{:/} b", "a  b"),
        ("`{::comment}a{:/}`", "`{::comment}a{:/}`"),
        ("## 甲 {#a:1 .x}\n\n[b](#a:1)", '## 甲 <a id="a:1"></a>\n\n[b](#a:1)'),
        ("## $$a$$ 甲 {#b}", '## $a$ 甲 <a id="b"></a>'),
        ("```\n# a {#b}\n```", "```\n# a {#b}\n```"),
        (r"# $\mathbf{A}_{#}$", r"## $\mathbf{A}_{#}$"),
        ("- x\n{:toc}\n\n# a\n{: .b}", "## a"),
        ('**b**{:.x} [c](https://x.org){:target="_blank"}', "**b** [c](https://x.org)"),
        ("设 $A_{:,i}$", "设 $A_{:,i}$"),
        ("```\n[TOC]\n{:.x}\na =3x4)\n```", "```\n[TOC]\n{:.x}\na =3x4)\n```"),
        ("![a](https://x.org/a.png =300x)", "![a](https://x.org/a.png)"),
        ('![a](https://x.org/a(1).png "b" =3x4 )', '![a](https://x.org/a(1).png "b" )'),
        ("设 (y =2x) 与 $f(y =x)$", "设 (y =2x) 与 $f(y =x)$"),
        ("- ~~~\n  x $$a$$\n  ~~~\n\n# 题 $$a$$", "- ~~~\n  x $$a$$\n  ~~~\n\n## 题 $a$"),
        ("> ~~~\n> x $$a$$\n> ~~~\n\n# 题 $$a$$", "> ~~~\n> x $$a$$\n> ~~~\n\n## 题 $a$"),
        ("```a``` x\n\n# 题 $$a$$", "```a``` x\n\n## 题 $a$"),
        ("a\n\n    $$a$$ b {::comment}c{:/}", "a\n\n    $$a$$ b {::comment}c{:/}"),
    ],
)
def test_markdown_of_kramdown_is_that_of_github(folder: Path, body: str, notes: str) -> None:
    assert imported(folder, body).notes == f"{notes}\n"


@pytest.mark.parametrize("sign", ["`", "$", "\\\\(", "\n```\n", "{:", "{::comment}", "# a {#b"])
def test_no_run_of_signs_is_looked_through_again_and_again(sign: str) -> None:
    assert kramdown.as_github(sign * 20_000 + "字").endswith("字")


def test_link_to_a_heading_with_an_id_of_its_own(folder: Path) -> None:
    paper = imported(folder, "## 甲 {#my-id}\n\n[b](#my-id)")
    assert '<h2 id="s-甲">甲 <a id="n-my-id"></a></h2>' in paper.notes_html
    assert 'href="#n-my-id"' in paper.notes_html
