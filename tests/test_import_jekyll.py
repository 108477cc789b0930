"""`manage.py import_notes` of a Jekyll site: what a post becomes."""

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from papers import addresses, revisions, trash
from papers.importers import liquid
from papers.models import Paper, Section

from .conftest import make_section
from .importing import SAMPLES, counts, imported, jekyll, post, run, site
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


# --- What a note is ---------------------------------------------------------------------------------------


def test_html_stays_html_and_markdown_markdown(folder: Path) -> None:
    run(
        jekyll(
            folder, {"_posts/2025-07-01-x.html": post("<p>a</p>"), "_posts/2025-07-02-y.md": post(title="B")}
        )
    )
    formats = dict(Paper.objects.values_list("slug", "notes_format"))
    assert formats == {"2025-07-x": "html", "2025-07-y": "markdown"}


def test_templates_of_jekyll_are_resolved(folder: Path) -> None:
    body = "{% highlight python %}\nx = 1\n{% endhighlight %}\n\n[a]({{ site.baseurl }}/llm/) [b]({{ '/x/' | relative_url }})"
    notes = imported(folder, body).notes
    assert notes == "```python\nx = 1\n```\n\n[a](/llm/) [b](/x/)\n"


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("《{{ page.title }}》", "《A Note》"),
        ("[a]({% link about.md %})", "[a](/about/)"),
        ("a{% comment %}b{% endcomment %}c", "ac"),
        ("a{% if x %}b{% endif %}c", "abc"),
        ("{% raw %}{% if x %} {{ page.title }}{% endraw %}", "{% if x %} {{ page.title }}"),
        (
            '{% include f.html src="https://x.org/a.png" alt="a" caption="b" %}',
            '<figure><img src="https://x.org/a.png" alt="a"><figcaption>b</figcaption></figure>',
        ),
        (r"$\mathbf{{x}}$ {{x}}", r"$\mathbf{{x}}$ {{x}}"),
        ("""{{ "{{" }} x }} {{ '{% if' }} y %}""", "{{ x }} {% if y %}"),
        ("{% asset_img https://x.org/a.png b %}", '<img src="https://x.org/a.png" alt="b">'),
        ("{{- page.nothing -}}x{{ page.tags }}", "x{{ page.tags }}"),
    ],
)
def test_templates_show_what_they_showed(folder: Path, body: str, notes: str) -> None:
    assert imported(folder, body).notes == f"{notes}\n"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<mjx-container><svg></svg></mjx-container>", "有 1 个公式"),
        ("<p>a</p><svg><path d='M1'/></svg>", "有 1 幅"),
    ],
)
def test_what_is_only_drawn_is_said(folder: Path, body: str, reason: str) -> None:
    output = run(jekyll(folder, {"_posts/2025-07-01-x.html": post(body)}))
    assert f"_posts/2025-07-01-x.html:5: {reason}" in output


def test_formula_that_is_drawn_beside_its_tex_is_no_loss(folder: Path) -> None:
    body = '<mjx-container><mjx-math data-latex="x"></mjx-math><svg></svg></mjx-container>'
    assert "没有导入" not in run(jekyll(folder, {"_posts/2025-07-01-x.html": post(body)}))


def test_authors_that_are_described(folder: Path) -> None:
    assert (
        imported(folder, authors="[{name: Ada Example, url: x}, {name: Bob Sample}]").authors
        == "Ada Example\nBob Sample"
    )


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("{% highlight md %}\n```\na\n```\n{% endhighlight %}", "````md\n```\na\n```\n````"),
        (
            "- a\n\n  {% highlight py %}\n  x\n  {% endhighlight %}\n- b",
            "- a\n\n  ```py\n  x\n  ```\n- b",
        ),
        (
            "- a\n\n  {% highlight py %}\nx\n  y\n{% endhighlight %}\n- b",
            "- a\n\n  ```py\n  x\n    y\n  ```\n- b",
        ),
        (
            "> {% highlight py %}\n> x\n>\n> y\n> {% endhighlight %}\n\nb",
            "> ```py\n> x\n>\n> y\n> ```\n\nb",
        ),
    ],
)
def test_code_of_a_template_is_one_block_in_its_place(folder: Path, body: str, notes: str) -> None:
    assert imported(folder, body).notes == f"{notes}\n"


