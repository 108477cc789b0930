"""`manage.py import_notes` of whole HTML pages, and of the pictures in notes of any kind."""

import os
from datetime import date
from pathlib import Path
from time import monotonic

import pytest
from django.test import Client

from papers.importers import embedded, pages
from papers.models import Figure, Paper

from .importing import SAMPLES, counts, jekyll, only, png, post, run, site, written_out
from .reading import text_of

pytestmark = pytest.mark.django_db


# --- Whole pages ------------------------------------------------------------------------------------------


def test_sample_page_has_its_path_for_an_address(client: Client) -> None:
    run(SAMPLES / "deepnotes-html")
    page = client.get("/llm/engineering/inference/2024-01-A-Standalone-Page.html")
    assert page.status_code == 200
    assert "论文分析报告" not in text_of(page)
    assert b"MathJax" not in page.content
    paper = Paper.objects.get()
    assert (paper.title, paper.published_on, paper.day_known) == (
        "A Standalone Page",
        date(2024, 1, 1),
        False,
    )
    assert paper.notes.startswith("<h2>A1 主要贡献</h2><p>整页 HTML，路径即网址。$E=mc^2$</p>")


def test_what_only_the_page_needed_is_not_looked_at(tmp_path: Path) -> None:
    """Icons in the style sheet of a notebook are no pictures of its note, nor is a library of drawings its text."""
    svg = "data:image/svg+xml;base64,PHN2Zy8+"
    page = f"<head><style>a {{background: url({svg})}}\nb {{background: url({written_out(png())})}}</style>"
    page += f'<link href="{svg}"></head><script>"{"x" * 5_000_000}"</script><p>正<style>\n\n</style>文</p>'
    page += '<script type="math/tex">a</script><p><img src="no.png"></p>'
    output = run(site(tmp_path / "m", {"2025-01-a.html": page.replace("<p>正", "\n<p>正")}))
    assert [line for line in output.splitlines() if line.startswith("2025-01-a")] == [
        "2025-01-a.html:5: no.png: 找不到图片"
    ]
    assert Paper.objects.get().notes.startswith("<p>正文</p>$a$")
    assert not Figure.objects.exists()


@pytest.mark.parametrize(
    ("page", "notes"),
    [
        ("<!-- <script> --><p>正</p><script>x</script><p>文</p>", "<p>正</p><p>文</p>"),
        ("<!--\n<script>\nx</script>\n--><p>文</p>", "<p>文</p>"),
        (
            '<p>见 <script src="https://gist.github.com/a/1.js"></script></p>',
            '<p>见 <a href="https://gist.github.com/a/1">https://gist.github.com/a/1</a></p>',
        ),
        (
            "<p><code><link></code> <code><style></code> 与 <code></style></code></p>",
            "<p><code>&lt;link&gt;</code> <code>&lt;style&gt;</code> 与 <code>&lt;/style&gt;</code></p>",
        ),
    ],
)
def test_scripts_in_comments_and_code_take_nothing_with_them(tmp_path: Path, page: str, notes: str) -> None:
    assert only(tmp_path / "m", {"a.html": f"<h1>T</h1>{page}"}).notes == f"{notes}\n"


@pytest.mark.parametrize("tag", ["<script>", "<style>", "<link>", "</script>", "<!--", "<code>"])
def test_no_run_of_scripts_is_looked_through_again_and_again(tag: str) -> None:
    assert embedded.without_scripts(f"{tag * 100_000}字".encode()).endswith("字".encode())


def test_script_that_is_code_of_jekyll_stays(tmp_path: Path) -> None:
    body = "{% highlight html %}\n<script>a()</script>\n{% endhighlight %}"
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.html": post(body)}))
    assert "&lt;script&gt;a()&lt;/script&gt;" in Paper.objects.get().notes


def test_picture_of_a_site_below_the_name_of_its_repository(tmp_path: Path) -> None:
    page = '<p>x</p><img src="/blog/assets/a.png">'
    assert "图" not in run(site(tmp_path / "_site", {"llm/a.html": page, "assets/a.png": png()}), kind="html")
    assert Figure.objects.get().width == 8


