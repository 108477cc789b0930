"""`manage.py import_notes` of what a note shows or plays: it goes in, or is named, and the text beside it stays text."""

from pathlib import Path

import pytest
from django.test import Client

from papers.importers import embedded, obsidian
from papers.importers.folder import Folder
from papers.models import Figure, Paper

from .importing import only, png, run, site

pytestmark = pytest.mark.django_db


# --- Vaults -----------------------------------------------------------------------------------------------


def test_picture_with_its_size_in_a_table_of_a_vault(tmp_path: Path, client: Client) -> None:
    table = "| a | b |\n|---|---|\n| ![[图 1.png\\|50]] ![[图 1.png\\|词\\|50]] | [[b\\|别名]] |\n"
    files = {"a.md": table, "b.md": "y", "x/图 1.png": png()}
    run(site(tmp_path / "v", files))
    address = f"/-/figures/{Figure.objects.get().name}"
    assert f"| ![]({address}) ![词]({address}) | [[b\\|别名]] |" in Paper.objects.get(slug="a").notes
    page = client.get("/a.html").content.decode()
    assert 'href="/b.html">别名</a>' in page
    assert page.count("<td>") == 2


def test_link_to_one_of_two_notes_of_a_name_is_named(tmp_path: Path) -> None:
    body = "---\ntitle: 题\n---\n%%\n[[同名]]\n%%\n[[B/同名|乙]] [[同名]]\n`[[同名]]` [[c]]\n![[同名.md]]"
    files = {"a.md": body, "A/同名.md": "x", "B/同名.md": "y", "c.md": "z"}
    output = run(site(tmp_path / "v", files), kind="obsidian")
    assert [line.partition("，")[0] for line in output.splitlines() if "不止" in line] == [
        "a.md:7: 不止一篇笔记叫“同名”",
        "a.md:9: 不止一篇笔记叫“同名”",
    ]


def test_links_of_a_vault_with_the_ending_of_the_file(tmp_path: Path) -> None:
    body = "[[b.md]] [[x/b.md#c|词]] [[v1.2]] `[[b.md]]`"
    assert only(tmp_path / "v", {"a.md": body}, kind="obsidian").notes == (
        "[[b]] [[b#c|词]] [[v1.2]] `[[b.md]]`\n"
    )


def test_picture_that_a_vault_links_to_goes_in(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.md": "[[x/图.png|大图]] [[图.png]]", "x/图.png": png()}
    notes = only(tmp_path / "v", files, kind="obsidian").notes
    address = f"/-/figures/{Figure.objects.get().name}"
    assert notes == f"[大图]({address}) [图.png]({address})\n"


@pytest.mark.parametrize(
    ("said", "slugs"),
    [
        ('{"folder": "/Meta/Muster/"}', ["a"]),
        ('{"folder": ""}', ["a", "m"]),
        ('["folder"]', ["a", "m"]),
        ("{", ["a", "m"]),
    ],
)
def test_templates_of_a_vault_are_left_out(tmp_path: Path, said: str, slugs: list[str]) -> None:
    files = {"a.md": "x", "Templates/t.md": "x", "Meta/Muster/m.md": "x", ".obsidian/templates.json": said}
    run(site(tmp_path / "v", files))
    assert sorted(paper.slug for paper in Paper.objects.all()) == slugs


def test_drawings_of_a_vault_are_no_notes(tmp_path: Path) -> None:
    files = {"a.md": "x", "b.excalidraw.md": "---\nexcalidraw-plugin: parsed\n---\nN4KAkARALg"}
    output = run(site(tmp_path / "v", files), kind="obsidian")
    assert "b.excalidraw.md:1: 不属于这种来源" in output
    assert Paper.objects.get().slug == "a"


def test_size_of_a_picture_is_no_words(tmp_path: Path) -> None:
    body = "![alt|200](https://x.y/a.png) ![|100x50](https://x.y/a.png) ![100](https://x.y/a.png) ![图 1](b)"
    notes = only(tmp_path / "v", {"a.md": body, "b": png()}, kind="obsidian").notes
    assert notes.startswith(
        "![alt](https://x.y/a.png) ![](https://x.y/a.png) ![](https://x.y/a.png) ![图 1]("
    )


def test_names_of_blocks_are_no_text(tmp_path: Path) -> None:
    body = "文 ^b1\n\n- 项 ^c-2\n\n^d\n\n$$\nx\n ^2\n$$\n\n`x ^d` [[b#^b1|块]] ![[b#^b1]] [[b#一]] x ^2 y\n"
    assert only(tmp_path / "v", {"a.md": body}, kind="obsidian").notes == (
        "文\n\n- 项\n\n\n\n$$\nx\n ^2\n$$\n\n`x ^d` [[b|块]] [[b]] [[b#一]] x ^2 y\n"
    )


@pytest.mark.parametrize(
    "sign", ["![[a", "![[a#", "[[a/", "[[a\\", "![1", " ^a", "$$", "![[\\", "[[a.md", "\n ^"]
)
def test_no_run_of_signs_of_a_vault_is_looked_through_again_and_again(tmp_path: Path, sign: str) -> None:
    assert obsidian.Vault(Folder(tmp_path)).changed(f"{sign * (100_000 // len(sign))}字").endswith("字")


# --- Signs of Hugo and Hexo -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sign",
    [
        '{{< figure src="a.png" >}}',
        '{{< figure src="a.png" caption="图" >}}',
        "{% asset_img a.png 图 %}",
        "> {% asset_img a.png %}",
        '> {{< figure src="a.png" >}}',
        '- {{< figure src="a.png" >}}',
        '{{< figure src="a.png" >}} 同行',
    ],
)
def test_text_below_a_picture_of_hugo_or_hexo_is_markdown(tmp_path: Path, client: Client, sign: str) -> None:
    text = f"前文\n\n{sign}\n后面**粗体** [链接](https://x.y)\n\n```\n**c**\n```\n"
    only(tmp_path / "m", {"a.md": text, "a.png": png()})
    page = client.get("/a.html").content.decode()
    assert "<strong>粗体</strong>" in page
    assert "**c**" in page
    assert f"/-/figures/{Figure.objects.get().name}" in page
    assert "[链接]" not in page


