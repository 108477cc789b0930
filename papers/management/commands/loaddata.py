"""`loaddata`, finished: what Django's own command leaves undone happens in the same transaction."""

from collections.abc import Iterator
from typing import Any

import yaml
from django.core.management.base import CommandError
from django.core.management.commands import loaddata
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError
from tqdm import tqdm

from papers import loading


class Command(loaddata.Command):
    def loaddata(self, fixture_labels: list[str]) -> None:
        try:
            with loading.collecting() as loaded:
                super().loaddata(fixture_labels)
            loading.finish(loaded, self.with_progress)
        except loading.LoadError as error:
            raise CommandError(error.message) from error
        except (DeserializationError, DatabaseError, ValueError, yaml.YAMLError) as error:
            raise CommandError(" ".join(str(error).split())) from error

    def with_progress(self, items: list[Any]) -> Iterator[Any]:
        return iter(tqdm(items, desc="rendering", unit="row", disable=None if self.verbosity else True, leave=False))
