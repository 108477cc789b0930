"""How processes that work for a command start, and share its work. Imports no model: Django is not there before `start`."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

import django

Thing = TypeVar("Thing")
Made = TypeVar("Made")


def workers_for(count: int, few: int) -> int:
    """Below `few` things to do, another process takes longer to start than it saves."""
    return len(os.sched_getaffinity(0)) if count >= few else 1


def in_batches(things: list[Thing], size: int) -> Iterator[list[Thing]]:
    for first in range(0, len(things), size):
        yield things[first : first + size]


def side_by_side(
    task: Callable[[list[Thing]], Made], batches: Iterator[list[Thing]], workers: int
) -> Iterator[Made]:
    """In the order of the batches. Few are given out ahead, so that an interruption waits for no more."""
    context = multiprocessing.get_context("spawn")  # a fork would share this process's connection
    with ProcessPoolExecutor(workers, mp_context=context, initializer=start) as pool:
        waiting: deque[Future[Made]] = deque()
        try:
            for batch in islice(batches, 2 * workers):
                waiting.append(pool.submit(task, batch))
            while waiting:
                yield waiting.popleft().result()
                for batch in islice(batches, 1):
                    waiting.append(pool.submit(task, batch))
        finally:
            pool.shutdown(cancel_futures=True)


def start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command has it too, and ends this one after its batch
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()


def _end_with_parent() -> None:
    """A command that was killed cannot end anybody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
