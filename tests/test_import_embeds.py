"""`manage.py import_notes` of what a note shows or plays: it goes in, or is named, and the text beside it stays text."""

from pathlib import Path

import pytest
from django.test import Client

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
