"""Model fields and validators that say what a column may hold."""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from . import paths


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

    default_validators = [
        URLValidator(schemes=["http", "https"], message=_("请输入以 http:// 或 https:// 开头的网址。"))
    ]

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


# Without the letters and digits that people take for one another.
UID_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"

is_arxiv_id = RegexValidator(
    r"^(\d\d(0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d\d(0[1-9]|1[0-2])\d{3})\Z",
    _("arXiv 编号写作 2309.06180 或 hep-th/9901001，不带 arXiv: 和版本号。"),
    code="bad_arxiv_id",
)
is_doi = RegexValidator(
    r"^10\.\d{4,9}/\S+\Z", _("DOI 以 10. 开头，例如 10.1145/3600006.3613165。"), code="bad_doi"
)
# PostgreSQL's integers, on SQLite too.
fits_integer = MaxValueValidator(2_147_483_647)
# Years that survive a change of time zone, and that nobody means, make errors in many a library.
plausible_time = [
    MinValueValidator(datetime(1970, 1, 2, tzinfo=UTC)),
    MaxValueValidator(datetime(2200, 1, 1, tzinfo=UTC)),
]
is_month_or_day = RegexValidator(
    r"^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?\Z",
    _("日期写作 2025-07 或 2025-07-25，月份从 01 到 12。"),
    code="bad_month",
)


def make_uid() -> str:
    return "".join(secrets.choice(UID_ALPHABET) for _count in range(8))


def uid_field() -> models.CharField:
    return models.CharField(
        _("标识"),
        max_length=64,
        unique=True,
        default=make_uid,
        editable=False,
        validators=[paths.validate_uid],
    )
