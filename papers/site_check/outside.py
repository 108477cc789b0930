"""Links to other sites: politely asked, one question at a time for each host, several hosts at once."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext_noop

from .. import remote
from ..models import LinkCheck, Paper, Section
from ..remote import RemoteFailed
from .finding import Finding, Part
from .hrefs import batches, html_of, links_of
from .notes import where_is

AT_ONCE = 8
PAUSE = 1.0  # seconds between two questions to one host
BACK_OFF = (2.0, 8.0)  # before the second and the third attempt
LONGEST_WAIT = 30.0  # that a host may ask for; what takes longer is asked another day
TAKEN_FOR_DOWN = 3  # addresses of one host without an answer: its others are not tried
FRESH = timedelta(days=1)

_MAY_PASS = {429, 500, 502, 503, 504}
_NO_ANSWER = {"unknown_host", "no_connection", "timed_out"}
# Somebody is there, who lets no program in or is too busy: nothing that an editor could mend.
_NOT_FOR_US = {401, 402, 403, 405, 406, 429, 451, 503, 999}

_ANSWERED = gettext_noop("链接的网站答 %(status)d。")
_REASONS = {
    "refused": gettext_noop("链接的网址写错了，或不在公网上。"),
    "unknown_host": gettext_noop("链接的主机名不存在。"),
    "no_connection": gettext_noop("连不上链接的网站，或它的证书不可信。"),
    "timed_out": gettext_noop("链接的网站迟迟没有回答。"),
    "redirects": gettext_noop("链接的网站转址太多次。"),
    "broken": gettext_noop("链接的网站的回答无法理解。"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` 0: no answer, and the reason."""

    url: str
    status: int = 0
    reason: str = ""

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300 or self.status in _NOT_FOR_US


# --- What to ask ------------------------------------------------------------------------------------------


def links() -> dict[str, list[str]]:
    """Of what the public sees: each address with the pages that link to it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for batch in batches():
        for thing in batch:
            if isinstance(thing, Section) or thing.is_published:
                for url in _urls(thing):
                    found[url].append(where_is(thing))
    return found


def _urls(thing: Section | Paper) -> list[str]:
    typed = [] if isinstance(thing, Section) else [thing.paper_url, thing.code_url]
    in_note = [link.url for link in links_of(html_of(thing), where_is(thing))]
    return [url for url in dict.fromkeys([*typed, *in_note]) if url]


def count() -> int:
    return len(links())


def look(*, fresh: bool = False) -> Iterator[list[Finding]]:
    """`fresh`: also what answered well within a day."""
    where = links()
    known = set() if fresh else _known_to_be_good()
    for _url in where.keys() & known:
        yield []
    for outcome in ask([url for url in where if url not in known]):
        _keep(outcome)
        yield [] if outcome.is_good else [_finding(page, outcome) for page in where[outcome.url]]


def _finding(page: str, outcome: Outcome) -> Finding:
    message = _REASONS.get(outcome.reason, _ANSWERED)
    params = {} if outcome.reason in _REASONS else {"status": outcome.status}
    return Finding(page, "external", message, params, outcome.url)


# --- What is kept -----------------------------------------------------------------------------------------


def _known_to_be_good() -> set[str]:
    rows = LinkCheck.objects.filter(checked_at__gt=timezone.now() - FRESH)
    outcomes = (Outcome(*row) for row in rows.values_list("url", "status", "reason"))
    return {outcome.url for outcome in outcomes if outcome.is_good}


def _keep(outcome: Outcome) -> None:
    """At once: an interrupted run need not ask again."""
    values: dict[str, Any] = {
        "url": outcome.url,
        "status": outcome.status,
        "reason": outcome.reason,
        "checked_at": timezone.now(),
    }
    key = hashlib.sha256(outcome.url.encode(errors="replace")).hexdigest()
    LinkCheck.objects.update_or_create(key=key, defaults=values)


# --- Asking -----------------------------------------------------------------------------------------------


def ask(urls: Iterable[str], *, configured: Sequence[str] = ()) -> Iterator[Outcome]:
    """As they come. The threads touch no database; whoever stops listening stops them."""
    hosts: Queue[list[str]] = Queue()
    for group in _by_host(urls):
        hosts.put(group)
    total = sum(len(group) for group in hosts.queue)
    outcomes: Queue[Outcome] = Queue()
    stop = Event()
    work = (hosts, outcomes, stop, configured)
    threads = [Thread(target=_work, args=work, daemon=True) for _number in range(min(AT_ONCE, hosts.qsize()))]
    for thread in threads:
        thread.start()
    try:
        for _number in range(total):
            yield outcomes.get()
    finally:
        stop.set()


def _by_host(urls: Iterable[str]) -> list[list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for url in urls:
        groups[_host(url)].append(url)
    return sorted(groups.values(), key=len, reverse=True)  # the longest is done last in any case


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _work(
    hosts: "Queue[list[str]]", outcomes: "Queue[Outcome]", stop: Event, configured: Sequence[str]
) -> None:
    while not stop.is_set():
        try:
            group = hosts.get_nowait()
        except Empty:
            return
        for outcome in _ask_host(group, stop, configured):
            outcomes.put(outcome)


def _ask_host(urls: list[str], stop: Event, configured: Sequence[str]) -> Iterator[Outcome]:
    silent, why = 0, ""
    for number, url in enumerate(urls):
        if silent >= TAKEN_FOR_DOWN:
            yield Outcome(url, 0, why)
            continue
        if number and stop.wait(PAUSE):
            return
        outcome = _ask(url, stop, configured)
        why = outcome.reason if outcome.reason in _NO_ANSWER else ""
        silent = silent + 1 if why else 0
        yield outcome


def _ask(url: str, stop: Event, configured: Sequence[str]) -> Outcome:
    """Three attempts, where a failure may pass."""
    for pause in (*BACK_OFF, None):
        outcome, wait = _attempt(url, configured)
        may_pass = outcome.reason in _NO_ANSWER or outcome.status in _MAY_PASS
        if pause is None or not may_pass or wait > LONGEST_WAIT:
            break
        if stop.wait(max(pause, wait)):
            break
    return outcome


def _attempt(url: str, configured: Sequence[str]) -> tuple[Outcome, float]:
    """And for how many seconds the host asks to be left alone."""
    try:
        answer = remote.look(url, configured=configured)
    except RemoteFailed as error:
        return Outcome(url, 0, error.reason), 0
    except Exception:  # noqa: BLE001 — a thread that dies would leave its listener waiting for ever
        return Outcome(url, 0, "broken"), 0
    wait = answer.retry_after
    return Outcome(url, answer.status), float(wait) if wait.isdecimal() and len(wait) < 6 else 0


PART: Final = Part(count, look)