def test_page_without_text_is_refused(tmp_path: Path) -> None:
    assert "页面里没有正文" in run(site(tmp_path / "p", {"a/b.html": "<script>x</script>"}))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("posts/kv-cache/index.html", "/posts/kv-cache.html"),
        ("2024/01/02/kv-cache/index.html", "/kv-cache.html"),
        ("llm/2024/01/kv-cache/index.html", "/llm/kv-cache.html"),
    ],
)
def test_page_that_is_alone_in_its_folder_is_called_as_that(
    tmp_path: Path, client: Client, name: str, path: str
) -> None:
    """As Hugo, Hexo and Jekyll's pretty permalinks write them."""
    page = '<h1>T</h1><p>a <a href="../b/">b</a><img alt="c" src="p.png"></p>'
    files = {name: page, name.replace("index.html", "p.png"): png(), "index.html": page, "404.html": page}
    output = run(site(tmp_path / "m", files))
    assert counts(output) == {"created": 1, "left out": 2}, output
    for former in (name, name.removesuffix("index.html")):
        assert client.get(f"/{former}").headers["Location"] == path
    notes = Paper.objects.get(path=path).notes
    assert f'href="/{name.removesuffix("kv-cache/index.html")}b/"' in notes
    assert "/-/figures/" in notes


@pytest.mark.parametrize(
    "name", ["posts/index.html", "posts/page/2/index.html", "tags/moe/index.html", "archives/2024/index.html"]
)
def test_list_of_pages_is_the_sites_own(tmp_path: Path, name: str) -> None:
    page = "<h1>T</h1><p>x</p>"
    output = run(site(tmp_path / "m", {name: page, "posts/a/index.html": page}))
    assert f"{name}:1: 是网站自己的页面" in output
    assert Paper.objects.get().path == "/posts/a.html"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ('<h1 id="a">推理<a class="anchor-link" href="#a">¶</a></h1><p>x</p>', "推理"),
        ('<h1>推理 <a class="headerlink" href="#a">&para;</a></h1><h1>二</h1>', "推理"),
        ("<title>推理</title><p class=MsoTitle><b>推理</b></p><h1>一、引言</h1><p>x</p>", "推理"),
        ("<title>推理</title><body><p>x</p><h1>一、引言</h1><p>x</p><h1>二</h1>", "推理"),
        ("<title>报告</title><body><h1>推理</h1><p>x</p><h1>二</h1>", "推理"),
        ("<title>推理 | 站点</title><body>首页<h1>推理</h1><p>x</p><h1>二</h1>", "推理"),
    ],
)
def test_title_of_a_page_is_its_own_heading(tmp_path: Path, page: str, title: str) -> None:
    """No link to itself, and no section's."""
    assert only(tmp_path / "m", {"a/b.html": page}).title == title


@pytest.mark.parametrize("page", ["<p>" * 100_000, "<p><b>" * 50_000, "<h1><a>" * 300, "<title><body>x" * 9])
def test_titles_are_looked_for_in_time(page: str) -> None:
    started = monotonic()
    pages._title(f"<title>T</title>{page}<h1>x</h1>", "a")
    assert monotonic() - started < 2


@pytest.mark.parametrize(
    ("name", "head", "day"),
    [
        ("a/2024-01-02-x.html", "", "2024-01-01T16:00:00+00:00"),
        ("a/2024-01-x.html", "", "2023-12-31T16:00:00+00:00"),
        ("2024/01/02/x/index.html", "", "2024-01-01T16:00:00+00:00"),
        (
            "a/x/index.html",
            '<meta property="article:published_time" content="2024-01-02T03:04:05+08:00">',
            "2024-01-01T16:00:00+00:00",
        ),
    ],
)
def test_page_was_public_from_its_day_on(tmp_path: Path, name: str, head: str, day: str) -> None:
    """So it is no news in the feed because it has moved."""
    paper = only(tmp_path / "m", {name: f"<head>{head}</head><h1>T</h1><p>x</p>"})
    assert paper.first_public_at.isoformat() == day


