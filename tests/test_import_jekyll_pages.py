"""`manage.py import_notes` of a Jekyll site: what is no post."""

from pathlib import Path

import pytest
from django.test import Client

from papers import addresses, trash
from papers.models import Paper, Section

from .conftest import make_section
from .importing import counts, jekyll, post, run, site

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blog"


# --- Collections and pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "front", "paths"),
    [
        ("", "", ["/notes/deep/X_one.html", "/notes/deep/X_one"]),
        ("permalink: pretty\n", "", ["/notes/deep/X_one/", "/notes/deep/X_one/index.html"]),
        ("", "permalink: /x/:title/\n", ["/x/X_one/", "/notes/deep/X_one.html"]),
        ("baseurl: /b\n", "", ["/b/notes/deep/X_one.html"]),
    ],
)
def test_what_a_collection_holds_is_a_note(
    folder: Path, client: Client, config: str, front: str, paths: list[str]
) -> None:
    files = {"_notes/deep/X_one.md": f"---\ntitle: 甲\ndate: 2024-03-09\n{front}---\n文\n"}
    output = run(jekyll(folder, files, f"collections:\n  notes:\n    output: true\n{config}"))
    paper = Paper.objects.get()
    assert counts(output) == {"created": 1}, output
    assert (paper.title, str(paper.published_on), paper.section.path) == ("甲", "2024-03-09", "/notes/deep/")
    for path in paths:
        assert addresses.find(path).thing == paper


@pytest.mark.parametrize("include", ["[_pages]", "_pages", "\n  - .htaccess\n  - _pages/"])
def test_pages_of_a_folder_that_the_configuration_includes(folder: Path, include: str) -> None:
    page = "---\ntitle: 甲\npermalink: /p/a/\n---\n文\n"
    run(jekyll(folder, {"_pages/x.html": page, "_others/y.html": page}, f"include: {include}\n"))
    assert addresses.find("/p/a/").thing == Paper.objects.get()


@pytest.mark.parametrize("body", ["", "{% for post in site.posts %}\n{{ post.title }}\n{% endfor %}"])
def test_page_of_a_collection_that_its_layout_makes_is_none(folder: Path, body: str) -> None:
    files = {
        "_tabs/archives.md": f"---\nlayout: archives\n---\n{body}\n",
        "_tabs/x.md": "---\ntitle: X\n---\n文\n",
    }
    output = run(jekyll(folder, files, "collections: {tabs: {output: true}}\n"))
    assert counts(output) == {"created": 1, "left out": 1}


def test_pattern_and_defaults_of_a_collection(folder: Path) -> None:
    config = (
        "collections:\n  notes: {output: true, permalink: '/:collection/n-:name/'}\ncollections_dir: all\n"
    )
    config += "defaults:\n- scope: {type: notes}\n  values: {categories: [llm]}\n"
    run(jekyll(folder, {"all/_notes/x.md": "---\n---\n# 乙\n\n文\n"}, config))
    paper = Paper.objects.get()
    assert (paper.path, paper.title, paper.notes) == ("/llm/x.html", "乙", "文\n")
    assert addresses.find("/notes/n-x/").thing == paper


def test_collection_without_pages_stays_out(folder: Path) -> None:
    output = run(jekyll(folder, {"_people/x.md": post()}, "collections:\n  people: {}\n"))
    assert "_people/x.md:1: 是网站自己的页面" in output
    assert counts(output) == {"left out": 1}


@pytest.mark.parametrize(
    ("config", "front", "path", "served"),
    [
        ("", "", "/wiki/cuda.html", "/wiki/cuda.html"),
        ("permalink: pretty\n", "", "/wiki/cuda.html", "/wiki/cuda/"),
        ("", "permalink: /cuda.html\n", "/cuda.html", "/wiki/cuda/"),
    ],
)
@pytest.mark.parametrize("ending", ["md", "html"])
def test_page_of_the_site_is_a_note(
    folder: Path, ending: str, config: str, front: str, path: str, served: str
) -> None:
    run(
        jekyll(
            folder,
            {f"wiki/cuda.{ending}": f"---\ntitle: CUDA\n{front}---\n{{{{ page.title }}}} 文\n"},
            config,
        )
    )
    paper = Paper.objects.get()
    assert (paper.path, paper.notes) == (path, "CUDA 文\n")
    assert addresses.find(served).thing == paper


