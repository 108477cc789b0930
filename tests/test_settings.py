"""What an operator reads when a setting is wrong: one line that names it and says what is allowed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in an environment where nothing else is set."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:", **variables}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def only_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("DEBUG", "ture", "true, yes, on, 1, false, no, off, 0"),
        ("DATABASE_URL", "mysql://user@host/name", "sqlite:///FILE or postgres://"),
        ("DATABASE_URL", "postgres://user:pa ss@host:many/name", "sqlite:///FILE or postgres://"),
        ("DATABASE_URL", "nonsense", "sqlite:///FILE or postgres://"),
        ("CACHE_URL", "carrier-pigeon://loft", "locmemcache:// or redis://"),
        ("PAPERCACHE_URL", "papers.example.org", "https://host[:port][/prefix]"),
        ("PAPERCACHE_URL", "ftp://papers.example.org", "https://host[:port][/prefix]"),
        ("PAPERCACHE_URL", "https://papers.example.org:99999", "https://host[:port][/prefix]"),
        ("PAPERCACHE_URL", "http://*", "https://host[:port][/prefix]"),
        ("PAPERCACHE_URL", "https://user:password@example.org", "https://host[:port][/prefix]"),
        ("PAPERCACHE_URL", "https://example.org/a//b", "https://host[:port][/prefix]"),
        ("PAPERCACHE_URL", "https://example.org/../a", "https://host[:port][/prefix]"),
        ("TIME_ZONE", "Asia/Atlantis", "Asia/Shanghai"),
        ("PAPERCACHE_PAGE_CACHE_MB", "128 MB", "a number from 0 on"),
        ("PAPERCACHE_PAGE_CACHE_MB", "-1", "a number from 0 on"),
        ("PAPERCACHE_TRUSTED_PROXIES", "the proxy", "addresses or networks"),
        ("PAPERCACHE_ADMIN_PATH", "", "one segment of a-z, 0-9, - and _"),
        ("PAPERCACHE_ADMIN_PATH", "a/b", "one segment of a-z, 0-9, - and _"),
        ("PAPERCACHE_ADMIN_PATH", "Admin", "one segment of a-z, 0-9, - and _"),
        ("PAPERCACHE_ADMIN_PATH", "papers", "not the site's own"),
        ("PAPERCACHE_ADMIN_PATH", "2025", "not the site's own"),
        ("PAPERCACHE_ADMIN_PATH", "-", "one segment of a-z, 0-9, - and _"),
        ("PAPERCACHE_HSTS", "everywhere", "host, subdomains, preload"),
        ("PAPERCACHE_LOG_FORMAT", "xml", "plain, json"),
        ("PAPERCACHE_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("PAPERCACHE_QUERY_SECONDS", "0", "a number from 0.01 on"),
        ("PAPERCACHE_QUERY_SECONDS", "soon", "a number from 0.01 on"),
    ],
)
def test_a_malformed_value_is_refused(name: str, value: str, allowed: str) -> None:
    line = only_line(manage("check", **{name: value}))
    assert name in line
    assert allowed in line


def test_a_database_password_is_not_repeated() -> None:
    assert "s3cret" not in only_line(manage("check", DATABASE_URL="oracel://user:s3cret@host/name"))


@pytest.mark.parametrize("value", ["true", "Yes", "ON", "1", "false", "no", "off", "0"])
def test_every_allowed_word_is_a_boolean(value: str) -> None:
    assert manage("check", DEBUG=value).returncode == 0


def test_no_setting_is_needed_for_a_command() -> None:
    assert manage("check").returncode == 0


def test_serving_without_a_secret_key_names_quickstart() -> None:
    line = only_line(manage("runserver", "--noreload", "--skip-checks", SECRET_KEY=""))
    assert "SECRET_KEY" in line
    assert "quickstart" in line


def test_an_https_site_passes_the_deployment_checks() -> None:
    variables = {"PAPERCACHE_URL": "https://papers.example.org", "SECRET_KEY": "0123456789abcdef" * 4}
    result = manage("check", "--deploy", "--fail-level", "WARNING", **variables)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [("sqlite://:memory:", "no such table"), ("postgres://nobody@127.0.0.1:9/nothing", "refused")],
)
@pytest.mark.parametrize(
    "words", [("rebuild", "--check"), ("check_site", "addresses"), ("make_demo", "--papers=1")]
)
def test_a_database_that_cannot_be_asked_is_one_line(url: str, said: str, words: tuple[str, ...]) -> None:
    line = only_line(manage(*words, DATABASE_URL=url))
    assert line.startswith("papercache: database: ")
    assert said in line


def test_where_a_database_error_comes_from_can_be_seen() -> None:
    assert "Traceback" in manage("rebuild", "--check", "--traceback").stderr
