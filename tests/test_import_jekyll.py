"""`manage.py import_notes` of a Jekyll site: what a post becomes."""

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from papers import addresses, revisions
from papers.models import Paper, Section

from .importing import SAMPLES, counts, imported, jekyll, post, run
from .reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blog"


# --- The sample -------------------------------------------------------------------------------------------


def test_sample_is_recognised_and_counted() -> None:
    output = run(SAMPLES / "jekyll-site")
    assert output.startswith("jekyll-site: jekyll, 6 files")
    assert counts(output) == {"created": 3, "skipped": 3}


@pytest.mark.parametrize(
    ("name", "line"),
    [("2024-04-01-no-front-matter.md", 1), ("2024-05-01-bad-yaml.md", 2), ("2024-13-01-bad-date.md", 1)],
)
def test_what_is_skipped_is_said_with_its_line(name: str, line: int) -> None:
    assert f"_posts/{name}:{line}: " in run(SAMPLES / "jekyll-site")


def test_hostile_post_is_harmless(client: Client) -> None:
    run(SAMPLES / "jekyll-site")
    page = client.get(Paper.objects.get(slug__contains="evil").get_absolute_url())
    html = page.content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="javascript:' not in html
    assert "<svg onload" not in html


def test_sample_page_shows_what_the_post_showed(client: Client) -> None:
    run(SAMPLES / "jekyll-site")
    page = client.get("/llm/engineering/inference/2024-03-a-toy-scheduler-for-batched-decoding.html")
    html = page.content.decode()
    assert "<li><strong>连续批处理</strong>" in html
    assert html.count("<math") >= 5
    assert "每小时 $3 的机器" in text_of(page)
    assert html.count("data:image") == 0
    assert 'loading="lazy"' in html
    assert 'colspan="2"' in html


# --- Where a post goes ------------------------------------------------------------------------------------


def test_categories_are_the_section_tree(folder: Path) -> None:
    paper = imported(folder, categories="[llm, algorithm, RL]")
    assert paper.path == "/llm/algorithm/RL/2025-07-a-note.html"


def test_sections_are_found_in_any_letter_case(folder: Path, section: Section) -> None:
    paper = imported(folder, categories="[rl]")
    assert paper.section == section


@pytest.mark.parametrize("written", ["llm RL", "[llm, RL]", "llm/RL", "llm, RL", "'llm，RL'", "[[llm, RL]]"])
def test_categories_are_read_however_they_are_written(folder: Path, written: str) -> None:
    assert imported(folder, categories=written).section.path == "/llm/RL/"


def test_folder_above_posts_is_a_category(folder: Path) -> None:
    run(jekyll(folder, {"mlsys/_posts/2025-07-01-x.md": post(categories="[]")}))
    assert Paper.objects.get().path == "/mlsys/2025-07-x.html"


@pytest.mark.parametrize(
    ("name", "categories", "category"),
    [
        ("_posts/2025-07-01-x.md", "[llm]", "RL"),
        ("_posts/2025-07-01-x.md", "llm RL", "rl"),
        ("_posts/2025-07-01-x.md", "[]", "[llm, RL]"),
        ("llm/_posts/2025-07-01-x.md", "LLM", "RL"),
    ],
)
def test_category_comes_after_categories(folder: Path, name: str, categories: str, category: str) -> None:
    """Each once: so does Jekyll 4.3."""
    run(jekyll(folder, {name: post(categories=categories, category=category)}))
    assert Paper.objects.get().path == "/llm/RL/2025-07-x.html"
    assert addresses.find("/llm/rl/2025/07/01/x.html").thing == Paper.objects.get()


def test_folders_below_posts_order_what_has_no_category(folder: Path) -> None:
    files = {
        "_posts/2025/llm/2025-07-01-x.md": post(categories="[]"),
        "_posts/2025/2025-07-01-y.md": post(title="Y"),
    }
    run(jekyll(folder, files))
    assert sorted(Paper.objects.values_list("path", flat=True)) == [
        "/llm/2025-07-x.html",
        "/llm/RL/2025-07-y.html",
    ]


def test_category_that_is_the_sites_own_word_gets_another_address(folder: Path) -> None:
    assert imported(folder, categories="[papers]").section.path == "/papers-notes/"


def test_section_titles_come_from_data(folder: Path) -> None:
    data = "- title: 强化学习\n  url: /llm/rl/\n"
    run(jekyll(folder, {"_data/navigation.yml": data, "_posts/2025-07-01-x.md": post()}))
    assert Section.objects.get(path="/llm/RL/").title == "强化学习"


def test_permalink_right_below_the_section_is_kept(folder: Path) -> None:
    run(jekyll(folder, {"_posts/2025-07-01-My-Note.md": post()}, "permalink: /:categories/:title.html\n"))
    assert Paper.objects.get().path == "/llm/RL/My-Note.html"


def test_date_that_the_name_says_twice_stands_once_in_the_address(folder: Path) -> None:
    assert imported(folder, name="2025-07-01-2025-07-Some-Title.md").slug == "2025-07-Some-Title"


