"""Search on a database that has no index of ours: it finds nothing, and a system check says so."""

from collections.abc import Sequence
from typing import Any

from .needs import Need

Sql = tuple[str, list[Any]]


def keys(cursor: Any, needs: Sequence[Need]) -> list[int]:
    return []


def held(needs: Sequence[Need], tier: int, paper: str, *, is_walking: bool, limit: int | None = None) -> Sql:
    return "1 = 0", []


def counted(needs: Sequence[Need], tier: int, limit: int) -> Sql:
    return "0", []
