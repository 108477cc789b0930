"""How a command ends that Ctrl-C has ended: in one line."""

from django.core.management.base import CommandError

# What a shell says of it: 128, and the number of the signal.
STATUS = 130


def interrupted(words: str) -> CommandError:
    """No class of its own, since Django puts the class's name before the words."""
    return CommandError(words, returncode=STATUS)