def test_chinese_and_spaces_in_names(folder: Path, client: Client) -> None:
    paper = imported(folder, name="2025-07-01-我的 笔记.md")
    assert paper.slug == "2025-07-我的-笔记"
    assert client.get("/llm/rl/2025/07/01/我的 笔记.html").status_code == 301


def test_two_posts_of_one_title_and_month_both_go_in(folder: Path) -> None:
    files = {"_posts/2025-07-01-x.md": post(), "_posts/2025-07-02-x.md": post(title="Another")}
    run(jekyll(folder, files))
    assert sorted(Paper.objects.values_list("slug", flat=True)) == ["2025-07-02-x", "2025-07-x"]


# --- What front matter says -------------------------------------------------------------------------------


def test_title_and_day(folder: Path) -> None:
    paper = imported(folder, title='"A: Note"', date="2024-03-09 12:30:00 +0800")
    assert (paper.title, paper.published_on, paper.day_known) == ("A: Note", date(2024, 3, 9), True)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("vLLM: Efficient Serving", "vLLM: Efficient Serving"),
        ("[论文笔记] Orca", "[论文笔记] Orca"),
        ('"Orca" 笔记', '"Orca" 笔记'),
        ("'It's a trap'", "It's a trap"),
        (r'"\mu P"', r"\mu P"),
        ("@home", "@home"),
        ("*Attention* 笔记", "*Attention* 笔记"),
        ("\tOrca", "Orca"),
    ],
)
def test_value_that_is_no_yaml_is_the_text_that_it_is(folder: Path, written: str, title: str) -> None:
    assert imported(folder, title=written).title == title


def test_colons_of_chinese_and_tabs(folder: Path) -> None:
    front = "---\ntitle：笔记\ndate:2024-01-02\ntags:\n\t- moe\ncategories：llm\n...\n正文\n"
    run(jekyll(folder, {"_posts/2024-01-02-x.md": front}))
    paper = Paper.objects.get()
    assert (paper.title, paper.section.path, [tag.name for tag in paper.tag_list]) == (
        "笔记",
        "/llm/",
        ["moe"],
    )


def test_nothing_is_no_tag_and_no_category(folder: Path) -> None:
    paper = imported(folder, categories="null", tags="[null, moe]")
    assert (paper.section.path, [tag.name for tag in paper.tag_list]) == ("/", ["moe"])


def test_colon_makes_no_mapping_of_a_tag(folder: Path) -> None:
    assert [tag.name for tag in imported(folder, tags="[moe, KV: cache]").tag_list] == ["KV: cache", "moe"]


def test_tag_is_one_and_tags_are_more(folder: Path) -> None:
    paper = imported(folder, tag="KV cache", tags="moe llm")
    assert [tag.name for tag in paper.tag_list] == ["KV cache", "llm", "moe"]


def test_title_comes_from_the_name_where_there_is_none(folder: Path) -> None:
    assert imported(folder, title="", name="2025-07-01-a-toy-scheduler.md").title == "a toy scheduler"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tag", "osdi24"),
        ("tag", "OSDI '24"),
        ("tags", "[osdi24]"),
        ("tags", "OSDI 24"),
        ("tags", "osdi24 moe"),
    ],
)
def test_tag_that_names_a_venue_is_one(folder: Path, key: str, value: str) -> None:
    paper = imported(folder, **{key: value})
    assert (paper.venue, paper.year, paper.bibtex_type) == ("OSDI 2024", 2024, "inproceedings")
    assert "osdi24" not in {tag.name for tag in paper.tag_list}


def test_other_tags_stay(folder: Path) -> None:
    assert [tag.name for tag in imported(folder, tags="[moe, KV 缓存, nips23]").tag_list] == [
        "KV 缓存",
        "moe",
    ]


def test_authors_come_from_their_line(folder: Path) -> None:
    body = "<p><strong>作者/机构</strong>：Ada Example (Example University), 张三 (示例大学)</p>"
    assert imported(folder, body, name="2025-07-01-x.html").authors == "Ada Example\n张三"


def test_blogs_author_is_not_the_papers(folder: Path) -> None:
    assert imported(folder, author="editor").authors == ""


def test_arxiv_id_of_another_kind_is_left_out_and_said(folder: Path) -> None:
    output = run(jekyll(folder, {"_posts/2025-07-01-x.md": post(arxiv="nonsense")}))
    assert "_posts/2025-07-01-x.md:1: arxiv_id 没有导入" in output
    assert Paper.objects.get().arxiv_id == ""


@pytest.mark.parametrize(
    ("front", "name"), [({"published": "false"}, "_posts/2025-07-01-x.md"), ({}, "_drafts/x.md")]
)
def test_drafts_stay_drafts(folder: Path, client: Client, front: dict[str, str], name: str) -> None:
    run(jekyll(folder, {name: post(**front)}))
    paper = Paper.objects.get()
    assert paper.status == "draft"
    assert client.get(f"/p/{paper.uid}/").status_code == 404


