"""Side rows: names of papers, who names them, former addresses, the history, the generation number."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .. import citations, paths
from ..fields import ByteOrderedField
from ..querysets import CitationQuerySet, PaperKeyQuerySet
from .papers import Paper


class PaperKey(models.Model):
    """Derived: every name by which a note may call a paper, normalised. Joined to `published()` when read."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=citations.KEY_MAX_LENGTH, db_index=True)

    objects = PaperKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paper", "key"], name="paper_key_once")]

    def __str__(self) -> str:
        return self.key


class SearchRow(models.Model):
    """Derived: what search looks through, as tokens in the order of the text (`search.tokens`), best places first.

    The database keeps an index of its own kind over these columns: see the migration that made them.
    """

    paper = models.OneToOneField(Paper, models.CASCADE, primary_key=True, related_name="search_row")
    title = models.TextField()
    names = models.TextField()
    summary = models.TextField()
    notes = models.TextField()

    def __str__(self) -> str:
        return str(self.paper_id)


class Citation(models.Model):
    """Derived: a place where a note names a paper, which is whatever published paper has the key when it is read."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="citations", db_index=False)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)  # "citation" or "wikilink"
    label = models.CharField(max_length=200)
    title = models.CharField(max_length=500)
    key = models.CharField(max_length=citations.KEY_MAX_LENGTH)
    sentence = models.CharField(max_length=500)
    anchor = models.CharField(max_length=200)

    objects = CitationQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["paper", "position"], name="citation_position_once")]
        indexes = [models.Index(fields=["key", "paper"], name="citation_key")]

    def __str__(self) -> str:
        return self.label


class Kind(models.TextChoices):
    SECTION = "section", _("栏目")
    PAPER = "paper", _("论文")
    TAG = "tag", _("标签")


class Address(models.Model):
    """A former path. Live paths win; the uid says where its thing is now, so that every redirect is one hop."""

    path_folded = ByteOrderedField(max_length=paths.FOLDED_PATH_MAX_LENGTH, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    uid = models.CharField(max_length=64, db_index=True)

    class Meta:
        verbose_name = _("旧网址")
        verbose_name_plural = _("旧网址")

    def __str__(self) -> str:
        return self.path_folded


class Revision(models.Model):
    """The typed fields of a thing at one moment. No foreign key to the thing, so that it outlives it."""

    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices)
    uid = models.CharField(_("标识"), max_length=64)
    number = models.PositiveIntegerField(_("序号"))
    data: Any = models.JSONField(_("内容"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("编辑"),
    )
    author_name = models.CharField(_("编辑姓名"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("时间"), auto_now_add=True)
    why = models.CharField(_("缘由"), max_length=200, blank=True)
    based_on = models.PositiveIntegerField(_("基于"), null=True, blank=True)
    is_deletion = models.BooleanField(_("删除"), default=False)

    class Meta:
        verbose_name = _("修订")
        verbose_name_plural = _("修订")
        ordering = ["kind", "uid", "-number"]
        constraints = [models.UniqueConstraint(fields=["kind", "uid", "number"], name="revision_number_once")]
        indexes = [
            models.Index(
                fields=["kind", "-created_at"], condition=Q(is_deletion=True), name="revision_deletions"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} #{self.number}"


class SiteState(models.Model):
    """One row: the generation number, raised in the transaction of every change that readers can see."""

    generation = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(name="site_state_is_one_row", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.generation)
