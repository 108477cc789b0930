"""The characters of the tests, and what they work with."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections, transaction
from django.test import Client, TransactionTestCase
from django.urls import set_script_prefix
from django.utils import timezone

from papers import missed, revisions, stored
from papers.models import Paper, Section
from papers.templatetags.papers_tags import rendered_once

from .reading import Answer, call
from .servers import Elsewhere, elsewhere, says

MODELS = list(apps.get_app_config("papers").get_models())
ATOM = (Path(__file__).parent / "data" / "records" / "arxiv.xml").read_bytes()
# Best without toolbars and menus, which cost more than most of our pages do.
BROWSERS = ("chromium-headless-shell", "chromium")

_numbers = count()


def missing(what: str) -> None:
    """Skip for want of a program; where nothing may be missing, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"missing in CI: {what}")
    pytest.skip(f"missing here: {what}")


def pytest_configure() -> None:
    """A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


#: Files whose tests ask a database and look at what no database answers in its own way. Each of them is here by one
#: of these rules. None is about the order of rows, locks, or what a transaction keeps; which papers a reader may see
#: is asked of both by `test_leaks`.
ALIKE = (
    # What stands in a text that is made of rows which others ask for on both: pages, feeds, cards, twins, log lines.
    *(
        "test_admin_check",
        "test_admin_history",
        "test_admin_preview",
        "test_cards",
        "test_feed_rules",
        "test_language",
        "test_list_exports",
        "test_logs",
        "test_paper_page",
    ),
    *("test_structured_data", "test_to_markdown", "test_twins"),
    # Which headers and cookies come with it, and who is let in: by settings and requests.
    *(
        "test_admin_contributors",
        "test_admin_path",
        "test_admin_roles",
        "test_admin_side_views",
        "test_figure_pages",
        "test_fuzz",
        "test_headers",
        "test_login",
        "test_prefix",
        "test_security_headers",
        "test_signed_links",
    ),
    # Files that are read and written, and what is made of them: the saves behind them are tested on both.
    *("test_check_lists", "test_export_", "test_hostile_uploads", "test_import_addresses"),
    *(
        "test_import_again",
        "test_import_growth",
        "test_import_jekyll",
        "test_import_kinds",
        "test_import_pages",
        "test_import_safety",
    ),
    *("test_import_kramdown", "test_import_values", "test_lock"),
    *("test_make_demo", "test_tidying"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks a database in its own way: nothing else has to be tested on each of them."""
    asking = {"db", "transactional_db", "django_db_setup", "filled_database"}
    for item in items:
        marker = item.get_closest_marker("django_db")
        has_any = marker is not None and marker.kwargs.get("databases") != []
        is_asking = has_any or asking & set(getattr(item, "fixturenames", ()))
        if is_asking and not item.path.name.startswith(ALIKE):
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As readers' and editors' threads share it: SQLite in memory would tell all but one that it is locked."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "papercache.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What migrating leaves in the tables is copied after each flush: receivers would work it out row by row."""
    with django_db_blocker.unblock():
        tables = [list(model._base_manager.all()) for model in apps.get_models(include_auto_created=True)]

    def flush_and_fill(self: TransactionTestCase) -> None:
        call_command(
            "flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True
        )
        with transaction.atomic():
            for rows in filter(None, tables):
                type(rows[0])._base_manager.bulk_create(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_and_fill)
        yield


@pytest.fixture(autouse=True)
def quick_settings(settings: Any) -> None:
    """Pages need no `collectstatic` and no look through its files; passwords need no second to be hashed."""
    backend = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    settings.STATIC_ROOT = Path("/nothing collected")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this test's pictures go: a folder that is not there before the first of them."""
    settings.MEDIA_ROOT = str(tmp_path_factory.getbasetemp() / "media" / str(next(_numbers)))
    return Path(settings.MEDIA_ROOT)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """A test that is rolled back leaves a generation number that the next one may reach with other papers."""
    cache.clear()
    stored.forget()
    rendered_once.cache_clear()  # settings may differ
    missed.take()


@pytest.fixture
def root(db: None) -> Section:
    return Section.objects.filter(uid="root").first() or Section.objects.get(pk=copied(make_root))


@pytest.fixture
def section(db: None) -> Section:
    sections = Section.objects.select_related("parent")
    return sections.filter(slug="RL").first() or sections.get(pk=copied(make_shelf))


@pytest.fixture
def published_paper(db: None) -> Paper:
    return Paper.objects.select_related("section__parent").get(pk=copied(make_public))


@pytest.fixture
def draft_paper(db: None) -> Paper:
    return Paper.objects.select_related("section__parent").get(pk=copied(make_draft))


@pytest.fixture
def scheduled_paper(section: Section) -> Paper:
    tomorrow = timezone.now() + timedelta(days=1)
    return make_paper(section, "2025-09-Tomorrow", title="Tomorrow Paper", publish_at=tomorrow)


