"""`loaddata`: the seed, a reload over edited rows, and fixtures that are wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command

from papers import addresses, derived, revisions
from papers.models import Address, Citation, Paper, PaperKey, Revision, Section, Tag, TaggedPaper
from papers.rendering import RenderingFailed

from .conftest import make_paper

HERE = Path(__file__).parent
SEED = json.loads((HERE / "data" / "seed-papers.json").read_text())
MODELS = (Section, Tag, Paper, TaggedPaper, PaperKey, Citation, Address)
Load = Callable[..., None]


@pytest.fixture
def load(tmp_path: Path, root: Section) -> Load:
    """Load items, or the text of a file, into a site that has its root."""

    def load_it(*items: Any, text: str | None = None, ext: str = "yaml") -> None:
        fixture = tmp_path / f"fixture.{ext}"
        fixture.write_text(json.dumps(items) if text is None else text)  # JSON is YAML too
        call_command("loaddata", fixture, verbosity=0)

    return load_it


def reload() -> None:
    call_command("loaddata", "papercache", verbosity=0)


def section(uid: str, slug: str, parent: str = "root", **fields: Any) -> dict[str, Any]:
    return {
        "model": "papers.section",
        "fields": {"uid": uid, "slug": slug, "parent": [parent], "title": uid, **fields},
    }


def paper(uid: str, slug: str, section: str = "llm", **fields: Any) -> dict[str, Any]:
    typed = {"title": uid, "published_on": "2025-07-01", "status": "published", **fields}
    return {"model": "papers.paper", "fields": {"uid": uid, "slug": slug, "section": [section], **typed}}


def tag(uid: str, **fields: Any) -> dict[str, Any]:
    return {"model": "papers.tag", "fields": {"uid": uid, "name": uid, "slug": uid, **fields}}


def tagging(paper: str, tag: str) -> dict[str, Any]:
    return {"model": "papers.taggedpaper", "fields": {"content_object": [paper], "tag": [tag]}}


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows with all columns but the time of the last look."""
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}
    for row in rows["Section"] + rows["Paper"]:
        del row["changed_at"]
    return rows


def counts() -> list[int]:
    return [model.objects.count() for model in (*MODELS, Revision)]


# --- The seed ---------------------------------------------------------------------------------------------


def test_the_papers_are_at_exactly_the_paths_of_the_seed(seed: None) -> None:
    assert sorted(Paper.objects.published().values_list("path", flat=True)) == sorted(
        each["path"] for each in SEED
    )


def test_every_field_of_the_records_has_its_home(seed: None) -> None:
    for record in SEED:
        paper = Paper.objects.get(path=record["path"])
        own = {
            "published": paper.date_label,
            "authors": paper.author_names,
            "tags": {tag.uid for tag in paper.tag_list},
        }
        wanted = {**record, "tags": set(record["tags"])}
        assert {name: own.get(name, getattr(paper, name, None)) for name in wanted} == wanted


def test_nothing_is_stale_right_after(seed: None) -> None:
    assert "0 stale" in call_command("rebuild", "--check", stdout=StringIO())
    assert Paper.objects.filter(keys=None).count() == Paper.objects.filter(rendered_by="").count() == 0


def test_every_row_is_in_the_history(seed: None) -> None:
    things = [*Section.objects.all(), *Tag.objects.all(), *Paper.objects.all()]
    for thing in things:
        head = revisions.head(revisions.KIND_OF[type(thing)], thing.uid)
        assert head is not None
        assert head.data == revisions.typed_fields(thing)
    assert Revision.objects.count() == len(things)


def test_loading_twice_gives_the_same(seed: None) -> None:
    before, history = everything(), Revision.objects.count()
    reload()
    assert everything() == before
    assert Revision.objects.count() == history


# --- A reload over edited rows ----------------------------------------------------------------------------


def test_a_reload_resets_the_fields_and_keeps_what_it_replaced(seed: None) -> None:
    paper = Paper.objects.get(uid="orca")
    paper.summary, paper.notes = "改过的摘要", "改过的笔记"
    paper.save()  # no form, so no revision yet
    reload()
    paper.refresh_from_db()
    assert (paper.summary != "改过的摘要", "改过的笔记" in paper.notes_html) == (True, False)
    replaced, loaded = Revision.objects.filter(uid="orca", number__gt=1).order_by("number")
    assert (replaced.data["summary"], replaced.data["notes"]) == ("改过的摘要", "改过的笔记")
    assert (loaded.number, loaded.based_on) == (3, 2)


