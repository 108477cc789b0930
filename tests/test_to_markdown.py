"""A note in HTML as Markdown, and the admin's page for it."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers import revisions, trash
from papers.admin import converting
from papers.models import Paper, Section
from papers.rendering import RenderingFailed
from papers.rendering.renderer import render
from papers.rendering.tidying import tidied
from papers.rendering.to_markdown import to_markdown

from .conftest import make_paper
from .importing import SAMPLES
from .reading import text_of


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2 id='a'>一</h2><p>a <b>b</b> <em>c</em></p>", "## 一\n\na **b** *c*\n"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n  - b\n"),
        ("<p>$a &lt; b$ <eos> x_1</p>", "$a < b$ <eos> x\\_1\n"),
        ('<pre><code class="language-py">a &lt; b\n</code></pre>', "```py\na < b\n```\n"),
        ("<pre>```</pre>", "````\n```\n````\n"),
        ("<p>x<sub>2</sub> <kbd>K</kbd></p>", "x<sub>2</sub> <kbd>K</kbd>\n"),
        ("<p>1. a</p><p># b</p>", "1\\. a\n\n\\# b\n"),
        ('<figure><img src="/x.png" alt="a"><figcaption>c</figcaption></figure>', '![a](/x.png "c")\n'),
        ('<figure><img src="/x.png" alt="a"><figcaption>a</figcaption></figure>', "![a](/x.png)\n"),
        ("<p>[[x|y]] 【3】</p>", "[[x|y]] 【3】\n"),
        ("<ul><li>2023. a</li><li># b<br>## c</li></ul>", "- 2023\\. a\n- \\# b\\\n  \\## c\n"),
        ("<ul><li>a<ul><li>+</li></ul></li></ul>", "- a\n  - \\+\n"),
        ("<ul><li><code># a</code></li></ul>", "- `# a`\n"),
        ("<p>---</p><p>a<br>--</p>", "\\---\n\na\\\n\\--\n"),
        ("<blockquote>## a</blockquote>", "> \\## a\n"),
        ("<p>-1 #a 1.5</p><p>a<br>: b</p><p>[a]: /x</p>", "-1 #a 1.5\n\na\\\n\\: b\n\n\\[a]: /x\n"),
        ("<p><img src='/a b.png' alt='x'></p>", "![x](/a%20b.png)\n"),
        ("<p><a href='/a b(c'>x</a> <a href='/a_(b)'>y</a></p>", "[x](/a%20b%28c) [y](/a_(b))\n"),
        ("", ""),
    ],
)
def test_html_as_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html) == markdown


def test_table_that_pipes_cannot_say_stays_html() -> None:
    html = '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>'
    assert to_markdown(html) == f"{html}\n"


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><th>a</th></tr><tr><td>b|c $x|y$</td></tr></table>",
        "<blockquote><p>a</p><p>b</p></blockquote><hr><ol start='3'><li>c</li></ol>",
        "<p>**a** *x* - y\n- z + 1 `code` ~~no~~ &lt;b&gt; &amp;lt; [a](b) \\\\* a==b</p>",
        "<ul><li>2023. a</li><li># b</li><li>---</li><li>&gt; c<br>1) d</li></ul><p>___</p><p>a<br>===</p>",
        "<p>[^1]: a</p><p>[b]: c</p><p>## d</p><p>&gt;e</p><p>a<br>: f</p>",
        "<details><summary>s</summary><p>a $x$</p></details>",
    ],
)
def test_readers_read_the_same(html: str) -> None:
    old, new = render(html, "html").plain_text, render(to_markdown(html), "markdown").plain_text
    assert new.split() == old.split()


@pytest.mark.parametrize("sign", ["-", "=", "#", "1", "[", " ", "- ", "[a", "(", "<br>", "<br>-"])
def test_no_run_of_signs_is_looked_through_again_and_again(sign: str) -> None:
    html = f"<ul><li>{sign * 3_000}字</li></ul><p>{sign * 3_000}字<a href='{sign.strip('<>') * 3_000}'>字</a></p>"
    assert to_markdown(html).count("字") == 3


def test_sample_reads_the_same() -> None:
    post = (SAMPLES / "jekyll-site/_posts/2024-03-01-a-toy-scheduler-for-batched-decoding.html").read_text()
    body = re.sub(r"data:[^\"]+", f"/-/figures/{'a' * 32}.png", post.split("---", 2)[2])
    html = tidied(body)
    old, new = render(html, "html"), render(to_markdown(html), "markdown")
    assert new.plain_text.split() == old.plain_text.split()
    assert new.html.count("<math") == old.html.count("<math")
    assert [one.text for one in new.contents] == [one.text for one in old.contents]


# --- In the admin -----------------------------------------------------------------------------------------


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "x", notes="<h2>一</h2><p>二</p>", notes_format="html")


def page_of(paper: Paper) -> str:
    return f"/admin/papers/paper/{paper.pk}/to-markdown/"


@pytest.mark.django_db
def test_form_of_an_html_note_offers_it(editor_client: Client, paper: Paper, published_paper: Paper) -> None:
    form = editor_client.get(f"/admin/papers/paper/{paper.pk}/change/").content.decode()
    assert page_of(paper) in form
    form = editor_client.get(f"/admin/papers/paper/{published_paper.pk}/change/").content.decode()
    assert "to-markdown" not in form
    assert editor_client.get(page_of(published_paper)).status_code == 404


@pytest.mark.django_db
def test_page_shows_changes_and_preview_and_saves_nothing(editor_client: Client, paper: Paper) -> None:
    page = editor_client.get(page_of(paper))
    assert "一字不差" in text_of(page)
    assert "## 一" in text_of(page)
    assert f'src="{page_of(paper)}page/"' in page.content.decode()
    assert "<p>二</p>" in editor_client.get(f"{page_of(paper)}page/").content.decode()
    assert revisions.history(paper).count() == 1


@pytest.mark.django_db
def test_saved_it_waits_to_be_published(editor_client: Client, editor: User, paper: Paper) -> None:
    response = editor_client.post(page_of(paper), {"newest": 1})
    assert response.headers["Location"] == f"/admin/papers/paper/{paper.pk}/change/"
    paper.refresh_from_db()
    newest = revisions.head("paper", paper.uid)
    assert (paper.notes_format, newest.data["notes_format"], newest.data["notes"]) == (
        "html",
        "markdown",
        "## 一\n\n二\n",
    )
    assert newest.author == editor


@pytest.mark.django_db
def test_what_cannot_be_converted_says_why(
    editor_client: Client, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: str) -> str:
        raise RenderingFailed("渲染超过 5 秒")

    monkeypatch.setattr(converting, "to_markdown_in_child", fail)
    page, frame = page_of(paper), f"{page_of(paper)}page/"
    assert "渲染超过 5 秒" in text_of(editor_client.get(page))
    assert editor_client.get(frame).content.decode() == "渲染超过 5 秒"
    assert editor_client.post(page, {"newest": 1}).status_code == 200
    assert revisions.history(paper).count() == 1


@pytest.mark.django_db
def test_what_somebody_else_saved_meanwhile_is_shown_first(editor_client: Client, paper: Paper) -> None:
    revisions.save(paper, {**revisions.typed_fields(paper), "notes": "<p>三</p>"})
    page = editor_client.post(page_of(paper), {"newest": 1})
    assert page.status_code == 200
    assert "三" in text_of(page)
    assert revisions.head("paper", paper.uid).data["notes"] == "<p>三</p>"


@pytest.mark.django_db
def test_what_somebody_saves_while_it_is_converted_is_not_overwritten(
    editor_client: Client, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert = converting.to_markdown_in_child

    def saved_meanwhile(source: str) -> str:
        if "二" in source:
            revisions.save(paper, {**revisions.typed_fields(paper), "notes": "<p>三</p>"})
        return convert(source)

    monkeypatch.setattr(converting, "to_markdown_in_child", saved_meanwhile)
    page = editor_client.post(page_of(paper), {"newest": 1})
    assert "三" in text_of(page)
    assert revisions.head("paper", paper.uid).data["notes"] == "<p>三</p>"


@pytest.mark.django_db
def test_what_somebody_deletes_while_it_is_converted_is_no_page(
    editor_client: Client, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleted_meanwhile(source: str) -> str:
        trash.delete(Paper.objects.get(pk=paper.pk))
        return source

    monkeypatch.setattr(converting, "to_markdown_in_child", deleted_meanwhile)
    assert editor_client.post(page_of(paper), {"newest": 1}).status_code == 404
