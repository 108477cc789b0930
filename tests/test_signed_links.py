"""A signed link shows one draft to whoever has it, for some days, and nothing else to anybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django.utils import timezone

from papers import derived, draft_links, revisions, trash
from papers.models import Paper, Revision, Section
from papers.roles import CONTRIBUTOR, EDITOR
from tests.conftest import make_paper, make_section
from tests.people import begun, member, publish, signed_in
from tests.reading import links_in
from tests.test_admin import PAPERS

NOTES = "## 方法\n\n公式 $a^2$，见【1，[[另一篇]]】。\n"


@pytest.fixture
def draft(section: Section) -> Paper:
    return make_paper(section, "2025-07-Draft", title="草稿一", notes=NOTES, status="draft")


def url(paper: Paper, account: User, days: int = 7) -> str:
    token, _until = draft_links.make(paper, account, days)
    return f"/-/draft/{token}/"


def fresh(paper: Paper) -> Paper:
    return Paper.objects.get(uid=paper.uid)


def text(response: Any) -> str:
    return str(response.content.decode())


# --- What it shows ----------------------------------------------------------------------------------------


def test_a_stranger_reads_the_draft_in_the_pages_own_form(client: Client, editor: User, draft: Paper) -> None:
    response = client.get(url(draft, editor))
    page = text(response)
    assert response.status_code == 200
    assert all(part in page for part in ("草稿一", "<math", '<h2 id="', "只有拿到链接的人能看到"))
    assert next(template.name for template in response.templates) == "papers/paper.html"


def test_it_is_kept_by_nobody_and_found_by_no_search_engine(
    client: Client, editor: User, draft: Paper
) -> None:
    response = client.get(url(draft, editor))
    assert response["Cache-Control"] == "private, no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex">' in text(response)
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies


def test_it_shows_the_note_as_the_draft_page_does(editor_client: Client, editor: User, draft: Paper) -> None:
    def note(address: str) -> str:
        return text(editor_client.get(address)).split('<div class="note"')[1].split("<section")[0]

    assert note(url(draft, editor)) == note(draft.get_absolute_url())


def test_it_leads_a_stranger_to_no_address_that_only_editors_may_open(
    client: Client, editor: User, draft: Paper
) -> None:
    assert draft.get_permanent_url() not in text(client.get(url(draft, editor)))


def test_it_shows_changes_that_wait_beside_a_public_page(
    client: Client, editor: User, published_paper: Paper
) -> None:
    data = {**revisions.data_of(published_paper), "title": "改过的标题", "notes": "改过的 $x$ 正文"}
    revisions.save(published_paper, data)
    page = text(client.get(url(fresh(published_paper), editor)))
    assert "改过的标题" in page
    assert "第 2 版" in page
    assert "application/ld+json" not in page
    assert "改过的" not in text(client.get(published_paper.get_absolute_url()))


def test_it_shows_what_is_saved_later(client: Client, editor: User, draft: Paper) -> None:
    link = url(draft, editor)
    revisions.save(draft, {**revisions.data_of(draft), "notes": "后来写的"})
    assert "后来写的" in text(client.get(link))


def test_looking_writes_nothing(client: Client, editor: User, published_paper: Paper) -> None:
    revisions.save(published_paper, {**revisions.data_of(published_paper), "slug": "2025-07-Other"})
    link = url(fresh(published_paper), editor)
    before = Paper.objects.values().get(), derived.generation(), Revision.objects.count()
    client.get(link)
    assert (Paper.objects.values().get(), derived.generation(), Revision.objects.count()) == before


def test_a_draft_without_section_and_address_is_shown(client: Client, editor: User) -> None:
    paper = begun(editor, None, "", title="无处可放")
    assert "无处可放" in text(client.get(url(paper, editor)))


def test_a_scheduled_paper_is_shown(client: Client, editor: User, scheduled_paper: Paper) -> None:
    assert "Tomorrow Paper" in text(client.get(url(scheduled_paper, editor)))


def test_other_methods_are_refused(client: Client, editor: User, draft: Paper) -> None:
    assert client.post(url(draft, editor)).status_code == 405


# --- When it ends -----------------------------------------------------------------------------------------


def aged(paper: Paper, account: User, monkeypatch: pytest.MonkeyPatch, days: float) -> str:
    link = url(paper, account)
    later = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(draft_links.timezone, "now", lambda: later)
    return link


def test_it_ends_by_its_date(
    client: Client, editor: User, draft: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = aged(draft, editor, monkeypatch, 7.01)
    response = client.get(link)
    assert (response.status_code, response["Cache-Control"]) == (410, "private, no-store")
    assert "已经过期" in text(response)
    assert "草稿一" not in text(response)


def test_until_then_it_holds(
    client: Client, editor: User, draft: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get(aged(draft, editor, monkeypatch, 6.99)).status_code == 200


@pytest.mark.parametrize("spoilt", ["x{}", "{}x", "x", "{}:"])
def test_a_forged_link_is_404(client: Client, editor: User, draft: Paper, spoilt: str) -> None:
    token, _until = draft_links.make(draft, editor, 7)
    response = client.get(f"/-/draft/{spoilt.format(token)}/")
    assert (response.status_code, response["Cache-Control"]) == (404, "private, no-store")
    assert "不完整" in text(response)


def test_what_was_signed_for_something_else_is_no_link(client: Client, editor: User, draft: Paper) -> None:
    token, _until = draft_links.make(draft, editor, 7)
    forged = signing.dumps(signing.loads(token, salt=draft_links.SALT), salt="another")
    assert client.get(f"/-/draft/{forged}/").status_code == 404


def test_once_published_it_leads_to_the_page(client: Client, editor: User, draft: Paper) -> None:
    link = url(draft, editor)
    publish(draft)
    response = client.get(link)
    assert (response.status_code, response["Location"]) == (302, draft.get_absolute_url())
    revisions.save(fresh(draft), {**revisions.data_of(fresh(draft)), "notes": "以后的修改"})
    assert client.get(link).status_code == 302


def test_once_withdrawn_it_shows_nothing(client: Client, editor: User, published_paper: Paper) -> None:
    revisions.save(published_paper, {**revisions.data_of(published_paper), "notes": "改"})
    link = url(fresh(published_paper), editor)
    revisions.unpublish(fresh(published_paper))
    assert client.get(link).status_code == 410


def test_a_draft_that_was_published_and_withdrawn_shows_nothing(
    client: Client, editor: User, draft: Paper
) -> None:
    link = url(draft, editor)
    revisions.unpublish(publish(draft))
    assert client.get(link).status_code == 410


def test_once_deleted_it_shows_nothing(client: Client, editor: User, draft: Paper) -> None:
    link = url(draft, editor)
    trash.delete(draft)
    response = client.get(link)
    assert response.status_code == 410
    assert "草稿一" not in text(response)


def test_it_ends_with_the_account_that_made_it(client: Client, editor: User, draft: Paper) -> None:
    link = url(draft, editor)
    editor.is_active = False
    editor.save()
    assert client.get(link).status_code == 410


# --- Nothing leaks ----------------------------------------------------------------------------------------


def test_no_other_draft_is_on_the_page(client: Client, editor: User, draft: Paper, root: Section) -> None:
    shelf = make_section("shelf", root)
    hidden = make_paper(
        shelf, "h", title="另一篇", status="draft", notes=f"见 [[{draft.title}]]", tags=("秘密",)
    )
    page = text(client.get(url(draft, editor)))
    assert hidden.path not in page
    assert not {"秘密", hidden.uid} & set(page.split())
    assert "to-paper" not in page


def test_nothing_leads_to_it(client: Client, editor: User, draft: Paper, published_paper: Paper) -> None:
    link = url(draft, editor)
    client.get(link)
    for path in ("/", "/papers/", "/RL/", published_paper.get_absolute_url(), "/sitemap.xml", "/feed.xml"):
        page = text(client.get(path))
        assert "/-/draft/" not in page
        assert "草稿一" not in page
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_what_it_links_to_is_public_or_not_there(
    client: Client, editor: User, draft: Paper, published_paper: Paper
) -> None:
    for link in links_in(text(client.get(url(draft, editor)))):
        if link.startswith("/") and not link.startswith("/static/"):
            assert "草稿一" not in text(client.get(link)), link


def test_robots_are_told_to_stay_away(client: Client, root: Section) -> None:
    assert "Disallow: /-/" in text(client.get("/robots.txt"))


# --- Making one -------------------------------------------------------------------------------------------


def made(client: Client, paper: Paper, days: str = "7") -> Any:
    return client.post(f"{PAPERS}{paper.pk}/draft-link/", {"days": days})


def test_an_editor_makes_one_that_a_stranger_opens(client: Client, draft: Paper) -> None:
    link = made(signed_in(member(EDITOR)), draft).context["link"]
    assert link.startswith("http://127.0.0.1:8000/-/draft/")
    assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_a_contributor_makes_one_only_for_an_own_draft(section: Section, draft: Paper) -> None:
    contributor = member(CONTRIBUTOR)
    client, own = signed_in(contributor), begun(contributor, section, "own")
    assert [made(client, paper).status_code for paper in (own, draft)] == [200, 404]


def test_only_the_days_offered_can_be_chosen(editor_client: Client, draft: Paper) -> None:
    assert [bool(made(editor_client, draft, days).context["link"]) for days in ("1", "30", "9999", "x")] == [
        True,
        True,
        False,
        False,
    ]


def test_there_is_none_where_nothing_waits(editor_client: Client, published_paper: Paper) -> None:
    response = made(editor_client, published_paper)
    assert not response.context["link"]
    assert "没有未发布的内容" in text(response)
    form = text(editor_client.get(f"{PAPERS}{published_paper.pk}/change/"))
    assert "draft-link" not in form


def test_the_form_leads_to_it(editor_client: Client, draft: Paper) -> None:
    assert f"{PAPERS}{draft.pk}/draft-link/" in text(editor_client.get(f"{PAPERS}{draft.pk}/change/"))
