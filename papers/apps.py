"""The application, and what it hangs on Django when it starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    name = "papers"
    verbose_name = _("论文笔记")

    def ready(self) -> None:
        from . import checks, signals  # noqa: F401
