"""`manage.py import_notes` of what generators other than Jekyll are fed with: Hugo's and Hexo's folders."""

from pathlib import Path

import pytest
from django.test import Client

from papers.models import Paper, Section

from .importing import only, run, site

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
