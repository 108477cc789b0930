"""`check_site addresses` with a list of former paths, or with a sitemap."""

import gzip
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from papers import addresses
from papers.models import Paper

from .importing import SAMPLES, run

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

pytestmark = pytest.mark.django_db


def check(*arguments: str) -> tuple[list[str], str]:
    out = StringIO()
    try:
        call_command("check_site", "addresses", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), str(error)
    *lines, summary = out.getvalue().splitlines()
    return lines, summary


def listed(folder: Path, *lines: str) -> list[str]:
    (folder / "old.txt").write_text("\n".join(lines))
    return check("--file", str(folder / "old.txt"))[0]


@pytest.fixture
def paper(published_paper: Paper) -> Paper:
    addresses.point("/old/path.html", published_paper)
    return published_paper


@pytest.mark.parametrize(
    "line",
    [
        "/RL/2025-07-Public.html",
        "/rl/2025-07-public.html",
        "/old/path.html",
        "https://a.example/old/path.html?x#y",
        "//a.example/old/path.html",
        "//old//path.html",
        "",
        "# x",
    ],
)
def test_paths_that_answer(tmp_path: Path, paper: Paper, line: str) -> None:
    assert listed(tmp_path, line) == []


def test_percent_sign_of_a_path_is_one(tmp_path: Path, paper: Paper) -> None:
    addresses.point("/old/50%20.html", paper)
    assert listed(tmp_path, "/old/50%2520.html") == []


def test_path_that_leads_nowhere_is_named(tmp_path: Path, paper: Paper) -> None:
    assert listed(tmp_path, "/old/path.html", "/nothing.html") == [
        "/nothing.html: 应答 200，或一次 301 转到 200，却答 404。"
    ]


def test_path_of_what_was_deleted_is_named(tmp_path: Path, paper: Paper) -> None:
    paper.delete()
    assert len(listed(tmp_path, "/old/path.html")) == 1


def test_status_is_1(tmp_path: Path, paper: Paper) -> None:
    (tmp_path / "old.txt").write_text("/nothing.html")
    with pytest.raises(CommandError) as ended:
        call_command("check_site", "addresses", file=tmp_path / "old.txt", stdout=StringIO())
    assert ended.value.returncode == 1


def sitemap(folder: Path, *urls: str) -> tuple[list[str], str]:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    (folder / "sitemap.xml").write_text(xml)
    return check("--sitemap", str(folder / "sitemap.xml"))


def test_sitemap(tmp_path: Path, paper: Paper) -> None:
    lines, summary = sitemap(tmp_path, "https://old.example/old/path.html", "https://old.example/%E6%97%A0/")
    assert lines == ["/无/: 应答 200，或一次 301 转到 200，却答 404。"]
    assert summary.endswith("1 problems, address 1")


def test_prefix_of_the_site_is_its_own(tmp_path: Path, paper: Paper, settings: Any) -> None:
    from django.urls import set_script_prefix

    settings.FORCE_SCRIPT_NAME = "/papercache"
    set_script_prefix("/papercache/")
    try:
        assert listed(tmp_path, "/papercache/old/path.html") == []
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize("content", ["", "<a>", "<a/>", "no xml"])
def test_sitemap_that_is_none_is_one_line(tmp_path: Path, root: Any, content: str) -> None:
    (tmp_path / "s.xml").write_text(content)
    lines, summary = check("--sitemap", str(tmp_path / "s.xml"))
    assert lines == []
    assert "s.xml: " in summary


def test_lists_belong_to_addresses(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="belongs to"):
        call_command("check_site", "notes", file=tmp_path / "x")


def test_every_address_of_an_imported_site_is_kept() -> None:
    run(SAMPLES / "jekyll-site")
    lines, _summary = check()
    assert lines == []


def test_compressed_sitemap(tmp_path: Path, paper: Paper) -> None:
    text = f'<urlset xmlns="{NAMESPACE}"><url><loc>https://a.example/nothing.html</loc></url></urlset>'
    (tmp_path / "sitemap.xml.gz").write_bytes(gzip.compress(text.encode()))
    assert check("--sitemap", str(tmp_path / "sitemap.xml.gz"))[0][0].startswith("/nothing.html: ")


def test_sitemap_of_sitemaps_is_refused(tmp_path: Path) -> None:
    text = f'<sitemapindex xmlns="{NAMESPACE}"><sitemap><loc>https://a.example/1.xml</loc></sitemap></sitemapindex>'
    (tmp_path / "sitemap.xml").write_text(text)
    assert check("--sitemap", str(tmp_path / "sitemap.xml"))[1].endswith(
        "names other sitemaps; pass one of those"
    )
