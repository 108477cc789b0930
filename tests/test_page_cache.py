"""The page cache in front of Django: what comes out of it is what Django says now, and nothing personal gets in."""

import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import brotli
import pytest
from django.core.management import call_command
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from papers import derived, draft_links, editions, missed, operations, page_cache, trash
from papers.models import Missed, Paper, Section
from papers.page_cache import PageCache

from . import editing
from .conftest import make_paper, make_section
from .reading import Answer, call
from .test_headers import ERRORS, PAGES

Ask = Callable[..., Answer]
PAGE = "/RL/x.html"


@pytest.fixture
def made() -> Iterator[list[str]]:
    """The paths of what came to Django."""
    paths: list[str] = []

    def note(environ: dict[str, Any], **kwargs: Any) -> None:
        paths.append(environ["PATH_INFO"])

    request_started.connect(note)
    yield paths
    request_started.disconnect(note)


@pytest.fixture
def cache(wsgi: Ask, settings: Any, monkeypatch: pytest.MonkeyPatch, made: list[str]) -> PageCache:
    """The one of the application that `ask` asks; it looks for changes at each request."""
    monkeypatch.setattr(editions, "SERVER_PATIENCE", 0)
    return PageCache(get_wsgi_application(), 1)


@pytest.fixture
def ask(cache: PageCache) -> Ask:
    from papercache_project.wsgi import behind_proxy, without_charsets

    application = behind_proxy(without_charsets(cache))
    return lambda target, **environ: call(application, target, **environ)


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(
        section, "x", uid="u", title="第一版", tags=("MoE",), venue="V", notes="## 节\n\n字" + "词" * 300
    )


# --- Kept -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PAGES[:-1], "/search/?q=x", "/feed.xml", "/RL/x.bib", "/sitemap.xml"])
def test_what_is_asked_for_again_does_not_come_to_django(
    ask: Ask, paper: Paper, made: list[str], path: str
) -> None:
    first, second = ask(path), ask(path)
    assert (first.status, first.content) == (200, second.content)
    assert len(made) == 1


def test_a_kept_page_has_the_headers_of_a_page(ask: Ask, client: Client, paper: Paper) -> None:
    ask(PAGE)
    said, django = ask(PAGE).headers, client.get(PAGE).headers
    own = {"ETag", "Vary", "Content-Length", "Content-Security-Policy"}  # the last one in any order
    assert {name: said[name] for name in django if name not in own} == {
        name: django[name] for name in django if name not in own
    }
    assert (said["Vary"], said["Cache-Control"]) == (
        "Accept-Encoding, Cookie",
        "public, max-age=0, must-revalidate",
    )


def test_the_id_of_one_request_is_not_kept() -> None:
    page = page_cache.Page([("X-Request-Id", "1"), ("Content-Type", "text/html")], b"x", "br")
    assert [name for name, _value in page.headers] == ["Content-Type", "Vary"]


@pytest.mark.parametrize("path", [*ERRORS, "/p/u/", "/-/language/", "/admin/login/", "/readyz"])
def test_what_is_not_a_page_for_everybody_is_not_kept(
    ask: Ask, cache: PageCache, paper: Paper, path: str
) -> None:
    ask(path)
    assert cache.editions.present().size == 0


def test_what_is_gone_is_not_kept(ask: Ask, cache: PageCache, paper: Paper) -> None:
    trash.delete(paper)
    assert ask(PAGE).status == 410
    assert cache.editions.present().size == 0


# --- As long as it is true --------------------------------------------------------------------------------


def rename(paper: Paper) -> None:
    paper.title = "第二版"
    paper.save()


def publish(paper: Paper) -> None:
    editing.publish(paper, title="第二版")


def tag(paper: Paper) -> None:
    paper.tags.add("第二版")


def rename_tag(paper: Paper) -> None:
    tag = paper.tags.get()
    tag.name = "第二版"
    tag.save()


def change_section(paper: Paper) -> None:
    paper.section.title = "第二版"
    paper.section.save()


def tag_many(paper: Paper) -> None:
    editing.run(operations.Retag(add=(editing.make_tag("第二版"),)), paper)


