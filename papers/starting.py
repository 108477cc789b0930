"""How a process that works for a command starts. Imports no model: Django is not there before `start`."""

import multiprocessing
import os
import signal
import threading

import django


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
