"""What a page costs the database: the same few queries, however many papers there are."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.models import Paper, Section

from .conftest import make_paper

pytestmark = pytest.mark.django_db

# Issue 5 allows a paper page 9 and a listing 10. What is kept for a generation is not there yet.
COSTS = {
    "paper": 8,
    "paper of a list": 7,
    "paper with everything": 9,
    "card": 2,
    "wanted": 7,
    "collection": 3,
    "front page": 5,
    "section": 6,
    "papers": 6,
    "papers, narrowed": 8,
    "papers, most cited": 10,
    "tag": 6,
    "venue": 5,
    "year": 5,
    "month": 5,
    "search": 10,
    "palette": 2,
    "tags": 3,
    "feed": 5,
    "tag feed": 4,
    "references": 1,
    "references of a section": 1,
    "sitemap": 10,
    "twin": 2,
    "404": 6,
}


# Names of papers here and elsewhere, and a picture.
EVERYTHING = (
    f"[[demo-000001]] [[demo-000002]]【1，Nobody's Paper，2020，ATC】\n\n![字](/-/figures/{'0' * 32}.png)"
)


@pytest.fixture(scope="module", params=[30, 300])
def demo(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Paper]:
    """Made once for all tests of a size, in a transaction that is rolled back."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", "papercache", verbosity=0)
        call_command("make_demo", papers=request.param, verbosity=0)
        make_paper(
            Section.objects.get(uid="demo"),
            "all",
            uid="all",
            tags=("MoE",),
            notes=EVERYTHING,
            published_on=date(2000, 1, 1),
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # as the server does by itself, but not inside a transaction
        yield (
            Paper.objects.published()
            .exclude(venue_slug="")
            .filter(tagged__isnull=False, uid__startswith="demo")
            .first()
        )
        transaction.set_rollback(True)


def url_of(kind: str, paper: Paper) -> str:
    tag = paper.tag_list[0]
    return {
        "paper": paper.get_absolute_url(),
        "paper with everything": "/demo/all.html",
        "card": f"/-/card{paper.get_absolute_url()}",
        "wanted": "/-/wanted/",
        "collection": "/-/collection/",
        "front page": "/",
        "section": Section.objects.get(uid="demo").get_absolute_url(),
        "paper of a list": f"{paper.get_absolute_url()}?in=tag%3D{tag.slug}&at=1",
        "papers": "/papers/",
        "papers, narrowed": f"/papers/?section=demo&tag={tag.slug}&venue={paper.venue_slug}&year={paper.published_on.year}&review=unreviewed&since=2001-01-01",
        "papers, most cited": "/papers/?sort=cited",
        "tag": tag.get_absolute_url(),
        "venue": f"/venues/{paper.venue_slug}/",
        "year": f"/{paper.published_on:%Y}/",
        "month": f"/{paper.published_on:%Y/%m}/",
        "search": "/search/?q=缓存",
        "palette": "/-/search/?q=缓存",
        "tags": "/tags/",
        "feed": "/feed.xml",
        "tag feed": f"{tag.get_absolute_url()}feed.json",
        "references": "/-/papers.bib",
        "references of a section": "/-/papers.ris?section=demo",
        "sitemap": "/sitemap.xml",
        "twin": paper.twin_url(".json"),
        "404": "/old/flash-attention.html",
    }[kind]


@pytest.mark.parametrize("kind", COSTS)
def test_page_costs_the_same_few_queries(demo: Paper, client: Client, kind: str) -> None:
    url = url_of(kind, demo)
    cache.clear()  # of what is counted over all papers and kept
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == (404 if kind == "404" else 200)
    assert len(queries) == COSTS[kind], "\n".join(query["sql"][:150] for query in queries)
