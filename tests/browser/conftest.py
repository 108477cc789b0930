"""What browser tests share."""

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.test import Client
from playwright.sync_api import Page, expect

from papers.models import Paper, Section
from tests.conftest import make_paper

TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`))"""
# A form that is left sends its text, and would find the database of the next test.
SEND_NOTHING_MORE = "() => { window.fetch = () => new Promise(() => {}); }"


@pytest.fixture
def open_paper(
    transactional_db: None, section: Section, browser: Any, live_server: Any
) -> Iterator[Callable[..., Any]]:
    """Open a paper's page; what it complained of is in `page.complaints`, what it asked for in `page.paths`."""
    contexts = []

    def open_it(paper: Paper, width: int = 1440, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            permissions=["clipboard-read", "clipboard-write"],
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.paths = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("request", lambda request: page.paths.append(request.url))
        page.goto(live_server.url + paper.get_absolute_url(), wait_until="networkidle")
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Lock:
    """Whoever has it sees the database as the last answer left it: no window asks for anything meanwhile."""
    turn, answer = Lock(), BaseHandler.get_response

    def in_turn(self: BaseHandler, request: HttpRequest) -> Any:
        with turn:
            return answer(self, request)

    monkeypatch.setattr(BaseHandler, "get_response", in_turn)
    return turn


@pytest.fixture
def desk(browser: Any, live_server: Any, one_at_a_time: Lock) -> Iterator[Callable[..., Any]]:
    """A window of an editor who is logged in. No page may complain of anything until it is closed."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def sit_down(user: User, path: str, *, width: int = 1440, **options: Any) -> Any:
        client = Client()
        with one_at_a_time:  # another window may be open already
            client.force_login(user)
        context = browser.new_context(
            viewport={"width": width, "height": 900}, base_url=live_server.url, **options
        )
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", lambda message: complaints.append(f"{message.page.url}: {message.text}"))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        page = context.new_page()
        page.goto(path)
        return page

    yield sit_down
    for context in contexts:
        for page in context.pages:
            page.evaluate(SEND_NOTHING_MORE)
        context.close()
    with one_at_a_time:  # what the server began is done
        assert [text for text in complaints if "409 (Conflict)" not in text] == []


@pytest.fixture
def write(desk: Callable[..., Page], editor: User, section: Section) -> Callable[..., Page]:
    """The form of a draft with these notes, the preview open."""

    def open_form(notes: str = "", *, preview: bool = True, **options: Any) -> Page:
        paper = make_paper(section, "2025-07-Written", title="写着的", notes=notes, status="draft")
        page = desk(editor, f"/admin/papers/paper/{paper.pk}/change/", **options)
        if preview:
            page.get_by_role("button", name="预览").click()
            expect(page.locator("[data-desk-preview][aria-busy=false]")).to_be_visible()
        return page

    return open_form
