"""How a command ends that Ctrl-C has ended, or whose processes somebody has: in one line."""

from django.core.management.base import CommandError

# What a shell says of it: 128, and the number of the signal.
STATUS = 130


def interrupted(words: str) -> CommandError:
    """No class of its own, since Django puts the class's name before the words."""
    return CommandError(words, returncode=STATUS)


def broken(counts: str) -> CommandError:
    """Of a pool of processes, one of which was killed."""
    return CommandError(f"a process was ended, perhaps for want of memory: {counts}; run it again")
