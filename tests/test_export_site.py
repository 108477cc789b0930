"""`export_site`: the public site as files, equal to what the server sends, and no file more than it wrote itself."""

import gzip
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.contrib.staticfiles import storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import set_script_prefix
from django.utils.functional import empty

from papers import feeds, figures, revisions
from papers.exporters import site as exporter
from papers.exporters import site_answers, site_memory, site_plan, site_search
from papers.models import Paper, Section
from tests.drawing import flat_png
from tests.sites import Site

from .conftest import make_paper, make_section

MANIFEST_STORAGE = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("static")


@pytest.fixture
def with_assets(settings: Any, collected: Path) -> Iterator[None]:
    """Fingerprinted names, as a site in use has them."""
    settings.STATIC_ROOT = collected
    settings.STORAGES = {**settings.STORAGES, "staticfiles": MANIFEST_STORAGE}
    storage.staticfiles_storage._wrapped = empty
    if not any(collected.iterdir()):
        call_command("collectstatic", interactive=False, verbosity=0)
        storage.staticfiles_storage._wrapped = empty
    yield
    storage.staticfiles_storage._wrapped = empty


@pytest.fixture
def export(with_assets: None, tmp_path: Path, capsys: Any) -> Callable[..., str]:
    """Run the command; its last line."""

    def run(*options: str) -> str:
        call_command("export_site", str(tmp_path / "out"), "--no-search", "--workers", "1", *options)
        return str(capsys.readouterr().out.splitlines()[-1])

    run.folder = tmp_path / "out"  # type: ignore[attr-defined]
    return run