def test_template_whose_text_is_elsewhere_is_said(folder: Path) -> None:
    output = run(jekyll(folder, {"_posts/2025-07-01-x.md": post("a\n\n{% gist b/1 %}")}))
    assert "_posts/2025-07-01-x.md:7: 模板 {% gist b/1 %}" in output


def test_what_the_configuration_says_is_shown(folder: Path) -> None:
    config = "title: 我的站\nauthor: {name: Ada}\nnumber: 3\nlist: [1]\n"
    body = "{{ site.title | escape }} {{site.author.name}} {{ site.number }} {{ site.list }} {{ site.none }}"
    run(jekyll(folder, {"_posts/2025-07-01-x.md": post(body)}, config))
    assert Paper.objects.get().notes == "我的站 Ada 3 {{ site.list }} {{ site.none }}\n"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("a\n{% if x %}A{% else %}B{% endif %}", ["6: 模板 {% if x %}"]),
        (
            "{% for t in site.tags %}{{ t }}{% endfor %}",
            ["5: 模板 {% for t in site.tags %}", "5: 模板 {{ t }}"],
        ),
        ('{% assign x = "a" %}见{{ x }}{{x}}', ["5: 模板 {{ x }}", "5: 模板 {{x}}"]),
        (
            "{{ site.title }}\n\n{{ page.url | x }}",
            ["5: 模板 {{ site.title }}", "7: 模板 {{ page.url | x }}"],
        ),
        ("{% raw %}{{ x }}\n{% endraw %}{% capture x %}{% endcapture %}", ["6: 模板 {% capture x %}"]),
        (r"$\frac{{a}}{{b}} \hat{{ y }}$ {{ x }}", ["5: 模板 {{ x }}"]),
        (r"{{ '{{ x }}' }} $\frac{a}{{b}} _{{c}}$ {{ page.title }} {{ 'a' }}", []),
    ],
)
def test_template_that_is_not_executed_is_said(folder: Path, body: str, named: list[str]) -> None:
    output = run(jekyll(folder, {"_posts/2025-07-01-x.md": post(body)}))
    lines = [line for line in output.splitlines() if "模板" in line]
    assert [line.partition(" 没有执行")[0].partition(".md:")[2] for line in lines] == named


@pytest.mark.parametrize(
    "sign", ["{{", "{{'{", '{{ "', "{{ page.x |", "{{ site.a.", "{{ site.a | escape", "{% if x", "{{ x"]
)
def test_no_run_of_templates_is_looked_through_again_and_again(sign: str) -> None:
    source = f"{sign * 20_000}字"
    assert liquid.resolved(source, {}, {}, is_markdown=True).endswith("字")
    assert not list(liquid.unknown(source, {}, {}))


def test_templates_of_a_post_that_has_none_are_not_named(folder: Path) -> None:
    body = "{% if x %} {% gist x %} {{ y }}"
    output = run(jekyll(folder, {"_posts/2025-07-01-x.md": post(body, render_with_liquid="false")}))
    assert "模板" not in output


