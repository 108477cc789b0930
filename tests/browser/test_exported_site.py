"""An exported site in a real browser: below a prefix, sent by a server that knows nothing but files."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import TELL_VIOLATIONS
from tests.sites import Site
from tests.test_export_site import collected, real_site, with_assets  # noqa: F401

pytestmark = pytest.mark.browser


# Its key puts it into another part of the search index than the site's other papers.
FAR = """
import django; django.setup()
from papers.models import Section
from tests.conftest import make_paper
make_paper(Section.objects.get(path="/RL/"), "2025-07-far", uid="far", pk=1000, title="Paper far", notes="远处的一篇")
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def exported(real_site: Site, tmp_path: Path) -> Iterator[str]:  # noqa: F811
    """The address of a site below `/papercache/`."""
    pytest.importorskip("pagefind")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "www")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/papercache"
    real_site.variables["PAPERCACHE_URL"] = url
    status, output = real_site.run("-c", FAR)
    assert status == 0, output
    status, output = real_site.run("manage.py", "export_site", str(tmp_path / "www" / "papercache"))
    assert status == 0, output
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Any, exported: str) -> Iterator[Any]:
    """Complains of nothing: no script, style or file is missing or forbidden."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(TELL_VIOLATIONS)
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert complaints == []


def test_a_reader_searches_in_chinese_and_reads_what_was_found(page: Any, exported: str) -> None:
    page.goto(f"{exported}/")
    page.fill("#page-search", "正文")
    page.press("#page-search", "Enter")
    page.get_by_text("找到 12 篇").wait_for()
    assert page.locator(".paper-item mark").first.inner_text().strip() == "正文"
    page.locator(".paper-item-title a").first.click()
    page.wait_for_url(f"{exported}/RL/*.html")
    assert page.locator("h1").inner_text().startswith("Paper ")


@pytest.mark.parametrize("typed", ["文", "Paper正文", "正文 3"])
def test_chinese_is_found_by_any_of_its_characters(page: Any, exported: str, typed: str) -> None:
    page.goto(f"{exported}/search/?q={typed}")
    page.get_by_text("Paper 3", exact=True).wait_for()


def test_all_parts_of_the_index_are_searched(page: Any, exported: str) -> None:
    page.goto(f"{exported}/search/?q=Paper")
    page.get_by_text("找到 13 篇").wait_for()
    page.goto(f"{exported}/search/?q=处的")
    page.get_by_text("Paper far", exact=True).wait_for()


def test_characters_that_stand_apart_are_no_phrase(page: Any, exported: str) -> None:
    page.goto(f"{exported}/search/?q=文正")
    page.get_by_text("没有找到").wait_for()


def test_a_word_that_is_nowhere_is_said_to_be_nowhere(page: Any, exported: str) -> None:
    page.goto(f"{exported}/search/?q=zyzzyva")
    page.get_by_text("没有找到").wait_for()


def test_the_palette_says_where_to_search(page: Any, exported: str) -> None:
    page.goto(f"{exported}/RL/")
    page.keyboard.press("Control+k")
    page.keyboard.type("p")
    page.get_by_text("按 Enter 到搜索页查找").wait_for()


def test_a_permanent_link_leads_on(page: Any, exported: str) -> None:
    page.goto(f"{exported}/p/p3/")
    page.wait_for_url(f"{exported}/RL/2025-07-p3.html")
