"""Sections: the tree is the whole site."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import paths
from ..fields import ByteOrderedField, NoteField, fits_integer, uid_field
from ..querysets import SectionQuerySet
from ..saving import SavedWhole
from .places import page
from .rules import refusal, refuse_taken


class Section(SavedWhole):
    uid = uid_field()
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级栏目")
    )
    slug = ByteOrderedField(
        _("网址片段"),
        max_length=paths.SEGMENT_MAX_LENGTH,
        blank=True,
        validators=[paths.validate_segment],
        help_text=_("网址中的一段，例如 gpu_acceleration；保留大小写。只有首页没有。"),
    )
    title = models.CharField(_("标题"), max_length=200)
    icon = models.CharField(
        _("图标"), max_length=16, blank=True, help_text=_("一个表情符号。有图标的一级栏目是首页的主题。")
    )
    description = models.CharField(
        _("简介"), max_length=500, blank=True, help_text=_("一句话，用于列表和搜索引擎。")
    )
    text = NoteField(
        _("正文"),
        blank=True,
        help_text=_("Markdown。独占一行的 [[topics]] 和 [[papers]] 分别代表主题和论文列表。"),
    )
    position = models.PositiveIntegerField(
        _("次序"), default=0, validators=[fits_integer], help_text=_("同级栏目从小到大排列。")
    )
    index_position = models.PositiveIntegerField(
        _("首页论文列表中的次序"),
        null=True,
        blank=True,
        validators=[fits_integer],
        help_text=_("填写后成为首页论文列表的一个小标题；留空则论文归入最近的、已填写的上级。"),
    )
    in_navigation = models.BooleanField(_("显示在导航栏"), default=False)

    _left_path = ""  # between the signals of a save that moves the section

    path = ByteOrderedField(
        _("网址"), max_length=paths.PATH_MAX_LENGTH, editable=False, serialize=False, default=""
    )
    path_folded = ByteOrderedField(
        max_length=paths.FOLDED_PATH_MAX_LENGTH, unique=True, editable=False, serialize=False, default=""
    )
    text_html = models.TextField(editable=False, serialize=False, default="")
    rendered_by = models.CharField(max_length=200, editable=False, serialize=False, default="")
    changed_at = models.DateTimeField(editable=False, serialize=False, null=True)

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "栏目")
        verbose_name_plural = pgettext_lazy("many", "栏目")
        ordering = ["path_folded"]
        constraints = [
            models.CheckConstraint(
                name="section_root_alone_has_no_slug",
                condition=Q(parent=None, slug="", path="/", path_folded="/")
                | (Q(parent__isnull=False) & ~Q(slug="") & ~Q(path="/")),
            ),
            models.CheckConstraint(name="section_not_under_itself", condition=~Q(parent=models.F("pk"))),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return page(self.path)

    def natural_key(self) -> tuple[str]:
        return (self.uid,)

    @property
    def is_root(self) -> bool:
        return self.parent_id is None

    @property
    def true_path(self) -> str:
        """The path that follows from parent and slug; `path` is the stored one."""
        return paths.section_path(self.parent.path, self.slug) if self.parent else "/"

    def clean(self) -> None:
        """Errors name their field. Looks up the parent and the section that may hold the address."""
        if self.parent is None:
            self._clean_root()
            return
        if not self.slug:
            raise refusal("slug", _("请填写网址片段。"), "required")
        if self.pk and self.path and self.parent.path_folded.startswith(self.path_folded):
            raise refusal("parent", _("栏目不能放到自己或自己的下级之下。"), "section_loop")
        try:
            prefix, admin = settings.FORCE_SCRIPT_NAME or "", settings.PAPERCACHE_ADMIN_PATH
            paths.validate_section_slug(self.slug, self.parent.path, prefix, admin)
            paths.validate_path_length(self.true_path + "x" * self._longest_tail())
        except ValidationError as error:
            raise ValidationError({"slug": error}) from None
        refuse_taken(self)

    def _longest_tail(self) -> int:
        """How far paths below this section go beyond its own. Two queries if it moves."""
        if not self.pk or not self.path or self.path == self.true_path:
            return 0
        below: Any = (
            Section.objects.in_subtree(self.path_folded),
            self.papers.model._default_manager.in_section(self),
        )
        longest = [things.aggregate(length=Max(Length("path")))["length"] or 0 for things in below]
        return max(0, *longest) - len(self.path)

    def _clean_root(self) -> None:
        other_root = Section.objects.filter(parent=None).exclude(pk=self.pk).first()
        if other_root:
            raise refusal("parent", _("请选择上级栏目：首页只有一个。"), "second_root")
        if self.slug:
            raise refusal("slug", _("首页没有网址片段；其他栏目请选择上级栏目。"), "root_slug")