def test_links_to_the_site_by_its_whole_address_lead_here(folder: Path) -> None:
    config = "url: https://me.github.io\nbaseurl: /blog\n"
    body = "[a](https://me.github.io/blog/llm/) [b](https://me.github.io/other/)"
    run(jekyll(folder, {"_posts/2025-07-01-x.md": post(body)}, config))
    assert Paper.objects.get().notes == "[a](/llm/) [b](https://me.github.io/other/)\n"


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("<https://me.github.io/blog/llm/a_b/>", r"[me.github.io/blog/llm/a\_b/](</llm/a_b/>)"),
        ("见 https://me.github.io/blog/llm/。", "见 [me.github.io/blog/llm/](</llm/>)。"),
        ("https://me.github.io/blog/x.html#a, b", "[me.github.io/blog/x.html#a](</x.html#a>), b"),
        ("`https://me.github.io/blog/llm/`", "`https://me.github.io/blog/llm/`"),
        ("[见 https://me.github.io/blog/a/](/b/)", "[见 https://me.github.io/blog/a/](/b/)"),
        ('<i title="https://me.github.io/blog/a/">x</i>', '<i title="https://me.github.io/blog/a/">x</i>'),
        ("https://me.github.io/other/", "https://me.github.io/other/"),
    ],
)
def test_addresses_of_the_site_in_the_text_lead_here(folder: Path, body: str, notes: str) -> None:
    config = "url: https://me.github.io\nbaseurl: /blog\n"
    run(jekyll(folder, {"_posts/2025-07-01-x.md": post(body)}, config))
    assert Paper.objects.get().notes == f"{notes}\n"


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("[a](../ml/transformer)", "[a](/ml/transformer)"),
        ("[a](../ml/transformer#b)", "[a](/ml/transformer#b)"),
        ('<a class="x" href="y?z=1">a</a>', '<a class="x" href="/wiki/y?z=1">a</a>'),
        ("$E[x](a)$ `[a](../b)`", "$E[x](a)$ `[a](../b)`"),
        ("[a](../b.md)", "[a](../b.md)"),
        ("[![a](https://e.org/a.png)](../b)", "[![a](https://e.org/a.png)](/b)"),
    ],
)
def test_relative_link_without_an_ending_leads_where_it_led(folder: Path, body: str, notes: str) -> None:
    run(jekyll(folder, {"_posts/2025-07-01-x.md": post(body, permalink="/wiki/x.html")}))
    assert Paper.objects.get().notes == f"{notes}\n"


def test_links_in_the_code_of_a_note_in_html_stay(folder: Path) -> None:
    code = '<pre><code>&lt;a href="https://x.org/b/"&gt;</code></pre>'
    body = f'<p><a href="https://x.org/b/a/">a</a></p>{code}'
    run(jekyll(folder, {"_posts/2025-07-01-x.html": post(body)}, "url: https://x.org\nbaseurl: /b\n"))
    assert Paper.objects.get().notes == f'<p><a href="/a/">a</a></p>{code}\n'


def test_links_lose_the_folder_that_the_site_was_served_in(folder: Path) -> None:
    body = '[a](/papercache/llm/) <a href="/papercache/x/">b</a> `[c](/papercache/x/) [d](e.html)`'
    assert (
        imported(folder, body).notes == '[a](/llm/) <a href="/x/">b</a> `[c](/papercache/x/) [d](e.html)`\n'
    )


def test_link_to_another_post_leads_there(folder: Path, client: Client) -> None:
    files = {
        "_posts/2025-07-01-x.md": post("[y]({% post_url 2025-07-02-y %})"),
        "_posts/2025-07-02-y.md": post(title="Why"),
    }
    run(jekyll(folder, files))
    assert "](/2025/07/02/y.html)" in Paper.objects.get(slug="2025-07-x").notes
    assert client.get("/2025/07/02/y.html").headers["Location"] == "/llm/RL/2025-07-y.html"


def test_link_by_a_relative_path_leads_where_it_led(folder: Path, client: Client) -> None:
    link = '[y](../02/y.html#a) <a class="x" href="../02/y.html">y</a> [z](https://example.org/z.html)'
    files = {"_posts/2025-07-01-x.md": post(link), "_posts/2025-07-02-y.md": post(title="Why")}
    run(jekyll(folder, files))
    notes = Paper.objects.get(slug="2025-07-x").notes
    assert notes.count("/llm/rl/2025/07/02/y.html") == 2
    assert "](https://example.org/z.html)" in notes
    assert client.get("/llm/rl/2025/07/02/y.html").headers["Location"] == "/llm/RL/2025-07-y.html"


def test_windows_lines_and_a_byte_order_mark(folder: Path) -> None:
    data = b"\xef\xbb\xbf" + post("一\n二").replace("\n", "\r\n").encode()
    run(jekyll(folder, {"_posts/2025-07-01-x.md": data}))
    assert Paper.objects.get().notes == "一\n二\n"


def test_gb18030(folder: Path) -> None:
    text = post("大语言模型的“推理”加速——键值缓存……①②③。", title="笔记")
    run(jekyll(folder, {"_posts/2025-07-01-x.md": text.encode("gb18030")}))
    assert Paper.objects.get().title == "笔记"


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
