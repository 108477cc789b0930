"""Search on PostgreSQL: vectors of the rows' tokens with GIN indexes, and functions that ask them.

See the migrations that make them. Where a paper may hold the words in any place, an index of tokens and of pairs of
neighbours answers: the pairs of a sequence prove it, unless tokens within it are marked as having several neighbours.
Only such rows are read.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from .needs import Need, passages
from .rows import COLUMNS

Sql = tuple[str, list[Any]]


def found(needs: Sequence[Need], tier: int, limit: int | None = None) -> Sql:
    """Primary keys of the papers, drafts among them, that meet the needs in the columns up to a tier."""
    if tier == len(COLUMNS) - 1:
        statement = "SELECT papers_search_anywhere(%s::tsquery, %s::tsquery, %s::text[], %s)"
        return statement, [_proved(needs), _doubtful(needs), passages(needs), limit]
    statement = "SELECT papers_search_found(%s::tsquery, %s, %s::text[], %s)"
    return statement, [_tokens(needs), tier, passages(needs), limit]


def keys(cursor: Any, needs: Sequence[Need]) -> list[int]:
    """All of them, as one value: a hundred thousand rows take longer to read than to find."""
    statement, values = found(needs, len(COLUMNS) - 1)
    cursor.execute(f"SELECT array_agg(key) FROM ({statement}) AS found(key)", values)
    return cursor.fetchone()[0] or []


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
    return asked, [_tokens(needs), *checked]


def counted(needs: Sequence[Need], tier: int, limit: int) -> Sql:
    """How many rows may meet the needs, drafts among them, up to a limit."""
    if tier == len(COLUMNS) - 1:
        keys = "SELECT papers_search_anywhere(%s::tsquery, NULL, NULL, %s)"
        values: list[Any] = [_tokens(needs), limit]
    else:
        keys = "SELECT papers_search_found(%s::tsquery, %s, ARRAY[]::text[], %s)"
        values = [_tokens(needs), tier, limit]
    return f"(SELECT count(*) FROM ({keys}) AS found)", values


# --- The language of `tsquery` ----------------------------------------------------------------------------


def _tokens(needs: Iterable[Need]) -> str:
    return _all(
        _any([*need.keys[:1], (need.stem, False)]) if need.stem else _every(need.keys) for need in needs
    )


def _pairs(needs: Iterable[Need]) -> str:
    return _all(_every(need.pairs) if need.pairs else _tokens([need]) for need in needs)


def _proved(needs: Sequence[Need]) -> str:
    return _all([_pairs(needs), *(_proof(need) for need in needs if len(need.tokens) > 2)])


def _doubtful(needs: Sequence[Need]) -> str | None:
    """Rows whose text has to be read; those of very long texts have no pairs."""
    if not passages(needs):
        return None
    unproved = f"'?' & {_tokens(needs)}"
    proofs = [_proof(need) for need in needs if len(need.tokens) > 2]
    return f"{unproved} | {_pairs(needs)} & !({_all(proofs)})" if proofs else unproved


def _proof(need: Need) -> str:
    """From one of the pairs on, each token within leads to the next one only, and back from it to the one before.

    Of a very long sequence some of the pairs will do.
    """
    within = need.tokens[1:-1]
    places = range(0, len(within) + 1, max(len(within) // 8, 1))
    return f"({' | '.join(_way(within, place) for place in places)})"


def _way(within: Sequence[str], place: int) -> str:
    several = [f"<{token}" for token in within[:place]] + [f">{token}" for token in within[place:]]
    return f"({_all(f'!{_key((mark, False))}' for mark in several)})"


def _every(keys: Iterable[tuple[str, bool]]) -> str:
    return f"({' & '.join(map(_key, keys))})"


def _any(keys: Iterable[tuple[str, bool]]) -> str:
    return f"({' | '.join(map(_key, keys))})"


def _all(parts: Iterable[str]) -> str:
    return " & ".join(parts)


def _key(key: tuple[str, bool]) -> str:
    """A string in quotes is a token of ours."""
    text, is_prefix = key
    return f"'{text}':*" if is_prefix else f"'{text}'"
