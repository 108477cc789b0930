"""Fields of forms for what people type at length, and how what is posted is read."""

import re
from typing import Any

from django import forms


class MultilineField(forms.CharField):
    """Text of several lines with `\\n` between them: browsers send `\\r\\n`, and a diff would show every line changed."""

    def to_python(self, value: Any) -> str:
        return self.with_plain_newlines(super().to_python(value) or "")

    @staticmethod
    def with_plain_newlines(text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n")


class NoteFormField(MultilineField):
    """Nothing stripped: leading spaces are code in Markdown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{**kwargs, "strip": False, "widget": forms.Textarea(attrs={"rows": 28, "cols": 100})}
        )


# What a form of the admin posts beside what was typed, as do its buttons and what keeps the text meanwhile.
_NOT_TYPED = {"csrfmiddlewaretoken", "confirmed", "merge_head", "thing_uid", "based_on"}


def is_typed(name: str) -> bool:
    return name not in _NOT_TYPED and not name.startswith(("_", "working_"))


def number(text: str) -> int | None:
    """Of a row or a revision."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None
