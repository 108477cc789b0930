"""Search on SQLite: an FTS5 table over the rows' tokens, kept by triggers (see the migration that makes them)."""

from collections.abc import Sequence

from .needs import Need, passages
from .rows import COLUMNS

Sql = tuple[str, list[str]]


def held(needs: Sequence[Need], tier: int, paper: str, is_walking: bool) -> Sql:
    """That a paper, given by the SQL of its primary key, meets the needs in the columns up to a tier.

    While the database walks through papers in their order, the key must not tempt it to start from the hits: a plus
    sign takes it out of the indexes.
    """
    found = "SELECT rowid FROM papers_searchindex WHERE papers_searchindex MATCH %s"
    sql = f"{'+' if is_walking else ''}{paper} IN ({found})"
    checked = passages(needs)
    if not checked:
        return sql, [_match(needs, tier)]
    holds = " AND ".join([f"instr({' || '.join(COLUMNS[: tier + 1])}, %s)"] * len(checked))
    row = f"EXISTS (SELECT 1 FROM papers_searchrow WHERE paper_id = {paper} AND {holds})"
    return f"({sql} AND {row})", [_match(needs, tier), *checked]


def counted(needs: Sequence[Need], tier: int, limit: int) -> Sql:
    """How many rows may meet the needs, drafts among them, up to a limit."""
    found = f"SELECT 1 FROM papers_searchindex WHERE papers_searchindex MATCH %s LIMIT {limit}"
    return f"(SELECT count(*) FROM ({found}))", [_match(needs, tier)]


def _match(needs: Sequence[Need], tier: int) -> str:
    """FTS5's own language, in which a string in quotes is a token of ours."""
    return f"{{{' '.join(COLUMNS[: tier + 1])}}} : ({' AND '.join(map(_tokens, needs))})"


def _tokens(need: Need) -> str:
    quoted = [f'"{token}"' for token in need.tokens]
    quoted[-1] += " *" if need.is_prefix else ""
    return f'({quoted[0]} OR "{need.stem}")' if need.stem else f"({' AND '.join(quoted)})"