def names(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def written(line: str) -> int:
    return int(line.split()[0])


# --- What is in it --------------------------------------------------------------------------------------------


PLACES = """index.html about/index.html llm/index.html feed.xml feed.json llm/feed.xml papers/index.html tags/index.html
-/wanted/index.html -/collection/index.html -/papers.bib sitemap.xml robots.txt 404.html .nojekyll"""


def test_every_page_is_byte_for_byte_what_the_server_sends(export: Any, seed: None, client: Client) -> None:
    export()
    jobs = [job for job in site_plan.everything(has_search=False) if job.making == "page"]
    assert len(jobs) > 200
    for job in jobs:
        assert (export.folder / job.name).read_bytes() == b"".join(client.get(job.source)), job.source
    assert (export.folder / "404.html").read_bytes() == client.get("/404.html").content
    assert names(export.folder) >= set(PLACES.split())


def test_a_paper_has_its_twins_its_card_and_its_permanent_link(export: Any, published_paper: Paper) -> None:
    export()
    place = "RL/2025-07-Public"
    wanted = {f"{place}{ending}" for ending in (".html", ".md", ".bib", ".ris", ".json")}
    wanted |= {f"-/card/{place}.html", f"p/{published_paper.uid}/index.html"}
    assert wanted <= names(export.folder)


def test_nothing_of_what_is_not_public_is_in_it(
    export: Any, published_paper: Paper, draft_paper: Paper, scheduled_paper: Paper, unpublished_paper: Paper
) -> None:
    draft_paper.notes = f"![](/-/figures/{figures.store(flat_png(2, 2)).name})"
    draft_paper.save()
    export()
    for name in names(export.folder):
        said = name.encode() + (export.folder / name).read_bytes()
        assert not re.search(rb"Secret|Tomorrow|Withdrawn", said), name
    assert not (export.folder / "-/figures").exists()


def test_pictures_of_public_notes_are_files(export: Any, section: Section) -> None:
    figure = figures.store(flat_png(2, 2))
    make_paper(section, "2025-07-Drawn", notes=f"![alt](/-/figures/{figure.name})")
    export()
    assert (export.folder / "-/figures" / figure.name).read_bytes() == flat_png(2, 2)


def test_a_slug_of_digits_has_had_other_paths_too(export: Any, section: Section) -> None:
    paper = make_paper(make_section("2024", section), "2025")
    paper.slug = "Moved"
    paper.save()
    export()
    assert (export.folder / "RL/2024/2025.html").exists()


def test_further_pages_of_a_list_have_addresses_of_their_own(export: Any, section: Section) -> None:
    for number in range(31):
        make_paper(section, f"p{number}")
    export()
    first, second = (
        (export.folder / name).read_text() for name in ("RL/index.html", "-/pages/RL/2/index.html")
    )
    assert 'rel="next" href="/-/pages/RL/2/"' in first
    assert 'rel="prev" href="/RL/"' in second
    assert '<link rel="canonical" href="http://127.0.0.1:8000/-/pages/RL/2/">' in second


def test_parts_of_the_sitemap_are_files(
    export: Any, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papers.sitemaps._SiteSitemap.limit", 1)
    export()
    index = (export.folder / "sitemap.xml").read_text()
    files = re.findall(r"http://127.0.0.1:8000/(sitemap-\w+-\d+\.xml)<", index)
    assert len(files) >= 3
    assert "?" not in index.partition("?>")[2]
    assert set(files) <= names(export.folder)


def test_no_page_leads_to_a_file_that_is_not_there(export: Any, seed: None) -> None:
    export()
    here = names(export.folder)
    for name in sorted(here):
        if name.endswith(".html"):
            text = re.sub(r"<pre.*?</pre>", "", (export.folder / name).read_text(), flags=re.DOTALL)
            for href in re.findall(r'(?:href|src)="(/[^"#?]*)', text):
                assert site_plan.file_of(href) in here, (name, href)


def test_below_a_prefix_every_address_has_it(export: Any, published_paper: Paper, settings: Any) -> None:
    settings.PAPERCACHE_URL = "https://example.org/papercache"
    settings.FORCE_SCRIPT_NAME, settings.ALLOWED_HOSTS = "/papercache", ["example.org"]
    set_script_prefix("/papercache/")
    try:
        export()
    finally:
        set_script_prefix("/")
    page = (export.folder / "RL/index.html").read_text()
    assert all(href.startswith("/papercache/") for href in re.findall(r'<a href="(/[^"]*)', page))
    assert 'href="https://example.org/papercache/RL/"' in page


def test_a_name_too_long_for_a_file_is_left_out(export: Any, section: Section) -> None:
    make_paper(section, "论" * 100)
    assert "written" in export()
    assert not any("论" in name for name in names(export.folder))


def test_texts_are_compressed_beside_themselves(export: Any, published_paper: Paper) -> None:
    export("--compress")
    page = export.folder / "RL/2025-07-Public.html"
    assert gzip.decompress(page.with_name(f"{page.name}.gz").read_bytes()) == page.read_bytes()
    assert brotli.decompress(page.with_name(f"{page.name}.br").read_bytes()) == page.read_bytes()


def test_compressed_forms_go_when_they_are_not_asked_for(export: Any, published_paper: Paper) -> None:
    export("--compress")
    export()
    assert not [name for name in names(export.folder) if name.endswith((".gz", ".br"))]


def test_the_search_page_says_its_policy_and_allows_no_script_of_others(
    export: Any, published_paper: Paper
) -> None:
    export()
    page = (export.folder / "search/index.html").read_text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "script-src &#x27;self&#x27; &#x27;wasm-unsafe-eval&#x27;;" in policy[1]
    assert page.index("Content-Security-Policy") < page.index("<script")


def test_what_no_file_can_be_called_is_named(
    with_assets: None, section: Section, tmp_path: Path, capsys: Any
) -> None:
    paper = make_paper(section, "长" * 100, notes="原来的一段。")
    for note in ("新的一段。", "更新的一段。"):
        call_command("export_site", str(tmp_path), "--no-search", "--workers", "1")
        assert f"RL/{'长' * 100}.html: left out" in capsys.readouterr().err
        paper.notes = note
        paper.save()


# --- Again ------------------------------------------------------------------------------------------------------


def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what is made from now on."""
    made: list[str] = []
    content = site_answers.content
    monkeypatch.setattr(site_answers, "content", lambda job, *of: made.append(job.name) or content(job, *of))
    return made


def test_where_nothing_changed_nothing_is_made(
    export: Any, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    export()
    made = asked(monkeypatch)
    assert export() == "0 written, 0 unchanged, 0 removed."
    assert made == []


def test_a_second_whole_run_writes_nothing(export: Any, published_paper: Paper) -> None:
    export()
    assert export("--all").startswith("0 written, ")


def test_a_changed_note_makes_its_own_files_and_feeds_alone(
    export: Any, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper(published_paper.section, "2025-07-Other", tags=("推理",))
    published_paper.notes = "原来的一段。"
    published_paper.save()
    export()
    made = asked(monkeypatch)
    published_paper.notes = "新的一段。"
    published_paper.save()
    export()
    assert "新的一段" in (export.folder / "RL/2025-07-Public.html").read_text()
    assert {"RL/feed.xml", "feed.json", "sitemap.xml", "-/card/RL/2025-07-Public.html"} <= set(made)
    assert len(made) == 11


def test_a_changed_note_that_is_in_no_feed_makes_none(
    export: Any, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "FEED_SIZE", 1)
    published_paper.notes = "原来的一段。"
    published_paper.save()
    make_paper(published_paper.section, "2025-08-Newer", published_on=date(2025, 8, 1))
    export()
    made = asked(monkeypatch)
    published_paper.notes = "新的一段。"
    published_paper.save()
    export()
    assert "RL/2025-07-Public.html" in made
    assert not [name for name in made if "feed" in name]


def test_of_the_sitemap_a_changed_note_makes_the_files_that_date_it(
    export: Any, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papers.sitemaps._SiteSitemap.limit", 1)
    make_paper(published_paper.section, "2025-08-Newer", tags=("推理",), published_on=date(2025, 8, 1))
    long_ago = datetime(2025, 7, 2, 12, tzinfo=UTC)
    Paper.objects.update(first_public_at=long_ago, changed_at=long_ago, notes="原来的一段。")
    export()
    made = asked(monkeypatch)
    published_paper.refresh_from_db()
    published_paper.notes = "新的一段。"
    published_paper.save()
    export()
    assert {name for name in made if "sitemap" in name} == {"sitemap-papers-2.xml", "sitemap-tags-1.xml"}
    assert export("--all").startswith("0 written, ")


def test_a_file_that_a_changed_note_would_bring_is_no_stranger_later(
    export: Any, published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    published_paper.notes = "原来的一段。"
    published_paper.save()
    export()
    monkeypatch.setattr("papers.sitemaps._SiteSitemap.limit", 1)  # as if papers had come meanwhile
    published_paper.notes = "新的一段。"
    published_paper.save()
    export()
    assert export("--all").startswith("0 written, ")


CHANGES: dict[str, Callable[[Paper], Any]] = {
    "note": lambda paper: setattr(paper, "notes", "新的一段。"),
    "citation": lambda paper: setattr(paper, "notes", "见 [[2025-07-Other]]。"),
    "title": lambda paper: setattr(paper, "title", "Another Title"),
    "summary": lambda paper: setattr(paper, "summary", "另一句话"),
    "address": lambda paper: setattr(paper, "slug", "2025-07-Moved"),
    "withdrawal": lambda paper: setattr(paper, "status", "draft"),
    "tag": lambda paper: paper.tags.add("量化"),
    "section": lambda paper: make_section("new", paper.section, title="新栏目"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_the_folder_is_as_if_made_anew(
    export: Any, published_paper: Paper, change: str
) -> None:
    make_paper(published_paper.section, "2025-07-Other", tags=("推理",), notes="见 [[Public Paper]]。")
    export()
    CHANGES[change](published_paper)
    published_paper.save()
    revisions.record(published_paper)
    export()
    assert export("--all").split(", ")[::2] == ["0 written", "0 removed."]


def test_what_is_gone_is_removed_with_its_folder(export: Any, published_paper: Paper) -> None:
    export()
    published_paper.delete()
    export()
    assert not [name for name in names(export.folder) if "2025-07-Public" in name]
    assert not (export.folder / "p").exists()


def test_a_file_that_somebody_removed_comes_back(export: Any, published_paper: Paper) -> None:
    export()
    (export.folder / "RL/2025-07-Public.html").unlink()
    assert written(export()) == 1


def test_a_change_of_settings_makes_all_again(export: Any, published_paper: Paper, settings: Any) -> None:
    export()
    settings.PAPERCACHE_OWNER = "Somebody Else"
    export()
    assert "Somebody Else" in (export.folder / "RL/2025-07-Public.html").read_text()


# --- Foreign files ------------------------------------------------------------------------------------------------


def test_a_part_of_the_search_index_that_nothing_is_in_goes(tmp_path: Path, published_paper: Paper) -> None:
    pytest.importorskip("pagefind")
    (number,) = site_search.numbers()
    made = site_search.write(tmp_path, number)
    assert made.written > 3
    assert site_search.clear(tmp_path, [number]) == 0
    assert site_search.clear(tmp_path) == made.written
    assert not list((tmp_path / site_search.FOLDER).iterdir())


def test_foreign_files_stay(export: Any, published_paper: Paper) -> None:
    (export.folder / "RL").mkdir(parents=True)
    for name in ("CNAME", "RL/mine.txt"):
        (export.folder / name).write_text("mine")
    export()
    published_paper.delete()
    export()
    assert (export.folder / "CNAME").read_text() == (export.folder / "RL/mine.txt").read_text() == "mine"


def test_a_foreign_file_in_the_way_is_refused_and_stays(export: Any, published_paper: Paper) -> None:
    export.folder.mkdir()
    (export.folder / "index.html").write_text("mine")
    with pytest.raises(CommandError, match=r"index\.html: is there already"):
        export()
    assert (export.folder / "index.html").read_text() == "mine"


def test_an_export_of_another_kind_is_refused(export: Any, published_paper: Paper) -> None:
    export.folder.mkdir()
    (export.folder / exporter.MANIFEST).write_text("notes.md\n")
    (export.folder / "notes.md").write_text("kept")
    with pytest.raises(CommandError, match="export of another kind"):
        export()
    assert (export.folder / "notes.md").read_text() == "kept"


def test_without_style_sheets_it_says_what_to_do(tmp_path: Path, published_paper: Paper) -> None:
    with pytest.raises(CommandError, match="run collectstatic first"):
        call_command("export_site", str(tmp_path / "out"))


def test_an_unreadable_memory_is_none(tmp_path: Path) -> None:
    (tmp_path / site_memory.FILE).write_text(json.dumps({"format": 1}))
    assert site_memory.read(tmp_path) == site_memory.Memory()


# --- By real processes ----------------------------------------------------------------------------------------------

# Stops between two batches, as if the rest took for ever.
STOPPING = """
import sys
import django; django.setup()
import signal
from django.core.management import execute_from_command_line
from papers.exporters import site

make = site.Export.make

def stopping(self, jobs, workers):
    for number, done in enumerate(make(self, jobs, workers)):
        yield done
        if number == 2:
            print("here", flush=True)
            signal.pause()

site.BATCH = 20
site.Export.make = stopping
execute_from_command_line(["manage.py", "export_site", sys.argv[1], "--no-search", "--workers", "2"])
"""
COLLECTED = """
from site_settings import *
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
STATIC_ROOT = "%s"
"""


@pytest.fixture
def real_site(site: Site, with_assets: None, collected: Path) -> Site:
    (site.folder / "collected_settings.py").write_text(COLLECTED % collected)
    site.variables["DJANGO_SETTINGS_MODULE"] = "collected_settings"
    return site


def test_a_killed_run_is_completed_by_the_next(real_site: Site, tmp_path: Path) -> None:
    folder, whole = tmp_path / "out", tmp_path / "whole"
    with real_site.start("-c", STOPPING, str(folder)) as process:
        assert process.stdout
        assert any("here" in line for line in process.stdout)
        os.killpg(process.pid, signal.SIGKILL)
    assert not (folder / "search/index.html").exists()
    command = ("manage.py", "export_site", "--no-search")
    assert real_site.run(*command, str(folder))[0] == 0
    assert real_site.run(*command, str(whole))[0] == 0
    same = names(whole) - {site_memory.FILE}
    assert {name for name in names(folder) if not name.endswith(".part")} - {site_memory.FILE} == same
    assert all((folder / name).read_bytes() == (whole / name).read_bytes() for name in same)


def test_an_interrupted_run_says_so_in_one_line(real_site: Site, tmp_path: Path) -> None:
    with real_site.start("-c", STOPPING, str(tmp_path / "out")) as process:
        assert process.stdout
        assert any("here" in line for line in process.stdout)
        os.killpg(process.pid, signal.SIGINT)
        output = process.communicate(timeout=30)[0]
    assert process.returncode == 130
    assert output.splitlines()[-1].startswith("CommandError: interrupted: ")


# One of its processes is killed, as a machine without memory left does it.
KILLING = STOPPING.replace("number == 2", "number == 0").replace(
    "signal.pause()", "from multiprocessing import active_children; active_children()[0].kill()"
)


def test_a_run_whose_process_was_killed_says_so_in_one_line(real_site: Site, tmp_path: Path) -> None:
    status, output = real_site.run("-c", KILLING, str(tmp_path / "out"))
    assert (status, "Traceback" in output) == (1, False)
    assert re.fullmatch(
        r"CommandError: a process was ended, perhaps for want of memory: \d+ written; run it again",
        output.splitlines()[-1],
    )
    assert real_site.run("manage.py", "export_site", "--no-search", str(tmp_path / "out"))[0] == 0


def test_two_processes_make_the_same_as_one(real_site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert real_site.run("manage.py", "export_site", "--no-search", "--workers", "2", str(folder))[0] == 0
    status, output = real_site.run(
        "manage.py", "export_site", "--no-search", "--workers", "1", "--all", str(folder)
    )
    assert (status, output.splitlines()[-1].startswith("0 written, ")) == (0, True)