def test_a_reload_keeps_what_it_replaced_of_sections_and_tags(seed: None) -> None:
    for thing in (Section.objects.get(uid="llm"), Tag.objects.get(uid="moe")):
        setattr(thing, "title" if isinstance(thing, Section) else "name", "改过的")
        thing.save()
    reload()
    assert Section.objects.get(uid="llm").title != "改过的" != Tag.objects.get(uid="moe").name
    assert Revision.objects.filter(number=2, data__title="改过的").exists()
    assert Revision.objects.filter(number=2, data__name="改过的").exists()


def test_tags_are_added_and_never_removed(seed: None) -> None:
    paper = Paper.objects.get(uid="orca")
    loaded = [tag.uid for tag in paper.tag_list]
    paper.tags.set(["我的"])
    reload()
    assert {tag.uid for tag in paper.tag_list} == {*loaded, Tag.objects.get(name="我的").uid}
    head = revisions.head("paper", "orca")
    assert head
    assert set(loaded) < set(head.data["tags"])


def test_papers_of_editors_are_left_alone(seed: None) -> None:
    make_paper(Section.objects.get(uid="llm"), "mine", ("mine",), notes="我的")
    before = Paper.objects.filter(slug="mine").values().get()
    reload()
    assert Paper.objects.filter(slug="mine").values().get() == before


def test_a_moved_paper_goes_back_and_its_address_in_between_redirects(seed: None) -> None:
    paper = Paper.objects.get(uid="orca")
    home, paper.section = paper.path, Section.objects.get(uid="about")
    paper.save()
    between = paper.path
    reload()
    assert Paper.objects.get(uid="orca").path == home
    assert addresses.find(between).path == home


def test_a_moved_section_goes_back_with_papers_of_editors(seed: None) -> None:
    section = Section.objects.get(uid="llm-inference")
    make_paper(section, "mine")
    home, section.parent = section.path, Section.objects.get(uid="about")
    section.save()
    between = Paper.objects.get(slug="mine").path
    reload()
    assert Paper.objects.get(slug="mine").path == f"{home}mine.html"
    assert addresses.find(between).path == f"{home}mine.html"
    assert "0 stale" in call_command("rebuild", "--check", stdout=StringIO())


def test_swapped_papers_of_the_seed_go_back(seed: None) -> None:
    one, other = Paper.objects.filter(section__uid="llm-inference")[:2]
    paths, slugs = (one.path, other.path), (one.slug, other.slug)
    for thing, slug in ((one, "between"), (other, slugs[0]), (one, slugs[1])):
        thing.slug = slug
        thing.save()
    reload()
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.path, other.path) == paths


def test_a_deleted_paper_comes_back_to_its_address(seed: None) -> None:
    paper = Paper.objects.get(uid="orca")
    paper.delete()
    reload()
    assert addresses.find(paper.path).thing.uid == "orca"


def test_fields_that_the_fixture_leaves_out_keep_their_value(load: Load) -> None:
    load(section("llm", "llm", text="文字", position=7), paper("x", "x", doi="10.1000/1", aliases="别名"))
    load({"model": "papers.paper", "fields": {"uid": "x", "title": "新"}})
    load({"model": "papers.section", "fields": {"uid": "llm", "title": "新"}})
    x, llm = Paper.objects.get(uid="x"), Section.objects.get(uid="llm")
    assert (x.title, x.doi, x.aliases, x.path, x.published_on) == (
        "新",
        "10.1000/1",
        "别名",
        "/llm/x.html",
        date(2025, 7, 1),
    )
    assert (llm.title, llm.text, llm.position, llm.path) == ("新", "文字", 7, "/llm/")


def test_derived_fields_are_made_and_never_taken(load: Load) -> None:
    load(section("llm", "llm"))
    load(
        paper(
            "x",
            "x",
            notes="好",
            notes_html="<script>",
            path="/else.html",
            rendered_by=derived.digest("好", "markdown"),
        )
    )
    x = Paper.objects.get(uid="x")
    assert (x.path, x.notes_html) == ("/llm/x.html", "<p>好</p>")


