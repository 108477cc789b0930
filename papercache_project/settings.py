"""Settings, from environment variables alone; the README's table names every one of them."""

import re
import secrets
import sys
from datetime import timedelta
from importlib.util import find_spec
from io import StringIO
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from warnings import catch_warnings, simplefilter
from zoneinfo import ZoneInfo

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from papers import __version__
from papers.paths import RESERVED_AT_TOP

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.Env):
    """Values mean what they say: django-environ would look up one that begins with `$` under another name."""

    def get_value(
        self, var: Any, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        value = self.ENVIRON.get(str(var))
        return default if value is None else self.parse_value(value, cast)


def typed_in(file: Path) -> StringIO:
    """Refuses a line that django-environ would only warn of, whole, whatever secret is in it."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    for number, line in enumerate(lines, 1):
        if line and not re.match("#|(export )?[A-Za-z_0-9]+=", line):
            raise ImproperlyConfigured(
                f"{file}, line {number}: write NAME=value, with no space beside the =."
            )
    return StringIO("\n".join(lines))


env = Environment()
if (BASE_DIR / ".env").is_file():
    try:  # of a file that it opens itself, django-environ would pass over what cannot be read
        env.read_env(typed_in(BASE_DIR / ".env"))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{BASE_DIR / '.env'} cannot be read: {error}; it is to be UTF-8 text that this user may read."
        ) from None


def flag(name: str, default: bool) -> bool:
    """A strict boolean: django-environ would read `ture` as false."""
    words = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    value = env.str(name, default=str(default)).strip().lower()
    if value not in words:
        raise ImproperlyConfigured(f"{name}={value!r} is not understood; allowed are {', '.join(words)}.")
    return words[value]


def base_url(name: str, default: str) -> str:
    """As browsers send it: a host in small letters, and a Chinese one in ASCII."""
    value = env.str(name, default=default).strip().rstrip("/")
    host, prefix = r"\[[0-9a-fA-F:.]+\]|[^\W_]+([.-]+[^\W_]+)*", r"(/[\w~-][\w.~-]*)*"
    found = re.fullmatch(f"(?P<scheme>https?://)(?P<host>{host})(?P<rest>(:[0-9]{{1,5}})?{prefix})", value)
    try:
        if found and urlsplit(value).port != 0:  # it refuses what is no port, and what is no IPv6
            return f"{found['scheme']}{found['host'].encode('idna').decode().lower()}{found['rest']}"
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{name}={value!r} is not an address; write https://host[:port][/prefix].")


def needs(name: str, module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise ImproperlyConfigured(f"{name} needs a package that is not installed: pip install '.[{extra}]'.")


def database(name: str, default: str) -> dict[str, Any]:
    allowed = "sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME"
    pool = int(number("PAPERCACHE_DATABASE_POOL", 0))
    try:
        with catch_warnings():
            simplefilter("ignore")  # about an unknown engine, password included; refused in words below
            config: dict[str, Any] = dict(env.db_url(name, default=default))
        config["PORT"] = str(int(config["PORT"])) if config.get("PORT") else ""
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        config = {}
    if config.get("ENGINE") == "django.db.backends.sqlite3":
        if config["NAME"] != ":memory:":
            config["NAME"] = str(BASE_DIR / config["NAME"])
        # WAL lets readers read while one writes; immediate transactions and the time-out make writers queue
        # where they would fail with "database is locked"; FULL keeps an accepted save through a power cut.
        # Reading 64 MB of the file as memory halves the time of queries that pass by long notes.
        config["CONN_MAX_AGE"] = 60  # papers.open_file says why it may stay open
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=67108864;",
        }
    elif config.get("ENGINE") == "django.db.backends.postgresql" and config.get("NAME"):
        config["CONN_HEALTH_CHECKS"] = True
        config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
        if pool:
            needs("PAPERCACHE_DATABASE_POOL", "psycopg_pool", "postgres")
            config["OPTIONS"]["pool"] = {"min_size": 0, "max_size": pool, "timeout": 5}
        else:
            config["CONN_MAX_AGE"] = 60  # a connection of each thread's own
    else:
        raise ImproperlyConfigured(
            f"{name} is not a database address that PaperCache knows; write {allowed}."
        )
    return config


def cache(name: str, default: str) -> dict[str, Any]:
    try:
        config = dict(env.cache_url(name, default=default))
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        raise ImproperlyConfigured(
            f"{name} is not a cache address; write locmemcache:// or redis://HOST:PORT/0."
        ) from None
    if config["BACKEND"].endswith("RedisCache"):
        needs(name, "redis", "redis")
        config["BACKEND"] = "papers.shared_cache.SharedCache"
    # Two versions that serve side by side during an upgrade do not read each other's objects.
    return {"KEY_PREFIX": f"papercache-{__version__}", **config}


def time_zone(name: str, default: str) -> str:
    value = env.str(name, default=default)
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a time zone; write one such as Asia/Shanghai."
        ) from None
    return value


def one_of(name: str, default: str, allowed: list[str]) -> str:
    value = env.str(name, default=default).strip()
    found = next((word for word in allowed if word.lower() == value.lower()), None)
    if found is None:
        raise ImproperlyConfigured(f"{name}={value!r} is not understood; allowed are {', '.join(allowed)}.")
    return found


def number(name: str, default: float, least: float = 0) -> float:
    value = env.str(name, default=str(default)).strip()
    found = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else -1.0
    if found < least:
        raise ImproperlyConfigured(f"{name}={value!r} is not understood; write a number from {least:g} on.")
    return found


def hosts(name: str) -> list[str]:
    words = [word.strip() for word in env.list(name, default=[]) if word.strip()]
    for word in words:
        if not re.fullmatch(r"\*|\.?[^\W_]+([.-]+[^\W_]+)*|\[[0-9a-fA-F:.]+\]", word):
            raise ImproperlyConfigured(
                f"{name}: {word!r} is no host name; write names without https:// and port, separated by commas."
            )
    return words


def networks(name: str, default: list[str]) -> list[Any]:
    try:
        return [ip_network(word.strip()) for word in env.list(name, default=default)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}; write addresses or networks, separated by commas."
        ) from None


def admin_path(name: str, default: str) -> str:
    value = env.str(name, default=default).strip().strip("/")
    is_free = value == default or (value.lower() not in RESERVED_AT_TOP and not value.isdigit())
    if not (is_free and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", value)):
        raise ImproperlyConfigured(
            f"{name}={value!r} cannot be the admin's path; write one segment of a-z, 0-9, - and _ that is not the site's own."
        )
    return value


# --- The site ---------------------------------------------------------------------------------------------

PAPERCACHE_URL = base_url("PAPERCACHE_URL", "http://127.0.0.1:8000")
PAPERCACHE_NAME = env.str("PAPERCACHE_NAME", default="PaperCache")
PAPERCACHE_OWNER = env.str("PAPERCACHE_OWNER", default="PaperCache")
PAPERCACHE_LICENCE = env.str("PAPERCACHE_LICENCE", default="")
PAPERCACHE_LICENCE_URL = env.str("PAPERCACHE_LICENCE_URL", default="")
PAPERCACHE_CONTACT = env.str("PAPERCACHE_CONTACT", default="")
PAPERCACHE_ICP = env.str("PAPERCACHE_ICP", default="")
PAPERCACHE_ARXIV_URL = base_url("PAPERCACHE_ARXIV_URL", "https://export.arxiv.org")
PAPERCACHE_CROSSREF_URL = base_url("PAPERCACHE_CROSSREF_URL", "https://api.crossref.org")
PAPERCACHE_ADMIN_PATH = admin_path("PAPERCACHE_ADMIN_PATH", "admin")
PAPERCACHE_HSTS = one_of("PAPERCACHE_HSTS", "host", ["host", "subdomains", "preload"])
PAPERCACHE_NOINDEX = flag("PAPERCACHE_NOINDEX", False)
PAPERCACHE_QUERY_SECONDS = number("PAPERCACHE_QUERY_SECONDS", 10, least=0.01)
PAPERCACHE_TRUSTED_PROXIES = networks("PAPERCACHE_TRUSTED_PROXIES", ["127.0.0.0/8", "::1"])
PAPERCACHE_PAGE_CACHE_MB = int(number("PAPERCACHE_PAGE_CACHE_MB", 128))

_url = urlsplit(PAPERCACHE_URL)
_host = f"[{_url.hostname}]" if ":" in (_url.hostname or "") else _url.hostname
_is_https = _url.scheme == "https"
FORCE_SCRIPT_NAME = _url.path or None
# Of `/papers/` nobody could tell whether a proxy has taken the prefix off already.
if _url.path[1:].lower() in {*RESERVED_AT_TOP, PAPERCACHE_ADMIN_PATH}:
    raise ImproperlyConfigured(
        f"PAPERCACHE_URL: {_url.path} is an address of the site's own; choose another prefix."
    )

# --- Security ---------------------------------------------------------------------------------------------

DEBUG = flag("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_IS_RANDOM = not SECRET_KEY
if SECRET_KEY_IS_RANDOM:  # enough for commands; wsgi.py refuses to serve with it
    SECRET_KEY = secrets.token_urlsafe(50)
ALLOWED_HOSTS = [_host, "127.0.0.1", "localhost", "[::1]", *hosts("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"{_url.scheme}://{_url.netloc}"]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _is_https
SECURE_REDIRECT_EXEMPT = [f"^{re.escape(f'{_url.path}/'[1:])}(healthz|readyz)$"]
SECURE_PROXY_SSL_HEADER = (
    "HTTP_X_FORWARDED_PROTO",
    "https",
)  # wsgi.py removes it where it comes from strangers
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
# They bind hosts of the owner that are not ours to decide on: off until the owner says so.
SECURE_HSTS_INCLUDE_SUBDOMAINS = PAPERCACHE_HSTS in ("subdomains", "preload")
SECURE_HSTS_PRELOAD = PAPERCACHE_HSTS == "preload"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "papers.views.errors.csrf_failure"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{_url.path}/"
# Browsers take a cookie of such a name from this host alone, over HTTPS: no other host of the domain can set it.
_cookie_prefix = "" if not _is_https else "__Secure-" if _url.path else "__Host-"
SESSION_COOKIE_NAME = f"{_cookie_prefix}sessionid"
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrftoken"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": _is_https,
    }
}
# A note may hold 512 kB, and pictures pasted into it, of 20 MB at most, which become files. The form arrives
# percent-encoded, nine bytes for a Chinese character, three for two of the digits of base64. Above the field's
# own limits the form answers with words and keeps the text; above this one `views.errors.bad_request` has to answer.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
PASSWORD_HASHERS = [
    f"django.contrib.auth.hashers.{name}"
    for name in ("ScryptPasswordHasher", "PBKDF2PasswordHasher")  # the second for those of older versions
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "papers.passwords.MinimumLength", "OPTIONS": {"min_length": 12}},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # says no before a password is looked at
    "django.contrib.auth.backends.ModelBackend",
]
AXES_HANDLER = "papers.throttle.Throttle"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # knocking on does not make it longer
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "papers.throttle.locked_out"
AXES_CLIENT_IP_CALLABLE = "papers.visitors.address_of"
AXES_SENSITIVE_PARAMETERS = ["username", "next", "csrfmiddlewaretoken"]  # not kept twice, or at all
AXES_DISABLE_ACCESS_LOG = True  # papers.security_log writes it where other logs are
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Parts ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "axes",  # counts a failed login before `papers` writes it into the log
    "taggit",
    "papers",  # after taggit, whose admin it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "csp",
]
MIDDLEWARE = [
    "papers.request_log.log_requests",  # outside of all others
    "papers.time_limits.limit_queries",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "papers.middleware.compressed_text",  # outside of all that reads or changes a page
    "papers.middleware.response_headers",
    "papers.middleware.language",  # outside of all that answers in words
    "papers.door.limits",
    "papers.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "papers.security_log.remember_request",
    "axes.middleware.AxesMiddleware",
]
LOGIN_REDIRECT_URL = "admin:index"
ROOT_URLCONF = "papercache_project.urls"
WSGI_APPLICATION = "papercache_project.wsgi.application"
APPEND_SLASH = False  # papers.views.content.page redirects, and to the one true path at once
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "papers.context_processors.site",
            ]
        },
    }
]
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
SERIALIZATION_MODULES = {"yaml": "papers.serializers"}

# --- Logs -------------------------------------------------------------------------------------------------

# All go to standard error, where systemd and containers look; Django's default mails errors. A person at a terminal
# gets words, a collector of logs gets objects.
PAPERCACHE_LOG_FORMAT = one_of(
    "PAPERCACHE_LOG_FORMAT", "plain" if DEBUG or sys.stderr.isatty() else "json", ["plain", "json"]
)
PAPERCACHE_LOG_LEVEL = one_of("PAPERCACHE_LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "papers.request_log.Plain",
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
        "json": {"()": "papers.request_log.Json"},
    },
    "filters": {"tracebacks": {"()": "papers.request_log.OnlyOurTracebacks"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": PAPERCACHE_LOG_FORMAT,
            "filters": ["tracebacks"],
        }
    },
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO" if DEBUG else "ERROR", "propagate": False},
        "papers": {"handlers": ["stderr"], "level": PAPERCACHE_LOG_LEVEL, "propagate": False},
        "axes": {
            "handlers": ["stderr"],
            "level": "ERROR",
            "propagate": False,
        },  # papers.security has the rest
    },
}

# --- Data -------------------------------------------------------------------------------------------------

DATABASES = {"default": database("DATABASE_URL", f"sqlite:///{quote(str(BASE_DIR / 'papercache.sqlite3'))}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": cache("CACHE_URL", "locmemcache://")}
MEDIA_ROOT = str(BASE_DIR / (env.str("MEDIA_ROOT", default="") or "media"))
MEDIA_URL = f"{_url.path}/media/"
STATIC_ROOT = BASE_DIR / ".static"
STATIC_URL = f"{_url.path}/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Pages ask for no file under its own name: half of the time that compressing takes.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Language and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]  # each by its own name, as the switch shows it
LANGUAGE_COOKIE_PATH = f"{_url.path}/"
LANGUAGE_COOKIE_SECURE = _is_https
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 31_536_000
LOCALE_PATHS = [BASE_DIR / "papers" / "locale"]
TIME_ZONE = time_zone("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

TAGGIT_CASE_INSENSITIVE = True
TAGGIT_TAGS_FROM_STRING = "papers.models.split_tags"
TAGGIT_STRING_FROM_TAGS = "papers.models.join_tags"
