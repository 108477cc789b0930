"""Which notes show a picture: kept beside every write, told on the picture's page to whom it may be told."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers import derived, figures, pictures, revisions, trash
from papers.figure_uses import uses
from papers.models import Figure, FigureUse, Kind, Paper, Section
from papers.roles import CONTRIBUTOR, EDITOR
from tests.conftest import make_paper
from tests.drawing import picture
from tests.editing import fresh, publish, save
from tests.people import begun, member, signed_in, with_rights
from tests.reading import links_in, text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/papers/figure/"


@pytest.fixture
def figure() -> Figure:
    return figures.store(picture(), alt="图甲")


@pytest.fixture
def other() -> Figure:
    return figures.store(picture(colour=7), alt="图乙")


def shows(*figures: Figure) -> str:
    return "\n\n".join(f"![](/-/figures/{figure.name})" for figure in figures)


def noted() -> set[tuple[str, str, bool]]:
    """Whose, which, and whether in the row."""
    rows = FigureUse.objects.select_related("paper", "section")
    alt = dict(Figure.objects.values_list("name", "alt"))
    return {(str(row.paper or row.section), alt[row.name], row.in_row) for row in rows}


def is_stale() -> bool:
    return any("figures" in derived.stale_columns(thing) for thing in derived.everything())


# --- Which names are found --------------------------------------------------------------------------------

NAME = "0123456789abcdef0123456789abcdef.png"


@pytest.mark.parametrize(
    "source",
    [
        f"![](/-/figures/{NAME})",
        f'![a](</-/figures/{NAME}> "b")',
        f'<img src="/-/figures/{NAME}">',
        f"[large](/-/figures/{NAME})",
        f"[a]: /-/figures/{NAME}",
        f"![](https://papers.example/-/figures/{NAME})",
    ],
)
def test_a_picture_is_named_by_its_address(source: str) -> None:
    assert figures.named_in(source) == {NAME}


@pytest.mark.parametrize("source", ["", NAME, f"/-/figures/{NAME[1:]}", "/-/figures/", "/figures/" + NAME])
def test_what_is_no_address_names_none(source: str) -> None:
    assert figures.named_in(source) == set()


# --- What is noted ----------------------------------------------------------------------------------------


def test_a_saved_paper_and_section_are_noted(root: Section, figure: Figure, other: Figure) -> None:
    make_paper(root, "p", title="一", notes=shows(figure, other, figure))
    root.text = shows(figure)
    root.save()
    assert noted() == {("一", "图甲", True), ("一", "图乙", True), ("站名", "图甲", True)}


def test_what_a_note_no_longer_shows_is_forgotten(section: Section, figure: Figure, other: Figure) -> None:
    paper = make_paper(section, "p", title="一", notes=shows(figure))
    publish(paper, notes=shows(other))
    assert noted() == {("一", "图乙", True)}


def test_unpublished_changes_are_noted_as_such(section: Section, figure: Figure, other: Figure) -> None:
    paper = make_paper(section, "p", title="一", notes=shows(figure))
    save(paper, notes=shows(other))
    assert noted() == {("一", "图甲", True), ("一", "图乙", False)}
    save(paper, notes=shows(figure, other))
    assert noted() == {("一", "图甲", True), ("一", "图乙", False)}
    publish(paper)
    assert noted() == {("一", "图甲", True), ("一", "图乙", True)}


@pytest.mark.parametrize("note", ["2024", "null", "[1]"])
def test_a_note_that_json_takes_for_something_else_is_text(section: Section, note: str) -> None:
    paper = make_paper(section, "x")
    save(paper, notes=note)
    assert noted() == set()


def test_changes_that_are_given_up_are_forgotten(section: Section, figure: Figure, other: Figure) -> None:
    paper = make_paper(section, "p", title="一", notes=shows(figure))
    save(paper, notes=shows(other))
    save(paper, notes=shows(figure))
    assert noted() == {("一", "图甲", True)}


def test_a_withdrawn_paper_keeps_what_its_newest_revision_shows(
    section: Section, figure: Figure, other: Figure
) -> None:
    paper = make_paper(section, "p", title="一", notes=shows(figure))
    save(paper, notes=shows(other))
    revisions.unpublish(fresh(paper))
    assert noted() == {("一", "图乙", True)}


def test_what_is_deleted_uses_nothing_until_it_is_back(section: Section, figure: Figure) -> None:
    paper = make_paper(section, "p", title="一", notes=shows(figure))
    trash.delete(paper)
    assert noted() == set()
    trash.bring_back(trash.deletions(Kind.PAPER).get(uid=paper.uid), may_publish=True)
    assert noted() == {("一", "图甲", True)}


def test_what_loaddata_brings_is_noted(
    section: Section, figure: Figure, other: Figure, tmp_path: Path
) -> None:
    paper = make_paper(section, "p", title="一", notes=shows(figure))
    file = tmp_path / "dump.yaml"
    options = {"natural_foreign": True, "natural_primary": True, "format": "yaml", "verbosity": 0}
    call_command("dumpdata", "papers.section", "papers.paper", output=str(file), **options)
    save(paper, notes=shows(other))
    file.write_text(file.read_text().replace(figure.name, other.name))
    call_command("loaddata", str(file), verbosity=0)
    assert noted() == {("一", "图乙", True)}
    assert not is_stale()


def test_a_picture_that_is_not_stored_is_noted_all_the_same(section: Section) -> None:
    make_paper(section, "p", notes=f"![](/-/figures/{NAME})")
    assert FigureUse.objects.get().name == NAME


def test_no_row_is_written_where_nothing_changes(section: Section, figure: Figure) -> None:
    paper = make_paper(section, "p", notes=shows(figure))
    before = list(FigureUse.objects.values())
    with CaptureQueriesContext(connection) as queries:
        publish(paper, title="二")
    assert list(FigureUse.objects.values()) == before
    assert not [one for one in queries if "papers_figureuse" in one["sql"] and "SELECT" not in one["sql"]]


# --- rebuild ----------------------------------------------------------------------------------------------

TAMPERED: dict[str, Callable[[], Any]] = {
    "lost": lambda: FigureUse.objects.all().delete(),
    "renamed": lambda: FigureUse.objects.filter(in_row=True).update(name=NAME),
    "moved": lambda: FigureUse.objects.filter(in_row=False).update(in_row=True),
    "one too many": lambda: FigureUse.objects.create(name=NAME, paper=Paper.objects.get(), in_row=True),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_rebuild_finds_and_repairs(
    root: Section, figure: Figure, other: Figure, tamper: Callable[[], Any]
) -> None:
    root.text = shows(other)
    root.save()
    save(make_paper(root, "p", title="一", notes=shows(figure)), notes=shows(other))
    right = noted()
    assert not is_stale()
    tamper()
    assert is_stale()
    call_command("rebuild", verbosity=0)
    assert noted() == right
    assert not is_stale()


def test_an_upgrade_notes_what_is_there_already(root: Section, figure: Figure, other: Figure) -> None:
    root.text = shows(other)
    root.save()
    save(make_paper(root, "p", title="一", notes=shows(figure)), notes=shows(other))
    make_paper(root, "q", title="二", notes=shows(other))
    right = noted()
    FigureUse.objects.all().delete()
    import_module("papers.migrations.0013_note_figure_uses").note(apps, None)
    assert noted() == right


# --- Who learns of it -------------------------------------------------------------------------------------


def of(figure: Figure) -> str:
    return f"{LIST}{figure.name}/change/"


def titles(figure: Figure, user: Any) -> list[str]:
    return [paper.title for paper, _is_waiting in uses(figure, user).papers]


def test_an_editor_sees_every_use(root: Section, figure: Figure) -> None:
    root.text = shows(figure)
    root.save()
    make_paper(root, "p", title="公开的", notes=shows(figure))
    draft = make_paper(root, "d", title="草稿", notes=shows(figure), status="draft")
    save(make_paper(root, "w", title="改了的"), notes=shows(figure))
    response = signed_in(member(EDITOR)).get(of(figure))
    text = text_of(response)
    for words in ("站名 栏目", "公开的 已发布", "草稿 草稿", "改了的 未发布的修改"):
        assert words in text
    links = links_in(response.content.decode())
    assert f"/admin/papers/paper/{draft.pk}/change/" in links
    assert f"/admin/papers/section/{root.pk}/change/" in links


def test_a_picture_that_nothing_shows_says_so(editor_client: Client, root: Section, figure: Figure) -> None:
    assert "没有论文或栏目用到它" in text_of(editor_client.get(of(figure)))


@pytest.fixture
def author() -> Any:
    """Who sees pictures, but no drafts except their own."""
    return with_rights("write_own_paper", "view_figure")


def test_of_other_people_s_drafts_only_the_number_is_told(
    author: Any, section: Section, figure: Figure
) -> None:
    draft = make_paper(section, "secret-slug", title="秘密", notes=shows(figure), status="draft")
    waiting = make_paper(section, "w", title="公开的论文")
    save(waiting, notes=shows(figure))
    response = signed_in(author).get(of(figure))
    html = response.content.decode()
    assert "另有 2 篇您看不到的论文" in text_of(response)
    for secret in ("秘密", "secret-slug", draft.uid, f"/paper/{draft.pk}/", "公开的论文", waiting.uid):
        assert secret not in html


def test_what_is_public_and_ones_own_is_told(author: Any, section: Section, figure: Figure) -> None:
    public = make_paper(section, "p", title="公开的", notes=shows(figure))
    begun(author, section, "own", title="自己的", notes=shows(figure))
    assert set(titles(figure, author)) == {"公开的", "自己的"}
    links = links_in(signed_in(author).get(of(figure)).content.decode())
    assert public.get_absolute_url() in links
    assert f"/admin/papers/paper/{public.pk}/change/" not in links


def test_a_scheduled_paper_is_not_public_yet(author: Any, scheduled_paper: Paper, figure: Figure) -> None:
    scheduled_paper.notes = shows(figure)
    scheduled_paper.save()
    assert (titles(figure, author), uses(figure, author).hidden) == ([], 1)


def test_readers_and_contributors_have_no_page_of_pictures(section: Section, figure: Figure) -> None:
    assert signed_in(member(CONTRIBUTOR)).get(of(figure)).status_code == 403


def test_many_uses_are_counted(
    editor: Any, section: Section, figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papers.figure_uses.SHOWN", 2)
    for number in range(3):
        make_paper(section, f"p{number}", notes=shows(figure))
    found = uses(figure, editor)
    assert (len(found.papers), found.more, found.hidden) == (2, 1, 0)


def test_queries_do_not_grow_with_uses(
    editor: Any, section: Section, figure: Figure, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        make_paper(section, f"p{number}", notes=shows(figure))
    with django_assert_num_queries(4):
        uses(figure, editor)


# --- The list ---------------------------------------------------------------------------------------------


def listed(client: Client, query: str) -> list[str]:
    return [figure.alt for figure in client.get(f"{LIST}{query}").context["cl"].result_list]


def test_unused_pictures_are_listed(
    editor_client: Client, section: Section, figure: Figure, other: Figure
) -> None:
    save(make_paper(section, "p"), notes=shows(other))  # an unpublished change is a use
    assert listed(editor_client, "?use=none") == ["图甲"]
    assert listed(editor_client, "?use=some") == ["图乙"]
    assert set(listed(editor_client, "")) == set(listed(editor_client, "?use=what")) == {"图甲", "图乙"}


def test_a_picture_of_a_section_is_used(editor_client: Client, root: Section, figure: Figure) -> None:
    root.text = shows(figure)
    root.save()
    assert listed(editor_client, "?use=none") == []


def test_the_filter_is_offered(editor_client: Client, figure: Figure) -> None:
    assert "?use=none" in links_in(editor_client.get(LIST).content.decode())


# --- Stored later than named ------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "raised"), [("published", 1), ("draft", 1), ("", 0)])
def test_a_picture_that_pages_wait_for_is_a_change(section: Section, status: str, raised: int) -> None:
    data = picture(colour=9)
    if status:
        name = figures.name_of(pictures.recognise(data))
        make_paper(section, "x", notes=f"![](/-/figures/{name})", status=status)
    before = derived.generation()
    figures.store(data)
    figures.store(data)
    assert derived.generation() == before + raised
