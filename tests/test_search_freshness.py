"""Search is never stale: what was written a moment ago is found, what is gone is not, whoever wrote it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers import operations, revisions, search, trash
from papers.models import Kind, Paper, SearchRow, Section, Tag

from .conftest import make_paper, make_section
from .editing import deletion_of
from .test_derived import stale


def found(query: str) -> list[str]:
    return [paper.slug for paper in search.find(search.parse(query))]


def tag(name: str) -> Tag:
    return Tag.objects.get(name=name)


def merge(paper: Paper) -> None:
    paper.tags.add("旧名")
    other = Tag.objects.create(name="新名", slug="new")
    operations.merge_tags(tag("旧名"), other)


def rename(paper: Paper) -> None:
    paper.tags.add("旧名")
    renamed = tag("旧名")
    renamed.name = "新名"
    renamed.save()


def retag(paper: Paper) -> None:
    paper.tags.add("旧名")
    revisions.record(paper)
    operation = operations.Retag(add=(Tag.objects.create(name="新名", slug="new"),), remove=(tag("旧名"),))
    seen = {paper.uid: operations.position(paper)[1]}
    assert operations.carry_out(operation, [paper], seen, None, may_publish=True).done


WRITES: dict[str, Callable[[Paper], Any]] = {
    "save": lambda paper: [setattr(paper, "summary", "新名"), paper.save()],
    "note": lambda paper: [setattr(paper, "notes", "**新**名"), paper.save()],
    "one field": lambda paper: [setattr(paper, "venue", "新名"), paper.save(update_fields=["venue"])],
    "tag added": lambda paper: paper.tags.add("旧名", "新名"),
    "tags set": lambda paper: [paper.tags.add("旧名"), paper.tags.set(["新名"])],
    "tag renamed": rename,
    "tags merged": merge,
    "bulk change of tags": retag,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_what_was_written_is_found(published_paper: Paper, write: Callable[[Paper], Any]) -> None:
    write(published_paper)
    assert found("新名") == [published_paper.slug]
    assert stale() == []


@pytest.mark.parametrize("write", [merge, rename, retag], ids=["merge", "rename", "retag"])
def test_what_was_overwritten_is_not_found(published_paper: Paper, write: Callable[[Paper], Any]) -> None:
    write(published_paper)
    assert found("旧名") == []


def test_tag_taken_off_or_deleted_is_not_found(published_paper: Paper) -> None:
    published_paper.tags.add("旧名", "新名")
    published_paper.tags.remove("旧名")
    tag("新名").delete()
    assert found("旧名") == found("新名") == []


def test_deleted_paper_is_gone_and_comes_back(published_paper: Paper) -> None:
    published_paper.tags.add("推理")
    trash.delete(published_paper)
    assert (found("public"), SearchRow.objects.count()) == ([], 0)
    trash.bring_back(deletion_of(Kind.PAPER, published_paper.uid), may_publish=True)
    assert found("public 推理") == [published_paper.slug]


def test_unpublished_and_published_again(published_paper: Paper) -> None:
    revisions.unpublish(published_paper)
    assert found("public") == []
    revisions.publish(published_paper, revisions.data_of(published_paper))
    assert found("public") == [published_paper.slug]


def test_section_filter_follows_a_move_of_the_section(published_paper: Paper, section: Section) -> None:
    section.parent = make_section("up", section.parent)
    section.slug = "moved"
    section.save()
    assert found("section:up") == found("section:up/moved public") == [published_paper.slug]
    assert found("section:RL") == []


def test_fixture_is_found_with_its_tags(db: None) -> None:
    call_command("loaddata", "papercache", verbosity=0)
    assert found("vLLM")
    assert found("推理")
    assert stale() == []


def test_fixture_that_renames_a_tag(published_paper: Paper, tmp_path: Path) -> None:
    published_paper.tags.add("旧名")
    fixture = tmp_path / "tag.yaml"
    fixture.write_text(
        f"- model: papers.tag\n  fields: {{uid: {tag('旧名').uid}, name: 新名, slug: new}}\n",
        encoding="utf-8",
    )
    call_command("loaddata", str(fixture), verbosity=0)
    assert (found("新名"), found("旧名")) == ([published_paper.slug], [])


def test_admin_finds_drafts_by_unfinished_words(
    editor_client: Client, draft_paper: Paper, published_paper: Paper
) -> None:
    for query, titles in {
        "sec": ["Secret"],
        "paper -secret": ["Public"],
        "paper": ["Public", "Secret"],
    }.items():
        page = editor_client.get("/admin/papers/paper/", {"q": query}).content.decode()
        assert [title for title in ("Public", "Secret") if f">{title} Paper</a>" in page] == titles, query


def test_rows_that_are_missing_are_made_by_migrate(published_paper: Paper) -> None:
    SearchRow.objects.all().delete()
    assert found("public") == []
    call_command("migrate", verbosity=0)
    assert found("public") == [published_paper.slug]


def test_saving_what_search_knows_writes_no_row(published_paper: Paper) -> None:
    with CaptureQueriesContext(connection) as queries:
        published_paper.save()
    written = [query["sql"] for query in queries if "papers_searchrow" in query["sql"]]
    assert [statement[:6] for statement in written] == ["SELECT"]


def test_many_papers_of_a_tag_cost_few_queries(section: Section) -> None:
    for number in range(5):
        make_paper(section, f"p{number}", tags=("旧名",))
    renamed = tag("旧名")
    renamed.name = "新名"
    with CaptureQueriesContext(connection) as queries:
        renamed.save()
    assert sum("papers_searchrow" in query["sql"] for query in queries) == 2
    assert len(found("新名")) == 5
