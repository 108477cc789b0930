"""The history of papers, sections and tags: who, when and why, what changed, and the way back."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localtime

from papers import operations, revisions, trash
from papers.models import Kind, Paper, Revision, Section, Tag
from tests.conftest import make_paper, make_section
from tests.people import member, signed_in, with_rights
from tests.reading import text_of, texts_of
from tests.test_admin import PAPERS, change_url, opened, section_form
from tests.test_admin_saving import form_of, saved

HOSTILE = "<script>alert(1)</script>'\"{{ x }}%(y)s %s"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Public", title="Public Paper", notes="一句话。\n", tags=("MoE",))


def fresh(thing: Any) -> Any:
    return type(thing).objects.get(uid=thing.uid)


def save(thing: Any, why: str = "", author: User | None = None, **fields: Any) -> None:
    thing = fresh(thing)
    revisions.save(thing, {**revisions.data_of(thing), **fields}, why=why, author=author)


def history_url(thing: Any) -> str:
    return change_url(thing).replace("/change/", "/history/")


def compared(client: Client, thing: Any, old: int = 1, new: int = 2) -> Any:
    return client.get(f"{history_url(thing)}{old}/{new}/")


def changes(response: Any) -> dict[str, str]:
    """What is said of each field, with [-removed-] and {+added+} words."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}", "gap": "⋯{}"}
    return {
        change.name: "".join(marks[piece.kind].format(piece.text) for piece in change.pieces)
        for change in response.context["changes"]
    }


# --- The list ---------------------------------------------------------------------------------------------


def test_the_history_says_who_when_and_why(editor_client: Client, editor: User, paper: Paper) -> None:
    save(paper, title="New", author=editor, why="更正标题")
    row = next(row for row in texts_of(editor_client.get(history_url(paper)), "tr") if "更正标题" in row)
    when = Revision.objects.get(uid=paper.uid, number=2).created_at
    assert "editor" in row
    assert date_format(localtime(when), "DATETIME_FORMAT") in row


def test_a_person_who_left_is_still_named(editor_client: Client, paper: Paper) -> None:
    author = member(username="gone-by-now")
    save(paper, title="New", author=author)
    author.delete()
    assert "gone-by-now" in text_of(editor_client.get(history_url(paper)), "tbody")


def test_the_newest_revision_is_first(editor_client: Client, paper: Paper) -> None:
    save(paper, title="New")
    shown = editor_client.get(history_url(paper)).context["page"]
    assert [revision.number for revision in shown] == [2, 1]


def test_the_history_marks_what_readers_see(editor_client: Client, paper: Paper) -> None:
    save(paper, title="New", why="未发布")
    marked = [row for row in texts_of(editor_client.get(history_url(paper)), "tr") if "读者看到的" in row]
    assert len(marked) == 1
    assert "未发布" not in marked[0]


@pytest.mark.parametrize("state", ["draft_paper", "scheduled_paper"])
def test_of_what_readers_do_not_see_nothing_is_marked(
    editor_client: Client, request: pytest.FixtureRequest, state: str
) -> None:
    paper = request.getfixturevalue(state)
    assert "读者看到的" not in text_of(editor_client.get(history_url(paper)))


@pytest.mark.parametrize("thing", ["section", "tag"])
def test_sections_and_tags_have_a_history_too(editor_client: Client, paper: Paper, thing: str) -> None:
    found = paper.section if thing == "section" else Tag.objects.get()
    save(found, why="改名", **{"title" if thing == "section" else "name": "New"})
    assert "改名" in text_of(editor_client.get(history_url(found)), "tbody")


def test_a_long_history_comes_in_pages(editor_client: Client, draft_paper: Paper) -> None:
    for number in range(51):
        save(draft_paper, summary=str(number))
    assert len(editor_client.get(history_url(draft_paper), {"p": "2"}).context["page"]) == 2


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "last"])
def test_a_page_that_is_not_there_is_no_error(editor_client: Client, paper: Paper, page: str) -> None:
    assert editor_client.get(history_url(paper), {"p": page}).status_code == 200


@pytest.mark.parametrize("pk", ["999999", "9" * 30, "9" * 5000, "abc", "1_2F", "٣"])
def test_the_history_of_nothing_is_not_found(editor_client: Client, root: Section, pk: str) -> None:
    assert editor_client.get(f"{PAPERS}{pk}/history/").status_code == 404


@pytest.mark.parametrize("pk", ["999999", "9" * 30])
def test_revisions_of_nothing_are_not_found(editor_client: Client, root: Section, pk: str) -> None:
    assert editor_client.get(f"{PAPERS}{pk}/history/1/1/").status_code == 404


# --- Comparing --------------------------------------------------------------------------------------------


def test_latin_is_compared_by_word(editor_client: Client, paper: Paper) -> None:
    save(paper, title="Public Record")
    assert changes(compared(editor_client, paper))["title"] == "Public [-Paper-]{+Record+}"


