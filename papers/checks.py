"""System checks: what a deployment must get right, said before it goes wrong."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db import connections
from django.utils.translation import gettext as _

SUPPORTED_DATABASES = ("sqlite", "postgresql")


@register
def database_is_supported(**kwargs: Any) -> list[CheckMessage]:
    vendor = connections["default"].vendor
    if vendor in SUPPORTED_DATABASES:
        return []
    return [
        Error(
            _("PaperCache 不支持数据库 %(vendor)s。") % {"vendor": vendor},
            hint=_("请把 DATABASE_URL 设为 sqlite:///… 或 postgres://…；在别的数据库上搜索不到任何论文。"),
            id="papers.E001",
        )
    ]
