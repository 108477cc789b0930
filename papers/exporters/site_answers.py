"""What a file of an exported site holds: the bytes that the site itself answers an anonymous reader with.

Three things cannot be the same, because a server of files knows no query string: further pages of lists and parts of
the sitemap have addresses of their own, and the search page asks an index in the browser.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory
from django.urls import get_resolver, get_script_prefix, resolve, reverse
from django.utils import translation

from .. import addresses, figures, paths
from ..missed import MARK
from ..models import Paper
from ..pages import absolute
from ..views.content import paper_page
from ..views.reading import card_of
from ..views.twins import twin
from .site_plan import Job, file_of
from .site_search import FOLDER


class NotMade(Exception):
    """One line: which file, and why."""


def paper_at(path: str) -> Paper | None:
    """For all files of one paper, whose addresses then need not be looked up one by one."""
    try:
        found = addresses.find(path) if path else None
    except addresses.Gone:
        return None
    return found.thing if found and isinstance(found.thing, Paper) else None


def content(job: Job, paper: Paper | None = None) -> bytes:
    """Raises NotMade."""
    with translation.override(settings.LANGUAGE_CODE):
        try:
            return _of_paper(job, paper) if job.paper else _content(job)
        except (Http404, FileNotFoundError) as error:
            raise NotMade(f"{job.name}: {' '.join(str(error).split()) or 'not there'}") from None


def _content(job: Job) -> bytes:
    match job.making:
        case "page":
            return _page(job.source)
        case "moved":
            url = absolute(job.source)
            return render_to_string("papers/moved.html", {"url": job.source, "canonical": url}).encode()
        case "figure":
            with default_storage.open(figures.place_of(job.source)) as file:
                return bytes(file.read())
        case "asset":
            return Path(staticfiles_storage.path(job.source)).read_bytes()
        case "missing":
            return _missing(job.source)
        case "search":
            return _search_page("/search/", job.source.split())
        case "palette":
            return render_to_string("papers/exported_palette.html").encode()
    return b""


def _of_paper(job: Job, paper: Paper | None) -> bytes:
    """What the views answer, without asking again which paper is meant."""
    if paper is None or paper.path != job.paper:
        raise NotMade(f"{job.name}: not there")
    if job.source == paper.path:
        return _with_pages_as_files(job.source, bytes(paper_page(_request(job.source), paper).content))
    if suffix := paths.split_twin(job.source)[1]:
        return bytes(twin(paper, suffix).content)
    return bytes(card_of(_request(job.source), paper).content)


# --- Asking -------------------------------------------------------------------------------------------------


def _request(address: str) -> HttpRequest:
    base = urlsplit(settings.PAPERCACHE_URL)
    request = RequestFactory().get(quote(address, safe="/?=&"), secure=base.scheme == "https")
    request.META |= {"HTTP_HOST": base.netloc, MARK: True}
    request.user = AnonymousUser()
    return request


def _page(address: str) -> bytes:
    """From its view itself: what middleware adds are headers, limits and accounts."""
    request = _request(address)
    request.resolver_match = match = resolve(request.path_info)
    response = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):  # the sitemap's
        response.render()
    if response.status_code != 200:
        raise NotMade(f"{address}: {response.status_code}")
    body = bytes(response.content)
    if address.startswith("/sitemap.xml"):
        return _with_parts_as_files(body)
    return _with_pages_as_files(address, body)


def _missing(address: str) -> bytes:
    view: Any = get_resolver().resolve_error_handler(404)
    return bytes(view(_request(address), exception=Http404()).content)


# --- What cannot be the same ----------------------------------------------------------------------------------

_PART = re.compile(rb"sitemap\.xml\?section=(\w+)&amp;p=(\d+)")


def _with_parts_as_files(sitemap: bytes) -> bytes:
    return _PART.sub(rb"sitemap-\1-\2.xml", sitemap)


def _with_pages_as_files(address: str, body: bytes) -> bytes:
    """Its links to further pages, and its own canonical address if it is one of them."""
    if b"?page=" not in body:
        return body
    path = address.partition("?")[0]
    here = absolute(get_script_prefix().rstrip("/") + quote(path)).encode()

    def file(found: re.Match[bytes]) -> bytes:
        number = found[2].decode()
        page = file_of(path if number == "1" else f"{path}?page={number}").removesuffix("index.html")
        url = get_script_prefix() + quote(page)
        return (absolute(url) if found[1] else url).encode()

    return re.sub(rb'(%s|(?<=href="))\?page=(\d+)' % re.escape(here), file, body)


def _search_page(address: str, indexes: list[str]) -> bytes:
    context = {
        "canonical": absolute(reverse("papers:search")),
        "policy": _policy(),
        "indexes": " ".join(f"{get_script_prefix()}{FOLDER}/{number}/" for number in indexes),
    }
    return render_to_string("papers/exported_search.html", context, _request(address)).encode()


def _policy() -> str:
    """The site's own, as far as a page can say it of itself; the index is searched by WebAssembly."""
    directives: dict[str, Any] = dict(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
    del directives["frame-ancestors"]
    directives["script-src"] = [*directives["script-src"], "'wasm-unsafe-eval'"]
    upgrade = directives.pop("upgrade-insecure-requests")
    said = [f"{name} {' '.join(values)}" for name, values in directives.items()]
    return "; ".join([*said, *(["upgrade-insecure-requests"] if upgrade else [])])