def test_chinese_is_compared_by_character(editor_client: Client, paper: Paper) -> None:
    save(paper, notes="一段话。\n")
    assert changes(compared(editor_client, paper))["notes"] == "一[-句-]{+段+}话。\n"


def test_changes_are_marked_up_for_eyes_and_machines(editor_client: Client, paper: Paper) -> None:
    save(paper, title="Public Record")
    page = compared(editor_client, paper).content.decode()
    assert "Public <del>Paper</del><ins>Record</ins>" in page


def test_tags_and_the_section_are_compared_by_name(
    editor_client: Client, paper: Paper, root: Section
) -> None:
    tag, other = Tag(name="推理"), make_section("other", root, title="别处")
    tag.save()
    save(paper, tags=[tag.uid], section=other.uid)
    found = changes(compared(editor_client, paper))
    assert found["tags"] == "[-MoE-]{+推理+}"
    assert "别处" in found["section"]
    assert "/other/" in found["section"]


FIELDS = {
    "title": "x",
    "title_official": "x",
    "title_published": "x",
    "slug": "2025-07-x",
    "published_on": "2025-08-01",
    "day_known": True,
    "first_posted": "2025-06",
    "summary": "x",
    "notes": "x",
    "notes_format": "html",
    "authors": "A. Author",
    "venue": "SOSP 2025",
    "venue_full": "x",
    "pages": "1-2",
    "year": 2025,
    "bibtex_type": "book",
    "arxiv_id": "2507.00001",
    "doi": "10.1145/1",
    "paper_url": "https://example.org/",
    "code_url": "https://example.org/",
    "aliases": "x",
    "origin": "generated",
    "generated_by": "x",
    "review_state": "reviewed",
    "reviewed_by": "x",
    "reviewed_on": "2025-08-01",
    "status": "published",
    "publish_at": "2031-01-01T00:00:00+00:00",
    "section": "other",
    "tags": ["uid-of-tag"],
}


def test_every_field_is_in_that_table(paper: Paper) -> None:
    assert FIELDS.keys() == revisions.typed_fields(paper).keys() - {"uid"}


def added(paper: Paper, data: revisions.Data) -> Revision:
    """One more revision, whatever may be in it."""
    return revisions.append(paper, data, None, revisions.head(Kind.PAPER, paper.uid))


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_compared(editor_client: Client, root: Section, draft_paper: Paper, name: str) -> None:
    make_section("other", root, uid="other")
    Tag(name="x", uid="uid-of-tag").save()
    data = {**revisions.data_of(draft_paper), name: FIELDS[name]}
    added(draft_paper, data)
    assert set(changes(compared(editor_client, draft_paper))) == {name}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("day_known", "[-否-]{+是+}"),
        ("origin", "[-人工撰写-]{+机器生成+}"),
        ("publish_at", "{+2031年1月1日 08:00+}"),
        ("year", "{+2025+}"),
    ],
)
def test_values_are_shown_in_words(editor_client: Client, draft_paper: Paper, name: str, said: str) -> None:
    added(draft_paper, {**revisions.data_of(draft_paper), name: FIELDS[name]})
    assert changes(compared(editor_client, draft_paper))[name] == said


def test_equal_revisions_are_said_to_be_equal(editor_client: Client, paper: Paper) -> None:
    assert "内容相同" in text_of(compared(editor_client, paper, 1, 1))


def test_a_revision_older_than_a_field_is_compared(editor_client: Client, paper: Paper) -> None:
    data = revisions.data_of(paper)
    del data["doi"]
    added(paper, data)
    assert "doi" not in changes(compared(editor_client, paper))


@pytest.mark.parametrize("numbers", [(1, 3), (3, 1), (0, 1), (1, 10**30)])
def test_a_comparison_with_nothing_is_not_found(
    editor_client: Client, paper: Paper, numbers: tuple[int, int]
) -> None:
    save(paper, title="New")
    assert compared(editor_client, paper, *numbers).status_code == 404


def test_a_revision_of_another_paper_is_not_compared(editor_client: Client, paper: Paper) -> None:
    other = make_paper(paper.section, "other")
    save(other, title="New")
    assert compared(editor_client, paper, 1, 2).status_code == 404


def test_a_section_deleted_since_is_named_in_words(
    editor_client: Client, root: Section, paper: Paper
) -> None:
    lost = make_section("lost", root, uid="lost", title="消失")
    save(paper, section="lost")
    save(paper, section=paper.section.uid)  # type: ignore[union-attr]
    trash.delete(lost)
    assert "已删除的栏目（lost）" in changes(compared(editor_client, paper))["section"]


def test_a_merged_tag_is_shown_as_its_survivor(editor_client: Client, paper: Paper) -> None:
    survivor = Tag(name="专家")
    survivor.save()
    save(paper, title="New")
    operations.merge_tags(Tag.objects.get(name="MoE"), survivor)
    save(paper, tags=[])
    assert changes(compared(editor_client, paper, 1, fresh(paper).head_revision))["tags"] == "[-专家-]"


