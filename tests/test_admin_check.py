"""The live check of papers and sections: what it says while a form is filled in, and to whom."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from papers import revisions
from papers.models import Paper, Section
from papers.roles import CONTRIBUTOR
from tests.conftest import make_paper, make_section
from tests.people import begun, member, publish, signed_in
from tests.test_admin import ADD_PAPER, PAPERS, change_url, paper_form
from tests.test_admin_saving import saved

PAPER_CHECK = f"{PAPERS}check/"
SECTION_CHECK = "/admin/papers/section/check/"


def check(client: Client, url: str = PAPER_CHECK, **typed: Any) -> dict[str, Any]:
    response = client.get(url, typed)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


@pytest.fixture
def as_contributor(db: None) -> Client:
    return signed_in(member(CONTRIBUTOR))


@pytest.fixture
def vllm(section: Section) -> Paper:
    fields = {"arxiv_id": "2309.06180", "doi": "10.1145/3600006.3613165", "venue": "SOSP 2023"}
    return make_paper(
        section, "2023-09-vLLM", title="PagedAttention", venue_full="Operating Systems", **fields
    )


# --- Papers -----------------------------------------------------------------------------------------------


def test_an_empty_form_is_answered(editor_client: Client, root: Section) -> None:
    answer = check(editor_client)
    assert (answer["address"], answer["duplicates"], answer["doubts"], answer["venues"]) == ("", [], [], [])


def test_the_final_address_is_shown(editor_client: Client, section: Section) -> None:
    answer = check(editor_client, section=section.pk, slug="2025-07-New")
    assert (answer["address"], answer["problem"]) == ("/RL/2025-07-New.html", "")


@pytest.mark.parametrize("title", ["A New Idea", "新的想法", "", "！？"])
def test_a_suggested_slug_is_free(editor_client: Client, section: Section, title: str) -> None:
    typed = {"title": title, "section": section.pk, "published_on": "2025-07"}
    first = check(editor_client, **typed)["slug"]
    make_paper(section, first)
    second = check(editor_client, **typed)["slug"]
    assert first.startswith("2025-07-")
    assert second == f"{first}-2"


def test_a_paper_may_keep_its_slug(editor_client: Client, published_paper: Paper) -> None:
    typed = {"title": "Public", "published_on": "2025-07", "section": published_paper.section_id}
    assert check(editor_client, uid=published_paper.uid, **typed)["slug"] == "2025-07-Public"


@pytest.mark.parametrize("slug", ["2025-07-PUBLIC", "feed", "a b", "a/b", "a.html", "长" * 300, "..", "\x01"])
def test_a_slug_that_cannot_be_is_a_problem(editor_client: Client, published_paper: Paper, slug: str) -> None:
    assert check(editor_client, section=published_paper.section_id, slug=slug)["problem"]


def test_a_move_says_how_many_addresses_redirect(editor_client: Client, published_paper: Paper) -> None:
    typed = {"section": published_paper.section_id, "slug": "new"}
    assert "1 个旧网址" in check(editor_client, uid=published_paper.uid, **typed)["moves"]


def test_a_former_address_of_another_is_announced(editor_client: Client, published_paper: Paper) -> None:
    data = revisions.data_of(published_paper)
    revisions.publish(published_paper, {**data, "slug": "new"})
    typed = {"section": published_paper.section_id, "slug": "2025-07-Public"}
    assert check(editor_client, **typed)["former"]
    assert not check(editor_client, uid=published_paper.uid, **typed)["former"]


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        ({"arxiv_id": "https://arxiv.org/abs/2309.06180v3"}, "arXiv 编号"),
        ({"doi": "https://doi.org/10.1145/3600006.3613165"}, "DOI"),
        ({"title": "pagedattention"}, "标题"),
        ({"title_official": " Paged Attention "}, "标题"),
    ],
)
def test_duplicates_are_shown_with_a_link(
    editor_client: Client, vllm: Paper, typed: dict[str, str], because: str
) -> None:
    found = check(editor_client, **typed)["duplicates"]
    assert found == [{"title": "PagedAttention", "url": change_url(vllm), "because": because}]


def test_a_paper_is_no_duplicate_of_itself(editor_client: Client, vllm: Paper) -> None:
    assert check(editor_client, uid=vllm.uid, title=vllm.title)["duplicates"] == []


def test_a_month_that_cannot_be_is_doubted(editor_client: Client, root: Section) -> None:
    typed = {"arxiv_id": "2312.00001", "published_on": "2013-12"}
    assert "2312.00001" in check(editor_client, **typed)["doubts"][0]


def test_venues_and_their_full_names_are_suggested(editor_client: Client, vllm: Paper) -> None:
    answer = check(editor_client, venue="sosp")
    assert answer["venues"] == ["SOSP 2023"]
    assert check(editor_client, venue="SOSP 2024")["venue_full"] == "Operating Systems"


# --- Sections ---------------------------------------------------------------------------------------------


def test_the_address_of_a_section_is_shown(editor_client: Client, section: Section) -> None:
    answer = check(editor_client, SECTION_CHECK, parent=section.pk, slug="sub")
    assert (answer["address"], answer["problem"], answer["moves"]) == ("/RL/sub/", "", "")


def test_a_section_under_itself_is_a_problem(editor_client: Client, section: Section) -> None:
    child = make_section("child", section)
    typed = {"uid": section.uid, "parent": child.pk, "slug": "RL"}
    assert "自己" in check(editor_client, SECTION_CHECK, **typed)["problem"]


@pytest.mark.parametrize("slug", ["rl", "admin", "2024", "", "a b"])
def test_a_section_slug_that_cannot_be_is_a_problem(
    editor_client: Client, section: Section, slug: str
) -> None:
    assert check(editor_client, SECTION_CHECK, parent=section.parent_id, slug=slug)["problem"]


def test_a_section_says_how_many_addresses_redirect(
    editor_client: Client, section: Section, published_paper: Paper, draft_paper: Paper
) -> None:
    typed = {"uid": section.uid, "parent": section.parent_id, "slug": "new"}
    assert "2 个旧网址" in check(editor_client, SECTION_CHECK, **typed)["moves"]


def test_a_section_stays_what_it_was(editor_client: Client, section: Section) -> None:
    typed = {"uid": section.uid, "parent": section.parent_id, "slug": "new"}
    check(editor_client, SECTION_CHECK, **typed)
    assert Section.objects.get(pk=section.pk).path == "/RL/"


# --- Hostile input ----------------------------------------------------------------------------------------

HOSTILE = [
    "\ud800",
    "\x01\x7f\u202e\ufffe",
    "9" * 30,
    "9" * 1000,
    "-1",
    "1e9",
    "٣",
    "²",
    "NaN",
    "null",
    "长" * 100,
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "%s%(x)s{}",
    "../../etc",
    "0000-00",
    "9999-12-31",
    "2025-02-30",
    "[" * 300,
    "\\",
    "10.1145/" + "(" * 300,
    "２３０９.０６１８０",
    "root",
    "é" * 200,
]
PAPER_INPUTS = ["title", "title_official", "slug", "section", "uid", "published_on", "first_posted", "year"]
PAPER_INPUTS += ["arxiv_id", "doi", "venue", "unknown"]


def ask_each(client: Client, url: str, typed: dict[str, Any], names: list[str], value: str) -> None:
    """One input after another is hostile, then all of them."""
    raw = value.encode(errors="surrogatepass")
    for given in [*({name: raw} for name in names), dict.fromkeys(names, raw)]:
        assert "address" in check(client, url, **{**typed, **given}), given.keys()


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:20])
def test_no_input_of_a_paper_is_an_error(editor_client: Client, vllm: Paper, value: str) -> None:
    typed = {"title": "T", "slug": "s", "section": vllm.section_id}
    ask_each(editor_client, PAPER_CHECK, typed, PAPER_INPUTS, value)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:20])
def test_no_input_of_a_section_is_an_error(editor_client: Client, section: Section, value: str) -> None:
    typed = {"parent": section.pk, "slug": "s"}
    ask_each(editor_client, SECTION_CHECK, typed, ["parent", "slug", "uid"], value)


@pytest.mark.parametrize("url", [PAPER_CHECK, SECTION_CHECK])
def test_a_nul_is_refused(editor_client: Client, root: Section, url: str) -> None:
    assert editor_client.get(f"{url}?title=a%00b&slug=%00&uid=%00").status_code == 400


@pytest.mark.parametrize("kind", ["section", "tag", "gone"])
def test_the_uid_of_something_else_is_no_error(editor_client: Client, vllm: Paper, kind: str) -> None:
    uid = {"section": vllm.section.uid, "tag": "x", "gone": "gone"}[kind]  # type: ignore[union-attr]
    assert check(editor_client, uid=uid, title="PagedAttention")["duplicates"]
    assert "address" in check(editor_client, SECTION_CHECK, uid=vllm.uid, parent=vllm.section_id, slug="new")


def test_an_answer_is_kept_by_nobody(editor_client: Client, root: Section) -> None:
    response = editor_client.get(PAPER_CHECK)
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Type"] == "application/json"


# --- What it tells to whom --------------------------------------------------------------------------------


@pytest.fixture
def hidden(editor: User, section: Section) -> Paper:
    """A draft of somebody else; nothing of it is anywhere else."""
    fields = {"title": "Verborgen", "arxiv_id": "2501.00001", "doi": "10.1145/1", "notes": "Verborgen"}
    fields |= {"venue": "Verborgen 2025", "venue_full": "Verborgen Conference"}
    return begun(editor, section, "2025-01-Verborgen", published_on=date(2025, 1, 1), **fields)


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "Verborgen"},
        {"arxiv_id": "2501.00001"},
        {"doi": "10.1145/1"},
        {"venue": "en 2025"},
        {"venue": "5"},
        {"slug": "2025-01-verborgen"},
        {"slug": "new", "uid": "{uid}"},
        {"uid": "{uid}"},
    ],
    ids=str,
)
def test_a_contributor_is_told_nothing_of_a_draft(
    as_contributor: Client, hidden: Paper, typed: dict[str, str]
) -> None:
    asked = {name: value.format(uid=hidden.uid) for name, value in typed.items()}
    answer = check(as_contributor, section=hidden.section_id, **asked)
    told = [answer["duplicates"], answer["venues"], answer["venue_full"], answer["moves"], answer["former"]]
    assert not any(told)
    assert "Verborgen" not in answer["problem"]


def test_a_full_name_is_not_told_of_a_draft(as_contributor: Client, hidden: Paper) -> None:
    assert check(as_contributor, venue="Verborgen 2025")["venue_full"] == ""


def test_a_withdrawn_paper_tells_a_contributor_no_move(as_contributor: Client, hidden: Paper) -> None:
    revisions.unpublish(publish(hidden))
    typed = {"uid": hidden.uid, "section": hidden.section_id, "slug": "new"}
    assert not check(as_contributor, **typed)["moves"]


def test_an_editor_is_told_of_drafts(editor_client: Client, hidden: Paper) -> None:
    answer = check(editor_client, title="Verborgen", venue="Verborgen")
    assert [one["title"] for one in answer["duplicates"]] == ["Verborgen"]
    assert answer["venues"] == ["Verborgen 2025"]


def test_a_contributor_is_told_of_public_papers_and_sent_to_their_pages(
    as_contributor: Client, vllm: Paper
) -> None:
    answer = check(as_contributor, title="PagedAttention", venue="SOSP")
    assert [one["url"] for one in answer["duplicates"]] == ["/RL/2023-09-vLLM.html"]
    assert answer["venues"] == ["SOSP 2023"]


def test_a_contributor_is_told_of_their_own_drafts(section: Section) -> None:
    user = member(CONTRIBUTOR)
    mine = begun(user, section, "mine", title="Mine", venue="Mine 2025")
    answer = check(signed_in(user), title="Mine", venue="Mine")
    assert [one["url"] for one in answer["duplicates"]] == [change_url(mine)]
    assert answer["venues"] == ["Mine 2025"]


def test_a_contributor_who_is_asked_about_a_duplicate_is_not_sent_to_a_closed_form(
    as_contributor: Client, vllm: Paper
) -> None:
    form = saved(paper_form(vllm.section, title="PagedAttention"))
    page = as_contributor.post(ADD_PAPER, form).content.decode()
    assert 'href="/RL/2023-09-vLLM.html"' in page
    assert change_url(vllm) not in page
