"""What the site notes of itself for those who run it: asked and not there, links elsewhere, what was found wrong."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: Texts that are longer are not counted.
MISSED_MAX_LENGTH = 300


class Missed(models.Model):
    """A search that found nothing, or an address that led nowhere: how often, and the last day; not who or when."""

    class Kind(models.TextChoices):
        SEARCH = "search", _("搜索词")
        ADDRESS = "address", _("网址")

    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("内容"), max_length=MISSED_MAX_LENGTH)  # folded
    count = models.PositiveIntegerField(_("次数"), default=1)
    last_seen = models.DateField(_("最近一次"), default=timezone.localdate)

    class Meta:
        verbose_name = _("没有找到的")
        verbose_name_plural = _("没有找到的")
        default_permissions = ()
        ordering = ["kind", "-count", "-last_seen", "text"]
        constraints = [models.UniqueConstraint(fields=["kind", "text"], name="missed_once")]
        indexes = [models.Index(fields=["kind", "-count", "-last_seen", "text"], name="missed_most")]

    def __str__(self) -> str:
        return self.text


class LinkCheck(models.Model):
    """How another site answered last, so that it need not be asked again soon. No answer: `status` 0 and the reason."""

    key = models.CharField(max_length=64, unique=True)  # the address's SHA-256: an index takes no long ones
    url = models.TextField()
    status = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=20, blank=True)
    checked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.url


class Report(models.Model):
    """What `check_site` found in one part of its work the last time that it came to its end."""

    part = models.CharField(max_length=20, primary_key=True)
    made_at = models.DateTimeField()
    looked_at = models.PositiveIntegerField()
    counts: Any = models.JSONField(default=dict)  # by kind
    findings: Any = models.JSONField(default=list)  # the first of them

    class Meta:
        verbose_name = _("网站检查")
        verbose_name_plural = _("网站检查")
        default_permissions = ()

    def __str__(self) -> str:
        return self.part
