"""Forms for what readers ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .search import MAX_QUERY_LENGTH


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("搜索"),
        required=False,
        max_length=MAX_QUERY_LENGTH,
        error_messages={"max_length": _("搜索词最多 %(limit_value)d 个字符，这里有 %(show_value)d 个。")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


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
