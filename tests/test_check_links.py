"""`check_site links`: links to this site are resolved at once, those to others are asked for politely."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers import remote, revisions, site_check, trash
from papers.models import LinkCheck, Paper, Report, Section
from papers.site_check import Finding, hrefs, links, outside
from tests.conftest import make_paper, make_section
from tests.servers import Behaviour, Elsewhere, elsewhere, redirects, says


def inside() -> list[str]:
    return [str(finding) for found in links.look() for finding in found]


def broken(section: Section, notes: str, **fields: Any) -> list[str]:
    """The kinds of what is found in one note."""
    make_paper(section, "p", notes=notes, **fields)
    return [finding.kind for found in links.look() for finding in found]


# --- To this site -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/RL/2025-07-Public.html",
        "/RL/",
        "/rl/2025-07-public.html",
        "/RL",
        "2025-07-Public.html",
        "/RL/2025-07-Public.bib",
        "/RL/feed.xml",
        "/tags/",
        "/papers/?section=root",
        "/papers/?sort=month",
        "/2025/07/",
        "/sitemap.xml",
        "http://127.0.0.1:8000/RL/",
        "mailto:somebody@example.org",
    ],
)
def test_what_the_site_answers_is_no_finding(section: Section, published_paper: Paper, target: str) -> None:
    assert broken(section, f"[字]({target})") == []


@pytest.mark.parametrize(
    "target",
    [
        "/RL/none.html",
        "/none/",
        "none.html",
        "/RL/none.bib",
        "/tags/none/",
        "/1999/01/",
        "http://127.0.0.1:8000/none/",
        "/papers/?page=99",
    ],
)
def test_what_leads_nowhere_is_one(section: Section, published_paper: Paper, target: str) -> None:
    assert broken(section, f"[字]({target})") == ["broken"]


def test_a_finding_says_where(section: Section) -> None:
    make_paper(section, "p", notes="一\n\n[字](/none/)")
    assert inside() == ["/RL/p.html:3: 链接指向的网址不存在。 (/none/)"]


def test_a_former_address_is_as_good(section: Section, published_paper: Paper) -> None:
    revisions.change(published_paper, lambda data: {**data, "slug": "moved"})
    assert broken(section, "[字](/RL/2025-07-Public.html)") == []


def test_what_is_deleted_is_said_to_be(section: Section, published_paper: Paper) -> None:
    make_paper(section, "p", notes="[字](/RL/2025-07-Public.html)")
    trash.delete(published_paper)
    assert inside() == ["/RL/p.html:1: 链接指向的内容已删除。 (/RL/2025-07-Public.html)"]


def test_a_draft_is_nowhere(section: Section, draft_paper: Paper) -> None:
    assert broken(section, "[字](/RL/2025-08-Secret.html)") == ["broken"]


def test_links_of_drafts_are_named_as_such(section: Section) -> None:
    make_paper(section, "d", status="draft", notes="[字](/none/)")
    assert inside() == ["/RL/d.html:1: （草稿）链接指向的网址不存在。 (/none/)"]


def test_sections_have_links_too(section: Section) -> None:
    make_section("s", section, text="[字](/none/)")
    assert inside() == ["/RL/s/:1: 链接指向的网址不存在。 (/none/)"]


@pytest.mark.parametrize(
    "place", ["#方法", "#%E6%96%B9%E6%B3%95", "/RL/p.html#s-方法", "#top", "#page-main", "#"]
)
def test_a_place_that_is_there(section: Section, place: str) -> None:
    assert broken(section, f"## 方法\n\n[字]({place})") == []


@pytest.mark.parametrize("place", ["#没有", "/RL/2025-07-Public.html#没有", "/RL/#没有", "/tags/#没有"])
def test_a_place_that_is_not(section: Section, published_paper: Paper, place: str) -> None:
    assert broken(section, f"## 方法\n\n[字]({place})") == ["anchor"]


def test_the_place_of_a_wikilink(section: Section) -> None:
    make_paper(section, "q", title="目标", notes="## 方法")
    assert broken(section, "[[目标#方法]] [[目标#没有]] [[谁#没有]]") == ["anchor"]


def test_a_footnote_is_there(section: Section) -> None:
    assert broken(section, "文[^1]\n\n[^1]: 注") == []


def test_many_notes_cost_few_queries(section: Section) -> None:
    """Sections, papers and what there is after them; the links of papers by two queries."""
    for number in range(20):
        make_paper(section, f"p{number}", notes=f"[字](/RL/p{(number + 1) % 20}.html)")
    with CaptureQueriesContext(connection) as queries:
        assert inside() == []
    assert len(queries) == 5


def test_reading_goes_on_in_batches(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hrefs, "BATCH", 2)
    for slug in "abcde":
        make_paper(section, slug, notes="[字](/none/)")
    assert len(inside()) == 5


def test_a_site_below_a_prefix(section: Section, settings: Any) -> None:
    from django.urls import set_script_prefix

    settings.PAPERCACHE_URL = "https://example.org/papercache"
    set_script_prefix("/papercache/")
    try:
        here = "https://example.org/papercache"
        assert broken(section, f"[字](/RL/) [字]({here}/RL/) [字]({here}/none/)") == ["broken"]
    finally:
        set_script_prefix("/")


# --- To others --------------------------------------------------------------------------------------------


@pytest.fixture
def other() -> Iterator[Elsewhere]:
    with elsewhere() as server:
        yield server


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "PAUSE", 0)
    monkeypatch.setattr(outside, "BACK_OFF", (0, 0))


def asked(server: Elsewhere, *paths: str) -> dict[str, tuple[int, str]]:
    urls = [server.url + path for path in paths]
    outcomes = outside.ask(urls, configured=[server.url])
    return {one.url.removeprefix(server.url): (one.status, one.reason) for one in outcomes}


def test_statuses_are_told(other: Elsewhere) -> None:
    other.behaviours = {"/a": says(b"a"), "/b": redirects("/a"), "/c": redirects("/c")}
    assert asked(other, "/a", "/b", "/c", "/d") == {
        "/a": (200, ""),
        "/b": (200, ""),
        "/c": (0, "redirects"),
        "/d": (404, ""),
    }


def flaky(*answers: Behaviour) -> Behaviour:
    """One after the other, the last for ever."""
    left = list(answers)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def test_what_may_pass_is_tried_again(other: Elsewhere) -> None:
    other.behaviours["/a"] = flaky(says(b"", 502), says(b"", 429), says(b"a"))
    assert asked(other, "/a") == {"/a": (200, "")}


def test_three_attempts_are_enough(other: Elsewhere) -> None:
    other.behaviours["/a"] = says(b"", 502)
    assert asked(other, "/a") == {"/a": (502, "")}
    assert len(other.asked) == 3


class Patience:
    """Instead of an event that is waited for."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False


