"""Notes of another site, of a vault or of a folder: a module for each kind of source, one writer for all of them."""

from .batches import Done
from .folder import Folder
from .found import Found, Refused, Trouble
from .kinds import KINDS, source_of
from .running import count, run
from .writing import Outcome, Writer

__all__ = [
    "KINDS",
    "Done",
    "Folder",
    "Found",
    "Outcome",
    "Refused",
    "Trouble",
    "Writer",
    "count",
    "run",
    "source_of",
]