def test_what_notes_name_is_found_as_they_are_loaded(load: Load) -> None:
    load(section("llm", "llm"), paper("x", "x", notes="见 [[vLLM]]。"))
    load(paper("x", "x", notes="见 [[Orca]]。", cited=[]))
    assert Citation.objects.get().title == "Orca"


def test_first_publication_is_carried_over(load: Load) -> None:
    load(section("llm", "llm"), paper("x", "x"))
    first = Paper.objects.get(uid="x").first_public_at
    load(paper("x", "x", status="draft"))
    assert Paper.objects.get(uid="x").first_public_at == first


def test_a_time_without_zone_is_in_the_zone_of_the_site(load: Load) -> None:
    load(section("llm", "llm"), paper("x", "x", publish_at="2025-07-01 08:00"))
    assert Paper.objects.get(uid="x").publish_at.isoformat() == "2025-07-01T00:00:00+00:00"


# --- Two rows and one address -----------------------------------------------------------------------------


def test_two_papers_swap_their_slugs(load: Load) -> None:
    load(section("llm", "llm"), paper("x", "one"), paper("y", "two"))
    load(paper("x", "two"), paper("y", "one"))
    assert dict(Paper.objects.values_list("uid", "path")) == {"x": "/llm/two.html", "y": "/llm/one.html"}
    assert not Address.objects.filter(path_folded__startswith="/-/").exists()
    assert "0 stale" in call_command("rebuild", "--check", stdout=StringIO())


def test_two_sections_swap_their_slugs(load: Load) -> None:
    load(
        section("a", "a"),
        section("b", "b"),
        section("a1", "in", "a"),
        paper("x", "x", "a"),
        paper("y", "y", "b"),
    )
    load(section("a", "b"), section("b", "a"))
    assert dict(Paper.objects.values_list("uid", "path")) == {"x": "/b/x.html", "y": "/a/y.html"}
    assert Section.objects.get(uid="a1").path == "/b/in/"
    assert not Address.objects.filter(path_folded__startswith="/-/").exists()
    assert addresses.find("/a/x.html").path == "/b/x.html"


def test_a_section_takes_the_place_of_the_one_above_it(load: Load) -> None:
    load(section("a", "a"), section("b", "b", "a"), section("c", "c", "b"), paper("x", "x", "c"))
    load(section("b", "a"), section("a", "b", "b"))
    assert dict(Section.objects.values_list("uid", "path")) == {
        "root": "/",
        "b": "/a/",
        "a": "/a/b/",
        "c": "/a/c/",
    }
    assert Paper.objects.get().path == "/a/c/x.html"


def test_a_tagging_is_known_by_what_it_says(load: Load) -> None:
    load(section("llm", "llm"), paper("x", "x"), paper("y", "y"), tag("t"), tag("u"), tagging("x", "t"))
    row = TaggedPaper.objects.get()
    load({**tagging("y", "u"), "pk": row.pk}, {**tagging("x", "t"), "pk": row.pk + 100})
    assert sorted(TaggedPaper.objects.values_list("content_object__uid", "tag__uid")) == [
        ("x", "t"),
        ("y", "u"),
    ]


# --- Fixtures that are wrong ------------------------------------------------------------------------------

