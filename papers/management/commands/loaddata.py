"""`loaddata`, finished: what Django's own command leaves undone happens in the same transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management.base import CommandError
from django.core.management.commands import loaddata
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError
from tqdm import tqdm

from papers import addresses, loading

MAX_LINE = 1000
FAILURES = (
    DeserializationError,
    DatabaseError,
    ObjectDoesNotExist,
    ValidationError,
    OSError,
    OverflowError,
    ValueError,
    yaml.YAMLError,
)


class Command(loaddata.Command):
    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        addresses.lock_tree()
        try:
            with loading.collecting() as load:
                super().loaddata(fixture_labels)
                loading.finish(load, self.with_progress)
        except loading.LoadError as error:
            raise CommandError(_one_line(error.message)) from error
        except FAILURES as error:
            # Of JSON, Django keeps what is wrong to itself.
            reason = error.__cause__ if str(error).endswith(": ") else ""
            raise CommandError(_one_line(f"{error}{reason}")) from error

    def with_progress(self, items: list[Any]) -> Iterable[Any]:
        return tqdm(
            items, desc="rendering", unit="row", disable=None if self.verbosity else True, leave=False
        )


def _one_line(message: str) -> str:
    """Whatever the fixture or the database put into it."""
    return " ".join(message.replace("\0", "�").split())[:MAX_LINE]