@pytest.fixture
def unpublished_paper(section: Section) -> Paper:
    """Public once, and taken back."""
    paper = make_paper(section, "2025-06-Withdrawn", title="Withdrawn Paper")
    paper.status = "draft"
    paper.save()
    return paper


@pytest.fixture
def editor(db: None) -> User:
    return User.objects.create_superuser("editor", password="editor")


@pytest.fixture
def editor_client(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def wsgi(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Answer]]:
    """The whole application as its server calls it, made anew for each request from the settings of the test."""
    settings.SECRET_KEY_IS_RANDOM = False
    # A connection beside that of the test would not see what the test has written.
    monkeypatch.setattr(connection, "is_in_memory_db", lambda: True, raising=False)
    from papercache_project.wsgi import make_application

    for sent in (
        request_started,
        request_finished,
    ):  # they would close the connection of the test's transaction
        sent.disconnect(close_old_connections)
    yield lambda target, **environ: call(make_application(), target, **environ)
    for sent in (request_started, request_finished):
        sent.connect(close_old_connections)
    set_script_prefix("/")


# --- What is there at the start ---------------------------------------------------------------------------


def make_root() -> int:
    return make_section("", parent=None, uid="root", title="站名").pk


def make_shelf() -> int:
    root = Section.objects.filter(uid="root").first() or Section.objects.get(pk=make_root())
    return make_section("RL", parent=root, title="强化学习").pk


def make_public() -> int:
    return make_paper(the_shelf(), "2025-07-Public", title="Public Paper", status="published").pk


def make_draft() -> int:
    return make_paper(the_shelf(), "2025-08-Secret", title="Secret Paper", status="draft").pk


def the_shelf() -> Section:
    return Section.objects.filter(slug="RL").first() or Section.objects.get(pk=make_shelf())


def copied(make: Callable[[], int]) -> int:
    """Most tests begin with these few rows, and saving them is much of the work of many."""
    return made_once(make) if is_empty() else make()


def is_empty() -> bool:
    """Whether a test has made nothing of ours yet, which copied rows would be in the way of."""
    some = (f"EXISTS (SELECT 1 FROM {model._meta.db_table})" for model in MODELS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' OR '.join(some)}")
        return not cursor.fetchone()[0]


_made: dict[Callable[[], Any], tuple[Any, list[list[Any]]]] = {}


@pytest.fixture
def arxiv(settings: Any) -> Iterator[Elsewhere]:
    """arXiv, which has one paper: whatever is asked for."""
    with elsewhere() as server:
        settings.PAPERCACHE_ARXIV_URL = server.url
        server.behaviours["*"] = says(ATOM)
        yield server


@pytest.fixture
def seed(db: None) -> None:
    """What `loaddata papercache` leaves in an empty database."""
    made_once(load_seed)


def load_seed() -> None:
    call_command("loaddata", "papercache", verbosity=0)


def made_once(make: Callable[[], Any]) -> Any:
    """Have in an empty database what `make` makes there: by itself the first time, then copied row by row.

    What it returns is returned again, so no row may be in it, only keys.
    """
    if make not in _made:
        returned = make()
        _made[make] = returned, [list(model._default_manager.order_by("pk")) for model in MODELS]
        return returned
    returned, tables = _made[make]
    filled = [rows for rows in tables if rows]
    for rows in filled:
        type(rows[0])._default_manager.bulk_create(rows)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [type(rows[0]) for rows in filled]):
            cursor.execute(statement)
    return returned


def make_section(slug: str, parent: Section | None, title: str = "栏目", **fields: Any) -> Section:
    section = Section(slug=slug, parent=parent, title=title, **fields)
    section.save()
    revisions.record(section)
    return section


def make_paper(section: Section | None, slug: str, tags: tuple[str, ...] = (), **fields: Any) -> Paper:
    values = {"title": slug, "published_on": date(2025, 7, 1), "status": "published", **fields}
    paper = Paper(section=section, slug=slug, **values)
    paper.save()
    paper.tags.add(*tags)
    revisions.record(paper)
    return paper


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a small site, to be copied: it takes some seconds to make."""
    from . import sites

    with sites.filled(tmp_path_factory.mktemp("filled")) as database:
        yield database


@pytest.fixture
def site(filled_database: str, tmp_path: Path) -> Iterator[Any]:
    """A site of its own for real servers, on the kind of database that the tests run on."""
    from . import sites

    with sites.copied(filled_database, tmp_path) as database:
        yield sites.Site(tmp_path, database)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium; the one place that starts it."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        missing(f"{BROWSERS[0]} (Debian's package of this name)")
    from playwright.sync_api import sync_playwright

    flags = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop in this thread
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=flags.split())
        yield chromium
        chromium.close()
        connections.close_all()  # Django keeps others while an event loop runs, and nobody else would close them
