"""`manage.py import_notes` of what generators other than Jekyll are fed with: Hugo's and Hexo's folders."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from papers.models import Address, Figure, Paper, Section

from .importing import counts, only, png, run, site

pytestmark = pytest.mark.django_db


# --- Drafts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["markdown", "obsidian"])
@pytest.mark.parametrize("name", ["_drafts/s.md", "llm/_drafts/s.md", "_drafts/llm/s.md"])
def test_folder_of_drafts_holds_drafts(tmp_path: Path, client: Client, kind: str, name: str) -> None:
    run(site(tmp_path / "n", {name: "秘密", "a.md": "x"}), kind=kind)
    assert Paper.objects.get(slug="s").status == "draft"
    assert [client.get(f"/{place}s.html").status_code for place in ("", "llm/", "_drafts/")] == [404] * 3
    assert not Section.objects.filter(slug="_drafts").exists()


def test_folder_of_drafts_holds_pages_that_are_drafts(tmp_path: Path, client: Client) -> None:
    assert only(tmp_path / "n", {"_drafts/s.html": "<p>秘密</p>"}, kind="html").status == "draft"
    assert client.get("/_drafts/s.html").status_code == 404
    assert not Section.objects.filter(slug="_drafts").exists()


def test_folder_of_posts_is_no_section(tmp_path: Path) -> None:
    assert only(tmp_path / "n", {"llm/_posts/s.md": "x"}, kind="markdown").path == "/llm/s.html"


# --- A folder for each note -------------------------------------------------------------------------------

BUNDLES: dict[str, str | bytes] = {
    "posts/one/index.md": "![](a.png) [二](../second/index.md) [三](../second/) [四](../plain.md)",
    "posts/one/a.png": png(),
    "posts/second/index.md": "---\ndate: 2020-01-02\n---\n[一](../one/index.md)",
    "posts/plain.md": "x",
}


def test_folder_of_one_note_gives_it_its_name(tmp_path: Path) -> None:
    run(site(tmp_path / "m", BUNDLES))
    assert {paper.path for paper in Paper.objects.all()} == {
        "/posts/one.html",
        "/posts/second.html",
        "/posts/plain.html",
    }
    assert sorted(Section.objects.values_list("path", flat=True)) == ["/", "/posts/"]
    assert Figure.objects.get().width == 8


@pytest.mark.parametrize("former", ["/posts/one/", "/posts/one/index.html", "/posts/one"])
def test_folder_of_one_note_is_its_former_address(tmp_path: Path, client: Client, former: str) -> None:
    run(site(tmp_path / "m", BUNDLES))
    assert client.get(former).headers["Location"] == "/posts/one.html"


def test_links_between_such_folders_lead_there(tmp_path: Path, client: Client) -> None:
    run(site(tmp_path / "m", BUNDLES))
    html = client.get("/posts/one.html").content.decode()
    assert 'href="/posts/second.html">二</a>' in html
    assert 'href="/posts/second/">三</a>' in html
    assert 'href="/posts/plain.html">四</a>' in html
    assert 'href="/posts/one.html">一</a>' in client.get("/posts/second.html").content.decode()


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"a/index.md": "x", "a/b.html": "<p>"}, "/a.html"),
        ({"index.md": "x"}, "/index.html"),
        ({"a/index.md": "x", "a/b.md": "y"}, "/a/index.html"),
        ({"a/index.md": "x", "a/b/c.md": "y"}, "/a/index.html"),
        ({"tags/index.md": "x"}, "/tags-notes/index.html"),
    ],
)
def test_index_beside_other_notes_is_a_note(tmp_path: Path, files: dict[str, str | bytes], path: str) -> None:
    run(site(tmp_path / "m", files), kind="markdown")
    assert Paper.objects.filter(path=path).exists()


# --- Addresses that a note says it had --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("front", "former"),
    [
        ("url: /custom/a/", "/custom/a/"),
        ("url: custom/a.html", "/custom/a.html"),
        ("permalink: /custom/a", "/custom/a/"),
        ("aliases: [old-name, ../other/b/]", "/llm/old-name/"),
        ("aliases: [old-name, ../other/b/]", "/other/b/"),
    ],
)
def test_address_that_a_note_says_it_had(tmp_path: Path, client: Client, front: str, former: str) -> None:
    only(tmp_path / "m", {"llm/a.md": f"---\n{front}\n---\nx"})
    assert client.get(former).headers["Location"] == "/llm/a.html"


@pytest.mark.parametrize("front", ["url: https://e.org/a/", "url: [a, b]", "permalink: /:year/a/", "url: ''"])
def test_what_is_no_address_of_the_site_is_none_here(tmp_path: Path, front: str) -> None:
    run(site(tmp_path / "m", {"llm/a.md": f"---\n{front}\n---\nx"}))
    former = Address.objects.values_list("path_folded", flat=True)
    assert list(former) == ["/llm/a/"]


NOTE = "---\ntitle: 旧\ndate: 2020-05-06\n---\nx"

# --- Hugo -------------------------------------------------------------------------------------------------

HUGO: dict[str, str | bytes] = {
    "hugo.toml": 'baseURL = "https://e.org/"',
    "content/_index.md": "---\ntitle: 首页\n---\n欢迎",
    "content/posts/_index.md": '+++\ntitle = "文章"\n+++\n栏目的说明 ![](/i.png)',
    "content/posts/one/index.md": "---\ntitle: 一\n---\n![](/i.png) [二](/posts/Two.md)",
    "content/posts/Two.md": "---\ntitle: 二\n---\nx",
    "content/empty/_index.md": "---\ntitle: 没有说明\n---\n",
    "content/empty/a.md": "x",
    "static/i.png": png(),
    "themes/x/README.md": "x",
    "themes/x/exampleSite/content/posts/demo.md": "x",
    "archetypes/default.md": "---\ntitle: {{ .Name }}\n---\n",
    "layouts/single.html": "{{ .Content }}",
    "public/posts/one/index.html": "<p>x",
    "node_modules/a/b.md": "x",
}


def test_site_of_hugo_is_its_content(tmp_path: Path) -> None:
    output = run(site(tmp_path / "h", HUGO))
    assert output.startswith("h: hugo, ")
    paths = sorted(Paper.objects.values_list("path", flat=True))
    assert paths == ["/empty/a.html", "/posts/Two.html", "/posts/one.html"]
    assert counts(output) == {"created": 3, "updated": 1, "left out": 8}


def test_pages_of_sections_are_their_texts_and_titles(tmp_path: Path, client: Client) -> None:
    run(site(tmp_path / "h", HUGO))
    sections = dict(Section.objects.exclude(path="/").values_list("path", "title"))
    assert sections == {"/posts/": "文章", "/empty/": "没有说明"}
    assert "栏目的说明" in client.get("/posts/").content.decode()
    assert Figure.objects.get().name in Section.objects.get(path="/posts/").text


def test_draft_of_a_section_is_no_text(tmp_path: Path) -> None:
    run(site(tmp_path / "h", {"a/_index.md": "---\ndraft: true\n---\n秘密", "a/b.md": "x"}))
    assert not Section.objects.filter(text__contains="秘密").exists()


def test_links_from_the_top_of_a_site_of_hugo(tmp_path: Path, client: Client) -> None:
    run(site(tmp_path / "h", HUGO))
    assert 'href="/posts/Two.html">二</a>' in client.get("/posts/one.html").content.decode()
    assert client.get("/posts/one/").headers["Location"] == "/posts/one.html"


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"hugo.yaml": "", "content/a.md": "![[x.png]]"}, "hugo"),
        ({"config/_default/x.toml": "", "content/a.md": "x"}, "hugo"),
        ({"posts/_index.md": "", "posts/a.md": "x"}, "hugo"),
        ({"content/a.md": "x"}, "markdown"),
    ],
)
def test_folder_of_hugo_is_recognised(tmp_path: Path, files: dict[str, str | bytes], kind: str) -> None:
    assert f": {kind}, " in run(site(tmp_path / "x", files)).splitlines()[0]


# --- Hexo -------------------------------------------------------------------------------------------------

HEXO: dict[str, str | bytes] = {
    "_config.yml": "permalink: :year/:month/:day/:title/\nroot: /blog/\n",
    "package.json": '{"dependencies": {"hexo": "7"}}',
    "scaffolds/post.md": "---\ntitle: {{ title }}\n---\n",
    "themes/next/README.md": "x",
    "themes/next/layout/a.html": "x",
    "source/_posts/hello.md": "---\ntitle: 一\ndate: 2020-07-08 23:59:59\n---\n"
    "{% asset_img a.png %} ![](/blog/b.png) {% post_link second '第二篇' %}\n",
    "source/_posts/hello/a.png": png(),
    "source/b.png": png(colour="blue"),
    "source/_posts/second.md": "---\ndate: 2020/7/9\ncategories: [[技术, 后端], [随笔]]\n---\nx",
    "source/_drafts/d.md": "秘密",
    "source/tags/index.md": "---\ntitle: 标签\ntype: tags\n---\n",
    "source/about/index.md": "---\ntitle: 关于\n---\n我",
}


def test_site_of_hexo_is_its_source(tmp_path: Path) -> None:
    output = run(site(tmp_path / "h", HEXO))
    assert output.startswith("h: hexo, ")
    assert counts(output) == {"created": 4, "left out": 4}
    published = Paper.objects.published().values_list("path", flat=True)
    assert sorted(published) == ["/about.html", "/hello.html", "/技术/后端/second.html"]
    assert not Section.objects.filter(slug__in=["source", "_posts", "_drafts"]).exists()


def test_pictures_and_links_of_hexo(tmp_path: Path, client: Client) -> None:
    output = run(site(tmp_path / "h", HEXO))
    assert Figure.objects.count() == 2
    assert ">第二篇</a>" in client.get("/hello.html").content.decode()
    assert "模板" not in output


@pytest.mark.parametrize(
    "former", ["/2020/07/08/hello/", "/blog/2020/07/08/hello/", "/2020/07/08/hello/index.html"]
)
def test_address_that_a_post_had_under_hexo(tmp_path: Path, client: Client, former: str) -> None:
    run(site(tmp_path / "h", HEXO))
    assert client.get(former).headers["Location"] == "/hello.html"


@pytest.mark.parametrize(
    ("pattern", "former"),
    [
        ("", "/2020/07/08/sub/2020-01-02-a/"),
        (":year/:i_month/:i_day/:name.html", "/2020/7/8/2020-01-02-a.html"),
        (":category/:title/", "/x/y/sub/2020-01-02-a/"),
        (":post_title/", "/A-Note/"),
        ("posts/:abbrlink.html", "/posts/a1b2.html"),
        (":year/:title/\nnew_post_name: :year-:month-:day-:title.md", "/2020/sub/a/"),
    ],
)
def test_permalink_of_hexo(tmp_path: Path, client: Client, pattern: str, former: str) -> None:
    front = "title: A Note\ndate: 2020-07-08\ncategories: [x, y]\nabbrlink: a1b2\nyear: 1999"
    post = f"---\n{front}\n---\nx"
    files: dict[str, str | bytes] = {"_config.yml": f"title: x\npermalink: {pattern}\n"}
    paper = only(tmp_path / "h", {**files, "source/_posts/sub/2020-01-02-a.md": post})
    assert client.get(former).headers["Location"] == paper.path


@pytest.mark.parametrize("pattern", [":hash/", ":id.html", ":year/:hour/:title/"])
def test_permalink_of_which_the_files_do_not_know_enough_gives_no_address(
    tmp_path: Path, pattern: str
) -> None:
    run(site(tmp_path / "h", {**HEXO, "_config.yml": f"permalink: {pattern}"}))
    assert not Address.objects.filter(path_folded__contains=":").exists()
    assert not Address.objects.filter(path_folded__startswith="/2020/").exists()


def test_source_of_hexo_alone(tmp_path: Path, client: Client) -> None:
    files: dict[str, str | bytes] = {"_posts/a.md": "---\ndate: 2020-07-08\n---\nx", "_drafts/d.md": "x"}
    assert run(site(tmp_path / "source", files)).startswith("source: hexo, ")
    assert client.get("/2020/07/08/a/").headers["Location"] == "/a.html"
    assert Paper.objects.get(slug="d").status == "draft"


@pytest.mark.parametrize(
    "files",
    [
        {"_config.yml": "", "_posts/2025-01-01-x.md": "", "source/_posts/a.md": "x"},
        {"_config.yml": "", "source/a.md": "x"},
        {"_config.yml": "", "_posts/2025-01-01-x.md": "", "scaffolds/a.md": "x"},
    ],
)
def test_jekyll_is_not_taken_for_hexo(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert run(site(tmp_path / "source", files)).startswith("source: jekyll, ")


# --- Notion -----------------------------------------------------------------------------------------------

IDS = [f"{number:032x}" for number in range(5)]


def test_ids_of_notion_are_no_part_of_names(tmp_path: Path, client: Client) -> None:
    files: dict[str, str | bytes] = {
        f"笔记 {IDS[0]}/一 篇 {IDS[1]}.md": f"[二](%E4%BA%8C%20{IDS[2]}.md)",
        f"笔记 {IDS[0]}/二 {IDS[2]}.md": "x",
    }
    run(site(tmp_path / "n", files))
    titles = dict(Paper.objects.values_list("path", "title"))
    assert titles == {"/笔记/一-篇.html": "一 篇", "/笔记/二.html": "二"}
    assert Section.objects.filter(path="/笔记/", title="笔记").exists()
    assert ">二</a>" in client.get("/笔记/一-篇.html").content.decode()


def test_pages_of_notion_with_one_name_are_all_there(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"a {one}.md": f"# T{one}\n\nx" for one in IDS[1:]}
    assert counts(run(site(tmp_path / "n", files))) == {"created": 4}
    paths = [f"/a-{IDS[3]}.html", f"/a-{IDS[4]}.html"]
    assert sorted(Paper.objects.values_list("path", flat=True)) == sorted(["/a.html", "/a-2.html", *paths])


@pytest.mark.parametrize(
    "files", [{"posts/_index.md": "", "a.md": NOTE}, {**HEXO, "source/_posts/a.md": NOTE}]
)
def test_what_was_public_from_its_day_on_is_no_news(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    run(site(tmp_path / "x", files))
    assert str(timezone.localdate(Paper.objects.get(title="旧").first_public_at)) == "2020-05-06"


def test_what_is_not_going_to_be_public_is_said(tmp_path: Path) -> None:
    files = {"_drafts/s.md": "x", "later.md": "---\npublishDate: 2099-01-01\n---\nx", "a.md": "x"}
    output = run(site(tmp_path / "m", files), dry_run=True).splitlines()
    assert {"created /s.html (draft)", "created /later.html (scheduled)", "created /a.html"} <= set(output)
