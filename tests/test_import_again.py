"""`manage.py import_notes` a second time: what has changed since, in the file or here."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from papers import derived, revisions, trash
from papers.models import Address, Figure, ImportedFile, Paper, Revision, Section, Tag

from .importing import SAMPLES, counts, jekyll, post, run, site

pytestmark = pytest.mark.django_db

FILE = "_posts/2025-07-01-a-note.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return jekyll(tmp_path / "blog", {FILE: post("一", tags="[moe]")})


def everything() -> list[Any]:
    models = (Paper, Section, Tag, Revision, Address, Figure, ImportedFile)
    return [list(model.objects.order_by("pk").values()) for model in models] + [derived.generation()]


def edit(**values: Any) -> Paper:
    paper = Paper.objects.get()
    revisions.publish(paper, {**revisions.typed_fields(paper), **values})
    return paper


@pytest.mark.parametrize("sample", ["jekyll-site", "obsidian-vault", "deepnotes-html"])
def test_second_run_changes_nothing(sample: str) -> None:
    run(SAMPLES / sample)
    before = everything()
    assert set(counts(run(SAMPLES / sample))) <= {"unchanged", "skipped"}
    assert everything() == before


def test_changed_file_updates_its_paper(folder: Path) -> None:
    run(folder)
    jekyll(folder, {FILE: post("二")})
    assert counts(run(folder)) == {"updated": 1}
    paper = Paper.objects.get()
    assert paper.notes == "二\n"
    assert [one.data["notes"] for one in revisions.history(paper)] == ["二\n", "一\n"]


def test_an_import_is_one_revision_with_a_reason(folder: Path) -> None:
    run(folder)
    revision = revisions.history(Paper.objects.get()).get()
    assert (revision.why, revision.author) == ("由 import_notes 导入", None)


def test_history_names_who_imported(folder: Path, editor: User) -> None:
    run(folder, user="editor")
    assert revisions.history(Paper.objects.get()).get().author == editor


def test_user_that_is_none_is_said(folder: Path) -> None:
    assert run(folder, user="nobody").endswith("nobody: no such user")


def test_another_site_in_a_folder_of_the_same_name(tmp_path: Path) -> None:
    one, other = (
        jekyll(tmp_path / name / "blog", {FILE: post(name, title=name, categories=name)})
        for name in ("x", "y")
    )
    run(one)
    assert f"{FILE}:1: 标题原是“x”，现在是“y”。若不是同一来源 blog" in run(other, dry_run=True)
    assert counts(run(other, source="blog-y")) == {"created": 1}
    assert {paper.notes for paper in Paper.objects.all()} == {"x\n", "y\n"}
    assert counts(run(other, source="blog-y")) == counts(run(one)) == {"unchanged": 1}


def test_what_an_editor_changed_is_kept_and_reported(folder: Path) -> None:
    run(folder)
    paper = edit(notes="编辑的")
    jekyll(folder, {FILE: post("二")})
    output = run(folder)
    paper.refresh_from_db()
    assert counts(output) == {"kept": 1}
    assert f"{FILE}:1: 编辑已改过“A Note”" in output
    assert paper.notes == "编辑的"
    assert {one.data["notes"] for one in revisions.history(paper)} == {"一\n", "二\n", "编辑的"}
    assert revisions.head("paper", paper.uid).data["notes"] == "编辑的"


def test_unpublished_change_stays_the_newest(folder: Path) -> None:
    run(folder)
    paper = Paper.objects.get()
    revisions.save(paper, {**revisions.typed_fields(paper), "notes": "还没发布"})
    jekyll(folder, {FILE: post("二")})
    run(folder)
    paper.refresh_from_db()
    assert paper.notes == "一\n"
    assert revisions.data_of(paper)["notes"] == "还没发布"


def test_edited_paper_is_reported_once(folder: Path) -> None:
    run(folder)
    edit(title="Mine")
    jekyll(folder, {FILE: post("二")})
    run(folder)
    assert counts(run(folder)) == {"unchanged": 1}


def test_what_an_editor_changed_survives_a_file_that_goes_back_and_forth(folder: Path) -> None:
    run(folder)
    edit(notes="编辑的")
    for notes in ("二", "一", "三"):
        jekyll(folder, {FILE: post(notes, tags="[moe]")})
        assert counts(run(folder)) == {"kept": 1}
    assert Paper.objects.get().notes == "编辑的"


def test_imported_version_taken_back_from_the_history_is_updated_again(folder: Path) -> None:
    run(folder)
    paper = edit(notes="编辑的")
    jekyll(folder, {FILE: post("二")})
    run(folder)
    aside = revisions.history(paper).get(data__notes="二\n")
    revisions.publish(Paper.objects.get(), aside.data)
    jekyll(folder, {FILE: post("三")})
    assert counts(run(folder)) == {"updated": 1}


def test_unpublishing_is_a_change_too(folder: Path) -> None:
    run(folder)
    revisions.unpublish(Paper.objects.get())
    jekyll(folder, {FILE: post("二")})
    assert counts(run(folder)) == {"kept": 1}
    assert Paper.objects.get().status == "draft"


def test_post_that_becomes_a_draft_is_unpublished(folder: Path) -> None:
    run(folder)
    jekyll(folder, {FILE: post("一", published="false")})
    run(folder)
    assert Paper.objects.get().status == "draft"


def test_what_an_editor_deleted_stays_deleted(folder: Path) -> None:
    run(folder)
    trash.delete(Paper.objects.get())
    assert counts(run(folder)) == {"kept": 1}
    assert not Paper.objects.exists()


def test_moved_paper_stays_where_an_editor_put_it(folder: Path, root: Section) -> None:
    run(folder)
    paper = edit(slug="elsewhere")
    run(folder)
    paper.refresh_from_db()
    assert paper.path == "/llm/RL/elsewhere.html"


def test_moved_section_takes_what_comes_later(folder: Path) -> None:
    run(folder)
    section = Section.objects.get(path="/llm/RL/")
    revisions.save(section, {**revisions.typed_fields(section), "slug": "reinforcement"})
    jekyll(folder, {"_posts/2025-08-01-new.md": post(title="New")})
    run(folder)
    assert Paper.objects.get(slug="2025-08-new").path == "/llm/reinforcement/2025-08-new.html"


def test_folder_may_lie_elsewhere_the_next_time(folder: Path, tmp_path: Path) -> None:
    run(folder)
    (tmp_path / "other").mkdir()
    assert counts(run(folder.rename(tmp_path / "other" / "blog"))) == {"unchanged": 1}


def test_file_renamed_with_its_folder_is_the_same_paper(folder: Path, tmp_path: Path) -> None:
    run(folder)
    output = run(folder.rename(tmp_path / "blog-main"))
    assert counts(output) == {"unchanged": 1}
    assert Paper.objects.count() == 1


def test_changed_date_or_section_moves_the_paper_and_keeps_its_address(folder: Path, client: Any) -> None:
    run(folder)
    jekyll(folder, {FILE: post("一", categories="[mlsys]")})
    run(folder)
    assert client.get("/llm/RL/2025-07-a-note.html").headers["Location"] == "/mlsys/2025-07-a-note.html"


# --- Files with another name ------------------------------------------------------------------------------

RENAMED = "_posts/2025-08-02-b-note.md"


def rename(folder: Path, old: str = FILE, new: str = RENAMED) -> str:
    """What the command says of it."""
    (folder / new).parent.mkdir(exist_ok=True)
    (folder / old).rename(folder / new)
    return run(folder)


def test_renamed_file_moves_its_paper_and_keeps_its_address(folder: Path, client: Any) -> None:
    run(folder)
    output = rename(folder)
    assert counts(output) == {"updated": 1}
    assert f"{RENAMED}:1: 由 {FILE} 改名而来" in output
    assert Paper.objects.get().path == "/llm/RL/2025-08-b-note.html"
    assert client.get("/llm/RL/2025-07-a-note.html").headers["Location"] == "/llm/RL/2025-08-b-note.html"
    assert counts(run(folder)) == {"unchanged": 1}


def test_renamed_note_of_a_vault_has_its_new_title(tmp_path: Path) -> None:
    folder = site(tmp_path / "vault", {".obsidian/app.json": "{}", "one.md": "一"})
    run(folder)
    assert counts(rename(folder, "one.md", "two.md")) == {"updated": 1}
    paper = Paper.objects.get()
    assert (paper.title, paper.path) == ("two", "/two.html")


def test_post_with_another_ending_is_the_same(folder: Path) -> None:
    run(folder)
    assert counts(rename(folder, FILE, FILE.replace(".md", ".markdown"))) == {"updated": 1}
    assert Paper.objects.get().path == "/llm/RL/2025-07-a-note.html"


def test_draft_that_becomes_a_post_is_published(folder: Path) -> None:
    (folder / "_drafts").mkdir()
    (folder / FILE).rename(folder / "_drafts/a-note.md")
    run(folder)
    assert counts(rename(folder, "_drafts/a-note.md", FILE)) == {"updated": 1}
    paper = Paper.objects.get()
    assert (paper.status, paper.path) == ("published", "/llm/RL/2025-07-a-note.html")


def test_paper_of_a_renamed_file_stays_as_an_editor_made_it(folder: Path) -> None:
    run(folder)
    edit(notes="编辑的")
    assert counts(rename(folder)) == {"kept": 1}
    paper = Paper.objects.get()
    assert (paper.notes, paper.path) == ("编辑的", "/llm/RL/2025-07-a-note.html")
    jekyll(folder, {RENAMED: post("二")})
    assert counts(run(folder)) == {"kept": 1}


def test_paper_that_was_deleted_is_not_back_under_another_name(folder: Path) -> None:
    run(folder)
    trash.delete(Paper.objects.get())
    assert counts(rename(folder)) == {"kept": 1}


def test_copy_of_a_file_that_is_still_there_is_another_paper(folder: Path) -> None:
    run(folder)
    jekyll(folder, {RENAMED: (folder / FILE).read_text()})
    assert counts(run(folder)) == {"created": 1, "unchanged": 1}


def test_one_of_two_equal_files_is_not_guessed(folder: Path) -> None:
    jekyll(folder, {"_posts/2025-07-02-copy.md": (folder / FILE).read_text()})
    run(folder)
    (folder / "_posts/2025-07-02-copy.md").unlink()
    assert counts(rename(folder)) == {"created": 1, "kept": 2}


def test_file_imported_before_contents_were_noted_is_known_from_the_next_run_on(folder: Path) -> None:
    run(folder)
    ImportedFile.objects.update(content="")
    assert counts(run(folder)) == {"unchanged": 1}
    assert counts(rename(folder)) == {"updated": 1}


def test_a_note_whose_file_is_gone_stays_and_is_named(folder: Path) -> None:
    run(folder)
    (folder / FILE).unlink()
    jekyll(folder, {"_posts/2025-07-02-b.md": post("二", title="B")})
    output = run(folder)
    assert f"{FILE}:1: 来源里已没有这个文件" in output
    assert (counts(output), Paper.objects.count()) == ({"created": 1, "kept": 1}, 2)