@pytest.mark.parametrize("write", [rename, publish, tag, rename_tag, tag_many, change_section])
def test_a_change_is_seen_at_once(ask: Ask, paper: Paper, write: Callable[[Paper], None]) -> None:
    assert "第二版" not in ask(PAGE).text
    write(paper)
    assert "第二版" in ask(PAGE).text


def test_what_moves_away_is_not_there_any_more(ask: Ask, paper: Paper, root: Section) -> None:
    assert ask(PAGE).status == 200
    paper.section = make_section("other", root)
    paper.save()
    assert ask(PAGE).headers["Location"] == "/other/x.html"


def test_what_is_withdrawn_is_not_there_any_more(ask: Ask, paper: Paper) -> None:
    assert ask(PAGE).status == 200
    paper.status = "draft"
    paper.save()
    assert ask(PAGE).status == 404


def test_a_loaded_fixture_is_seen_at_once(ask: Ask, db: None) -> None:
    ask("/papers/")
    call_command("loaddata", "papercache", verbosity=0)
    assert "FlashAttention" in ask("/papers/").text


def test_what_is_not_seen_by_readers_ends_nothing(ask: Ask, paper: Paper, made: list[str]) -> None:
    ask(PAGE)
    editing.save(paper, title="later")
    Missed.objects.create(kind="search", text="x")
    ask(PAGE)
    assert len(made) == 1


def test_a_scheduled_paper_appears_with_its_moment(
    ask: Ask, section: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    make_paper(section, "later", title="到点了", publish_at=now + timedelta(minutes=5))
    assert "到点了" not in ask("/papers/").text
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=5))
    assert "到点了" in ask("/papers/").text


