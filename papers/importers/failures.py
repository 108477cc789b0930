"""What may go wrong with a file whatever is in it, and how that is said in a line.

A database that cannot be asked any more is no fault of a file: it ends the run, and the next one goes on.
"""

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError

from ..figures import FigureRefused
from ..rendering import RenderingFailed
from .found import Refused

FAILURES = (
    Refused,
    FigureRefused,
    RenderingFailed,
    ValidationError,
    DataError,
    IntegrityError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
    RecursionError,
)


def in_words(error: Exception) -> str:
    if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        return "; ".join(f"{name}: {' '.join(lines)}" for name, lines in error.message_dict.items())
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return " ".join(str(error).split())[:500] or type(error).__name__
