"""System checks: what a deployment must get right, said before it goes wrong."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.utils.translation import gettext as _

from .models import Section

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


@register(Tags.database)
def admin_hides_no_section(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Of a site that is set up: `migrate` asks before there are tables."""
    path = f"/{settings.PAPERCACHE_ADMIN_PATH}/"
    is_set_up = databases and Section._meta.db_table in connections["default"].introspection.table_names()
    hidden = Section.objects.filter(path_folded=path) if is_set_up else Section.objects.none()
    return [
        Error(
            _("一级栏目“%(title)s”的网址 %(path)s 与管理界面相同，因此读不到。")
            % {"title": section.title, "path": path},
            hint=_("请把 PAPERCACHE_ADMIN_PATH 设为别的值，或先改这个栏目的网址片段。"),
            id="papers.E002",
        )
        for section in hidden
    ]
