"""The WSGI application: Django behind what clients and reverse proxies may or may not do."""

import os
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from wsgiref.headers import Headers

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "papercache_project.settings")

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def behind_proxy(application: Application) -> Application:
    """Drop X-Forwarded-* and X-Request-Id of strangers; take the prefix off where the proxy left it on."""
    from django.conf import settings

    from papers import visitors

    prefix: str = (settings.FORCE_SCRIPT_NAME or "").encode().decode("latin-1")  # as PATH_INFO comes
    is_trusted_peer = lru_cache(maxsize=1024)(visitors.is_trusted_peer)

    def wrapped(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not is_trusted_peer(environ.get("REMOTE_ADDR", "")):
            for name in [
                key for key in environ if key.startswith(("HTTP_X_FORWARDED_", "HTTP_X_REQUEST_ID"))
            ]:
                del environ[name]
        path = environ.get("PATH_INFO", "")
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return application(environ, start_response)

    return wrapped


def without_charsets(application: Application) -> Application:
    """Django would decode a request by the charset that its client names, be it `base64`; here all is UTF-8."""

    def wrapped(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        media_type, *parameters = environ.get("CONTENT_TYPE", "").split(";")
        boundary = [word for word in parameters if word.strip().lower().startswith("boundary=")]
        environ["CONTENT_TYPE"] = ";".join([media_type, *boundary])
        return application(environ, start_response)

    return wrapped


def unlisted(application: Application) -> Application:
    """Ask search engines to leave out everything that is answered, static files and pictures too."""

    def wrapped(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            return start_response(status, [*headers, ("X-Robots-Tag", "noindex, nofollow")], *failure)

        return application(environ, start)

    return wrapped


def with_static_files(application: Application) -> Application:
    """Files that `collectstatic` gave fingerprints and compressed; they pass no middleware, so say themselves what it says."""
    from django.conf import settings
    from whitenoise import WhiteNoise

    def say(headers: Headers, path: str, url: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
        headers["Cross-Origin-Opener-Policy"] = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
        headers["Cross-Origin-Resource-Policy"] = "same-origin"

    prefix = settings.STATIC_URL.removeprefix(settings.FORCE_SCRIPT_NAME or "")
    is_fingerprinted = r"\.[0-9a-f]{12}\.[^/]+$"
    files = WhiteNoise(
        application, add_headers_function=say, allow_all_origins=False, immutable_file_test=is_fingerprinted
    )
    files.add_files(settings.STATIC_ROOT, prefix)
    return files


def make_application() -> Application:
    from django.conf import settings

    if settings.SECRET_KEY_IS_RANDOM and not settings.DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Run `python manage.py quickstart` once (it writes one into .env), "
            "or set the environment variable SECRET_KEY to 50 random characters."
        )
    application: Application = with_static_files(without_charsets(get_wsgi_application()))
    if settings.PAPERCACHE_PAGE_CACHE_MB and not settings.DEBUG:
        from papers.page_cache import PageCache

        application = PageCache(application, settings.PAPERCACHE_PAGE_CACHE_MB)
    application = behind_proxy(application)
    return unlisted(application) if settings.PAPERCACHE_NOINDEX else application


try:
    application = make_application()
except ImproperlyConfigured as error:  # a server would answer with its whole traceback, at each of its tries
    sys.exit(f"papercache: {error}")