def test_a_host_is_left_alone_for_as_long_as_it_asks(other: Elsewhere) -> None:
    patience: Any = Patience()
    other.behaviours["/a"] = flaky(says(b"", 429, Retry_After="7"), says(b"a"))
    assert outside._ask(f"{other.url}/a", patience, [other.url]).status == 200
    assert patience.waits == [7.0]


def test_not_for_longer_than_this_run_lasts(other: Elsewhere) -> None:
    patience: Any = Patience()
    other.behaviours["/a"] = says(b"", 429, Retry_After="3600")
    assert outside._ask(f"{other.url}/a", patience, [other.url]).status == 429
    assert (len(other.asked), patience.waits) == (1, [])


def test_a_silent_host_is_taken_for_down(other: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def look(url: str, **options: Any) -> Any:
        looks.append(url)
        raise remote.RemoteFailed("no_connection", "")

    monkeypatch.setattr(remote, "look", look)
    assert set(asked(other, *(f"/{number}" for number in range(9))).values()) == {(0, "no_connection")}
    assert len(set(looks)) == 3


def test_one_question_at_a_time_for_each_host(other: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0

    def look(url: str, **options: Any) -> remote.Answer:
        nonlocal now, most
        now += 1
        most = max(most, now)
        outside.Event().wait(0.001)
        now -= 1
        return remote.Answer(200, url)

    monkeypatch.setattr(remote, "look", look)
    assert len(asked(other, *(f"/{number}" for number in range(20)))) == 20
    assert most == 1


def test_a_pause_between_two_questions(other: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "PAUSE", 3)
    patience: Any = Patience()
    urls = [f"{other.url}/{number}" for number in range(3)]
    assert [one.status for one in outside._ask_host(urls, patience, [other.url])] == [404, 404, 404]
    assert patience.waits == [3, 3]


def test_several_hosts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2)

    def look(url: str, **options: Any) -> remote.Answer:
        both.wait(timeout=30)
        return remote.Answer(200, url)

    monkeypatch.setattr(remote, "look", look)
    assert [one.status for one in outside.ask(["https://a.example/", "https://b.example/"])] == [200, 200]


def test_who_stops_listening_stops_the_asking(other: Elsewhere) -> None:
    patience: Any = Patience()
    patience.wait = lambda _seconds: True  # as an event that is set
    assert len(list(outside._ask_host([f"{other.url}/{n}" for n in range(9)], patience, [other.url]))) == 1


def test_a_local_address_is_not_asked(other: Elsewhere) -> None:
    assert [one.reason for one in outside.ask([f"{other.url}/a"])] == ["refused"]
    assert other.asked == []


def test_a_mistake_of_ours_ends_no_thread(other: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "look", lambda *_url, **_options: 1 / 0)
    assert asked(other, "/a") == {"/a": (0, "broken")}


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers by address, and under `asked` what was asked for."""
    answers: dict[str, Any] = {"asked": []}

    def look(url: str, **options: Any) -> remote.Answer:
        answers["asked"].append(url)
        return remote.Answer(answers.get(url, 404), url)

    monkeypatch.setattr(remote, "look", look)
    return answers


def external(**options: Any) -> list[Finding]:
    return [finding for found in outside.look(**options) for finding in found]


def test_links_of_notes_sections_and_records_are_asked_once(section: Section, web: dict[str, Any]) -> None:
    make_section("s", section, text="[字](https://a.example/1#x)")
    make_paper(
        section, "p", notes="<https://a.example/1> ![图](https://b.example/2)", code_url="https://c.example/"
    )
    external()
    assert sorted(web["asked"]) == ["https://a.example/1", "https://b.example/2", "https://c.example/"]


def test_a_finding_for_each_page_with_the_link(section: Section, web: dict[str, Any]) -> None:
    make_paper(section, "p", notes="<https://a.example/1>")
    make_paper(section, "q", notes="<https://a.example/1>")
    assert sorted(map(str, external())) == [
        "/RL/p.html: 链接的网站答 404。 (https://a.example/1)",
        "/RL/q.html: 链接的网站答 404。 (https://a.example/1)",
    ]


@pytest.mark.parametrize("status", [200, 204, 401, 403, 429, 503])
def test_who_lets_no_program_in_is_no_finding(section: Section, web: dict[str, Any], status: int) -> None:
    make_paper(section, "p", notes="<https://a.example/1>")
    web["https://a.example/1"] = status
    assert external() == []


def test_links_of_drafts_are_not_asked(section: Section, web: dict[str, Any]) -> None:
    make_paper(section, "p", notes="<https://a.example/1>", status="draft")
    assert external() == web["asked"] == []


def test_a_second_run_asks_what_failed_or_is_new(section: Section, web: dict[str, Any]) -> None:
    make_paper(section, "p", notes="<https://a.example/good> <https://a.example/bad>")
    web["https://a.example/good"] = 200
    external()
    make_paper(section, "q", notes="<https://a.example/new>")
    web["asked"].clear()
    external()
    assert sorted(web["asked"]) == ["https://a.example/bad", "https://a.example/new"]
    web["asked"].clear()
    external(fresh=True)
    assert len(web["asked"]) == 3


def test_after_a_day_all_is_asked_again(section: Section, web: dict[str, Any]) -> None:
    make_paper(section, "p", notes="<https://a.example/good>")
    web["https://a.example/good"] = 200
    external()
    LinkCheck.objects.update(checked_at=timezone.now() - timedelta(days=1, seconds=1))
    external()
    assert len(web["asked"]) == 2


# --- The command ------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    try:
        call_command("check_site", *arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


def test_links_are_both(section: Section, web: dict[str, Any]) -> None:
    make_paper(section, "p", notes="<https://a.example/1> [字](/none/)")
    assert run("links").endswith("4 checked, 2 problems, broken 1, external 1")
    assert set(Report.objects.values_list("part", flat=True)) == {"links", "external"}


def test_no_other_site_need_be_asked(section: Section, web: dict[str, Any]) -> None:
    make_paper(section, "p", notes="<https://a.example/1> [字](/none/)")
    assert run("links", "--no-external").endswith("3 checked, 1 problems, broken 1")
    assert web["asked"] == []


def test_the_report_keeps_what_was_found(section: Section) -> None:
    make_paper(section, "p", notes="[字](/none/)")
    run("links", "--no-external")
    kept = site_check.reports.kept()["links"]
    assert (kept.looked_at, kept.total, str(kept.findings[0])) == (3, 1, inside()[0])


def test_the_report_is_bounded(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_check.reports, "KEPT", 2)
    make_paper(section, "p", notes="[字](/none/1) [字](/none/2) [字](/none/3)")
    run("links", "--no-external")
    kept = site_check.reports.kept()["links"]
    assert (kept.total, len(kept.findings)) == (3, 2)


def test_a_report_of_another_version_is_read(section: Section) -> None:
    make_paper(section, "p", notes="[字](/none/)")
    run("links", "--no-external")
    report = Report.objects.get()
    report.findings[0]["colour"] = "red"
    report.save()
    assert site_check.reports.kept()["links"].findings[0].kind == "broken"
