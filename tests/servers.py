"""Other hosts, as far as tests need them: a server on loopback that answers as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "Elsewhere"

    def do_GET(self) -> None:
        self.server.asked.append(self)
        behaviour = self.server.behaviours.get(self.path) or self.server.behaviours.get("*")
        try:
            (behaviour or says(b"", 404))(self)
        except OSError:
            self.close_connection = True  # the other side had enough

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Not into the tests' output."""


class Elsewhere(ThreadingHTTPServer):
    """`behaviours` by path, `*` for any; `asked` is what came; `over` is set when the test is."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviours: dict[str, Behaviour] = {}
        self.asked: list[Handler] = []
        self.over = Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Not into the tests' output either."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def says(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """An answer; `Content_Type="…"` is a header."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(body)

    return answer


def redirects(url: str, status: int = 302) -> Behaviour:
    return says(b"", status, Location=url)


def never_ends(piece: bytes, head: bytes = b"HTTP/1.0 200 OK\r\n\r\n", pause: float = 0) -> Behaviour:
    """Piece after piece, until the other side hangs up."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(head)
        while not handler.server.over.wait(pause):
            handler.wfile.write(piece)

    return answer


def stays_silent(handler: Handler) -> None:
    handler.server.over.wait()