def test_lines_of_a_quotation_stay_in_it(tmp_path: Path) -> None:
    paper = only(tmp_path / "m", {"a.md": '> {{< figure src="https://x.y/a.png" >}}\n> 后面\n'})
    assert paper.notes == '> <figure><img src="https://x.y/a.png" alt=""></figure>\n>\n> 后面\n'


def test_words_and_names_of_hexo_with_brackets(tmp_path: Path) -> None:
    only(tmp_path / "m", {"a.md": '{% asset_img "a (1).png" "词 [1]" %}', "a (1).png": png()})
    assert Paper.objects.get().notes == f"![词 \\[1\\]](/-/figures/{Figure.objects.get().name})\n"


# --- Pictures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.md", "a.html"])
@pytest.mark.parametrize(
    "shown",
    [
        '<img alt="a -> b" src="p.png">',
        "<img alt='a <- b > c' title=\"src=x\" src=p.png>",
        "<img title=it's src=p.png>",
        '<img srcset="p.png 1x, q.png 2x">',
        '<img alt="x" srcset="p.png">',
        '<picture><source srcset="p.png"></picture>',
        '<picture>\n<source media="x" srcset="p.png 2x">\n<source srcset="q.png">\n</picture>',
    ],
)
def test_picture_goes_in_however_its_tag_names_it(tmp_path: Path, name: str, shown: str) -> None:
    output = run(site(tmp_path / "m", {name: f"<p>前</p>\n\n{shown}\n\n<p>后</p>", "p.png": png()}))
    assert f"/-/figures/{Figure.objects.get().name}" in Paper.objects.get().notes
    assert "没有导入" not in output


@pytest.mark.parametrize(
    "sign", ["<img ", '<img "', "<img '\"", "<img a='", "<picture><source srcset=a>", "![", "[["]
)
def test_no_run_of_pictures_is_looked_through_again_and_again(tmp_path: Path, sign: str) -> None:
    source = sign * (100_000 // len(sign))
    pictures = embedded.LocalPictures(Folder(tmp_path), "a.md", embedded.look_at, lambda _name: None)
    assert len(pictures.take(source)) >= len(source)
    assert len(pictures.take(f"<picture>{source}{'<source srcset=a>' * 5_000}", is_markdown=True)) > len(
        source
    )


@pytest.mark.parametrize(
    "shown", ["![a](x.jfif)", "![a](x.bmp)", "[![a](x.tiff)](https://x.y)", "[a]: x.svg"]
)
def test_picture_that_is_refused_is_named_once(tmp_path: Path, shown: str) -> None:
    name = shown.partition("x.")[2].partition(")")[0]
    output = run(site(tmp_path / "m", {"a.md": shown, f"x.{name}": b"BM is no picture"}))
    assert len([line for line in output.splitlines() if line.startswith("a.md:1:")]) == 1


# --- What is played ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.md", "a.html"])
@pytest.mark.parametrize(
    "shown",
    [
        '<video src="f.mp4" controls></video>',
        '<video controls><source src="f.mp4"></video>',
        "<audio src='f.mp4?x=1'></audio>",
        "<audio controls><source src=f.mp4></audio>",
        '<object data="f.mp4" type="x"></object>',
        '<embed type="x" src="f.mp4">',
        '<iframe src="f.mp4#page=2"></iframe>',
        '<video poster="f.mp4" src="https://x.y/z"></video>',
        '<a href="f.mp4">x</a> <video src="f.mp4"></video>',
    ],
)
def test_what_a_page_plays_is_named_with_its_line(tmp_path: Path, name: str, shown: str) -> None:
    output = run(site(tmp_path / "m", {name: f"<p>x</p>\n\n{shown}\n", "f.mp4": b"x"}))
    assert [line for line in output.splitlines() if "没有导入" in line] == [
        f"{name}:3: 没有导入 f.mp4：请把它放到别处，再链接过去"
    ]


def test_poster_is_named_and_another_page_in_a_frame_is_not(tmp_path: Path) -> None:
    body = '<video poster="p.png"></video> <iframe src="b.html"></iframe> `<video src="c.mp4">`'
    output = run(site(tmp_path / "m", {"a.md": body, "p.png": png(), "b.html": "x", "c.mp4": b"x"}))
    assert [line[:18] for line in output.splitlines() if "没有导入" in line] == ["a.md:1: 没有导入 p.png"]


@pytest.mark.parametrize("link", ["![[f.pdf]]", "[[f.pdf]]", "![[x/f.pdf#page=2|词]]", "[[f.pdf|词]]"])
def test_file_that_a_vault_shows_is_named(tmp_path: Path, link: str) -> None:
    output = run(site(tmp_path / "v", {"a.md": f"x\n{link}", "x/f.pdf": b"x"}), kind="obsidian")
    assert "a.md:2: 没有导入 x/f.pdf：" in output
