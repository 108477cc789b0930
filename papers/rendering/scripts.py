"""Data inside a page, for programs that read it there."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

# Nothing in a script element may look like a tag or a comment; the last two end a line for JavaScript alone.
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def script_json(value: Any) -> SafeString:
    """JSON of texts, numbers, lists and objects that may stand in a script element, whatever is in the texts."""
    return mark_safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED))
