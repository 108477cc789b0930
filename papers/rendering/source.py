"""Makes a source fit to be read."""

import re

from .marks import RESERVED

# Control characters but tab and line feed, halves of surrogate pairs, and the characters of our own marks.
_REMOVED = re.compile(
    rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff{chr(RESERVED[0])}-{chr(RESERVED[-1])}]"
)


def normalised(source: str) -> str:
    return _REMOVED.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