def test_a_page_is_made_anew_each_day(
    ask: Ask, paper: Paper, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    ask("/-/collection/")
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    ask("/-/collection/")
    assert len(made) == 2


def test_what_is_written_while_a_page_is_made_is_not_missed(ask: Ask, paper: Paper, made: list[str]) -> None:
    def write(**kwargs: Any) -> None:
        if len(made) == 1:
            derived.raise_generation()

    request_started.connect(write)
    ask(PAGE)
    request_started.disconnect(write)
    ask(PAGE)
    assert len(made) == 2


def test_what_this_process_writes_needs_no_second(cache: PageCache, ask: Ask, paper: Paper) -> None:
    cache.editions._patience = 3600
    ask(PAGE)
    rename(paper)
    assert "第一版" in ask(PAGE).text
    ask("/-/language/", REQUEST_METHOD="POST")
    assert "第二版" in ask(PAGE).text


# --- While the database is away ---------------------------------------------------------------------------


def test_pages_that_are_kept_are_served_without_a_database(ask: Ask, cache: PageCache, paper: Paper) -> None:
    ask(PAGE)
    cache.editions._number = fails
    assert ask(PAGE).status == 200


def fails() -> int:
    raise OperationalError("away")


def test_a_database_that_is_back_is_asked_again(ask: Ask, cache: PageCache, paper: Paper) -> None:
    ask(PAGE)
    number = cache.editions._number
    cache.editions._number = fails
    ask(PAGE)
    rename(paper)
    cache.editions._number = number
    assert "第二版" in ask(PAGE).text


def test_nothing_is_kept_before_the_database_was_ever_asked(
    ask: Ask, cache: PageCache, paper: Paper, made: list[str]
) -> None:
    cache.editions._number = fails
    assert [ask(PAGE).status, ask(PAGE).status] == [200, 200]
    assert len(made) == 2


# --- For whom ---------------------------------------------------------------------------------------------


def cookie_of(client: Client, name: str = "sessionid") -> str:
    return f"a=b; {name}={client.cookies[name].value}"


def test_an_editor_gets_no_readers_page_and_leaves_none(
    ask: Ask, paper: Paper, editor_client: Client, made: list[str]
) -> None:
    cookie = cookie_of(editor_client)
    assert "/admin/" in ask(PAGE, HTTP_COOKIE=cookie).text
    assert "/admin/" not in ask(PAGE).text
    assert "/admin/" in ask(PAGE, HTTP_COOKIE=cookie).text
    assert len(made) == 3


def test_the_language_of_a_cookie_is_nobody_elses(ask: Ask, paper: Paper) -> None:
    english = {"HTTP_COOKIE": "django_language=en"}
    assert 'lang="en"' in ask("/papers/", **english).text
    assert 'lang="zh-CN"' in ask("/papers/").text
    assert '<html lang="en"' in ask("/papers/", **english).text


@pytest.mark.parametrize("name", ["csrftoken", "messages"])
def test_who_may_have_typed_something_comes_to_django(
    ask: Ask, paper: Paper, made: list[str], name: str
) -> None:
    ask(PAGE)
    ask(PAGE, HTTP_COOKIE=f"{name}=x")
    assert len(made) == 2


def test_cookies_that_are_not_ours_change_nothing(ask: Ask, paper: Paper, made: list[str]) -> None:
    ask(PAGE)
    ask(PAGE, HTTP_COOKIE="_ga=GA1.1; theme=dark")
    assert len(made) == 1


def test_a_draft_that_an_editor_looks_at_stays_hidden(
    ask: Ask, draft_paper: Paper, editor_client: Client
) -> None:
    url = draft_paper.get_absolute_url()
    assert ask(url, HTTP_COOKIE=cookie_of(editor_client)).status == 200
    assert ask(url).status == 404


def test_a_draft_behind_a_link_is_not_kept(
    ask: Ask, cache: PageCache, draft_paper: Paper, editor: Any
) -> None:
    token, _until = draft_links.make(draft_paper, editor, 7)
    assert ask(f"/-/draft/{token}/").status == 200
    assert cache.editions.present().size == 0


def test_a_post_is_answered_by_django(ask: Ask, paper: Paper) -> None:
    ask(PAGE)
    assert ask(PAGE, REQUEST_METHOD="POST").status in (403, 405)
    assert ask(PAGE).status == 200


def test_hosts_are_told_apart_and_strange_ones_refused(ask: Ask, paper: Paper, made: list[str]) -> None:
    hosts = ["127.0.0.1", "localhost", "evil.example"]
    assert [ask(PAGE, HTTP_HOST=host).status for host in hosts * 2] == [200, 200, 400] * 2
    assert len(made) == 4


@pytest.fixture
def https_only(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True


def test_schemes_are_told_apart(https_only: None, ask: Ask, paper: Paper) -> None:
    https = {"HTTP_X_FORWARDED_PROTO": "https"}
    assert [ask(PAGE, **https).status, ask(PAGE).status, ask(PAGE, **https).status] == [200, 301, 200]


def test_a_strangers_word_for_the_scheme_does_not_count(https_only: None, ask: Ask, paper: Paper) -> None:
    https = {"HTTP_X_FORWARDED_PROTO": "https"}
    assert [ask(PAGE, **https).status, ask(PAGE, **https, REMOTE_ADDR="203.0.113.9").status] == [200, 301]


def test_a_prefix_given_by_the_server_is_told_apart(ask: Ask, paper: Paper) -> None:
    ask(PAGE)
    assert 'href="/below/papers/"' in ask(PAGE, SCRIPT_NAME="/below").text
    assert 'href="/papers/"' in ask(PAGE).text


# --- Query strings ----------------------------------------------------------------------------------------


def test_a_query_that_a_view_reads_has_its_own_page(ask: Ask, paper: Paper) -> None:
    assert ask("/search/?q=nothing").text != ask("/search/?q=x").text
    assert ask("/search/").text != ask("/search/?%71=x").text


def test_what_no_view_reads_is_served_from_the_page_without_it(
    ask: Ask, paper: Paper, made: list[str]
) -> None:
    plain = ask(f"{PAGE}?at=1")
    assert ask(f"{PAGE}?utm_source=a&at=1&fbclid=b").content == plain.content
    assert len(made) == 1


def test_what_no_view_reads_gets_into_no_page_of_others(ask: Ask, cache: PageCache, paper: Paper) -> None:
    assert "evil" in ask(f"{PAGE}?utm_source=evil").text
    assert cache.editions.present().size == 0
    assert "evil" not in ask(PAGE).text


def test_a_query_that_is_not_ascii_comes_to_django(ask: Ask, paper: Paper, made: list[str]) -> None:
    query = "推理".encode().decode("latin-1")
    for _time in range(2):
        ask("/search/", QUERY_STRING=f"q={query}")
    assert len(made) == 2


# --- What is counted --------------------------------------------------------------------------------------


def test_each_search_that_finds_nothing_is_counted(ask: Ask, paper: Paper) -> None:
    ask("/search/?q=nothing", REQUEST_METHOD="HEAD")
    for _time in range(3):
        ask("/search/?q=nothing")
    missed.flush()
    assert Missed.objects.get(text="nothing").count == 3


def test_each_address_that_leads_nowhere_is_counted(ask: Ask, paper: Paper) -> None:
    for _time in range(3):
        ask("/old/a.html")
    missed.flush()
    assert Missed.objects.get(text="/old/a.html").count == 3


# --- HEAD and conditions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_kept", [True, False])
def test_head_says_the_same_without_a_body(ask: Ask, paper: Paper, is_kept: bool) -> None:
    got = [ask(PAGE)] * is_kept
    head = ask(PAGE, REQUEST_METHOD="HEAD")
    assert (head.status, head.content) == (200, b"")
    assert head.headers == (got or [ask(PAGE)])[0].headers


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"a", {}, "b"', 'W/"a",W/{}', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_is_told_so(ask: Ask, paper: Paper, shape: str, method: str) -> None:
    etag = ask(PAGE).headers["ETag"]
    answer = ask(PAGE, HTTP_IF_NONE_MATCH=shape.format(etag), REQUEST_METHOD=method)
    assert (answer.status, answer.content) == (304, b"")
    assert answer.headers == {
        "Cache-Control": "public, max-age=0, must-revalidate",
        "ETag": etag,
        "Vary": "Accept-Encoding, Cookie",
    }


@pytest.mark.parametrize("tags", ['"other"', "", "nonsense", 'W/"other", "more"'])
def test_who_has_another_gets_it(ask: Ask, paper: Paper, tags: str) -> None:
    ask(PAGE)
    assert ask(PAGE, HTTP_IF_NONE_MATCH=tags).status == 200


def test_a_tag_is_strong_and_of_its_encoding(ask: Ask, paper: Paper) -> None:
    tags = {ask(PAGE, HTTP_ACCEPT_ENCODING=encoding).headers["ETag"] for encoding in ("br", "gzip", "")}
    assert len(tags) == 3
    assert not [tag for tag in tags if not (tag.startswith('"') and tag.endswith('"'))]


def test_a_tag_changes_with_its_page(ask: Ask, paper: Paper) -> None:
    etag = ask(PAGE).headers["ETag"]
    rename(paper)
    assert ask(PAGE, HTTP_IF_NONE_MATCH=etag).status == 200


# --- Encodings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5, gzip;q=1.0", "gzip"),
        ("GZIP;Q=0.3", "gzip"),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=x", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_each_client_gets_what_it_takes(ask: Ask, paper: Paper, accepted: str, encoding: str) -> None:
    plain = ask(PAGE).content
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding]
    for _time in range(3):
        answer = ask(PAGE, HTTP_ACCEPT_ENCODING=accepted)
        assert answer.headers.get("Content-Encoding", "") == encoding
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        assert decode(answer.content) == plain


def test_other_encodings_are_made_of_the_first(ask: Ask, paper: Paper, made: list[str]) -> None:
    for encoding in ("br", "gzip", ""):
        ask(PAGE, HTTP_ACCEPT_ENCODING=encoding)
    assert len(made) == 1


def test_who_asks_again_gets_it_smaller(ask: Ask, paper: Paper) -> None:
    sizes = [len(ask(PAGE, HTTP_ACCEPT_ENCODING="br").content) for _time in range(3)]
    assert sizes[0] > sizes[1] == sizes[2]


def test_pages_that_are_not_kept_are_compressed_all_the_same(ask: Ask, paper: Paper) -> None:
    for path in ("/nothing", "/search/?q=nothing"):
        assert ask(path, HTTP_ACCEPT_ENCODING="gzip").headers["Content-Encoding"] == "gzip"


# --- Off --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value"), [("DEBUG", True), ("PAPERCACHE_PAGE_CACHE_MB", 0)])
def test_it_can_be_off(wsgi: Ask, settings: Any, paper: Paper, name: str, value: Any) -> None:
    setattr(settings, name, value)
    assert "ETag" not in wsgi(PAGE).headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_signs_of_life_come_without_asking_for_the_generation(
    cache: PageCache, ask: Ask, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(cache, "editions", None)
    assert ask(path).status == 200
