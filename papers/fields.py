"""Model fields that say what a column may hold."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _


class ByteOrderedField(models.CharField):
    """Text that sorts by bytes on every database: slugs and paths are ordered and compared by range.

    PostgreSQL would sort by the language of its cluster; SQLite sorts by bytes anyway and has no collation "C".
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class HttpURLField(models.URLField):
    """A web address; other schemes (javascript:, ftp:, file:) are refused."""

    default_validators = [URLValidator(schemes=["http", "https"], message=_("请输入以 http:// 或 https:// 开头的网址。"))]

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https", **kwargs})


class NoteField(models.TextField):
    """Markdown or HTML of a note, at most as long as the renderer takes it: 512 kB of UTF-8."""

    max_bytes = 512 * 1024

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        size = len((value or "").encode(errors="replace"))
        if size > self.max_bytes:
            raise ValidationError(
                _("正文有 %(size)d kB，超过上限 512 kB。请拆成几篇，或移除粘贴进来的大段内容。"),
                code="note_too_long",
                params={"size": size // 1024},
            )
