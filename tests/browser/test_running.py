"""The dashboard, the report and what was not found, in a real browser: narrow and wide, light and dark."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import expect

from papers.models import Missed, Paper, Section
from papers.site_check import Finding, reports
from tests.conftest import make_paper
from tests.people import begun

pytestmark = pytest.mark.browser

PAGES = {
    "dashboard": "/admin/",
    "report": "/admin/papers/report/?part=links",
    "missed": "/admin/papers/missed/",
    "searches": "/admin/papers/missed/?kind=search",
}


@pytest.fixture
def busy(transactional_db: None, section: Section, editor: User) -> User:
    """Something in every part of the desk, long words among it."""
    begun(editor, section, "draft", title="推测解码的边界" * 8)
    make_paper(section, "flash-attention", title="FlashAttention", notes="【1，Nobody's Paper，2020，ATC】")
    make_paper(section, "empty")
    Missed.objects.create(kind="address", text="/old/flash-attention.html", count=9)
    Missed.objects.create(kind="address", text=f"/{'a' * 200}/")
    Missed.objects.create(kind="search", text="没有的词")
    found = reports.Found()
    found.add([Finding(f"/{'b' * 200}.html:1", "broken", "链接指向的网址不存在。", {}, "/none/")])
    found.add([Finding("/c.html:2", "anchor", "链接指向的网址不存在。", {}, "#没有", is_draft=True)])
    for part in ("links", "notes"):
        reports.keep(part, found)
    return editor


@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "dark"), (360, "light"), (1440, "dark"), (1440, "light")]
)
def test_every_page_of_the_desk_fits_and_pleases_axe(
    desk: Callable[..., Any], busy: User, width: int, scheme: str
) -> None:
    page = desk(busy, "/admin/", width=width, color_scheme=scheme)
    for name, path in PAGES.items():
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        violations = Axe().run(page, context=".desk, .desk-list").response["violations"]
        assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations] == [], name


def test_one_click_points_an_address_to_the_nearest_paper(desk: Callable[..., Any], busy: User) -> None:
    page = desk(busy, "/admin/")
    page.locator("#desk-addresses").locator("xpath=..").get_by_role("link", name="更多").click()
    page.get_by_role("row", name="/old/flash-attention.html").get_by_role("button", name="指向这里").click()
    expect(page.get_by_text("网址 /old/flash-attention.html 现在转到")).to_be_visible()
    assert (
        Client().get("/old/flash-attention.html")["Location"]
        == Paper.objects.get(slug="flash-attention").path
    )
