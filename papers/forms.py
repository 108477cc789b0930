"""Fields of forms for what people type at length."""

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
