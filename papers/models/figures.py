"""Pictures: a row for each file that notes may show."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..querysets import FigureQuerySet
from .papers import Paper
from .sections import Section

CONTENT_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
}


class Figure(models.Model):
    """What a note calls a picture is made of the picture's own bytes, so the same one is never kept twice.

    Fixtures carry the rows; the files are copied with MEDIA_ROOT.
    """

    name = models.CharField(_("文件名"), max_length=37, primary_key=True, editable=False)
    width = models.PositiveIntegerField(_("宽"), editable=False)
    height = models.PositiveIntegerField(_("高"), editable=False)
    bytes = models.PositiveIntegerField(_("字节数"), editable=False)
    alt = models.TextField(_("替代文字"), blank=True, help_text=_("看不到图片的人读到的话：图里有什么。"))
    caption = models.TextField(_("图注"), blank=True)
    created_at = models.DateTimeField(_("存入时间"), default=timezone.now, editable=False)

    objects = FigureQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "图片")
        verbose_name_plural = pgettext_lazy("many", "图片")
        ordering = ["-created_at", "name"]
        # No right to delete: a revision in the history may show the picture again.
        default_permissions = ("add", "change", "view")
        indexes = [models.Index(fields=["-created_at", "name"], name="figure_newest")]

    def __str__(self) -> str:
        return self.alt or self.name

    def get_absolute_url(self) -> str:
        return reverse("papers:figure", args=[self.name])

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.name.rpartition(".")[2]]


class FigureUse(models.Model):
    """Derived: a note or a text that names a picture, in its row or in what waits to be published.

    By its name, since a note may name a picture that is stored later, or nowhere.
    """

    name = models.CharField(max_length=37)
    paper = models.ForeignKey(Paper, models.CASCADE, null=True, related_name="figure_uses", db_index=False)
    section = models.ForeignKey(
        Section, models.CASCADE, null=True, related_name="figure_uses", db_index=False
    )
    in_row = models.BooleanField()  # or else in unpublished changes alone

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "name"], name="figure_use_once_in_paper"),
            models.UniqueConstraint(fields=["section", "name"], name="figure_use_once_in_section"),
            models.CheckConstraint(
                name="figure_use_in_one_thing",
                condition=Q(paper=None, section__isnull=False) | Q(paper__isnull=False, section=None),
            ),
        ]
        indexes = [models.Index(fields=["name"], name="figure_use_name")]

    def __str__(self) -> str:
        return self.name
