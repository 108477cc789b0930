"""The rendering child: one JSON line in, one JSON line out, until the input ends.

`python -m papers.rendering.child MEMORY_LIMIT OUTPUT_LIMIT` is started by `process`; nobody else needs it.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import threading
from typing import IO, Any

from .renderer import render
from .version import renderer_version

# Enough for any formula that passes the guards, whatever `ulimit -s` says.
_STACK = 64 * 1024 * 1024


def answer(request: dict[str, Any], output_limit: int) -> bytes:
    """One line; what went wrong is a word for `process` to put into a sentence."""
    # If the parent is gone, nobody else ends a note that takes for ever.
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    try:
        made = _line({"made": _made(request)})
        failure = None if len(made) <= output_limit else "output"
    except RecursionError:
        failure = "depth"
    except MemoryError:
        failure = "memory"
    # Only now, with the exception and all that its frames held gone, is there memory for an answer.
    return _line({"failed": failure}) if failure else made


def _made(request: dict[str, Any]) -> Any:
    if request["wanted"] == "markdown":
        from .to_markdown import to_markdown  # here: few are asked for it, and it takes a third of a start

        return to_markdown(request["source"])
    return render(request["source"], request["format"]).as_dict()


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _serve(requests: IO[bytes], answers: IO[bytes], output_limit: int) -> None:
    try:
        _answer_all(requests, answers, output_limit)
    finally:
        # A thread that dies for want of memory can leave the interpreter waiting for it.
        os._exit(0)


def _answer_all(requests: IO[bytes], answers: IO[bytes], output_limit: int) -> None:
    answers.write(_line({"ready": renderer_version()}))
    answers.flush()
    for request in requests:
        answers.write(answer(json.loads(request), output_limit))
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit_memory(limit: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    # Some systems know no such limit; time and size still hold there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def main() -> None:
    memory_limit, output_limit = int(sys.argv[1]), int(sys.argv[2])
    _limit_memory(memory_limit)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.stack_size(_STACK)
    worker = threading.Thread(target=_serve, args=(sys.stdin.buffer, sys.stdout.buffer, output_limit))
    parent = os.getppid()
    worker.start()
    while worker.is_alive():
        worker.join(timeout=1)
        if os.getppid() != parent:  # killed, and busy as we are we have not seen the end of the input
            os._exit(0)


if __name__ == "__main__":
    main()
