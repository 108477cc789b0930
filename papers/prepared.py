"""Queries whose SQL is made once for all pages. Putting it together takes Django many times as long as SQLite takes to answer."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models.query import RawQuerySet


class Argument(models.Expression):
    """What stands in a prepared query for a value that is only known when it is asked."""

    def __init__(self, name: str, output_field: models.Field) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def adapted(self, value: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


def number(name: str) -> Argument:
    return Argument(name, models.BigIntegerField())


def text(name: str) -> Argument:
    return Argument(name, models.TextField())


#: What `published()` compares the publishing hour with, in a prepared query.
NOW = Argument("now", models.DateTimeField())


@dataclass(frozen=True, slots=True)
class Prepared:
    """To be asked with a value for every argument, by name."""

    model: type[models.Model]
    sql: str
    parameters: tuple[Any, ...]

    def tuples(self, **values: Any) -> list[tuple[Any, ...]]:
        """As the database gives them: what SQLite keeps as text, like a date, is text."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._bound(values))
            return cursor.fetchall()

    def objects(self, **values: Any) -> RawQuerySet:
        """With the columns that were asked for, the others deferred; nothing of related rows."""
        return self.model._default_manager.raw(self.sql, self._bound(values))

    def first(self, **values: Any) -> Any:
        return next(iter(self.objects(**values)), None)

    def _bound(self, values: dict[str, Any]) -> list[Any]:
        return [
            one.adapted(values[one.name]) if isinstance(one, Argument) else one for one in self.parameters
        ]


def prepared(rows: models.QuerySet) -> Prepared:
    sql, parameters = rows.query.sql_with_params()
    return Prepared(rows.model, sql, tuple(parameters))


#: For functions that prepare a query: once, or once for each number of values in it.
once = lru_cache(maxsize=256)
