"""The application, and what it hangs on Django when it starts."""

from sqlite3 import sqlite_version_info

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    name = "papers"
    verbose_name = _("论文笔记")

    def ready(self) -> None:
        from . import checks, derived, open_file, roles, security_log, signals  # noqa: F401

        if connection.vendor == "sqlite" and sqlite_version_info >= (3, 38):  # which has JSON
            # Django would try it in a transaction, and takes a file that is locked for a no.
            type(connection.features).supports_json_field = True
        open_file.watch()
        post_migrate.connect(roles.make_groups, sender=self)
        post_migrate.connect(derived.complete_search, sender=self)
