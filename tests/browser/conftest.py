"""What browser tests share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from papers.models import Paper, Section


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