def test_a_deleted_tag_is_left_out(editor_client: Client, paper: Paper) -> None:
    trash.delete(Tag.objects.get())
    assert "tags" not in changes(compared(editor_client, paper))


# --- Hostile content --------------------------------------------------------------------------------------


@pytest.fixture
def hostile(section: Section, db: None) -> Paper:
    paper = make_paper(section, "2025-07-x", title=HOSTILE, notes=HOSTILE, tags=(HOSTILE,))
    save(paper, why=HOSTILE, author=member(username="<b>x</b>"), title="x", notes="x", tags=[], venue=HOSTILE)
    save(paper, title=HOSTILE)
    return paper


@pytest.mark.parametrize(
    "path", ["history/", "history/1/2/", "history/2/3/", "change/?revision=1", "delete/"]
)
def test_hostile_content_is_escaped(editor_client: Client, hostile: Paper, path: str) -> None:
    page = editor_client.get(f"{PAPERS}{hostile.pk}/{path}").content.decode()
    assert ESCAPED in page
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_hostile_content_is_escaped_in_the_trash(editor_client: Client, hostile: Paper) -> None:
    trash.delete(fresh(hostile), why=HOSTILE, author=User.objects.get(username="<b>x</b>"))
    for path in ("trash/", f"trash/{hostile.uid}/"):
        page = editor_client.get(f"{PAPERS}{path}").content.decode()
        assert ESCAPED in page
        assert "<script>alert" not in page


# --- Back to an older revision ----------------------------------------------------------------------------


def test_an_older_revision_is_opened_and_nothing_is_saved_yet(editor_client: Client, paper: Paper) -> None:
    save(paper, title="New", tags=[])
    response = editor_client.get(f"{change_url(paper)}?revision=1")
    form = response.context["adminform"].form
    assert form["title"].value() == "Public Paper"
    assert form["tags"].value() == [f"uid:{Tag.objects.get().uid}"]
    assert "这里是第 1 版的内容" in response.content.decode()
    assert fresh(paper).head_revision == 2


def test_saving_it_is_a_new_revision_and_not_a_merge(editor_client: Client, paper: Paper) -> None:
    save(paper, title="New", notes="neu")
    url = f"{change_url(paper)}?revision=1"
    form = editor_client.get(url).context["adminform"].form
    typed = {name: form[name].value() or "" for name in ("title", "notes", "based_on", "thing_uid")}
    response = editor_client.post(url, saved(form_of(fresh(paper), **typed)))
    assert response.status_code == 302
    assert revisions.data_of(fresh(paper)) == Revision.objects.get(uid=paper.uid, number=1).data
    assert "New" in str(Revision.objects.get(uid=paper.uid, number=2).data)


def test_an_older_section_comes_back_at_its_address(editor_client: Client, section: Section) -> None:
    save(section, title="New")
    url = f"{change_url(section)}?revision=1"
    title = editor_client.get(url).context["adminform"].form["title"].value()
    form = section_form(section.parent, slug="RL", title=title, **opened(section))
    assert editor_client.post(url, form).status_code == 302
    assert fresh(section).title == "强化学习"


def test_a_draft_revision_opened_leaves_a_public_paper_public(
    editor_client: Client, draft_paper: Paper
) -> None:
    revisions.publish(draft_paper, {**revisions.data_of(draft_paper), "title": "New"})
    url = f"{change_url(draft_paper)}?revision=1"
    assert 'name="publish_at' not in editor_client.get(url).content.decode()
    editor_client.post(url, saved(form_of(fresh(draft_paper), title="Secret Paper")))
    assert fresh(draft_paper).is_published
    assert fresh(draft_paper).title == "New"


@pytest.mark.parametrize("number", ["3", "0", "-1", "x", "", "9" * 9, "9" * 30, "9" * 5000, "1;2", "٣"])
def test_a_revision_that_is_not_there_is_not_found(editor_client: Client, paper: Paper, number: str) -> None:
    save(paper, title="New")
    assert editor_client.get(change_url(paper), {"revision": number}).status_code == 404


def test_an_older_revision_whose_section_is_gone_asks_for_one(
    editor_client: Client, root: Section, paper: Paper
) -> None:
    lost = make_section("lost", root, uid="lost")
    save(paper, section="lost")
    save(paper, section=paper.section.uid)  # type: ignore[union-attr]
    trash.delete(lost)
    form = editor_client.get(f"{change_url(paper)}?revision=2").context["adminform"].form
    assert form["section"].value() is None


def test_those_who_may_only_look_are_offered_no_way_back(paper: Paper) -> None:
    save(paper, title="New")
    client = signed_in(with_rights("view_paper"))
    for url in (history_url(paper), f"{history_url(paper)}1/2/"):
        assert "?revision=" not in client.get(url).content.decode()