@pytest.mark.parametrize("body", ["", "<h1>Redirecting…</h1><a href='/b/'>Click here.</a>"])
def test_page_that_leads_to_another_is_none(tmp_path: Path, body: str) -> None:
    """As Hugo writes aliases, and jekyll-redirect-from."""
    moved = f'<head><title>x</title><meta http-equiv="refresh" content="0; url=/b/"></head>{body}'
    output = run(site(tmp_path / "m", {"b/index.html": "<h1>T</h1><p>x</p>", "old/index.html": moved}))
    assert counts(output) == {"created": 1, "left out": 1}


@pytest.mark.parametrize(
    "url", ["/b/", "../b/", "https://me.github.io/blog/b/#x", "/blog/b/index.html", "'/b/index.html'"]
)
def test_address_of_a_page_that_leads_to_another_leads_there(
    tmp_path: Path, client: Client, url: str
) -> None:
    moved = f'<title>x</title><meta http-equiv="refresh" content="0; url={url}">'
    run(site(tmp_path / "m", {"b/index.html": "<h1>T</h1><p>x</p>", "Old/index.html": moved}))
    for path in ("/Old/", "/old/index.html"):
        assert client.get(path).headers["Location"] == Paper.objects.get().get_absolute_url()


def test_page_that_leads_nowhere_keeps_no_other_out(tmp_path: Path) -> None:
    moved = '<meta http-equiv="refresh" content="0; url=http://[x/">'
    output = run(site(tmp_path / "m", {"b/index.html": "<h1>T</h1><p>x</p>", "old/index.html": moved}))
    assert counts(output) == {"created": 1, "left out": 1}


def test_pages_of_one_name_in_folders_of_days(tmp_path: Path) -> None:
    pages = {f"2024/{month}/01/a/index.html": f"<h1>T {month}</h1><p>x</p>" for month in ("01", "02")}
    run(site(tmp_path / "m", pages))
    days = {paper.slug: str(paper.published_on) for paper in Paper.objects.all()}
    assert days == {"a": "2024-01-01", "2024-02-a": "2024-02-01"}


# --- Pictures ---------------------------------------------------------------------------------------------


def test_same_picture_is_kept_once_whatever_shows_it(tmp_path: Path) -> None:
    body = f'![一]({written_out(png())})\n\n<img alt="二" src="{written_out(png())}">\n\n![三](p.png)'
    paper = only(tmp_path / "m", {"a.md": body, "p.png": png()})
    figure = Figure.objects.get()
    assert paper.notes.count(f"/-/figures/{figure.name}") == 3
    assert (figure.alt, figure.width, figure.height) == ("二", 8, 8)


def test_alt_and_caption_become_the_figures(tmp_path: Path) -> None:
    html = f'<figure><img alt="结构" src="{written_out(png())}"><figcaption>图 <b>1</b></figcaption></figure>'
    only(tmp_path / "p", {"a/b.html": html})
    figure = Figure.objects.get()
    assert (figure.alt, figure.caption) == ("结构", "图 1")


def test_picture_in_lines_of_base64(tmp_path: Path) -> None:
    uri = written_out(png(60, 60))
    lines = "\n".join(uri[place : place + 76] for place in range(0, len(uri), 76))
    only(tmp_path / "p", {"a/b.html": f'<p>x</p><img alt="y" src="{lines}">'})
    assert Figure.objects.get().width == 60


def test_page_of_a_big_post_is_small(tmp_path: Path, client: Client) -> None:

    from PIL import Image

    Image.frombytes("RGB", (1000, 900), os.urandom(2_700_000)).save(tmp_path / "noise.png")
    body = f'<p>x</p><img alt="y" src="{written_out((tmp_path / "noise.png").read_bytes())}">'
    paper = only(tmp_path / "p", {"a/b.html": body})
    assert len(body) > 3_500_000
    assert len(client.get(paper.get_absolute_url()).content) < 50_000


