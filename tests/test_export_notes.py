"""`manage.py export_notes`: a tree for Git, of which `import_notes` makes the same site."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from papers import addresses, figures, revisions, trash
from papers.exporters.tree import alone_in
from papers.models import Figure, Paper, Section, Tag

from .conftest import MODELS, make_paper, make_section
from .content import content, content_hash
from .importing import SAMPLES, counts, png, run
from .sites import Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def export(folder: Path) -> str:
    output = StringIO()
    call_command("export_notes", str(folder), stdout=output)
    return output.getvalue().strip()


@pytest.mark.parametrize("command", ["export_notes", "export_site"])
def test_two_exports_do_not_write_into_one_folder(out: Path, root: Section, command: str) -> None:
    with alone_in(out), pytest.raises(CommandError, match="another export is writing into it"):
        call_command(command, str(out))
    assert not list(out.iterdir())


def flush(settings: Any, media: Path) -> None:
    """Another, empty site."""
    for model in reversed(MODELS):
        if model is not Section:
            model._default_manager.all().delete()
    for section in Section.objects.order_by("-path_folded"):
        section.delete()
    for model in MODELS:
        model._default_manager.all().delete()
    settings.MEDIA_ROOT = str(media)


def assert_round_trip(settings: Any, out: Path) -> None:
    before = content()
    export(out)
    flush(settings, out.parent / "other")
    assert counts(run(out)).keys() <= {"created", "updated"}
    after = content()
    for kind in before:
        assert after[kind] == before[kind]
    assert counts(run(out)).keys() == {"unchanged"}


# --- The tree ---------------------------------------------------------------------------------------------


def test_tree_mirrors_the_addresses(out: Path, published_paper: Paper) -> None:
    export(out)
    names = sorted(file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file())
    assert names == [
        ".gitattributes",
        ".papercache-export",
        "RL/2025-07-Public.md",
        "RL/_section.md",
        "_section.md",
        "papercache.yaml",
    ]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_export_whose_ends_of_lines_were_changed_comes_back(
    out: Path, published_paper: Paper, settings: Any, mark: str
) -> None:
    """As by Git's autocrlf, or by an editor that puts a mark before the text."""
    export(out)
    for file in out.rglob("*.md"):
        file.write_bytes(mark.encode() + file.read_bytes().replace(b"\n", b"\r\n"))
    flush(settings, out.parent / "other")
    run(out)
    assert Paper.objects.get().notes == published_paper.notes


def test_git_is_told_to_leave_ends_of_lines(out: Path, published_paper: Paper) -> None:
    export(out)
    assert (out / ".gitattributes").read_text() == "* -text\n"


def test_file_says_only_what_somebody_has_said(out: Path, section: Section) -> None:
    make_paper(section, "x", title="Tïtle: 一", notes="正文\n", tags=("MoE", "KV 缓存"), uid="x1")
    export(out)
    lines = (out / "RL" / "x.md").read_text().splitlines()
    assert lines[:2] == ["---", "uid: x1"]
    assert "title: 'Tïtle: 一'" in lines
    assert [line.split(":")[0] for line in lines if ":" in line] == [
        *("uid", "section", "slug", "title", "published_on", "tags", "first_public_at")
    ]
    assert lines[-1] == "正文"


def test_html_notes_are_html_files(out: Path, section: Section) -> None:
    make_paper(section, "x", notes="<p>a</p>", notes_format="html")
    export(out)
    assert (out / "RL" / "x.html").read_text().endswith("---\n<p>a</p>")


def test_drafts_lie_apart(out: Path, draft_paper: Paper) -> None:
    export(out)
    assert (out / "_drafts" / f"{draft_paper.uid}.md").exists()
    assert not (out / "RL" / "2025-08-Secret.md").exists()


def test_former_addresses_stand_in_the_file(out: Path, published_paper: Paper) -> None:
    addresses.point("/old.html", published_paper)
    export(out)
    assert "redirect_from:\n- /old.html\n" in (out / "RL" / "2025-07-Public.md").read_text()


def test_slug_that_no_file_can_be_called(out: Path, section: Section) -> None:
    paper = make_paper(section, "字" * 150)
    export(out)
    assert (out / "RL" / f"{paper.uid}.md").exists()


# --- Again ------------------------------------------------------------------------------------------------


def test_second_run_writes_nothing(out: Path, seed: None) -> None:
    export(out)
    times = {file: file.stat().st_mtime_ns for file in out.rglob("*")}
    assert export(out).startswith("0 written, ")
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*")} == times


def test_only_what_changed_is_written(out: Path, published_paper: Paper, scheduled_paper: Paper) -> None:
    export(out)
    published_paper.title = "New"
    published_paper.save()
    assert export(out).startswith("1 written, ")


def test_what_is_gone_is_removed_with_its_folder(out: Path, root: Section) -> None:
    make_paper(make_section("a", root), "x")
    export(out)
    trash.delete(Paper.objects.get())
    trash.delete(Section.objects.get(slug="a"))
    assert export(out).endswith(", 2 removed.")
    assert not (out / "a").exists()


