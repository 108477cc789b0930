"""Which file a paper or section came from, so that the same file is the same thing the next time."""

from django.db import models
from django.utils import timezone

from .records import Kind

#: PostgreSQL indexes no longer ones.
SOURCE_MAX_LENGTH = 800


class ImportedFile(models.Model):
    """`number` is the revision that holds what the file said: where the newest says the same, nobody has
    edited it since.
    """

    source = models.CharField(
        max_length=SOURCE_MAX_LENGTH, unique=True
    )  # the folder's name, and the path in it
    digest = models.CharField(max_length=64)
    # Of the file alone, whatever it is called; empty if it was imported before this was noted.
    content = models.CharField(max_length=64, db_index=True, default="", db_default="")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PAPER)
    uid = models.CharField(max_length=64, db_index=True)
    number = models.PositiveIntegerField()
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.source
