"""What a backup has in it: which tables, which of their columns, and what its manifest says of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from ..models import SiteState

FORMAT = 1
MADE_BY = "PaperCache"
MANIFEST = "manifest.json"
FIGURES = "figures.jsonl"

# Sessions, counted logins and caches are not content.
APPS = ("papers", "auth", "admin")
# Every place makes its own: rights are called by their names, the generation only ever rises.
NOT_TAKEN = (Permission, SiteState)
# Rows whose keys are others in every database.
NAMED = (ContentType, Permission)

CHUNK = 1024 * 1024  # bytes of a file in memory at a time

#: Given what is being worked through, its items and how many there are; yields the items.
Follow = Callable[[str, Iterable[Any], int], Iterable[Any]]
Names = dict[type[models.Model], dict[Any, Any]]


class BackupError(Exception):
    """Nothing was changed; the message is one line for whoever runs the command."""


@dataclass(frozen=True)
class Part:
    count: int
    bytes: int
    sha256: str


@dataclass
class Manifest:
    version: str
    migrations: list[str]
    parts: dict[str, Part] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # pictures whose files were lost or damaged before

    @property
    def rows(self) -> int:
        return sum(part.count for name, part in self.parts.items() if name != FIGURES)

    @property
    def pictures(self) -> int:
        return self.parts[FIGURES].count


def tables() -> list[type[models.Model]]:
    found = [
        model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    return [model for model in found if model not in NOT_TAKEN]


def member_of(model: type[models.Model]) -> str:
    return f"rows/{model._meta.label_lower}.jsonl"


def columns_of(model: type[models.Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


def names_of(alias: str) -> Names:
    """Of the rows that are called by name: their natural keys."""
    rights = Permission.objects.using(alias).select_related("content_type")
    rows: dict[Any, Any] = {ContentType: ContentType.objects.using(alias), Permission: rights}
    return {model: {row.pk: row.natural_key() for row in rows[model]} for model in NAMED}


def migrations_of(alias: str) -> list[str]:
    """What made the tables. Raises BackupError unless they are as this version has them."""
    executor = MigrationExecutor(connections[alias])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupError(_("数据库还没有升级到这个版本：请先运行 manage.py migrate。"))
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in APPS)