def test_other_files_stay(out: Path, published_paper: Paper) -> None:
    export(out)
    (out / "README.md").write_text("mine")
    (out / "RL" / "mine.txt").write_text("mine")
    trash.delete(published_paper)
    export(out)
    assert (out / "README.md").exists()
    assert (out / "RL" / "mine.txt").exists()


def test_file_of_somebody_else_is_not_overwritten(out: Path, published_paper: Paper) -> None:
    (out / "RL").mkdir(parents=True)
    (out / "RL" / "2025-07-Public.md").write_text("mine")
    with pytest.raises(CommandError, match="2025-07-Public"):
        export(out)
    assert (out / "RL" / "2025-07-Public.md").read_text() == "mine"


def test_link_does_not_lead_out_of_the_folder(out: Path, published_paper: Paper) -> None:
    outside = out.parent / "outside"
    outside.mkdir()
    out.mkdir()
    (out / "RL").symlink_to(outside)
    with pytest.raises(CommandError):
        export(out)
    assert list(outside.iterdir()) == []


def test_manifest_that_was_tampered_with_removes_nothing_outside(out: Path, root: Section) -> None:
    export(out)
    (out.parent / "precious").write_text("x")
    with (out / ".papercache-export").open("a") as manifest:
        manifest.write("../precious\n")
    with pytest.raises(CommandError):
        export(out)
    assert (out.parent / "precious").exists()


def test_picture_that_is_lost_is_said(out: Path, root: Section, media: Path) -> None:
    figure = figures.store(png())
    (media / figures.place_of(figure.name)).unlink()
    with pytest.raises(CommandError, match="1 missing"):
        export(out)


# --- There and back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", ["jekyll-site", "obsidian-vault", "deepnotes-html"])
def test_samples_come_back(settings: Any, out: Path, sample: str) -> None:
    run(SAMPLES / sample)
    assert_round_trip(settings, out)


def test_seed_comes_back(settings: Any, out: Path, seed: None) -> None:
    assert_round_trip(settings, out)


def test_hash_is_the_same(settings: Any, out: Path, seed: None) -> None:
    before = content_hash()
    export(out)
    flush(settings, out.parent / "other")
    assert content_hash() != before
    run(out)
    assert content_hash() == before


def test_everything_there_can_be_comes_back(
    settings: Any,
    out: Path,
    section: Section,
    draft_paper: Paper,
    scheduled_paper: Paper,
    unpublished_paper: Paper,
) -> None:
    figure = figures.store(png(), alt="图: '一'", caption="# no comment")
    notes = f"\n  x\r\n---\ny: [\n---\n![]({figure.get_absolute_url()})\ttab\u2028\U0001f600  "
    title = "null"
    paper = make_paper(
        section, "x", title=title, notes=notes, tags=("MoE", "C++"), aliases="a\n\n b ", year=2024
    )
    revisions.save(paper, {**revisions.typed_fields(paper), "notes": "waits", "title": "yes"})
    make_paper(section, "y", notes="<p>a</p>", notes_format="html", day_known=True, reviewed_on="2025-01-01")
    make_paper(section, "_section", title="~")
    Paper(title="no place yet").save()
    Tag.objects.create(name="unused", slug="unused")
    gone = make_paper(section, "gone")
    trash.delete(gone)
    addresses.point("/old/", section)
    moved = Paper.objects.get(slug="y")
    revisions.publish(moved, {**revisions.typed_fields(moved), "slug": "z"})
    assert_round_trip(settings, out)


def test_a_picture_of_which_nothing_is_said_comes_back_so(settings: Any, out: Path, section: Section) -> None:
    figure = figures.store(png())
    make_paper(section, "x", notes=f'![图]({figure.get_absolute_url()} "题")')
    assert_round_trip(settings, out)


def test_thousands_of_authors_and_former_addresses_come_back(
    settings: Any, out: Path, section: Section
) -> None:
    paper = make_paper(section, "x", authors="\n".join(f"Given Names Family {n}" for n in range(2900)))
    addresses.point_many([f"/{'long/' * 20}{n}.html" for n in range(700)], paper)
    assert_round_trip(settings, out)


@pytest.mark.parametrize("slug", ["vendor", "node_modules", "venv"])
def test_section_of_any_name_comes_back(settings: Any, out: Path, section: Section, slug: str) -> None:
    make_paper(make_section(slug, section), "x")
    assert_round_trip(settings, out)


def test_dry_run_of_an_export_changes_nothing(settings: Any, out: Path, seed: None) -> None:
    export(out)
    flush(settings, out.parent / "other")
    assert counts(run(out, dry_run=True)).keys() == {"created"}
    assert not Paper.objects.exists()
    assert not Section.objects.exists()


