"""`manage.py export_site`: former addresses as files that lead on."""

from typing import Any

import pytest

from papers import addresses, revisions
from papers.exporters import site_plan
from papers.models import Paper

from .test_export_site import collected, export, with_assets

__all__ = ["collected", "export", "with_assets"]


def test_a_former_address_leads_on_in_every_letter_case_it_had(export: Any, published_paper: Paper) -> None:
    published_paper.slug = "2025-07-Moved"
    published_paper.save()
    revisions.record(published_paper)
    export()
    for name in ("RL/2025-07-Public.html", "rl/2025-07-public.html"):
        page = (export.folder / name).read_text()
        assert '<meta http-equiv="refresh" content="0; url=/RL/2025-07-Moved.html">' in page
        assert '<link rel="canonical" href="http://127.0.0.1:8000/RL/2025-07-Moved.html">' in page
        assert "<script" not in page


@pytest.mark.parametrize("path", ["/2025/07/01/Public.html", "/old/Public/", "/old/Public"])
def test_a_former_address_of_another_site_leads_on(export: Any, published_paper: Paper, path: str) -> None:
    addresses.point(path, published_paper)
    export()
    name = path.lstrip("/") if path.endswith(".html") else f"{path.strip('/')}/index.html"
    assert "url=/RL/2025-07-Public.html" in (export.folder / name).read_text()
    assert "url=/RL/2025-07-Public.html" in (export.folder / name.lower()).read_text()


def test_former_addresses_that_are_one_file_are_written_once(export: Any, published_paper: Paper) -> None:
    addresses.point_many(["/old/x", "/old/x/", "/old/x/index.html"], published_paper)
    names = [job.name for job in site_plan.everything(has_search=False)]
    assert names.count("old/x/index.html") == 1
    assert len(names) == len(set(names))
