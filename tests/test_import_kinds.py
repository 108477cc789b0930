"""`manage.py import_notes` of vaults, folders of Markdown and whole HTML pages."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from papers.importers import markup, shortcodes
from papers.models import Figure, Paper

from .importing import SAMPLES, counts, only, png, run, site
from .reading import text_of

pytestmark = pytest.mark.django_db


# --- Which day --------------------------------------------------------------------------------------------


def test_a_file_without_a_date_is_of_the_day_it_was_changed_here(tmp_path: Path) -> None:
    folder = site(tmp_path / "x", {"llm/a.md": "# A\n\n正文"})
    first_of_august = datetime(
        2025, 8, 1, 6, tzinfo=ZoneInfo("Asia/Shanghai")
    ).timestamp()  # in UTC still July
    os.utime(folder / "llm/a.md", (first_of_august, first_of_august))
    run(folder)
    assert Paper.objects.get().published_on == date(2025, 8, 1)


# --- Which section ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("admin", "path"), [("desk", "/desk-notes/n.html"), ("admin", "/desk/n.html")])
def test_no_section_takes_the_admins_place(tmp_path: Path, settings: Any, admin: str, path: str) -> None:
    settings.PAPERCACHE_ADMIN_PATH = admin
    run(site(tmp_path / "x", {"desk/n.md": "# N\n\n正文"}))
    assert Paper.objects.get().path == path


# --- Which kind -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"_config.yml": "", "_posts/2025-01-01-x.md": ""}, "jekyll"),
        ({"a.md": "![[x.png]]"}, "obsidian"),
        ({".obsidian/app.json": "{}", "a.md": "x"}, "obsidian"),
        ({"a.md": "x", "b/c.md": "y"}, "markdown"),
        ({"a/b.html": "<p>x"}, "html"),
    ],
)
def test_kind_is_recognised(tmp_path: Path, files: dict[str, str | bytes], kind: str) -> None:
    assert f": {kind}, " in run(site(tmp_path / "x", files)).splitlines()[0]


def test_kind_can_be_forced(tmp_path: Path) -> None:
    folder = site(tmp_path / "x", {"a.md": "![[x.png]]", "b/c.html": "<p>x</p>"})
    assert "x: html, 2 files" in run(folder, kind="html")


def test_notes_of_another_kind_are_named(tmp_path: Path) -> None:
    output = run(site(tmp_path / "x", {"a.md": "x", "b.md": "y", "c/d.html": "<p>x</p>"}))
    assert counts(output) == {"created": 2, "skipped": 1}
    assert "c/d.html:1: 不属于这种来源" in output


def test_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    folder = site(tmp_path / "x", {"b.md": "x"})
    os.mkfifo(folder / "a.md")
    assert "a.md:1: 不是普通文件" in run(folder)


def test_what_a_link_leads_to_says_nothing_of_the_kind(tmp_path: Path) -> None:
    folder = site(tmp_path / "x", {"b.md": "x"})
    (tmp_path / "elsewhere.md").write_text("![[x.png]]")
    (folder / "a.md").symlink_to(tmp_path / "elsewhere.md")
    assert "x: markdown, 2 files" in run(folder)


# --- Vaults -----------------------------------------------------------------------------------------------


@pytest.fixture
def roofline() -> Paper:
    run(SAMPLES / "jekyll-site")
    run(SAMPLES / "obsidian-vault")
    return Paper.objects.get(title="Roofline Model")


def test_properties_of_the_sample(roofline: Paper) -> None:
    assert roofline.path == "/llm/engineering/gpu_acceleration/2009-04-Roofline-model.html"
    assert (roofline.published_on, roofline.day_known) == (date(2009, 4, 1), False)
    assert roofline.alias_names == ["屋顶线模型"]
    assert roofline.author_names == ["Samuel Williams", "Andrew Waterman", "David Patterson"]


def test_links_and_pictures_of_the_sample(roofline: Paper, client: Client) -> None:
    page = client.get(roofline.get_absolute_url())
    html = page.content.decode()
    assert 'href="/llm/algorithm/RL/2023-05-reward-shaping-notes.html">另一篇</a>' in html
    assert "不存在的笔记" in text_of(page)
    assert 'width="240" height="240" alt="屋顶线示意图"' in html


def test_picture_is_found_by_its_name_anywhere(tmp_path: Path) -> None:
    paper = only(tmp_path / "v", {"a/b.md": "![[my pic.png|300]] ![[c]]", "x/y/my pic.png": png()})
    assert paper.notes == f"![](/-/figures/{Figure.objects.get().name}) [[c]]\n"


def test_templates_and_hidden_folders_of_a_vault_are_left_out(tmp_path: Path) -> None:
    files = {"a.md": "![[b]]", ".trash/b.md": "x", "templates/c.md": "x", ".obsidian/d.md": "x"}
    run(site(tmp_path / "v", files))
    assert [paper.slug for paper in Paper.objects.all()] == ["a"]


def test_links_in_a_vault_go_by_the_names_of_files(tmp_path: Path, client: Client) -> None:
    files = {"a.md": "---\ntitle: 甲\n---\n[[x/b|乙]] ![[b]]", "x/b.md": "---\ntitle: Long Title\n---\ny"}
    run(site(tmp_path / "v", files))
    assert client.get("/a.html").content.decode().count('href="/x/b.html"') >= 2


@pytest.mark.parametrize("comment", ["%%secret%%", "%%\nsecret\n\nand\n%%", "\n%% secret\nand %%"])
def test_comments_of_a_vault_are_no_text(tmp_path: Path, comment: str) -> None:
    assert only(tmp_path / "v", {"a.md": f"x {comment} y"}, kind="obsidian").notes.split() == ["x", "y"]


@pytest.mark.parametrize(
    "text",
    [
        "```python\n# %% load\nload()\n# %% train\n```",
        "```\n%%time\nx\n```\n\n```\n%%time\ny\n```",
        "`![[x.png]]` `[[folder/x]]` `[x](other.md)`",
        "涨了 50%% 。\n\n又跌了 30%% 。",
        "写 [[ <b>x</b> ]] 和 [[ a/ 就不是链接",
    ],
)
def test_code_and_percentages_of_a_vault_stay(tmp_path: Path, text: str) -> None:
    assert only(tmp_path / "v", {"a.md": text}, kind="obsidian").notes == f"{text}\n"


# --- Markdown ---------------------------------------------------------------------------------------------


def test_folders_are_sections_and_names_are_slugs(tmp_path: Path) -> None:
    assert only(tmp_path / "m", {"llm/moe/2025-07-Some.md": "x"}).path == "/llm/moe/2025-07-Some.html"


def test_heading_is_the_title_and_stands_once(tmp_path: Path) -> None:
    paper = only(tmp_path / "m", {"a.md": "# The *Title*\n\n## 一\n"})
    assert (paper.title, paper.notes) == ("The *Title*", "## 一\n")


@pytest.mark.parametrize(
    ("heading", "title"), [("# C#", "C#"), ("# 推理 ##", "推理"), ("# a # b #  ", "a # b")]
)
def test_closing_signs_of_a_heading_are_no_title(tmp_path: Path, heading: str, title: str) -> None:
    assert only(tmp_path / "m", {"a.md": f"{heading}\n\nx\n"}).title == title


def test_other_heading_stays(tmp_path: Path) -> None:
    assert only(tmp_path / "m", {"a.md": "---\ntitle: T\n---\n## 主要贡献\n"}).notes == "## 主要贡献\n"


@pytest.mark.parametrize(
    ("name", "body", "notes"),
    [
        (
            "a.md",
            "# 甲\n\n## 乙\n\n```\n# x\n```\n\n丙\n===\n",
            "## 甲\n\n### 乙\n\n```\n# x\n```\n\n## 丙\n",
        ),
        ("a.md", "# T\n\n## 乙\n", "## 乙\n"),
        ("a.md", "# 甲\n\n一\n二\n---\n", "## 甲\n\n### 一 二\n"),
        ("a.md", "# 甲\n\n* 一\n* 二\n---\n", "## 甲\n\n* 一\n* 二\n---\n"),
        ("a.md", "# 甲\n\n1. 一\n二\n---\n", "## 甲\n\n1. 一\n二\n---\n"),
        ("_posts/2025-01-01-a.html", "<h1>甲</h1><h2>乙</h2>", "<h2>甲</h2><h3>乙</h3>\n"),
        ("_posts/2025-01-01-a.html", "<h1>T</h1><h2>乙</h2>", "<h2>乙</h2>\n"),
        ("_posts/2025-01-01-a.html", "<h1>甲</h1><p>e.org/h1 x</p>", "<h2>甲</h2><p>e.org/h1 x</p>\n"),
        ("_posts/2025-01-01-a.html", '<div id="w"><h1>T</h1><p>a</p></div>', '<div id="w"><p>a</p></div>\n'),
        ("_posts/2025-01-01-a.html", "<h1>甲</h1><h3>乙</h3>", "<h2>甲</h2><h3>乙</h3>\n"),
    ],
)
def test_headings_are_below_the_title(tmp_path: Path, name: str, body: str, notes: str) -> None:
    assert only(tmp_path / "m", {name: f"---\ntitle: T\n---\n{body}"}).notes == notes


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("a<script src='x'></script><style>\nx {}\n</style>\n\nb", "a\n\n\n\nb"),
        (r'设 <script type="math/tex">x\,y_1</script> 为', r"设 $x\,y_1$ 为"),
        (
            '<iframe width="3" src="https://x.org/v">\n</iframe> b',
            '<a href="https://x.org/v">https://x.org/v</a> b',
        ),
        ('<video controls>\n<source src="/v.mp4">\nno\n</video>', '<a href="/v.mp4">/v.mp4</a>'),
        (
            '<p>\n<picture>\n  <source srcset="d.png">\n  <img src="https://x.org/l.png">\n</picture>\n</p>',
            '<p>\n  <img src="https://x.org/l.png">\n</p>',
        ),
        ("a <svg>\n<g/></svg> b", "a \n b"),
        (
            '<noscript><img src="https://x.org/a.png"></noscript><img data-src="https://x.org/b.png">',
            '<img src="https://x.org/b.png">',
        ),
        ('`<noscript>x</noscript> <img data-src="b">`', '`<noscript>x</noscript> <img data-src="b">`'),
        ("a\n\n    b\n    <script>c</script>\n", "a\n\n    b\n    <script>c</script>"),
        (
            "```\n<style>x</style>\n```\n`<iframe></iframe>`",
            "```\n<style>x</style>\n```\n`<iframe></iframe>`",
        ),
        ("`<script>` <script> a", "`<script>` <script> a"),
        ("用 <svg> 画\n\n字\n\n到 `</svg>` 止", "用 <svg> 画\n\n字\n\n到 `</svg>` 止"),
        (
            '<video> 放\n\n字\n\n见 <video src="https://x.org/v">\n</video>',
            '<video> 放\n\n字\n\n见 <a href="https://x.org/v">https://x.org/v</a>',
        ),
        ("<script>\na('<script>')\n\n    b()\n    </script>\n字", "字"),
        ("用 <noscript> 到 `</noscript>` 止", "用 <noscript> 到 `</noscript>` 止"),
        ("<style> 是\n\n字\n\n<style>x</style>", "<style> 是\n\n字"),
        ("- a\n\n    <style>x</style>字", "- a\n\n    字"),
        (
            '<script src="https://gist.github.com/a/1.js?file=b"></script>',
            '<a href="https://gist.github.com/a/1">https://gist.github.com/a/1</a>',
        ),
    ],
)
def test_html_in_markdown_that_a_page_runs_or_shows(tmp_path: Path, body: str, notes: str) -> None:
    assert only(tmp_path / "m", {"a.md": body}).notes == f"{notes}\n"


@pytest.mark.parametrize(
    "sign",
    ["<script>", "<script ", "</script>", "<iframe src=", "<picture>\n", "<noscript>", "    \n\n", " \t"],
)
def test_no_run_of_tags_is_looked_through_again_and_again(sign: str) -> None:
    source = f"{sign * 50_000}</script>字"
    assert markup.with_links(markup.with_pictures(markup.without_scripts(source))).endswith("字")


def test_drawing_in_markdown_is_named(tmp_path: Path) -> None:
    body = "---\ntitle: T\n---\na `<svg>` <svg></svg>\n"
    assert "a.md:4: 有 1 幅" in run(site(tmp_path / "m", {"a.md": body}))


def test_code_that_is_indented_stays_as_it_was_typed(tmp_path: Path) -> None:
    body = '字\n\n    ![a](b.png) [c](d.md) {{< figure src="e.png" >}}\n\n    <svg></svg>\n'
    assert "a.md" not in run(site(tmp_path / "m", {"a.md": body}))
    assert Paper.objects.get().notes == body


@pytest.mark.parametrize("item", ["- a", "1. a", "[^1]: a", "- a\n\n  b", "- a\nb"])
def test_what_is_indented_in_an_item_is_no_code(tmp_path: Path, item: str) -> None:
    assert only(tmp_path / "m", {"a.md": f"{item}\n\n    [c](d.md)\n"}).notes == f"{item}\n\n    [[d|c]]\n"


def test_note_without_a_date_is_of_the_month_of_its_file(tmp_path: Path) -> None:
    paper = only(tmp_path / "m", {"a.md": "x"})
    assert paper.published_on.day == 1
    assert not paper.day_known


def test_link_to_another_file_leads_to_its_note(tmp_path: Path, client: Client) -> None:
    run(site(tmp_path / "m", {"a.md": "[乙](b/other.md)", "b/other.md": "x"}))
    assert b'href="/b/other.html">' in client.get("/a.html").content


def test_aliases_that_are_paths_are_addresses(tmp_path: Path, client: Client) -> None:
    paper = only(tmp_path / "m", {"a.md": "---\naliases: [/old/path/, 别名]\n---\nx"})
    assert client.get("/old/path/").headers["Location"] == "/a.html"
    assert paper.alias_names == ["别名"]


KEPT_FROM_READERS = (
    *("draft: true", "Draft: true", "draft: 1", "isDraft: true", "private: true", "status: draft"),
    *("published: false", "publish: no", "password: secret", "expiryDate: 2020-01-01"),
)


@pytest.mark.parametrize("switch", KEPT_FROM_READERS)
def test_switches_of_drafts(tmp_path: Path, switch: str) -> None:
    assert only(tmp_path / "m", {"a.md": f"---\n{switch}\n---\nx"}).status == "draft"


def test_names_in_any_letter_case(tmp_path: Path) -> None:
    paper = only(tmp_path / "m", {"a.md": "---\nTitle: 推理\nDATE: 2020-05-05\nTags: [a]\n---\nx"})
    assert (paper.title, str(paper.published_on)) == ("推理", "2020-05-05")
    assert [tag.name for tag in paper.tags.all()] == ["a"]


@pytest.mark.parametrize("name", ["publishDate", "published_at"])
def test_a_note_is_public_from_the_hour_that_it_says(tmp_path: Path, name: str) -> None:
    front = f"date: 2020-05-05\n{name}: 2099-01-01T08:00:00+08:00"
    paper = only(tmp_path / "m", {"a.md": f"---\n{front}\n---\nx", "_index.md": ""})
    assert (paper.state, str(paper.published_on)) == ("scheduled", "2020-05-05")
    assert paper.publish_at == paper.first_public_at == datetime(2099, 1, 1, tzinfo=UTC)


def test_an_hour_that_has_passed_says_nothing(tmp_path: Path) -> None:
    paper = only(tmp_path / "m", {"a.md": "---\ndate: 2020-05-05\npublishDate: 2020-05-06\n---\nx"})
    assert (paper.state, paper.publish_at) == ("published", None)


def test_an_hour_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    output = run(site(tmp_path, {"a.md": "---\ntitle: a\npublishDate: soon\n---\nx"}))
    assert "a.md:3: 日期不存在：soon" in output


def test_front_matter_of_hugo(tmp_path: Path, client: Client) -> None:
    front = (
        'title = "推理"\ndate = 2020-01-02T03:04:05+08:00\ndraft = false\ntags = ["a"]\naliases = ["/old/"]\n'
    )
    paper = only(tmp_path / "m", {"a.md": f"+++\n{front}[params]\nx = 1\n+++\n正文\n"})
    assert (paper.title, str(paper.published_on), paper.notes) == ("推理", "2020-01-02", "正文\n")
    assert [tag.name for tag in paper.tags.all()] == ["a"]
    assert client.get("/old/").headers["Location"] == "/a.html"


def test_draft_of_hugo_is_one(tmp_path: Path) -> None:
    assert only(tmp_path / "m", {"a.md": "+++\ndraft = true\n+++\nx"}).status == "draft"


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ('title = "a"\ndraft = tru', "a.md:3: TOML 有误"),
        ("a" + ".a" * 5000 + " = 1", "a.md:2: TOML 超过 8 KB"),
        (f"a = {'[' * 2000}", "a.md:2: TOML 有误"),
        (f"a = {'[' * 30}{']' * 30}", "a.md:2: TOML 有误"),
    ],
)
def test_toml_that_cannot_be_read_is_no_public_note(tmp_path: Path, front: str, reason: str) -> None:
    output = run(site(tmp_path / "m", {"a.md": f"+++\n{front}\n+++\nx"}))
    assert reason in output
    assert not Paper.objects.exists()


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        (
            '{{< figure src="https://x.org/a.png" caption="图 1" >}}',
            '<figure><img src="https://x.org/a.png" alt=""><figcaption>图 1</figcaption></figure>',
        ),
        ('[a]({{< ref "p/b.md#c" >}}) [b]({{% relref "b" %}})', "[[b#c|a]] [[b|b]]"),
        ('{{< highlight python "x" >}}\n# a\n{{< /highlight >}}', "```python\n# a\n```"),
        ("{{</* youtube x */>}}", "{{< youtube x >}}"),
        (
            "{% asset_img 'https://x.org/a b.png' 300 some \"words\" %}",
            "![some words](https://x.org/a%20b.png)",
        ),
        ("{% codeblock lang:c %}\nint a;\n{% endcodeblock %}", "```c\nint a;\n```"),
        ("`{{< ref x >}}` {{ x }} 100{%", "`{{< ref x >}}` {{ x }} 100{%"),
    ],
)
def test_shortcodes_show_what_they_showed(tmp_path: Path, body: str, notes: str) -> None:
    output = run(site(tmp_path / "m", {"a.md": f"---\ntitle: T\n---\n{body}"}))
    assert Paper.objects.get().notes == f"{notes}\n"
    assert "模板" not in output


def test_other_shortcodes_stay_and_are_named(tmp_path: Path) -> None:
    body = "{{% notice x %}}\n`{% x %}`\n{{% /notice %}}\n\n{% note %}a{% endnote %}\n"
    output = run(site(tmp_path / "m", {"a.md": body}))
    assert [line.partition(" 没有执行")[0] for line in output.splitlines() if "模板" in line] == [
        "a.md:1: 模板 {{% notice x %}}",
        "a.md:5: 模板 {% note %}",
    ]
    assert Paper.objects.get().notes == body


def test_picture_in_the_folder_that_hexo_has_for_a_post(tmp_path: Path) -> None:
    only(tmp_path / "m", {"x/a.md": "{% asset_img b.png %}", "x/a/b.png": png()})
    assert Figure.objects.get().width == 8


@pytest.mark.parametrize(
    "sign",
    ["{{<", "{{< a ", "{{< ", " ", "{% a", "{% codeblock", "{{< highlight a >}}", "{{< figure a=", "{{%/"],
)
def test_no_run_of_shortcodes_is_looked_through_again_and_again(sign: str) -> None:
    source = f"{sign * 20_000}字"
    assert shortcodes.shown(f"{{{{< x{source}").endswith("字")
    assert len(list(shortcodes.unknown(source))) in (0, 20_000)


def test_front_matter_in_json(tmp_path: Path) -> None:
    front = '{\n  "title": "推理",\n  "date": "2020-01-02T03:04:05+08:00",\n  "tags": ["a"],\n  "weight": 1, "x": null,\n'
    paper = only(tmp_path / "m", {"a.md": f'{front}  "arxiv": "nonsense"\n}}\n\n正文 {{x}}\n'})
    assert (paper.title, str(paper.published_on), paper.notes) == ("推理", "2020-01-02", "正文 {x}\n")
    assert [tag.name for tag in paper.tags.all()] == ["a"]


def test_draft_in_json_is_one(tmp_path: Path) -> None:
    assert only(tmp_path / "m", {"a.md": '{"draft": true}\n\nx'}).status == "draft"


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ('{\n"draft": tru\n}', 2),
        ('{"draft": true', 2),
        (f'{{"a": {"[" * 60_000}', 1),
        (f'{{"a": {"[" * 30}{"]" * 30}}}', 1),
        (f'{{"a": "{"x" * 70_000}"}}', 1),
    ],
)
def test_json_that_cannot_be_read_is_no_public_note(tmp_path: Path, front: str, line: int) -> None:
    assert f"a.md:{line}: JSON 有误" in run(site(tmp_path / "m", {"a.md": f"{front}\nx"}))
    assert not Paper.objects.exists()


def test_text_in_braces_is_no_front_matter(tmp_path: Path) -> None:
    assert only(tmp_path / "m", {"a.md": '{"a"} 是一个集合\n'}).notes == '{"a"} 是一个集合\n'


@pytest.mark.parametrize("body", ['{"a": 1}\n\n是一个例子\n', '{"title": "a"} 是一个例子\n'])
def test_json_of_which_a_note_speaks_is_its_text(tmp_path: Path, body: str) -> None:
    assert only(tmp_path / "m", {"a.md": body}).notes == body
