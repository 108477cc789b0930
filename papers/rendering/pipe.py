"""A Python module as a child process that answers lines of JSON."""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

# What a child of ours may know: no secret key, no database address.
_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "SYSTEMROOT",
)
_CHUNK = 1 << 16

# After its input has ended, an idle child ends by itself within this time.
_GRACE = 1.0


class ChildEnded(Exception):
    """The child is gone, or no longer makes sense."""


class ChildTooLate(Exception):
    """No answer within the time; the child may still be at work."""


class Child:
    def __init__(self, module: str, arguments: list[str], root: Path) -> None:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        paths = [str(root), *filter(None, [environment.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=root,
            # One arena: under a limit on address space, glibc's reservations for threads make it crawl.
            env={**environment, "PYTHONPATH": os.pathsep.join(paths), "MALLOC_ARENA_MAX": "1"},
            # Ctrl-C on the terminal is for the parent.
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self, seconds: float) -> None:
        self._exchange(b"", seconds, _CHUNK)

    def ask(self, request: dict[str, Any], seconds: float, answer_limit: int) -> dict[str, Any]:
        line = json.dumps(request).encode() + b"\n"
        try:
            answer: dict[str, Any] = json.loads(self._exchange(line, seconds, answer_limit))
        except ValueError as error:
            raise ChildEnded from error
        return answer

    def end(self) -> None:
        """Kills the child if it does not end on its own, and reaps it."""
        self._close_pipes()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        self.kill()

    def kill(self) -> None:
        self._close_pipes()
        self._process.kill()
        self._process.wait()

    def abandon(self) -> None:
        """Lets go of a child that another process has started: it must neither be killed nor waited for."""
        self._close_pipes()
        self._process.returncode = 0

    def _close_pipes(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._stdout.close()

    def _exchange(self, line: bytes, seconds: float, limit: int) -> bytes:
        """Writes while it reads, so that neither side waits for the other with a full pipe."""
        deadline = time.monotonic() + seconds
        unsent, received, size = memoryview(line), [], 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            if unsent:
                selector.register(self._stdin, selectors.EVENT_WRITE)
            while True:
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise ChildTooLate
                for key, _ in ready:
                    if key.fileobj is self._stdin:
                        unsent = unsent[self._write(unsent) :]
                        if not unsent:
                            selector.unregister(self._stdin)
                        continue
                    received.append(self._read())
                    size += len(received[-1])
                    if received[-1].endswith(b"\n"):
                        return b"".join(received)
                    if size > limit:
                        raise ChildEnded

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._stdin.fileno(), data[:_CHUNK])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise ChildEnded from error

    def _read(self) -> bytes:
        try:
            data = os.read(self._stdout.fileno(), _CHUNK)
        except OSError as error:
            raise ChildEnded from error
        if not data:
            raise ChildEnded
        return data
