"""Search on PostgreSQL: vectors of the rows' tokens with GIN indexes, and a function that asks them.

See the migration that makes them.
"""

from collections.abc import Sequence
from typing import Any

from .needs import Need, passages
from .rows import COLUMNS

Sql = tuple[str, list[Any]]

_FOUND = "SELECT papers_search_found(%s::tsquery, %s, %s::text[], %s)"


def held(needs: Sequence[Need], tier: int, paper: str, *, is_walking: bool, limit: int | None = None) -> Sql:
    """That a paper, given by the SQL of its primary key, meets the needs in the columns up to a tier.

    While the database walks through papers in their order, each is asked by itself; otherwise the hits are found
    first, at most so many.
    """
    if not is_walking:
        return f"{paper} IN ({_FOUND})", [_query(needs), tier, passages(needs), limit]
    text = " || ".join(COLUMNS[: tier + 1])
    checked = passages(needs)
    holds = " AND ".join([f"tier_{tier} @@ %s::tsquery", *[f"strpos({text}, %s) > 0"] * len(checked)])
    asked = f"coalesce((SELECT {holds} FROM papers_searchrow WHERE paper_id = {paper}), false)"
    return asked, [_query(needs), *checked]


def counted(needs: Sequence[Need], tier: int, limit: int) -> Sql:
    """How many rows may meet the needs, drafts among them, up to a limit."""
    return f"(SELECT count(*) FROM ({_FOUND}) AS found)", [_query(needs), tier, [], limit]


def _query(needs: Sequence[Need]) -> str:
    """The language of `tsquery`, in which a string in quotes is a token of ours."""
    return " & ".join(map(_tokens, needs))


def _tokens(need: Need) -> str:
    quoted = [f"'{token}':*" if is_prefix else f"'{token}'" for token, is_prefix in need.keys]
    return f"({quoted[0]} | '{need.stem}')" if need.stem else f"({' & '.join(quoted)})"
