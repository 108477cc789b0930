"""What a page costs this process while no page cache answers for it: CPU time, part by part, beside a bare Django view.

    python -m tests.benchmarks.cold_pages [--keep DIR] [--papers 1000] [--database postgres://USER@HOST:PORT/NAME]

The database is made the first time, and stays: the site's own papers and so many others. All is measured in one
process and one run, after a first round in which what is kept for a generation is made: the best of many rounds, in
microseconds of CPU time (the database's own server not counted), and how many times the bare view that is.
"""

import argparse
import gzip
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import scratch

ROUNDS = 60


def prepare(database: str, papers: int) -> None:
    scratch.make(database)
    scratch.manage(database, "migrate", "--verbosity", "0")
    scratch.manage(database, "loaddata", "papercache", "--verbosity", "0")
    scratch.fill(database, papers)


def cost(action: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Microseconds of CPU time."""
    action()
    best = float("inf")
    for _round in range(rounds):
        start = time.process_time_ns()
        action()
        best = min(best, time.process_time_ns() - start)
    return best / 1000


# --- Requests ---------------------------------------------------------------------------------------------


def environ(path: str, query: str = "", **more: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "SCRIPT_NAME": "",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        **more,
    }


def asked(application: Any, url: str, **more: str) -> bytes:
    path, _mark, query = url.partition("?")
    answer = application(environ(path, query, **more), lambda *_started: None)
    body = b"".join(answer)
    answer.close()
    return body


def bare_django(body: bytes) -> Any:
    """A view that has its answer ready, behind no middleware."""
    from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
    from django.http import HttpRequest, HttpResponse
    from django.test import override_settings
    from django.urls import path

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(body)

    class Request(WSGIRequest):
        urlconf = (path("bare", view),)

    class Handler(WSGIHandler):
        request_class = Request

    with override_settings(MIDDLEWARE=[]):
        return Handler()


# --- Parts of a paper's page ------------------------------------------------------------------------------


def parts_of(url: str) -> dict[str, Callable[[], Any]]:
    from django.contrib.auth.models import AnonymousUser
    from django.template.loader import render_to_string
    from django.test import RequestFactory

    from papers import addresses, citations, citing, neighbours, pages, structured_data
    from papers.lengths import length_of
    from papers.related import related
    from papers.rendering import script_json
    from papers.views import content

    request = RequestFactory().get(url)
    request.user = AnonymousUser()
    found = addresses.find(url)
    assert found
    paper: Any = found.thing
    context: dict[str, Any] = {}
    shown, content.render = content.render, lambda *given: context.update(given[-1])
    content.paper_page(request, paper)
    content.render = shown
    named, tags = pages.named_in(paper.notes_html), paper.tags_by_name()
    near = [note.pk for note, _places in context["cited_by"].notes]
    offered = pages.offered(named, paper.notes_html)
    return {
        "address and row": lambda: addresses.find(url),
        "tree of sections": lambda: pages.tree_of(RequestFactory().get(url)),
        "papers named": lambda: pages.named_in(paper.notes_html),
        "tags": paper.tags_by_name,
        "pictures": lambda: pages.offered(named, paper.notes_html),
        "marks": lambda: pages.note(paper, offered),
        "cited by": lambda: citing.cited_by(paper),
        "cites": lambda: citing.cites(paper, named),
        "related": lambda: related(paper, tags, near),
        "neighbours": lambda: neighbours.neighbours(paper, request.GET),
        "length": lambda: length_of(paper.plain_text),
        "citation": lambda: (citations.meta_tags(paper.reference()), citations.bibtex(paper.reference())),
        "JSON-LD": lambda: script_json(structured_data.review(paper, tags, None)),
        "template": lambda: render_to_string("papers/paper.html", dict(context), request),
    }


# --- Printing ---------------------------------------------------------------------------------------------


def pages_of(papers: Any) -> dict[str, str]:
    """One of each kind; the papers are one of the site's own longest notes and one of the others."""
    from django.db.models.functions import Length

    longest = papers.exclude(uid__startswith="demo-").order_by(-Length("notes_html"))[1]
    other = papers.filter(uid__startswith="demo-", citations__kind="wikilink").order_by("uid")[5]
    return {
        "paper": longest.get_absolute_url(),
        "demo paper": other.get_absolute_url(),
        "front page": "/",
        "section": other.section.get_absolute_url(),
        "all papers": "/papers/",
        "tag": other.tag_list[0].get_absolute_url(),
        "month": f"/{other.published_on:%Y/%m}/",
        "search": "/search/?q=%E7%BC%93%E5%AD%98",
        "feed": "/feed.xml",
        "healthz": "/healthz",
    }


def show() -> None:
    from papers.models import Paper

    application = served()
    pages = pages_of(Paper.objects.published())
    body = asked(application, pages["paper"])
    naive = bare_django(body)
    bare = cost(lambda: asked(naive, "/bare"), rounds=10 * ROUNDS)
    print(f"{'':24}{'µs':>9}{'bare views':>12}{'kB':>8}")
    line("bare view", bare, bare, body)
    for name, url in pages.items():
        line(name, cost(lambda url=url: asked(application, url)), bare, asked(application, url))
    for name in ("paper", "demo paper"):
        print(f"\nparts of the {name}")
        for part, action in parts_of(pages[name]).items():
            line(f"  {part}", cost(action), bare)
    print("\ncompressing the paper")
    for name, compress in compressions().items():
        line(f"  {name}", cost(lambda compress=compress: compress(body)), bare, compress(body))


def line(name: str, microseconds: float, bare: float, body: bytes = b"") -> None:
    size = f"{len(body) / 1000:8.1f}" if body else ""
    print(f"{name:24}{microseconds:9.0f}{microseconds / bare:12.1f}{size}")


def served() -> Any:
    """Django alone; the connection stays open, as a server's thread keeps it."""
    from django.core import signals
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import close_old_connections

    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    return WSGIHandler()


def compressions() -> dict[str, Callable[[bytes], bytes]]:
    import brotli

    return {
        "gzip 1": lambda body: gzip.compress(body, 1),
        "gzip 6": lambda body: gzip.compress(body, 6),
        "brotli 4": lambda body: brotli.compress(body, quality=4),
        "brotli 5": lambda body: brotli.compress(body, quality=5),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    usual = Path(tempfile.gettempdir()) / "papercache-pages"
    parser.add_argument("--keep", type=Path, default=usual, metavar="DIR")
    parser.add_argument("--papers", type=int, default=1000)
    parser.add_argument("--database", default="", metavar="URL")
    chosen = parser.parse_args()
    chosen.keep.mkdir(parents=True, exist_ok=True)
    database = chosen.database or f"sqlite:///{chosen.keep.resolve()}/cold_{chosen.papers}.sqlite3"
    prepare(database, chosen.papers)
    print(scratch.run(database, "-m", "tests.benchmarks.cold_pages", "--measure"), end="")


if __name__ == "__main__":
    scratch.begin(main, measure=show)
