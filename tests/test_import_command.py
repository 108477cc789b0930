"""`manage.py import_notes`: its options, its counts, its status, and what a killed one leaves behind."""

import signal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from papers import derived
from papers.models import Figure, Paper, Section
from papers.rendering import Format, Rendered
from papers.rendering.renderer import render

from .importing import SAMPLES, counts, finished, jekyll, manage, png, post, run, site, written_out
from .test_import_again import everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one post that fails."""
    files = {f"_posts/2025-07-0{day}-x{day}.md": post(title=f"X{day}") for day in range(1, 6)}
    return jekyll(tmp_path / "blog", {**files, "_posts/2025-07-03-x3.md": "no front matter"})


def test_dry_run_says_the_same_and_changes_nothing(folder: Path, media: Path) -> None:
    site(folder, {"_posts/2025-07-01-x1.md": post(f"![x]({written_out(png())})")})
    before = everything()
    output = run(folder, dry_run=True)
    assert output.splitlines()[-1].startswith("dry run: 4 created")
    assert everything() == before
    assert not Figure.objects.exists()
    assert not media.exists()


def test_dry_run_gives_no_address_twice(tmp_path: Path) -> None:
    folder = site(tmp_path / "x", {f"x.{ending}": ending for ending in ("md", "markdown", "mkd", "mdown")})
    promised = run(folder, dry_run=True)
    assert run(folder) == promised.replace("dry run: ", "")


def test_dry_run_looks_at_pictures(folder: Path) -> None:
    site(folder, {"_posts/2025-07-01-x1.md": post("![x](data:image/png;base64,AAAA)")})
    assert "_posts/2025-07-01-x1.md:5: " in run(folder, dry_run=True)


def test_atomic_is_all_or_nothing(folder: Path) -> None:
    before = everything()
    output = run(folder, atomic=True)
    assert output.splitlines()[-1].startswith("nothing imported: 4 created")
    assert "_posts/2025-07-03-x3.md:1: " in output
    assert everything() == before


def test_a_page_of_the_sites_own_is_no_failure(folder: Path) -> None:
    pages = {"index.html": "---\n---\n{{ content }}", "_layouts/post.html": "{{ content }}"}
    site(folder, {"_posts/2025-07-03-x3.md": post(), **pages})
    output = run(folder, atomic=True)
    assert counts(output) == {"created": 5, "left out": 2}
    assert "index.html:1: " in output


def test_folder_that_is_not_gone_into_is_named_once_if_notes_seem_to_be_in_it(folder: Path) -> None:
    nested = {"a/vendor/x.md": "", "a/vendor/b/vendor/y.md": "", "venv/x.txt": "", ".git/vendor/x.md": ""}
    output = run(site(folder, {"_posts/2025-07-03-x3.md": post(), **nested}))
    assert [line[:12] for line in output.splitlines() if "vendor" in line] == ["a/vendor/:1:"]
    assert "venv" not in output
    assert counts(output) == {"created": 5, "left out": 1}
    assert counts(run(folder, atomic=True)) == {"unchanged": 5, "left out": 1}


def test_atomic_without_a_failure(folder: Path) -> None:
    site(folder, {"_posts/2025-07-03-x3.md": post()})
    assert counts(run(folder, atomic=True)) == {"created": 5}
    assert Paper.objects.count() == 5


def test_failure_among_good_files_is_no_failure_of_the_command(folder: Path) -> None:
    call_command("import_notes", str(folder), verbosity=0)


def test_nothing_at_all_is_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing to import: 0 created"):
        call_command("import_notes", str(jekyll(tmp_path, {"_posts/2025-07-01-x.md": "x"})))


def test_names_cannot_speak_to_the_terminal(folder: Path) -> None:
    site(folder, {"_posts/2025-07-07-\x1b[31mred.md": post()})
    assert "\x1b" not in run(folder)


@pytest.mark.parametrize("sample", ["jekyll-site", "obsidian-vault", "deepnotes-html"])
def test_everything_derived_is_as_rebuild_would_make_it(sample: str) -> None:
    run(SAMPLES / sample)
    call_command("rebuild", check=True)


def test_seed_and_import_live_together(seed: None) -> None:
    sections = Section.objects.count()
    assert counts(run(SAMPLES / "jekyll-site"))["created"] == 3
    assert Section.objects.count() == sections


def test_a_database_that_cannot_be_asked_ends_the_run(folder: Path, tmp_path: Path) -> None:
    process = manage("import_notes", str(folder), DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")
    line = process.communicate()[0].splitlines()[-1]
    assert line.startswith("papercache: database: no such table")
    assert process.returncode == 1


# --- Several files a transaction --------------------------------------------------------------------------


def test_no_note_is_rendered_in_a_transaction(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []

    def rendered(source: str, note_format: Format) -> Rendered:
        if "正文" in source:
            inside.append(len(connection.savepoint_ids) > outside)
        return render(source, note_format)

    outside = len(connection.savepoint_ids)
    monkeypatch.setattr(derived, "rendered", rendered)
    assert counts(run(folder))["created"] == 4
    assert inside == [False] * 4


def test_unchanged_notes_are_not_rendered_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder)
    monkeypatch.setattr(derived, "rendered", lambda *_args: 1 / 0)
    assert counts(run(folder)) == {"unchanged": 4, "skipped": 1}


def test_one_that_fails_while_it_is_written_fails_alone(folder: Path) -> None:
    site(folder, {"_posts/2025-07-02-x2.md": post(title="X" * 600)})
    assert counts(run(folder)) == {"created": 3, "skipped": 2}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="what ends a whole transaction is SQLite's own")
@pytest.mark.django_db(transaction=True)
def test_files_whose_transaction_is_lost_are_all_named(folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON papers_paper WHEN NEW.title = 'X4' "
            "BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END"
        )
        output = run(folder)
        cursor.execute("DROP TRIGGER full")
    assert output.count(": database or disk is full") == 4
    assert (counts(output), Paper.objects.count()) == ({"skipped": 5}, 0)
    assert counts(run(folder)) == {"created": 4, "skipped": 1}


@pytest.mark.parametrize("name", ["", "a/b", "x" * 101, "a\nb"])
def test_name_of_a_source_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="a name of at most 100 signs"):
        call_command("import_notes", str(tmp_path), "--source", name)


def test_former_path_that_no_database_takes_keeps_no_other_out(tmp_path: Path) -> None:
    folder = jekyll(tmp_path / "blog", {"_posts/2025-07-01-x.md": post()})
    lines = site(tmp_path, {"old.txt": "/a%00b.html\n/old/x.html\n"}) / "old.txt"
    output = run(folder, addresses=lines)
    assert "网址太长，或含有不可用的字符" in output
    assert counts(output) == {"created": 1, "addresses": 1, "unknown addresses": 1}


# --- Killed -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(databases=[])
def test_killed_in_the_middle_a_second_run_completes_it(tmp_path: Path) -> None:
    body = "\n\n".join(f"![图{number}]({written_out(png(9, number + 1))})" for number in range(3))
    files = {f"_posts/2025-07-01-x{n:02}.md": post(f"{n}\n\n{body}", title=f"X{n}") for n in range(80)}
    folder = str(jekyll(tmp_path / "blog", files))
    site_of = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "MEDIA_ROOT": str(tmp_path / "media")}
    finished("migrate", "-v0", **site_of)
    first = manage("import_notes", folder, **site_of)
    assert first.stdout
    for line in first.stdout:
        if "x20" in line:
            break
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = finished("import_notes", folder, **site_of)
    done = counts(second)
    assert done["unchanged"] >= 20
    assert done["created"] == 80 - done["unchanged"]
    assert counts(finished("import_notes", folder, **site_of)) == {"unchanged": 80}
    assert "0 stale" in finished("rebuild", "--check", **site_of)
