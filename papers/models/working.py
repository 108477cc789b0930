"""What editors have typed and not saved: outside the history, and nothing that readers could ever see."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .records import Kind


class WorkingCopy(models.Model):
    """One editor's form of one thing, as it was posted last, and the revision that the form was opened on.

    No foreign key to the thing, which need not be there yet. A row without `written_at` says only that the form is
    open. `writer` names the window that the text comes from, so that no other one writes over it unseen.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    uid = models.CharField(max_length=64)
    fields: Any = models.JSONField(default=dict)  # the names of inputs, each with its values
    based_on = models.PositiveIntegerField(null=True)
    writer = models.CharField(max_length=32, blank=True)
    written_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("暂存的内容")
        verbose_name_plural = _("暂存的内容")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "uid", "account"], name="working_copy_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.account_id}"

    @property
    def title(self) -> str:
        """As it was typed; the uid if it has none."""
        typed = self.fields.get("title") or self.fields.get("name") or [""]
        return typed[0].strip() or self.uid
