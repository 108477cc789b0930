"""One line in the log for each request, and on every line the request it belongs to; nothing about a person.

No address, no account, no query string: what somebody searched for is theirs.
"""

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path

HEADER = "X-Request-Id"

GetResponse = Callable[[HttpRequest], HttpResponse]

_log = logging.getLogger(__name__)
_current: ContextVar[str] = ContextVar("request_id", default="")
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def log_requests(get_response: GetResponse) -> GetResponse:
    """Outside of all other middleware, so that what each of them does is counted and its lines are named."""
    from .missed import MARK  # logs are set up before there are models

    def middleware(request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        given = _current.set(_id_of(request))
        try:
            response = get_response(request)
            if not _is_for_caches(response):
                response[HEADER] = _current.get()
            if MARK not in request.META:  # nobody's: a command that looks at every page asks for it
                _log.info("%(method)s %(path)s %(status)d %(ms).1f ms", _facts(request, response, start))
        finally:
            _current.reset(given)
        return response

    return middleware


def _is_for_caches(response: HttpResponse) -> bool:
    """Whoever gets the page from a cache did not make this request."""
    return response.status_code == 200 and response.get("Cache-Control", "").startswith("public")


def _id_of(request: HttpRequest) -> str:
    """What the proxy calls it (wsgi.py removes what comes from strangers), or a name of our own."""
    given = request.headers.get(HEADER, "")
    return given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


def _facts(request: HttpRequest, response: HttpResponse, start: float) -> dict[str, Any]:
    return {
        "method": request.method if (request.method or "").isalpha() else "?",
        "path": _path_of(request),
        "status": response.status_code,
        "ms": round((time.perf_counter() - start) * 1000, 1),
        "bytes": None if response.streaming else len(response.content),
    }


def _path_of(request: HttpRequest) -> str:
    """Where a path holds a key to something, or names an account, the pattern of its route stands for it."""
    match = request.resolver_match
    if match and ("token" in match.kwargs or "/auth/" in match.route):
        return f"/{match.route}"
    return escape_uri_path(request.path)[:500]


# --- How a line looks -------------------------------------------------------------------------------------


class Json(logging.Formatter):
    """One object a line, for a collector of logs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": _current.get(),
        }
        if record.name == __name__ and isinstance(record.args, dict):
            line |= record.args
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Plain(logging.Formatter):
    """For a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = _current.get() or "-"
        return super().format(record)


class OnlyOurTracebacks(logging.Filter):
    """Django writes one for each request that it refuses, and for a 503, of which `views.errors` has told in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 500)
        if status < 500:
            record.exc_info = None
        return status != 503
