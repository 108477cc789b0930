"""What a note repeats without an end: reading it takes a time that grows no faster than the note.

Each of these was looked through to the end of the note, or of its tag, from every place where it stands.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from papers.importers import embedded, liquid
from papers.importers.folder import Folder
from papers.importers.jekyll import Jekyll
from papers.importers.pages import Pages
from papers.rendering.to_markdown import to_markdown

from .importing import jekyll, post

POST, PAGE = "_posts/2025-07-01-a.md", "a/b.html"


def as_post(folder: Path, source: str) -> None:
    Jekyll(Folder(jekyll(folder, {POST: post(source)}))).read(POST, lambda _data: "x")


def as_page(folder: Path, source: str) -> None:
    Pages(Folder(jekyll(folder, {PAGE: source}))).read(PAGE, lambda _data: "x")


def as_markdown(folder: Path, source: str) -> None:
    to_markdown(source)


def described(folder: Path, source: str) -> None:
    embedded.describe(source)


#: How it is read, what stands once, and what again and again.
RUNS = [
    (as_post, "# a", " "),
    (as_post, "# a", "#"),
    (as_post, "# a", " {#b"),
    (as_post, "<div", " "),
    (as_post, "<div", " markdown=1"),
    (as_post, "*", " "),
    (as_post, "{% x", "a"),
    (as_post, "{% highlight a", "a"),
    (as_page, "", "<head>"),
    (as_page, "", "<title>"),
    (as_page, "", "<h1>"),
    (as_page, "<meta", " name='description'"),
    (as_page, "<video", " src = "),
    (as_page, "<input", " type=checkbox"),
    (as_page, "<img", " class='icon '"),
    (as_page, "<img", " src='//www.zhihu.com/equation?tex=a'"),
    (as_page, "<a", " class='anchor"),
    (as_page, "<div", " class='toc '"),
    (as_page, "<div", " class='language-a"),
    (as_page, "<table", " class='rouge-table"),
    (as_page, "<table class='rouge-table'>", "<td>"),
    (as_page, "<pre", " md-fences"),
    (as_page, "<script", " type=math/tex"),
    (as_page, "<p", " style='mso-list: l0 level1'"),
    (as_page, "<p style='mso-list: l0 level1'>", "<![if !supportLists]>"),
    (as_page, "<p>|a|<br>", " "),
    (as_markdown, "a", "\n"),
    (as_markdown, "<pre><code>a", "\n"),
    (described, "", "<figure>"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("read", "first", "unit"), RUNS)
def test_time_grows_no_faster_than_the_note(
    tmp_path: Path, read: Callable[[Path, str], None], first: str, unit: str
) -> None:
    def seconds(length: int) -> float:
        source = f"{first}{unit * (length // len(unit))}字</code></pre></table>"
        start = time.process_time()
        read(tmp_path, source)
        return time.process_time() - start

    assert seconds(100_000) < 10 * seconds(20_000) + 0.5


def test_words_in_a_template_are_looked_at_once() -> None:
    assert liquid.resolved("{% include " + "a" * 200_000 + " %}字", {}, {}, is_markdown=True) == "字"


def test_each_of_many_templates_is_looked_for_where_it_stands() -> None:
    source = "".join(f"{{% x{number} %}}\n" for number in range(50_000))
    assert list(liquid.lost(source))[-1] == (50_000, "{% x49999 %}")


def test_each_template_that_is_lost_has_its_own_line() -> None:
    source = (
        "{% x %}\n{% comment %}\n{% x %}{% endcomment %}\n\n{% raw %}\n{% x %}{% endraw %}{% x %}\n{% x %}"
    )
    assert list(liquid.lost(source)) == [(1, "{% x %}"), (6, "{% x %}"), (7, "{% x %}")]