def test_page_with_signs_that_are_no_templates_is_a_note(folder: Path) -> None:
    body = r"$\mathbf{{W}}$ {% raw %}`{{ x }} {% if a %}`{% endraw %}"
    run(jekyll(folder, {"wiki/a.md": f"---\n---\n{body}\n"}))
    assert Paper.objects.get().notes == r"$\mathbf{{W}}$ `{{ x }} {% if a %}`" + "\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wiki/a.md", "没有 front matter"),
        ("wiki/a.md", "---\n---\n"),
        ("wiki/a.md", "---\n---\n{% for post in site.posts %}{{ post.title }}{% endfor %}"),
        ("wiki/a.html", "---\n---\n{% for post in site.posts %}{{ post.title }}{% endfor %}"),
        ("wiki/readme.md", "---\n---\n文"),
        ("note.md", "---\n---\n文"),
    ],
)
def test_page_that_says_nothing_is_the_sites_own(folder: Path, name: str, text: str) -> None:
    assert f"{name}:1: 是网站自己的页面" in run(jekyll(folder, {name: text}))


def test_links_to_what_is_no_post(folder: Path, client: Client) -> None:
    body = "[a]({% link _notes/deep/x.md %}) [b]({% link wiki/cuda.md %})"
    files = {
        "_posts/2025-07-01-a-note.md": post(body),
        "_notes/deep/x.md": "---\npermalink: /else/\n---\n文",
        "wiki/cuda.md": "---\n---\n文",
    }
    run(jekyll(folder, files, "collections: {notes: {output: true}}\n"))
    html = client.get("/llm/RL/2025-07-a-note.html").content.decode()
    for path in ("/notes/deep/x.html", "/wiki/cuda/"):
        assert f'href="{path}"' in html or f'href="{client.get(path).headers["Location"]}"' in html


# --- Pages of the site's own ------------------------------------------------------------------------------


def about(folder: Path, body: str = "我们", **front: str) -> str:
    """What the command says of a page of that name."""
    values = {"layout": "page", "title": "关于", "permalink": "/about/", **front}
    head = "".join(f"{name}: {value}\n" for name, value in values.items())
    return run(jekyll(folder, {"about.md": f"---\n{head}---\n{body}\n"}))


def test_page_about_the_site_is_a_section(folder: Path, client: Client) -> None:
    output = about(folder, "# 关于\n\n我们", redirect_from="/who/")
    section = Section.objects.get(path="/about/")
    assert (section.title, section.text, section.in_navigation) == ("关于", "我们\n", True)
    assert "created about.md" in output
    for path in ("/papercache/about/", "/who/"):
        assert client.get(path).headers["Location"] == "/about/"
    assert counts(about(folder, "# 关于\n\n我们", redirect_from="/who/")) == {"unchanged": 1}


def test_page_that_has_changed_updates_its_section(folder: Path) -> None:
    about(folder)
    assert counts(about(folder, "他们")) == {"updated": 1}
    assert Section.objects.get(path="/about/").text == "他们\n"


def test_section_without_a_text_takes_that_of_the_page(folder: Path, root: Section) -> None:
    make_section("about", root)
    assert counts(about(folder)) == {"updated": 1}
    assert Section.objects.get(path="/about/").text == "我们\n"


def test_text_of_a_section_that_is_here_stays(folder: Path, root: Section) -> None:
    make_section("about", root, text="我的")
    output = about(folder)
    assert counts(output) == {"kept": 1}
    assert "about.md:1: 编辑已改过栏目“栏目”" in output
    assert counts(about(folder, "他们")) == {"kept": 1}
    assert Section.objects.get(path="/about/").text == "我的"


def test_section_that_was_deleted_is_not_made_again(folder: Path) -> None:
    about(folder)
    trash.delete(Section.objects.get(path="/about/"))
    assert counts(about(folder, "他们")) == {"kept": 1}


@pytest.mark.parametrize(
    ("body", "permalink"),
    [
        ("首页", "/"),
        ("我们", ""),
        ("我们", "/about.html"),
        ("我们", "/search/"),
        ("{% for post in site.posts %}{{ post.title }}{% endfor %}", "/archive/"),
        ("", "/archive/"),
    ],
)
def test_other_pages_of_the_site_are_its_own(folder: Path, body: str, permalink: str) -> None:
    assert "about.md:1: 是网站自己的页面，不是文章" in about(folder, body, permalink=permalink)
    assert not Section.objects.exists()


def test_empty_folder_is_said(tmp_path: Path) -> None:
    assert run(site(tmp_path, {})).splitlines()[-1].startswith("nothing to import")