def test_post_that_jekyll_did_not_show_is_a_draft(folder: Path) -> None:
    output = run(jekyll(folder, {"_posts/notes.md": post()}))
    assert "_posts/notes.md:1: 文件名不以日期开头" in output
    assert Paper.objects.get().status == "draft"


def test_post_was_public_from_its_day_on(folder: Path) -> None:
    assert imported(folder).first_public_at.isoformat() == "2025-06-30T16:00:00+00:00"


def test_draft_was_not(folder: Path) -> None:
    assert imported(folder, published="false").first_public_at is None


def test_post_dated_in_the_future_waits_for_its_day(folder: Path) -> None:
    assert imported(folder, name="2099-01-01-x.md").state == "scheduled"


def test_defaults_of_the_configuration_hold(folder: Path) -> None:
    config = "defaults:\n- scope: {path: '', type: posts}\n  values: {categories: [llm]}\n"
    run(jekyll(folder, {"_posts/2025-07-01-x.md": "---\ntitle: X\n---\n正文\n"}, config))
    assert Paper.objects.get().section.path == "/llm/"


# --- What is here already ---------------------------------------------------------------------------------


def test_empty_note_of_the_seed_is_filled(folder: Path, seed: None) -> None:
    name = "2023-08-31-sarathi-efficient-llm-inference-by-piggybacking-decodes-with-chunked-prefills.html"
    front = {"title": "'SARATHI: Efficient LLM Inference'", "categories": "[llm, engineering, inference]"}
    before = Paper.objects.count()
    output = run(jekyll(folder, {f"_posts/{name}": post("<p>分块预填充。</p>", **front)}))
    paper = Paper.objects.get(slug__startswith="2023-08-SARATHI")
    assert counts(output) == {"updated": 1}
    assert Paper.objects.count() == before
    assert paper.notes == "<p>分块预填充。</p>\n"
    assert paper.title.endswith("with Chunked Prefills")


def test_note_that_is_filled_elsewhere_leaves_no_empty_section(folder: Path, seed: None) -> None:
    sections = Section.objects.count()
    front = {
        "title": "Zero-Bubble Pipeline Parallelism",
        "categories": "[gpu]",
    }
    output = run(jekyll(folder, {"_posts/2023-11-01-zero.html": post("<p>一</p>", **front)}))
    assert counts(output) == {"updated": 1}
    assert Section.objects.count() == sections


def test_note_that_is_written_here_is_not_overwritten(folder: Path, section: Section) -> None:
    paper = Paper(
        section=section, slug="2025-07-a-note", title="A Note", notes="我的", published_on=date(2025, 7, 1)
    )
    paper.status = "published"
    paper.save()
    output = run(jekyll(folder, {"_posts/2025-07-01-a-note.md": post(categories="[RL]")}))
    paper.refresh_from_db()
    assert counts(output) == {"kept": 1}
    assert paper.notes == "我的"
    assert [one.data["notes"] for one in revisions.history(paper)] == ["我的", "正文\n", "我的"]


def test_whole_pages_beside_posts_go_in_too(folder: Path) -> None:
    page = "<html><head><title>t</title></head><body><h1>Whole</h1><p>页</p></body></html>"
    run(
        jekyll(folder, {"llm/2024-01-Whole.html": page, "index.html": page, "_posts/2025-07-01-x.md": post()})
    )
    assert set(Paper.objects.values_list("path", flat=True)) == {
        "/llm/2024-01-Whole.html",
        "/llm/RL/2025-07-x.html",
    }


def test_whole_page_below_the_folder_that_the_site_was_served_in(folder: Path, client: Client) -> None:
    run(jekyll(folder, {"llm/x.html": "<h1>X</h1><p>页</p>"}))
    assert client.get("/papercache/llm/x.html").headers["Location"] == "/llm/x.html"


def test_whole_page_that_is_alone_in_its_folder(folder: Path) -> None:
    files = {
        "wiki/cuda/index.html": "<h1>CUDA</h1><p>页</p>",
        "blog/index.html": "---\n---\n<p>{% for post in paginator.posts %}{{ post.title }}{% endfor %}</p>",
        "llm/index.html": "<p>目录</p>",
        "llm/_posts/2025-07-01-x.md": post(categories=""),
        "about/index.html": "<p>我们</p>",
    }
    assert counts(run(jekyll(folder, files))) == {"created": 2, "left out": 3}
    assert set(Paper.objects.values_list("path", flat=True)) == {"/wiki/cuda.html", "/llm/2025-07-x.html"}


def test_names_that_differ_only_by_letter_case_are_two_posts(tmp_path: Path) -> None:
    files = {
        f"_posts/2020-01-01-{name}.md": post(title=title) for name, title in [("GPU", "a"), ("gpu", "b")]
    }
    assert counts(run(jekyll(tmp_path, files)))["created"] == 2
