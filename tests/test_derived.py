"""Derived columns and side rows: right after every way of writing, and repaired by `rebuild`."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers import derived, paths, trash
from papers.models import Address, Citation, Kind, Paper, PaperKey, SearchRow, Section, Tag
from papers.rendering import Citation as FoundCitation
from papers.rendering import Rendered, RenderingFailed
from papers.rendering.renderer import render

from .conftest import make_paper, make_section


def rebuild(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuild", *arguments, stdout=out)
    return out.getvalue()


def stale() -> list[str]:
    """What `rebuild --check` lists."""
    out = StringIO()
    try:
        call_command("rebuild", "--check", stdout=out)
    except CommandError:
        return out.getvalue().splitlines()
    return []


def former() -> set[str]:
    return set(Address.objects.values_list("path_folded", flat=True))


def move(thing: Section | Paper | Tag, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.save()


def fail(source: str, note_format: str) -> None:
    raise RenderingFailed("太复杂")


# --- Fresh after every way of writing ---------------------------------------------------------------------

WRITES: dict[str, Callable[[Section, Paper], object]] = {
    "save": lambda _section, paper: move(
        paper, title="New", notes="# 新\n\n$x$", venue="SOSP 2023", aliases="a\nb"
    ),
    "citations": lambda _section, paper: [
        move(paper, notes="[[甲]][[乙]][[丙]]"),
        move(paper, notes="[[甲]][[丁]]"),
    ],
    "saved from before somebody else's citations": lambda _section, paper: [
        move(Paper.objects.get(pk=paper.pk), notes="[[甲]]"),
        paper.save(),
    ],
    "single fields": lambda _section, paper: [
        setattr(paper, "slug", "n"),
        paper.save(update_fields=["slug"]),
    ],
    "update_or_create": lambda _section, paper: Paper.objects.update_or_create(
        uid=paper.uid, defaults={"slug": "new", "notes": "新"}
    ),
    "tags": lambda _section, paper: [paper.tags.set(["a", "b"]), Tag.objects.get(name="a").delete()],
    "tag renamed": lambda _section, paper: [paper.tags.add("a"), move(Tag.objects.get(name="a"), name="b")],
    "tag removed": lambda _section, paper: [paper.tags.add("a", "b"), paper.tags.remove("a")],
    "text of a section": lambda section, _paper: move(section, text="- 新"),
    "section renamed": lambda section, _paper: move(section, slug="new"),
    "section renamed in case only": lambda section, _paper: move(section, slug="rl"),
    "section moved": lambda section, _paper: move(section, parent=make_section("up", section.parent)),
    "paper moved": lambda section, paper: move(paper, section=make_section("in", section)),
    "deleted": lambda _section, paper: paper.delete(),
    "repaired": lambda _section, paper: derived.repair(paper),
    "saved from before its section moved": lambda section, paper: [
        move(Section.objects.get(pk=section.pk), slug="new"),
        paper.save(),
    ],
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_nothing_is_stale_after(
    section: Section, published_paper: Paper, write: Callable[..., object]
) -> None:
    make_paper(make_section("below", section), "deep", status="draft")
    write(section, published_paper)
    assert stale() == []


def test_a_paper_without_section_has_no_path(db: None) -> None:
    assert make_paper(None, "x", status="draft").path is None
    assert stale() == []


# --- rebuild ----------------------------------------------------------------------------------------------


def tamper_with_keys() -> None:
    PaperKey.objects.first().delete()
    PaperKey.objects.create(paper=Paper.objects.get(), key="other")


def tamper_with_citations() -> None:
    Citation.objects.filter(position=1).delete()
    Citation.objects.create(paper=Paper.objects.get(), position=7, kind="wikilink", title="丁", key="丁")


TAMPERED: dict[str, tuple[Callable[[], object], str]] = {
    "html": (lambda: Paper.objects.update(notes_html="x"), "papers.paper p: notes_html"),
    "path": (lambda: Paper.objects.update(path="/x.html"), "papers.paper p: path"),
    "folded path": (lambda: Paper.objects.update(path_folded="/x.html"), "papers.paper p: path_folded"),
    "venue": (lambda: Paper.objects.update(venue_slug="x"), "papers.paper p: venue_slug"),
    "contents": (lambda: Paper.objects.update(contents=[1]), "papers.paper p: contents"),
    "plain text": (lambda: Paper.objects.update(plain_text="x"), "papers.paper p: plain_text"),
    "older renderer": (lambda: Paper.objects.update(rendered_by="0"), "papers.paper p: rendered_by"),
    "found citations": (lambda: Paper.objects.update(cited=[]), "papers.paper p: cited"),
    "keys": (tamper_with_keys, "papers.paper p: keys"),
    "citations": (tamper_with_citations, "papers.paper p: citations"),
    "search rows": (lambda: SearchRow.objects.update(notes=" x "), "papers.paper p: search"),
    "no search row": (lambda: SearchRow.objects.all().delete(), "papers.paper p: search"),
    "sentence": (lambda: Citation.objects.update(sentence="x"), "papers.paper p: citations"),
    "section html": (
        lambda: Section.objects.filter(uid="s").update(text_html="x"),
        "papers.section s: text_html",
    ),
}


@pytest.mark.parametrize(("tamper", "line"), TAMPERED.values(), ids=TAMPERED.keys())
def test_rebuild_lists_and_repairs(root: Section, tamper: Callable[[], object], line: str) -> None:
    make_paper(
        make_section("s", root, uid="s"), "p", uid="p", venue="SOSP 2023", notes="# 一\n\n[[甲]][[乙]][[丙]]"
    )
    tamper()
    with pytest.raises(CommandError, match=r"3 checked, 1 stale, 0 failed"):
        rebuild("--check")
    assert stale() == [line]
    assert rebuild() == f"{line}\n3 checked, 1 rebuilt, 0 failed.\n"
    assert rebuild() == "3 checked, 0 rebuilt, 0 failed.\n"


def test_one_run_repairs_a_whole_tree(section: Section) -> None:
    make_paper(make_section("c", make_section("b", section)), "p")
    for position, thing in enumerate([*Section.objects.exclude(parent=None), *Paper.objects.all()]):
        type(thing).objects.filter(pk=thing.pk).update(
            path=f"/{9 - position}/", path_folded=f"/{9 - position}/"
        )
    rebuild()
    assert (Paper.objects.get().path, stale()) == ("/RL/b/c/p.html", [])


def test_a_note_that_fails_keeps_its_last_html_and_the_rest_goes_on(
    section: Section, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for slug in ("bad", "good"):
        make_paper(section, slug, uid=slug, notes=slug)
    Paper.objects.update(rendered_by="older", plain_text="older")
    monkeypatch.setattr(
        derived, "rendered", lambda *source: fail(*source) if source[0] == "bad" else render(*source)
    )
    with pytest.raises(CommandError, match="4 checked, 1 rebuilt, 1 failed"):
        rebuild()
    assert capsys.readouterr().err == "papers.paper bad: 太复杂\n"
    assert dict(Paper.objects.values_list("uid", "plain_text")) == {"bad": "older", "good": "good"}
    assert Paper.objects.get(uid="bad").notes_html == "<p>bad</p>"


def test_what_was_saved_while_rebuild_rendered_is_not_undone(published_paper: Paper) -> None:
    seen_before = Paper.objects.get()
    move(published_paper, notes="新")
    derived.repair(seen_before)
    assert Paper.objects.get().notes_html == "<p>新</p>"


def test_what_was_deleted_meanwhile_stays_deleted(published_paper: Paper) -> None:
    seen_before = Paper.objects.get()
    published_paper.delete()
    derived.repair(seen_before)
    assert not Paper.objects.exists()


def test_lines_instead_of_a_bar_where_there_is_no_terminal(
    section: Section, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("papers.management.commands.rebuild.LINE_EVERY", 2)
    for slug in "abc":
        make_paper(section, slug)
    assert rebuild().splitlines() == ["2/5", "4/5", "5 checked, 0 rebuilt, 0 failed."]
    assert capsys.readouterr().err == ""


def test_papers_are_read_in_batches(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "BATCH", 2)
    for slug in "abcde":
        make_paper(section, slug)
    Paper.objects.update(plain_text="x")
    assert "5 rebuilt" in rebuild()


# --- Saves ------------------------------------------------------------------------------------------------


def test_rendering_comes_before_the_transaction(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    queries_when_rendering: list[int] = []
    with CaptureQueriesContext(connection) as queries:

        def look(source: str, note_format: Any) -> Any:
            queries_when_rendering.append(len(queries))
            return render(source, note_format)

        monkeypatch.setattr(derived, "rendered", look)
        Paper.objects.create(section=section, slug="x", title="x", notes="好")
    assert queries_when_rendering == [0]


def test_a_failed_save_leaves_the_row_as_it_was(
    published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "rendered", fail)
    with pytest.raises(RenderingFailed):
        move(published_paper, notes="坏", slug="new")
    assert Paper.objects.get().path == "/RL/2025-07-Public.html"
    assert former() == set()


def test_a_move_that_fails_half_way_changes_nothing(
    published_paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "move_subtree", lambda *_paths: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        move(published_paper.section, slug="new")
    assert Section.objects.get(pk=published_paper.section_id).path == "/RL/"
    assert former() == set()


def test_two_sections_put_under_each_other_at_once(root: Section) -> None:
    one, other = make_section("one", root), make_section("other", root)
    one_seen = Section.objects.select_related("parent").get(pk=one.pk)
    move(other, parent=one)
    with pytest.raises(ValidationError, match="下级"):
        move(one_seen, parent=Section(pk=other.pk, path="/other/"))
    assert stale() == []


# --- Keys -------------------------------------------------------------------------------------------------


def test_keys_are_all_names_of_a_paper(section: Section) -> None:
    paper = make_paper(
        section,
        "2023-09-PagedAttention",
        uid="pagedattention",
        title="Efficient Memory",
        title_official="Efficient Memory Management",
        title_published="Efficient {M}emory Management for LLMs",
        aliases="vLLM\n分页注意力\n",
        arxiv_id="2309.06180",
    )
    assert set(paper.keys.values_list("key", flat=True)) == {
        "202309pagedattention",
        "pagedattention",
        "efficientmemory",
        "efficientmemorymanagement",
        "efficientmemorymanagementforllm",
        "vllm",
        "分页注意力",
        "230906180",
    }


def test_keys_follow_the_paper(published_paper: Paper) -> None:
    move(published_paper, title="Other Name")
    keys = set(published_paper.keys.values_list("key", flat=True))
    assert ("othername" in keys, "publicpaper" in keys) == (True, False)


# --- Citations --------------------------------------------------------------------------------------------


def titles(paper: Paper) -> list[str]:
    return list(paper.citations.values_list("title", flat=True))


def test_a_citation_says_who_is_named_where_and_how(section: Section) -> None:
    paper = make_paper(
        section, "p", notes="页表很好【索引23，Efficient Memory, 2023，SOSP】。又见 [[vLLM|那篇]]。"
    )
    rows = paper.citations.values_list("position", "kind", "title", "key")
    assert list(rows) == [
        (0, "citation", "Efficient Memory", "efficientmemory"),
        (1, "wikilink", "vLLM", "vllm"),
    ]
    assert all(row.label and row.sentence and row.anchor for row in paper.citations.all())


def test_a_draft_has_its_rows_too(section: Section) -> None:
    assert titles(make_paper(section, "p", notes="[[甲]]", status="draft")) == ["甲"]


def test_a_paper_from_the_trash_has_its_rows_again(section: Section) -> None:
    paper = make_paper(section, "p", uid="p", notes="[[甲]]")
    trash.delete(paper)
    assert not Citation.objects.exists()
    trash.bring_back(trash.deletions(Kind.PAPER).get(), may_publish=True)
    assert titles(Paper.objects.get()) == ["甲"]


def test_only_rows_from_the_first_change_on_are_written_again(section: Section) -> None:
    paper = make_paper(section, "p", notes="[[甲]]\n\n[[乙]]\n\n[[丙]]")
    before = list(paper.citations.values_list("pk", flat=True))
    move(paper, notes="[[甲]]\n\n[[丁]]")
    after = list(paper.citations.values_list("pk", flat=True))
    assert titles(paper) == ["甲", "丁"]
    assert (after[0] == before[0], after[1] in before) == (True, False)


def test_a_save_of_other_fields_writes_no_rows(section: Section) -> None:
    paper = make_paper(section, "p", notes="[[甲]]")
    with CaptureQueriesContext(connection) as queries:
        move(paper, title="别的")
    assert not [sql for sql in queries if "papers_citation" in sql["sql"] and "SELECT" not in sql["sql"]]


def test_what_is_too_long_for_its_column_is_cut(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "长" * 2000
    found = Rendered(html="", citations=(FoundCitation("wikilink", long, long, long, long, 1),))
    monkeypatch.setattr(derived, "rendered", lambda *_source: found)
    row = make_paper(section, "p").citations.get()
    assert [len(text) for text in (row.label, row.title, row.key, row.sentence, row.anchor)] == [
        *(200, 500, 500),
        *(500, 200),
    ]


# --- Moves of sections ------------------------------------------------------------------------------------


@pytest.fixture
def no_rendering(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "rendered", render)
    section.save()
    monkeypatch.setattr(derived, "rendered", lambda *_source: pytest.fail("rendered"))


def queries_of_a_move(root: Section, papers: int) -> int:
    section = make_section(f"from{papers}", root)
    Paper.objects.bulk_create(
        Paper(section=section, slug=f"p{number}", path=f"{section.path}p{number}.html", path_folded=f"{section.path}p{number}.html")
        for number in range(papers)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        move(section, slug=f"to{papers}")
    assert Paper.objects.filter(path__startswith=f"/to{papers}/").count() == papers
    return len(queries)


def test_a_move_costs_the_same_whatever_the_number_of_papers(root: Section) -> None:
    assert queries_of_a_move(root, 10) == queries_of_a_move(root, 200) <= 20


def test_a_move_renders_nothing(published_paper: Paper, no_rendering: None) -> None:
    move(Section.objects.get(slug="RL"), slug="new")
    assert Paper.objects.get().path == "/new/2025-07-Public.html"


def test_a_move_leaves_former_addresses_of_what_was_public(section: Section) -> None:
    make_paper(make_section("in", section), "public")
    make_paper(section, "draft", status="draft")
    make_paper(section, "scheduled", publish_at=timezone.now() + timedelta(hours=1))
    move(section, slug="new")
    assert former() == {"/rl/", "/rl/in/", "/rl/in/public.html"}
    assert Paper.objects.get(slug="draft").path == "/new/draft.html"
    assert Paper.objects.get(slug="scheduled").path == "/new/scheduled.html"


def test_a_paper_that_moves_leaves_its_address_only_if_it_was_public(section: Section) -> None:
    later = timezone.now() + timedelta(hours=1)
    for slug, fields in {"public": {}, "draft": {"status": "draft"}, "later": {"publish_at": later}}.items():
        move(make_paper(section, slug, **fields), slug=f"{slug}-new")
    assert former() == {"/rl/public.html"}


def test_a_paper_that_was_public_leaves_its_address_as_a_draft_too(published_paper: Paper) -> None:
    move(published_paper, status="draft")
    move(published_paper, slug="new")
    assert former() == {"/rl/2025-07-public.html"}


def test_a_scheduled_paper_that_became_public_leaves_its_address(section: Section) -> None:
    paper = make_paper(section, "x", publish_at=timezone.now() - timedelta(minutes=1))
    move(paper, slug="y")
    assert former() == {"/rl/x.html"}


def test_another_letter_case_is_no_former_address(published_paper: Paper) -> None:
    move(published_paper.section, slug="rl")
    move(published_paper, slug="2025-07-PUBLIC")
    assert Paper.objects.get().path == "/rl/2025-07-PUBLIC.html"
    assert former() == set()


def test_a_tag_of_drafts_leaves_no_address(draft_paper: Paper) -> None:
    draft_paper.tags.add("secret", "other")
    tag = Tag.objects.get(name="secret")
    tag.slug = "new"
    tag.save()
    Tag.objects.get(name="other").delete()
    assert former() == set()


def test_a_move_does_not_touch_neighbours(root: Section, section: Section) -> None:
    make_paper(make_section("RL-2", root), "x")
    make_paper(root, "RL")
    move(section, slug="new")
    assert set(Paper.objects.values_list("path", flat=True)) == {"/RL-2/x.html", "/RL.html"}


def test_a_name_that_makes_a_path_below_too_long_is_refused_at_its_field(section: Section) -> None:
    deep = section
    while len(deep.path) < paths.PATH_MAX_LENGTH - 160:
        deep = make_section("d" * 100, deep)
    make_paper(deep, "p" * (paths.PATH_MAX_LENGTH - len(deep.path) - 10), status="draft")
    section.slug = "RL" + "x" * 5
    section.full_clean()
    section.slug = "RL" + "x" * 6
    with pytest.raises(ValidationError) as caught:
        section.full_clean()
    assert caught.value.error_dict["slug"][0].code == "path_too_long"
    with pytest.raises(ValidationError):
        section.save()
    assert (stale(), Section.objects.get(pk=section.pk).path) == ([], "/RL/")
