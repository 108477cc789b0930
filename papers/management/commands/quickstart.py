"""`quickstart`: from a fresh clone to a site that can be read and edited, in one command."""

import atexit
import os
import re
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from papers.models import Paper

ADMIN = "admin"
# Names for all addresses of the machine, and what a browser on it asks for instead.
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
# Python threads of the one worker; Granian warns above twice the processors plus one.
THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)


class Command(BaseCommand):
    help = "Set up what is missing (secret key, tables, first content, static files, an administrator), then serve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="name or address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--no-serve", dest="serve", action="store_false", help="set up, but do not serve")

    def run_from_argv(self, argv: list[str]) -> None:
        """Ctrl-C ends at once, without a traceback and without waiting for files that threads compress."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        super().run_from_argv(argv)

    def handle(self, *args: Any, host: str, port: int, serve: bool, **options: Any) -> None:
        if serve:
            free_address(host, port)
        self.set_up()
        url = site_url(host, port)
        self.stdout.write(_("阅读：%(url)s/") % {"url": url})
        self.stdout.write(_("管理：%(url)s/%(path)s/") % {"url": url, "path": settings.PAPERCACHE_ADMIN_PATH})
        if host in ANY_ADDRESS and not is_configured():
            example = f"PAPERCACHE_URL=http://192.0.2.1:{port}"
            self.stdout.write(
                _("要从别的机器打开，先设定它们所用的网址，例如 %(example)s") % {"example": example}
            )
        if serve:
            address = free_address(host, port)  # again: another one may have been set up meanwhile
            self.stdout.write(_("按 Ctrl-C 停止。"))
            self.stdout.flush()
            serve_forever(address, port, url)

    def set_up(self) -> None:
        if settings.SECRET_KEY_IS_RANDOM:
            env_file = settings.BASE_DIR / ".env"
            with one_line(_("不能写入 %(path)s") % {"path": env_file}):
                add_secret_key(env_file)
            self.stdout.write(_("密钥已写入 %(path)s") % {"path": env_file})
        with one_line(_("数据库不可用（DATABASE_URL）")):
            call_command("migrate", interactive=False, verbosity=0)
            self.load_first_content()
            self.create_admin()
        with one_line(_("不能写入静态文件 %(path)s") % {"path": settings.STATIC_ROOT}):
            call_command("collectstatic", interactive=False, verbosity=0)

    def load_first_content(self) -> None:
        if not Paper.objects.exists():
            call_command("loaddata", "papercache", verbosity=0)
            self.stdout.write(_("已载入 %(count)d 篇论文笔记") % {"count": Paper.objects.count()})

    def create_admin(self) -> None:
        users = get_user_model()._default_manager
        if users.filter(username=ADMIN).exists():
            return
        given = os.environ.get("PAPERCACHE_ADMIN_PASSWORD")
        if given:
            refuse_weak(given)
        password = given or secrets.token_urlsafe(12)
        users.create_superuser(ADMIN, email="", password=password)
        shown = _("取自 PAPERCACHE_ADMIN_PASSWORD") if given else password
        self.stdout.write(
            _("管理员：%(name)s，密码（只显示这一次）：%(password)s") % {"name": ADMIN, "password": shown}
        )


def refuse_weak(password: str) -> None:
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(f"PAPERCACHE_ADMIN_PASSWORD: {' '.join(error.messages)}") from None


@contextmanager
def one_line(what: str) -> Iterator[None]:
    """Turn what a folder or a database refuses into one sentence."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        raise CommandError(f"{what}: {' '.join(str(error).split())}") from error


def free_address(host: str, port: int) -> str:
    """The numeric address to listen on. Asked before any work is done, since Granian would share a taken port."""
    if not 1 <= port <= 65535:
        raise CommandError(_("端口 %(port)d 不存在，请写 1 到 65535 之间的数。") % {"port": port})
    with one_line(
        _("不能在 %(host)s 的端口 %(port)d 上提供服务，请换 --host 或 --port") % {"host": host, "port": port}
    ):
        try:
            family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[
                0
            ]
        except UnicodeError as error:  # no host name: too long, or an empty label
            raise OSError(error) from error
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        return str(address[0])


def add_secret_key(env_file: Path) -> None:
    """Into a new file that only its owner may read, or at the end of the existing one."""
    line = f"SECRET_KEY='{secrets.token_urlsafe(50)}'\n"
    try:
        with open(os.open(env_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(line)
    except FileExistsError:
        env_file.chmod(0o600)
        with env_file.open("r+", encoding="utf-8") as existing:
            # One line of a name alone, so that an empty one must go. Never cut before it is written again.
            others = re.sub(r"""(?m)^(export )?SECRET_KEY=(''|"")?\s*?$\n?""", "", existing.read()).rstrip()
            existing.seek(0)
            existing.write(f"{others}\n{line}".lstrip())
            existing.truncate()


def is_configured() -> bool:
    return "PAPERCACHE_URL" in os.environ  # settings have read .env into it


def site_url(host: str, port: int) -> str:
    """The configured address, or where this server listens."""
    if is_configured():
        return str(settings.PAPERCACHE_URL)
    name = ANY_ADDRESS.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def serve_forever(address: str, port: int, url: str) -> NoReturn:
    """Become Granian, so that a signal to this process reaches the server itself."""
    connections.close_all()
    atexit._run_exitfuncs()  # exec skips them, and the renderer's child must not stay
    environment = os.environ | {"PAPERCACHE_URL": url, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    if settings.SECRET_KEY_IS_RANDOM:
        environment.pop("SECRET_KEY", None)  # an empty one would hide the one in .env
    options = {
        "--interface": "wsgi",
        "--http": "1",
        "--host": address,
        "--port": str(port),
        "--workers": "1",
        "--blocking-threads": str(THREADS),
        "--http1-buffer-size": "65536",
        "--http1-header-read-timeout": "10000",
        "--workers-kill-timeout": "1",
        "--log-level": "error",
        "--working-dir": str(settings.BASE_DIR),
    }
    words = [word for option in options.items() for word in option]
    # -P: a module in the caller's folder must not stand in for one of ours.
    command = [sys.executable, "-P", "-m", "granian", "papercache_project.wsgi:application", *words]
    os.execve(sys.executable, command, environment)
