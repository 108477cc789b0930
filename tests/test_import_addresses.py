"""Every path that an imported note ever had leads to it."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from papers import addresses
from papers.models import Address, Paper, Section

from .importing import counts, jekyll, post, run, site

pytestmark = pytest.mark.django_db

NOW = "/llm/RL/2025-07-a-note.html"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    front = {"redirect_from": "[/old/one.html, old/two/]"}
    return jekyll(tmp_path / "blog", {"_posts/2025-07-01-a-note.md": post(**front)})


@pytest.mark.parametrize(
    "path",
    [
        "/llm/rl/2025/07/01/a-note.html",
        "/LLM/RL/2025/07/01/A-Note.html",
        "/papercache/llm/rl/2025/07/01/a-note.html",
        "/llm//rl/2025/07//01/a-note.html",
        "/llm/rl/2025/07/01/a-note/",
        "/llm/rl/2025/07/01/a-note",
        "/2025/07/01/a-note.html",
        "/2025/07/01/a-note/",
        "/2025/07/01/2025-07-01-a-note.html",
        "/llm/rl/a-note.html",
        "/llm/rl/2025-07-01-a-note.html",
        "/2025-07-01-a-note.html",
        "/old/one.html",
        "/old/one",
        "/old/two/",
        "/old/two/index.html",
        "/papercache/old/two/",
        "/papercache/old/two/index.html",
        "/llm/rl/2025/07/01/a-note.md",
    ],
)
def test_former_paths_lead_there_in_one_hop(folder: Path, client: Client, path: str) -> None:
    run(folder)
    response = client.get(path)
    assert (response.status_code, response.headers["Location"].rpartition(".")[0]) == (
        301,
        NOW.removesuffix(".html"),
    )
    assert client.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("permalink", "path"),
    [
        ("pretty", "/llm/rl/2025/07/01/a-note/"),
        ("pretty", "/llm/rl/2025/07/01/a-note/index.html"),
        ("none", "/llm/rl/a-note.html"),
        ("ordinal", "/llm/rl/2025/182/a-note.html"),
        ("weekdate", "/llm/rl/2025/W27/Tue/a-note.html"),
        ("/blog/:year/:short_month/:slug", "/blog/2025/Jul/a-note"),
        ("/blog/:year/:short_month/:slug", "/blog/2025/Jul/a-note.html"),
        ("/:categories/:title_x.html", "/llm/rl/a-note_x.html"),
    ],
)
def test_every_pattern_of_the_generator(tmp_path: Path, client: Client, permalink: str, path: str) -> None:
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-a-note.md": post()}, f"permalink: {permalink}\n"))
    paper = Paper.objects.get()
    assert addresses.find(path).thing == paper


def test_permalink_of_one_post(tmp_path: Path, client: Client) -> None:
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-a-note.md": post(permalink="/my/own/")}))
    assert client.get("/my/own/").headers["Location"] == NOW


def test_path_that_is_written_as_browsers_send_it(tmp_path: Path, client: Client) -> None:
    front = {"permalink": "/%E7%AC%94%E8%AE%B0/a.html", "redirect_from": "/%E6%97%A7/"}
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-a-note.md": post(**front)}))
    for path in ("/笔记/a.html", "/笔记/a", "/旧/"):
        assert client.get(path).headers["Location"] == NOW


def test_date_in_the_front_matter_and_in_the_name_both_count(tmp_path: Path, client: Client) -> None:
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-a-note.md": post(date="2025-06-30")}))
    for path in ("/2025/06/30/a-note.html", "/2025/07/01/a-note.html"):
        assert client.get(path).headers["Location"] == "/llm/RL/2025-06-a-note.html"


@pytest.mark.parametrize(
    ("zone", "date", "path"),
    [
        ("UTC", "2025-07-01 07:30:00 +0800", "/2025/06/30/x.html"),
        ("Asia/Shanghai", "2025-07-01 20:00", "/2025/07/02/x.html"),
    ],
)
def test_day_in_the_zone_of_the_site(tmp_path: Path, client: Client, zone: str, date: str, path: str) -> None:
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.md": post(date=date)}, f"timezone: {zone}\n"))
    assert client.get(path).headers["Location"] == "/llm/RL/2025-07-x.html"


def test_day_in_the_zone_of_the_site_under_pretty_permalinks(tmp_path: Path, client: Client) -> None:
    front = {"date": "2025-07-01 07:30:00 +0800", "permalink": "/:year/:month/:day/:title/"}
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.md": post(**front)}, "timezone: UTC\n"))
    for path in ("/2025/06/30/x/", "/2025/06/30/x/index.html"):
        assert client.get(path).headers["Location"] == "/llm/RL/2025-07-x.html"


@pytest.mark.parametrize("name", ["a/C# notes.html", "a/Why?.html", "a/C#/index.html"])
def test_signs_in_the_name_of_a_page(tmp_path: Path, client: Client, name: str) -> None:
    run(site(tmp_path / "pages", {name: "<h1>T</h1><p>x</p>"}))
    response = client.get(f"/{quote(name)}")
    assert response.headers["Location"] == Paper.objects.get().path


def test_a_path_of_one_post_is_not_taken_by_one_that_may_have_had_it(tmp_path: Path, client: Client) -> None:
    own, other = "_posts/2020-02-02-bar.md", "_posts/2020-01-01-foo.md"
    files = {own: post(permalink="/foo/", title="bar"), other: post(title="foo")}
    assert "已属于别处" not in run(jekyll(tmp_path, files))
    assert client.get("/foo/").headers["Location"] == Paper.objects.get(title="bar").path


def test_query_of_a_former_path_is_none_of_it(tmp_path: Path, client: Client) -> None:
    front = {"redirect_from": "['/old/?a=1', '/C%23/#top']"}
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-a-note.md": post(**front)}))
    for path in ("/old/", "/C%23/"):
        assert client.get(path).headers["Location"] == NOW


def test_front_page_and_sections_in_the_folder_that_the_site_was_served_in(
    tmp_path: Path, client: Client
) -> None:
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.md": post()}))
    assert client.get("/papercache/").headers["Location"] == "/"
    assert client.get("/papercache/llm/").headers["Location"] == "/llm/"
    assert client.get("/index.html").headers["Location"] == "/"


def test_post_whose_categories_the_generator_could_not_read(tmp_path: Path, client: Client) -> None:
    config = "permalink: /:categories/:year-:month-:title.html\n"
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.md": post(title="A: B: C")}, config))
    assert client.get("/2025-07-x.html").headers["Location"] == "/llm/RL/2025-07-x.html"


def test_drafts_have_no_addresses(tmp_path: Path) -> None:
    run(jekyll(tmp_path / "blog", {"_posts/2025-07-01-a-note.md": post(published="false")}))
    assert not Address.objects.filter(kind="paper").exists()


def test_address_that_belongs_elsewhere_is_said(folder: Path) -> None:
    site(folder, {"_posts/2025-07-02-b.md": post(title="B", redirect_from="/old/one.html")})
    output = run(folder)
    assert "_posts/2025-07-02-b.md:1: 旧网址 /old/one.html 已属于别处" in output
    assert addresses.find("/old/one.html").path == NOW


def test_new_configuration_brings_new_addresses_of_old_posts(folder: Path, client: Client) -> None:
    run(folder)
    site(folder, {"_config.yml": "permalink: /new/:title\n"})
    assert counts(run(folder)) == {"unchanged": 1}
    assert client.get("/new/a-note").headers["Location"] == NOW


# --- A list of former paths -------------------------------------------------------------------------------


def listed(folder: Path, *lines: str, **options: Any) -> str:
    return run(folder, addresses=site(folder.parent, {"old.txt": "\n".join(lines)}) / "old.txt", **options)


@pytest.mark.parametrize(
    "line",
    [
        "/blog/archive/a-note.html",
        "https://old.example/x/2025-07-01-a-note?utm=1#top",
        "/x/A-NOTE/",
        "/x/a-note/index.html",
        "/deep/%61-note.htm",
    ],
)
def test_list_of_former_paths(folder: Path, client: Client, line: str) -> None:
    from papers.importers import former

    assert counts(listed(folder, line))["addresses"] == 1
    assert client.get(former.path_of(line)).headers["Location"] == NOW


def test_former_path_by_the_title(folder: Path, client: Client) -> None:
    site(folder, {"_posts/2025-07-02-b.md": post(title="'A Toy: Scheduler'")})
    listed(folder, "/x/a-toy-scheduler.html")
    assert client.get("/x/a-toy-scheduler.html").headers["Location"] == "/llm/RL/2025-07-b.html"


def test_paths_that_nobody_knows_are_named_with_their_lines(folder: Path) -> None:
    output = listed(folder, "# old", "", "/nobody/knows.html")
    assert "/nobody/knows.html:3: 认不出是哪一篇" in output
    assert counts(output) == {"created": 1, "unknown addresses": 1}


def test_path_that_two_papers_might_have_had_is_given_to_none(folder: Path) -> None:
    site(folder, {"_posts/2024-01-01-a-note.md": post(title="Other", categories="[mlsys]")})
    assert "认不出" in listed(folder, "/blog/a-note.html")


def test_path_that_answers_already_stays(folder: Path, section: Section) -> None:
    assert counts(listed(folder, "/RL/", "/rl"))["addresses"] == 2
    assert addresses.find("/rl/").thing == section


def test_missing_list_is_one_line(folder: Path) -> None:
    assert "none.txt" in run(folder, addresses=folder / "none.txt").splitlines()[-1]
