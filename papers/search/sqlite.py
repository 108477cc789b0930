"""Search on SQLite: two FTS5 tables over the rows' tokens, kept by triggers (see the migration that makes them).

What stands in titles, names and summaries is looked for in a small table, the rest in one that holds it all. FTS5 keeps
every place of a token, so that it finds phrases by itself.
"""

from collections.abc import Sequence
from typing import Any

from .needs import Need
from .rows import COLUMNS

Sql = tuple[str, list[Any]]


def found(needs: Sequence[Need], tier: int, limit: int | None = None) -> Sql:
    """Primary keys of the papers, drafts among them, that meet the needs in the columns up to a tier."""
    table = _table(tier)
    at_most = f" LIMIT {limit}" if limit else ""
    return f"SELECT rowid FROM {table} WHERE {table} MATCH %s{at_most}", [_match(needs, tier)]


def keys(cursor: Any, needs: Sequence[Need]) -> list[int]:
    """All of them."""
    cursor.execute(*found(needs, len(COLUMNS) - 1))
    return [key for (key,) in cursor.fetchall()]


def held(needs: Sequence[Need], tier: int, paper: str, *, is_walking: bool, limit: int | None = None) -> Sql:
    """That a paper, given by the SQL of its primary key, meets the needs in the columns up to a tier.

    While the database walks through papers in their order, the key must not tempt it to start from the hits: a plus
    sign takes it out of the indexes.
    """
    keys, values = found(needs, tier, limit)
    return f"{'+' if is_walking else ''}{paper} IN ({keys})", values


def counted(needs: Sequence[Need], tier: int, limit: int) -> Sql:
    """How many rows may meet the needs, drafts among them, up to a limit."""
    keys, values = found(needs, tier, limit)
    return f"(SELECT count(*) FROM ({keys}))", values


def _table(tier: int) -> str:
    return "papers_searchall" if tier == len(COLUMNS) - 1 else "papers_searchhead"


def _match(needs: Sequence[Need], tier: int) -> str:
    """FTS5's own language, in which a string in quotes is a token of ours."""
    wanted = " AND ".join(map(_tokens, needs))
    return wanted if tier == len(COLUMNS) - 1 else f"{{{' '.join(COLUMNS[: tier + 1])}}} : ({wanted})"


def _tokens(need: Need) -> str:
    phrase = f'"{" ".join(need.tokens)}"{" *" if need.is_prefix else ""}'
    return f'({phrase} OR "{need.stem}")' if need.stem else phrase