def test_picture_of_another_site_stays_a_link(tmp_path: Path) -> None:
    assert (
        only(tmp_path / "m", {"a.md": "![x](https://example.org/p.png)"}).notes
        == "![x](https://example.org/p.png)\n"
    )


@pytest.mark.parametrize(
    "shown",
    [
        "![x](/img/我的 图 (1).png)",
        '![x](/img/我的 图 (1).png "t")',
        "![x](</img/我的 图 (1).png>)",
        '<img src="/img/我的 图 (1).png">',
        r"![x](..\img\我的 图 (1).png)",
        "![x](../../../../../img/我的%20图%20(1).png)",
        "![x][a]\n\n[a]: /img/我的%20图%20(1).png",
        "[x](/img/我的%20图%20%281%29.png)",
        '<img src="x.gif" data-src="/img/我的 图 (1).png">',
    ],
)
def test_picture_is_found_however_it_is_called(tmp_path: Path, shown: str) -> None:
    files: dict[str, str | bytes] = {
        "img/我的 图 (1).png": png(),
        "_posts/2025-07-01-x.md": post(shown),
    }
    output = run(jekyll(tmp_path / "blog", files))
    assert f"/-/figures/{Figure.objects.get().name}" in Paper.objects.get().notes, output


@pytest.mark.parametrize(
    "source",
    ["data:image/svg+xml,%3Csvg%3E%3C/svg%3E", "data:image/png;base64,", "C:\\x.png", "file:///x.png"],
)
def test_picture_that_cannot_be_kept_is_named(tmp_path: Path, source: str) -> None:
    output = run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.html": post(f'<img src="{source}">')}))
    assert f"_posts/2025-07-01-x.html:5: {source}: " in output


@pytest.mark.parametrize("code", ["```\n![a](b.png) [c](img/x.png)\n```", "`![a](b.png)`"])
def test_picture_in_code_is_text(tmp_path: Path, code: str) -> None:
    files: dict[str, str | bytes] = {"img/x.png": png(), "a.md": f"---\ntitle: T\n---\n{code}\n"}
    assert only(tmp_path / "m", files).notes == f"{code}\n"


def test_picture_of_no_type_is_one(tmp_path: Path) -> None:
    uri = written_out(png()).replace("image/png", "application/octet-stream")
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.html": post(f'<img src="{uri}">')}))
    assert Figure.objects.count() == 1


def test_picture_that_is_missing_is_named_with_its_line(tmp_path: Path) -> None:
    output = run(site(tmp_path / "m", {"a.md": "---\ntitle: T\n---\n一\n\n![x](none.png)"}))
    assert "a.md:6: none.png: 找不到图片" in output


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("a.md", "[PDF](/files/x%20y.pdf)"),
        ("a.md", '[PDF](<files/x y.pdf> "t") [again](/files/x%20y.pdf#page=2)'),
        ("a.md", "[PDF][1]\n\n[1]: files/x%20y.pdf"),
        ("a.html", '<a class="x" href="files/x y.pdf">PDF</a>'),
    ],
)
def test_file_that_is_linked_to_is_named_with_its_line(tmp_path: Path, name: str, link: str) -> None:
    output = run(site(tmp_path / "m", {name: f"<p>一</p>\n\n{link}", "files/x y.pdf": b"%PDF"}))
    line = 5 if "[1]" in link else 3
    assert [one for one in output.splitlines() if one.startswith(f"{name}:")] == [
        f"{name}:{line}: 没有导入 files/x y.pdf：请把它放到别处，再链接过去"
    ]


@pytest.mark.parametrize(
    "link",
    ["`[x](x.pdf)`", "[x](y.pdf)", "[x](https://e.org/x.pdf)", "[x](b.md)", "[x](../../x.pdf)", "[x](v1.2)"],
)
def test_other_links_are_no_trouble(tmp_path: Path, link: str) -> None:
    files: dict[str, str | bytes] = {"a.md": f"一\n\n{link}", "b.md": "x", "x.pdf": b"%PDF", "v1.2/y": b""}
    assert "a.md:" not in run(site(tmp_path / "m", files))
