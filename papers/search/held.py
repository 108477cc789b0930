"""Whether a paper holds what is looked for, as a condition on its row: the one chooser between databases."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from django.db import connections
from django.db.models import BooleanField, F, Func

from . import nothing, postgres, sqlite
from .needs import Need
from .rows import COLUMNS

LAST_TIER = len(COLUMNS) - 1

_BACKENDS = {"sqlite": sqlite, "postgresql": postgres}


def backend(vendor: str) -> ModuleType:
    return _BACKENDS.get(vendor, nothing)


class Held(Func):
    """All needs are met in the places up to a tier: asked of each paper by itself, or of at most so many hits."""

    output_field = BooleanField()

    def __init__(
        self, needs: Sequence[Need], tier: int = LAST_TIER, is_walking: bool = False, limit: int | None = None
    ) -> None:
        super().__init__(F("pk"))
        self.needs, self.tier, self.is_walking, self.limit = tuple(needs), tier, is_walking, limit

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        paper, _none = compiler.compile(self.source_expressions[0])
        held = backend(connection.vendor).held
        sql, values = held(self.needs, self.tier, paper, is_walking=self.is_walking, limit=self.limit)
        return sql, list(values)


def keys(needs: Sequence[Need]) -> list[int]:
    """Primary keys of the papers that meet them, drafts among them; one query, and nothing asked of the papers."""
    connection = connections["default"]
    with connection.cursor() as cursor:
        return backend(connection.vendor).keys(cursor, needs)


def counts(asked: Sequence[tuple[Sequence[Need], int]], limit: int) -> list[int]:
    """How many rows may meet needs up to a tier, for each pair of them, up to a limit; one query.

    Drafts count too, and perhaps papers that hold the tokens of a phrase but not the phrase.
    """
    connection = connections["default"]
    counted = [backend(connection.vendor).counted(needs, tier, limit) for needs, tier in asked]
    with connection.cursor() as cursor:
        statement = f"SELECT {', '.join(sql for sql, _values in counted)}"
        cursor.execute(statement, [value for _sql, values in counted for value in values])
        return list(cursor.fetchone() or ())