LLM, GOOD = section("llm", "llm"), paper("good", "good")
WRONG: list[tuple[str, list[Any], str]] = [
    ("month 13", [LLM, GOOD, paper("x", "x", first_posted="2025-13")], "papers.paper x: first_posted:"),
    ("date", [LLM, GOOD, paper("x", "x", published_on="2025-13-01")], "papers.paper x: published_on:"),
    ("unknown section", [LLM, GOOD, paper("x", "x", "nowhere")], "papers.paper x: section: 找不到 ['nowhere']"),
    ("unknown parent", [LLM, GOOD, section("s", "s", "nowhere")], "papers.section s: parent: 找不到"),
    ("unknown key", [LLM, GOOD, {**paper("x", "x"), "fields": {**paper("x", "x")["fields"], "section": 999}}], "papers.paper x: section: 找不到 999"),
    ("unknown tag", [LLM, GOOD, tagging("good", "nothing")], "papers.taggedpaper ['good']: tag: 找不到 ['nothing']"),
    ("unknown paper", [LLM, GOOD, tag("t"), tagging("none", "t")], "papers.taggedpaper ['none']: content_object: 找不到"),
    ("arXiv id", [LLM, GOOD, paper("x", "x", arxiv_id="arXiv:2310.1")], "papers.paper x: arxiv_id:"),
    ("arXiv number", [LLM, GOOD, paper("x", "x", arxiv_id=2310.10)], "papers.paper x: arxiv_id: 须是文字，请加引号：2310.1"),
    ("DOI", [LLM, GOOD, paper("x", "x", doi="doi:10.1/2")], "papers.paper x: doi:"),
    ("scheme", [LLM, GOOD, paper("x", "x", code_url="ftp://a.org/")], "papers.paper x: code_url:"),
    ("reserved slug", [LLM, GOOD, section("s", "Admin")], "papers.section s: slug:"),
    ("paper feed", [LLM, GOOD, paper("x", "feed")], "papers.paper x: slug:"),
    ("duplicate slug", [LLM, GOOD, paper("x", "GOOD")], "papers.paper x: slug: 网址 /llm/GOOD.html 已属于“good”（good）"),
    ("duplicate section", [LLM, GOOD, section("s", "LLM")], "papers.section s: slug: 网址 /LLM/ 已属于"),
    ("second root", [LLM, GOOD, {"model": "papers.section", "fields": {"uid": "s", "title": "s", "parent": None, "slug": ""}}], "papers.section s: parent:"),
    ("loop", [LLM, GOOD, section("s", "s", "llm"), section("llm", "llm", "s")], "papers.section llm: parent:"),
    ("duplicate tag", [LLM, GOOD, tag("t"), tag("u", slug="t")], "papers.tag u: slug:"),
    ("unknown field", [LLM, GOOD, paper("x", "x", colour="red")], "papers.paper x: colour: 没有这个字段"),
    ("tags in a paper", [LLM, GOOD, paper("x", "x", tags=["t"])], "papers.paper x: tags:"),
    ("unknown model", [LLM, GOOD, {"model": "papers.book", "fields": {}}], "papers.book"),
    ("NUL", [LLM, GOOD, paper("x", "x", notes="a\0b")], "papers.paper x: notes: 含有不允许的字符"),
    ("NUL in a slug", [LLM, GOOD, section("s", "s\0")], "papers.section s: slug:"),
    ("null", [LLM, GOOD, paper("x", "x", summary=None)], "papers.paper x: summary: 不可为空"),
    ("long note", [LLM, GOOD, paper("x", "x", notes="中" * 200_000)], "papers.paper x: notes: 正文有 585 kB"),
    ("list for text", [LLM, GOOD, paper("x", "x", title=["a"])], "papers.paper x: title: 须是文字"),
    ("text for a number", [LLM, GOOD, paper("x", "x", year="soon")], "papers.paper x: year:"),
    ("number for a date", [LLM, GOOD, paper("x", "x", published_on=2025)], "papers.paper x: published_on: 不能是 2025"),
    ("negative", [LLM, GOOD, section("s", "s", position=-1)], "papers.section s: position:"),
    ("too large", [LLM, GOOD, section("s", "s", position=10**30)], "papers.section s: position:"),
    ("unknown status", [LLM, GOOD, paper("x", "x", status="hidden")], "papers.paper x: status:"),
    ("incomplete", [LLM, GOOD, paper("x", "x", title="")], "papers.paper x: title:"),
    ("bad uid", [LLM, GOOD, paper("X y", "x")], "papers.paper X y: uid:"),
    ("section too late", [paper("x", "x", "late"), section("late", "late")], "papers.paper x: section: 找不到 ['late']"),
    ("text for an item", [LLM, GOOD, "x"], "每一项都要有 model 和 fields"),
    ("no fields", [LLM, GOOD, {"model": "papers.paper"}], "每一项都要有 model 和 fields"),
    ("no model", [LLM, GOOD, {"fields": {}}], "每一项都要有 model 和 fields"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_one_line_names_the_row_and_the_field(load: Load, items: list[Any], message: str) -> None:
    before, generation = counts(), derived.generation()
    with pytest.raises(CommandError) as caught:
        load(*items)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= 1000
    assert (counts(), derived.generation()) == (before, generation)


@pytest.mark.parametrize(
    "text", ["a: [", "- {model: papers.paper", "\0", "text", "a: b", "- &a [*a]", "", "!!python/x 1"]
)
def test_a_file_that_is_no_list_of_items(load: Load, text: str) -> None:
    with pytest.raises(CommandError) as caught:
        load(text=text)
    assert "\n" not in str(caught.value)


@pytest.mark.django_db
def test_a_fixture_may_be_larger_than_memory() -> None:
    class Endless:
        """A stream of one item after the other."""

        def read(self, size: int) -> bytes:
            return b"- {model: papers.tag, fields: {uid: moe, name: MoE, slug: moe}}\n" * 100

    first = list(islice(serializers.deserialize("yaml", Endless()), 3))
    assert [item.object.uid for item in first] == ["moe"] * 3


def test_a_second_document_is_not_left_out_silently(load: Load) -> None:
    with pytest.raises(CommandError, match="第 3 行"):
        load(
            text="- model: papers.tag\n  fields: {uid: moe, name: MoE, slug: moe}\n---\n- model: papers.tag\n"
        )
    assert not Tag.objects.exists()


def test_a_date_that_cannot_be_says_where(load: Load) -> None:
    with pytest.raises(CommandError, match=r"fixture\.yaml.*第 2 行.*2025-13-77"):
        load(text="- model: papers.paper\n  fields: {uid: x, published_on: 2025-13-77}\n")


def test_a_key_that_belongs_to_another_paper(load: Load) -> None:
    load(LLM, GOOD)
    with pytest.raises(CommandError, match=r"papers.paper x: pk: .* good"):
        load({**paper("x", "x"), "pk": Paper.objects.get().pk})
    assert Paper.objects.get().uid == "good"


def test_the_address_of_a_paper_that_is_not_in_the_fixture(load: Load) -> None:
    load(LLM, GOOD)
    with pytest.raises(CommandError, match=r"papers.paper x: slug: 网址 /llm/good.html 已属于"):
        load(paper("x", "good"))
    assert Paper.objects.get().path == "/llm/good.html"


def test_a_note_that_cannot_be_rendered(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: str, note_format: str) -> None:
        raise RenderingFailed("太复杂")

    load(LLM)
    monkeypatch.setattr(derived, "rendered", fail)
    with pytest.raises(CommandError, match=r"papers.paper good: notes: 太复杂"):
        load(GOOD)
    assert not Paper.objects.exists()


def test_a_missing_fixture(db: None) -> None:
    with pytest.raises(CommandError, match="nothing-there"):
        call_command("loaddata", "nothing-there")


def test_the_command_ends_with_status_1_and_one_line(tmp_path: Path) -> None:
    environ = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    fixture = tmp_path / "bad.yaml"
    fixture.write_text(json.dumps([paper("x", "x", "nowhere")]))
    manage = [sys.executable, str(HERE.parent / "manage.py")]
    subprocess.run([*manage, "migrate", "--verbosity=0"], env=environ, check=True)
    command = [*manage, "loaddata", str(fixture)]
    ended = subprocess.run(command, check=False, env=environ, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines() == [ended.stderr.strip()]
    assert "papers.paper x: section: 找不到 ['nowhere']" in ended.stderr


# --- JSON -------------------------------------------------------------------------------------------------


def test_broken_json_says_where(load: Load) -> None:
    with pytest.raises(CommandError, match="line 1 column 10"):
        load(text='[{"model"', ext="json")


def test_json_fixtures_are_checked_and_finished(load: Load) -> None:
    load(LLM, paper("x", "x", notes="好"), tag("t"), tagging("x", "t"), ext="json")
    assert Paper.objects.get().notes_html == "<p>好</p>"
    for field, value in (("first_posted", "2025-13"), ("title", "\ud800"), ("notes", "a\0b")):
        with pytest.raises(CommandError, match=f"papers.paper x: {field}:"):
            load(paper("x", "x", **{field: value}), ext="json")


def test_forward_references_in_json_are_refused_with_a_line(load: Load) -> None:
    before = counts()
    for items in (
        [paper("x", "x"), LLM],
        [section("s", "s", "llm"), LLM],
        [LLM, GOOD, tagging("good", "t"), tag("t")],
    ):
        with pytest.raises(CommandError) as caught:
            load(*items, ext="json")
        assert "\n" not in str(caught.value)
        assert counts() == before


def test_a_draft_may_refer_forward_in_json(load: Load) -> None:
    load(paper("x", "x", status="draft"), LLM, ext="json")
    assert Paper.objects.get().path == "/llm/x.html"
