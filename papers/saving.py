"""How a row is saved: slow work first, then the row and all that follows from it in one transaction."""

from typing import Any

from django.db import models, transaction
from django.dispatch import Signal

# Sent before the transaction of a save: what is slow happens here, while no write lock is held.
about_to_save = Signal()


class SavedWhole(models.Model):
    """A save with all that its receivers do, or nothing of it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields"):
            columns: Any = self._meta.concrete_fields
            derived = {field.name for field in columns if not field.serialize}
            kwargs["update_fields"] = {*kwargs["update_fields"], *derived} - {self._meta.pk.name}
        about_to_save.send(sender=type(self), instance=self)
        with transaction.atomic():
            super().save(*args, **kwargs)