def test_export_of_the_same_site_is_unchanged(out: Path, seed: None) -> None:
    export(out)
    before = content_hash()
    assert set(counts(run(out))) == {"unchanged"}
    assert content_hash() == before


def test_section_that_an_editor_changed_stays_however_often_its_file_changes(
    out: Path, section: Section
) -> None:
    export(out)
    run(out)
    revisions.save(section, {**revisions.typed_fields(section), "text": "编辑的"})
    file = out / "RL" / "_section.md"
    said = file.read_text()
    for text in ("二\n", "三\n"):
        file.write_text(said + text)
        assert counts(run(out))["kept"] == 1
    assert Section.objects.get(pk=section.pk).text == "编辑的"


def test_edited_file_of_an_export_updates_its_paper(out: Path, settings: Any, published_paper: Paper) -> None:
    export(out)
    flush(settings, out.parent / "other")
    run(out)
    file = out / "RL" / "2025-07-Public.md"
    file.write_text(file.read_text() + "一句")
    assert counts(run(out))["updated"] == 1
    assert Paper.objects.get().notes == "一句"
    assert not Figure.objects.exists()


# --- Spoilt -----------------------------------------------------------------------------------------------


def test_export_of_a_newer_version_is_refused(out: Path, published_paper: Paper) -> None:
    export(out)
    about = out / "papercache.yaml"
    about.write_text(about.read_text().replace("format: 1\n", "format: 2\n"))
    assert run(out) == f"{out}: 由较新的 PaperCache 导出（格式 2）：请先升级"


def test_bomb_of_aliases_in_a_file_of_an_export_is_refused(out: Path, published_paper: Paper) -> None:
    export(out)
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    (out / "RL" / "2025-07-Public.md").write_text("---\nuid: x\n" + "\n".join(lines) + "\n---\n")
    assert "RL/2025-07-Public.md:4: YAML 有误：不能用 YAML 的别名" in run(out)


def test_file_of_an_export_with_a_million_values_is_refused(out: Path, published_paper: Paper) -> None:
    export(out)
    (out / "RL" / "2025-07-Public.md").write_text(f"---\nuid: x\naliases: [{'x,' * 1_000_000}]\n---\n")
    assert "RL/2025-07-Public.md:3: YAML 有误：YAML 里的值太多" in run(out)


@pytest.mark.parametrize(
    "about",
    [
        "tags: [{name: x}]",
        "tags: [{uid: x}]",
        "tags: [{uid: [x], name: x, slug: x}]",
        f"tags: [{{uid: x, name: {'x' * 300}, slug: x}}]",
        "tags: [{uid: x, name: x, slug: a/b}]",
        "addresses: [{kind: paper, path: [x], uid: x}]",
        "addresses: [{kind: page, path: /x, uid: x}]",
        "addresses: [{kind: paper, path: /x, uid: {x: x}}]",
        f"addresses: [{{kind: paper, path: /{'x' * 9000}, uid: x}}]",
        f"addresses: [{{kind: paper, path: /x, uid: {'x' * 900}}}]",
    ],
)
def test_a_spoilt_line_about_the_whole_site_keeps_no_paper_out(
    out: Path, settings: Any, published_paper: Paper, about: str
) -> None:
    export(out)
    (out / "papercache.yaml").write_text(about)
    flush(settings, out.parent / "other")
    said = run(out)
    assert "papercache.yaml:1: " in said
    assert counts(said) == {"created": 3, "skipped": 1}


# --- Killed -----------------------------------------------------------------------------------------------


# Stops after some files, as if the rest took for ever.
STOPPING = """
import signal
import sys
import django; django.setup()
from django.core.management import execute_from_command_line
from papers.exporters import notes

export = notes.export

def stopping(tree):
    for number, one in enumerate(export(tree)):
        yield one
        if number == 5:
            print("here", flush=True)
            signal.pause()

notes.export = stopping
execute_from_command_line(["manage.py", "export_notes", sys.argv[1]])
"""


def test_killed_in_the_middle_a_second_run_completes_it(site: Site, tmp_path: Path, out: Path) -> None:
    with site.start("-c", STOPPING, str(out)) as process:
        assert process.stdout
        assert any("here" in line for line in process.stdout)
        process.kill()
    whole = tmp_path / "whole"
    assert site.run("manage.py", "export_notes", str(whole)) == (0, "16 written, 0 unchanged, 0 removed.\n")
    assert 0 < len(files_of(out)) < len(files_of(whole))
    status, second = site.run("manage.py", "export_notes", str(out))
    assert (status, second.startswith("16 written")) == (0, False)
    assert files_of(out) == files_of(whole)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_site_as_files_is_not_taken_for_notes(published_paper: Paper, out: Path) -> None:
    out.mkdir()
    (out / ".papercache-site").write_text("{}")
    (out / ".papercache-export").write_text("index.html\n")
    (out / "index.html").write_text("kept")
    with pytest.raises(CommandError, match="export of another kind"):
        export(out)
    assert (out / "index.html").read_text() == "kept"
