"""Content-Encoding: which one a client takes, and text compressed by it."""

import gzip
from functools import lru_cache
from typing import Final

import brotli

#: The last one is none.
BROTLI, GZIP, IDENTITY = "br", "gzip", ""

_COMPRESSIBLE: Final = (
    "text/",
    "application/json",
    "application/feed+json",
    "application/atom+xml",
    "application/xml",
    "application/x-bibtex",
    "application/x-research-info-systems",
)


def is_compressible(content_type: str) -> bool:
    """Pictures are small already."""
    return content_type.startswith(_COMPRESSIBLE)


@lru_cache(maxsize=512)
def accepted(header: str) -> tuple[str, ...]:
    """What an Accept-Encoding allows, what the client likes best first; always with `IDENTITY`, if only at the end."""
    weights = dict(map(_weighed, header.lower().split(",")))
    others = weights.get("*", 0.0)
    found = [(weights.get(name, others), name) for name in (BROTLI, GZIP)]
    liked = sorted((pair for pair in found if pair[0] > 0), key=lambda pair: -pair[0])
    return (*(name for _weight, name in liked), IDENTITY)


def _weighed(part: str) -> tuple[str, float]:
    """`br;q=0.5`; what is no number is no wish."""
    name, *parameters = (word.strip() for word in part.split(";"))
    weight = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    try:
        return name.removeprefix("x-"), float(weight)
    except ValueError:
        return name, 0.0


def compressed(text: bytes, encoding: str, quickly: bool) -> bytes:
    """Deterministic. Quickly: in a quarter of a millisecond for 50 kB, and a third larger than with time."""
    if encoding == BROTLI:
        return brotli.compress(text, mode=brotli.MODE_TEXT, quality=1 if quickly else 5)
    if encoding == GZIP:
        return gzip.compress(text, compresslevel=1 if quickly else 6, mtime=0)
    return text


def plain(body: bytes, encoding: str) -> bytes:
    if encoding == BROTLI:
        return brotli.decompress(body)
    return gzip.decompress(body) if encoding == GZIP else body
