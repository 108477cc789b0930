"""What an operator reads when a setting is wrong: one line that names it and says what is allowed."""

import os
import runpy
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import OperationalError
from django.db.migrations.exceptions import InconsistentMigrationHistory

import manage as command_line
from papers.management.commands.quickstart import refuse_weak

ROOT = Path(__file__).resolve().parent.parent


ONE_AFTER_ANOTHER = """
import sys, manage
for command in sys.argv[1:]:
    sys.argv = ["manage.py", *command.split()]
    try:
        manage.main()
    except SystemExit as end:
        print(end.code, file=sys.stderr)
"""


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "manage.py", *words], **variables)


def run(command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """In an environment where nothing else is set."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:", **variables}
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
        ("PAPERCACHE_URL", "https://[:::::]", "https://host[:port][/prefix]"),
        ("PAPERCACHE_URL", "https://no_host.example.org", "https://host[:port][/prefix]"),
        ("TIME_ZONE", "Asia/Atlantis", "Asia/Shanghai"),
        ("PAPERCACHE_DATABASE_POOL", "many", "a number from 0 on"),
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
        ("ALLOWED_HOSTS", "a.example, http://b.example", "names without https://"),
        ("ALLOWED_HOSTS", "a.example b.example", "separated by commas"),
        ("PAPERCACHE_URL", "https://example.org/papers", "another prefix"),
        ("PAPERCACHE_URL", "https://example.org/admin", "another prefix"),
        ("PAPERCACHE_QUERY_SECONDS", "soon", "a number from 0.01 on"),
    ],
)
def test_a_malformed_value_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setattr(environ.Env, "ENVIRON", {name: value})
    with pytest.raises(ImproperlyConfigured, match=rf"\A.*\b{name}\b.*\Z") as refused:
        runpy.run_path(str(ROOT / "papercache_project" / "settings.py"))
    assert allowed in str(refused.value)


@pytest.mark.parametrize(
    ("url", "sent", "host"),
    [
        ("https://Papers.Example.ORG/Notes/", "https://papers.example.org/Notes", "papers.example.org"),
        ("https://论文.example", "https://xn--7dv436f.example", "xn--7dv436f.example"),
        ("http://[2001:DB8::1]:8000", "http://[2001:db8::1]:8000", "[2001:db8::1]"),
    ],
)
def test_the_address_is_the_one_that_browsers_send(tmp_path: Path, url: str, sent: str, host: str) -> None:
    names = "settings.PAPERCACHE_URL, settings.ALLOWED_HOSTS[0]"
    assert said(tmp_path, names, PAPERCACHE_URL=url) == f"{sent} {host}"


def test_blanks_beside_the_commas_of_host_names_mean_nothing(tmp_path: Path) -> None:
    hosts = "a.example, .b.example ,[2001:db8::1],*"
    assert said(tmp_path, "settings.ALLOWED_HOSTS[-4:]", ALLOWED_HOSTS=hosts) == str(
        ["a.example", ".b.example", "[2001:db8::1]", "*"]
    )


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("database is locked", "another command"),
        ('relation "x" already exists', "another command"),
        ("disk I/O error", "disk full"),
        ("attempt to write a readonly database", "may this user write the database"),
        ("server closed the connection unexpectedly", "when the database is back"),
        ("no such table: papers_paper", "has manage.py migrate been run"),
    ],
)
def test_a_database_error_says_what_to_do(error: str, advice: str) -> None:
    assert advice in command_line.in_words(OperationalError(error))


@pytest.mark.parametrize(
    ("error", "said"),
    [(EOFError(), "run it on a terminal"), (InconsistentMigrationHistory("x before y."), "x before y. Was")],
)
def test_what_ends_a_command_is_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(command_line, "run", Mock(side_effect=error))
    with pytest.raises(SystemExit, match=f"^papercache: .*{said}"):
        command_line.main()


def test_a_server_that_cannot_start_says_why_in_one_line() -> None:
    command = [sys.executable, "-c", "import papercache_project.wsgi"]
    environment = {"PATH": os.environ["PATH"], "DEBUG": "ture"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert only_line(result).startswith("papercache: DEBUG='ture' is not understood")


@pytest.mark.parametrize("password", ["admin", "123456789012345", "short"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(CommandError, match=r"^PAPERCACHE_ADMIN_PASSWORD: [^\n]+$"):
        refuse_weak(password)


def test_a_value_that_begins_with_a_dollar_is_that_value(tmp_path: Path) -> None:
    assert said(tmp_path, "settings.SECRET_KEY", SECRET_KEY="$HOME") == "$HOME"


def test_files_are_found_from_wherever_a_command_is_run(tmp_path: Path) -> None:
    names = "settings.DATABASES['default']['NAME'], settings.MEDIA_ROOT"
    found = said(tmp_path, names, DATABASE_URL="sqlite:///a.sqlite3", MEDIA_ROOT="b")
    assert found == f"{tmp_path / 'a.sqlite3'} {tmp_path / 'b'}"


def test_the_database_is_beside_manage_py_whatever_its_folder_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "论文 %41?a=b#c"
    folder.mkdir()
    found = said(folder, "settings.DATABASES['default']['NAME']", DATABASE_URL=None)
    assert found == str(folder / "papercache.sqlite3")


def test_an_env_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfPAPERCACHE_NAME=Notes\r\n")
    assert said(tmp_path, "settings.PAPERCACHE_NAME") == "Notes"


def test_a_line_of_an_env_file_that_sets_nothing_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# of ours\n\nSECRET_KEY = quite-secret\n")
    said = settings_in(tmp_path, "settings.DEBUG").stderr
    assert f"{tmp_path / '.env'}, line 3: write NAME=value" in said
    assert "quite-secret" not in said


def test_an_env_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to("/proc/self/mem")  # whose beginning not even root can read
    assert f"{tmp_path / '.env'} cannot be read" in settings_in(tmp_path, "settings.DEBUG").stderr


def said(folder: Path, names: str, **variables: str | None) -> str:
    result = settings_in(folder, names, **variables)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def settings_in(folder: Path, names: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
    """What they are where `manage.py` is in this folder."""
    shutil.copytree(ROOT / "papercache_project", folder / "papercache_project")
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables}
    environment = {name: value for name, value in variables.items() if value is not None}
    command = [sys.executable, "-c", f"from papercache_project import settings; print({names})"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_database_password_is_not_repeated() -> None:
    assert "s3cret" not in only_line(manage("check", DATABASE_URL="oracel://user:s3cret@host/name"))


@pytest.mark.parametrize(
    ("value", "meant"),
    [(word, "True") for word in ("true", "Yes", "ON", "1")]
    + [(word, "False") for word in ("false", "no", "off", "0")],
)
def test_every_allowed_word_is_a_boolean(tmp_path: Path, value: str, meant: str) -> None:
    assert said(tmp_path, "settings.DEBUG", DEBUG=value) == meant


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
def test_a_database_that_cannot_be_asked_is_one_line(url: str, said: str) -> None:
    commands = ["rebuild --check", "check_site addresses", "make_demo --papers=1", "loaddata papercache"]
    for line in lines_of(commands, DATABASE_URL=url):
        assert line.startswith("papercache: database: ")
        assert said in line


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database" * 10)
    for line in lines_of(["rebuild", "migrate", "backup /nowhere/a.zip"], DATABASE_URL=f"sqlite:///{file}"):
        assert line.startswith("papercache: database: file is not a database (Is DATABASE_URL right")


def lines_of(commands: list[str], **variables: str) -> list[str]:
    """The one line of each, all in one process: to start costs more than to be refused."""
    result = run([sys.executable, "-c", ONE_AFTER_ANOTHER, *commands], **variables)
    lines = result.stderr.splitlines()
    assert (result.returncode, result.stdout, len(lines)) == (0, "", len(commands)), result.stderr
    return lines


def test_a_file_that_another_process_has_locked_is_one_line(tmp_path: Path) -> None:
    settings = 'from papercache_project.settings import *\nDATABASES["default"]["OPTIONS"]["timeout"] = 0.1'
    (tmp_path / "hasty.py").write_text(settings)
    variables = {"DJANGO_SETTINGS_MODULE": "hasty", "PYTHONPATH": str(tmp_path)}
    with closing(sqlite3.connect(tmp_path / "db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        line = only_line(manage("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/db", **variables))
    assert "database is locked" in line


def test_where_a_database_error_comes_from_can_be_seen() -> None:
    assert "Traceback" in manage("rebuild", "--check", "--traceback").stderr


@pytest.mark.parametrize("words", ["--version", "help", "showmigrations --plan", "makemigrations --check"])
@pytest.mark.parametrize(("reader", "said"), [("| true", "Broken pipe"), (">/dev/full", "No space left")])
def test_output_that_cannot_be_written_is_one_line(words: str, reader: str, said: str) -> None:
    command = f"set -o pipefail; '{sys.executable}' manage.py {words} {reader}"
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:"}
    result = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, stderr=-1, text=True, check=False
    )
    assert said in only_line(result)


def test_ctrl_c_is_one_line_whatever_the_command() -> None:
    result = manage("shell", "--no-imports", "-c", "raise KeyboardInterrupt")
    assert result.returncode == 130
    assert result.stderr == "papercache: interrupted; run it again to complete it.\n"


def test_a_terminal_without_chinese_is_told_so() -> None:
    result = manage("shell", "--no-imports", "-c", "print('论文')", PYTHONIOENCODING="latin-1")
    assert "set PYTHONUTF8=1" in only_line(result)
