"""Search on PostgreSQL: vectors of the rows' tokens with GIN indexes, and a function that asks them.

See the migration that makes them.
"""

from collections.abc import Sequence
from typing import Any

from .needs import Need, passages
from .rows import COLUMNS

Sql = tuple[str, list[Any]]


def found(needs: Sequence[Need], tier: int, limit: int | None = None) -> Sql:
    """Primary keys of the papers, drafts among them, that meet the needs in the columns up to a tier."""
    statement = "SELECT papers_search_found(%s::tsquery, %s, %s::text[], %s)"
    return statement, [_query(needs), tier, passages(needs), limit]


def held(needs: Sequence[Need], tier: int, paper: str, *, is_walking: bool, limit: int | None = None) -> Sql:
    """That a paper, given by the SQL of its primary key, meets the needs in the columns up to a tier.

    While the database walks through papers in their order, each is asked by itself; otherwise the hits are found
    first, at most so many.
    """
    if not is_walking:
        keys, values = found(needs, tier, limit)
        return f"{paper} IN ({keys})", values
    text = " || ".join(COLUMNS[: tier + 1])
    checked = passages(needs)
    holds = " AND ".join([f"tier_{tier} @@ %s::tsquery", *[f"strpos({text}, %s) > 0"] * len(checked)])
    asked = f"coalesce((SELECT {holds} FROM papers_searchrow WHERE paper_id = {paper}), false)"
    return asked, [_query(needs), *checked]


def counted(needs: Sequence[Need], tier: int, limit: int) -> Sql:
    """How many rows may meet the needs, drafts among them, up to a limit."""
    keys, (query, tier, _passages, limit) = found(needs, tier, limit)
    return f"(SELECT count(*) FROM ({keys}) AS found)", [query, tier, [], limit]


def _query(needs: Sequence[Need]) -> str:
    """The language of `tsquery`, in which a string in quotes is a token of ours."""
    return " & ".join(map(_tokens, needs))


def _tokens(need: Need) -> str:
    quoted = [f"'{token}':*" if is_prefix else f"'{token}'" for token, is_prefix in need.keys]
    return f"({quoted[0]} | '{need.stem}')" if need.stem else f"({' & '.join(quoted)})"
