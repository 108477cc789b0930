"""Search on PostgreSQL: vectors of the rows' tokens with GIN indexes (see the migration that makes them)."""

from collections.abc import Sequence

from .needs import Need, passages
from .rows import COLUMNS

Sql = tuple[str, list[str]]


def held(needs: Sequence[Need], tier: int, paper: str, *, is_walking: bool, limit: int | None = None) -> Sql:
    """That a paper, given by the SQL of its primary key, meets the needs in the columns up to a tier.

    While the database walks through papers in their order, each is asked by itself; otherwise the hits are found
    first, at most so many.
    """
    checked = passages(needs)
    text = " || ".join(COLUMNS[: tier + 1])
    holds = " AND ".join([f"tier_{tier} @@ %s::tsquery", *[f"strpos({text}, %s) > 0"] * len(checked)])
    values = [_query(needs), *checked]
    if is_walking:
        return f"coalesce((SELECT {holds} FROM papers_searchrow WHERE paper_id = {paper}), false)", values
    few = f" LIMIT {limit}" if limit else ""
    return f"{paper} IN (SELECT paper_id FROM papers_searchrow WHERE {holds}{few})", values


def counted(needs: Sequence[Need], tier: int, limit: int) -> Sql:
    """How many rows may meet the needs, drafts among them, up to a limit."""
    found = f"SELECT 1 FROM papers_searchrow WHERE tier_{tier} @@ %s::tsquery LIMIT {limit}"
    return f"(SELECT count(*) FROM ({found}) AS found)", [_query(needs)]


def _query(needs: Sequence[Need]) -> str:
    """The language of `tsquery`, in which a string in quotes is a token of ours."""
    return " & ".join(map(_tokens, needs))


def _tokens(need: Need) -> str:
    quoted = [f"'{token}':*" if is_prefix else f"'{token}'" for token, is_prefix in need.keys]
    return f"({quoted[0]} | '{need.stem}')" if need.stem else f"({' & '.join(quoted)})"
