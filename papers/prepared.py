"""Queries whose SQL is made once for all pages. Putting it together takes Django many times as long as SQLite takes to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, models


class Argument(models.Expression):
    """What stands in a prepared query for a value that is only known when it is asked."""

    def __init__(self, name: str, output_field: models.Field) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def adapted(self, value: Any) -> Any:
        """Numbers and texts, of which there are many, are right as they are."""
        is_right = isinstance(value, int | str)
        return value if is_right else self.output_field.get_db_prep_value(value, connection)


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
    arguments: Mapping[str, Argument]
    columns: tuple[Any, ...]
    converters: Mapping[int, tuple[list[Any], Any]]  # by place, as Django's compiler has them

    def tuples(self, **values: Any) -> list[tuple[Any, ...]]:
        """As the database gives them: what SQLite keeps as text, like a date, is text."""
        given = {name: one.adapted(values[name]) for name, one in self.arguments.items()}
        bound = [given[one.name] if isinstance(one, Argument) else one for one in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, bound)
            return cursor.fetchall()

    def objects(self, **values: Any) -> list[Any]:
        """With the columns that were asked for, the others deferred; nothing of related rows. `raw` takes twice as long."""
        names = [column.target.attname for column in self.columns]
        rows = map(self._converted, self.tuples(**values))
        return [self.model.from_db(connection.alias, names, row) for row in rows]

    def first(self, **values: Any) -> Any:
        return next(iter(self.objects(**values)), None)

    def _converted(self, row: tuple[Any, ...]) -> list[Any]:
        found = list(row)
        for place, (converters, column) in self.converters.items():
            for convert in converters:
                found[place] = convert(found[place], column, connection)
        return found


def prepared(rows: models.QuerySet) -> Prepared:
    compiler = rows.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    arguments = {one.name: one for one in parameters if isinstance(one, Argument)}
    columns = tuple(column for column, *_said in compiler.select)
    return Prepared(rows.model, sql, tuple(parameters), arguments, columns, compiler.get_converters(columns))


def several(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """For the arguments `name0`, `name1` and so on; the first is repeated up to a power of two, so that few queries differ."""
    more = (1 << (len(values) - 1).bit_length()) - len(values)
    return {f"{name}{place}": value for place, value in enumerate([*values, *[values[0]] * more])}


#: For functions that prepare a query: once, or once for each number of values in it.
once = lru_cache(maxsize=256)
