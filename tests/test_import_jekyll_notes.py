"""`manage.py import_notes` of a Jekyll site: what is in a note."""

from pathlib import Path

import pytest
from django.test import Client

from papers.importers import liquid
from papers.models import Paper

from .importing import imported, jekyll, post, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blog"


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
