"""What the list of papers is narrowed by."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .. import roles
from ..models import Paper, Section, Tag
from .choices import indented


class SectionFilter(admin.SimpleListFilter):
    title = _("栏目")
    parameter_name = "section"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        sections = Section.objects.for_menus().order_by("path_folded")
        return [(section.uid, indented(section)) for section in sections]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """By section and not by path: a draft may have no path yet, and the sections' own index is in order.

        Keys and no subquery: of one section alone SQLite then takes its papers as that index has them.
        """
        section = Section.objects.filter(uid=self.value()).first() if self.value() else None
        if section is None:
            return queryset
        below = Section.objects.in_subtree(section.path_folded).values_list("pk", flat=True)
        return queryset.filter(section__in=list(below))


class StateFilter(admin.SimpleListFilter):
    title = _("状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("draft", _("草稿")),
            ("scheduled", _("定时")),
            ("published", _("已发布")),
            ("changed", _("有未发布的修改")),
            ("unchecked", _("未核对")),
            ("checked", _("已核对")),
            ("empty", _("没有正文")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {
            "draft": queryset.drafts,
            "scheduled": queryset.scheduled,
            "published": queryset.published,
            "changed": queryset.with_changes,
            "unchecked": queryset.unchecked,
            "checked": queryset.checked,
            "empty": queryset.without_text,
        }.get(self.value() or "")
        return chosen() if chosen else queryset


class TagFilter(admin.SimpleListFilter):
    title = _("标签")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return list(Tag.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(tagged__tag__slug=self.value()) if self.value() else queryset


class MonthFilter(admin.SimpleListFilter):
    title = _("年月")
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        papers = roles.visible_to(request.user, Paper.objects.order_by())
        days = papers.exclude(published_on=None).values_list("published_on", flat=True).distinct()
        months = sorted(
            {f"{day:%Y-%m}" for day in days}, reverse=True
        )  # here: the index knows days, not months
        return [(month, month) for month in months]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        try:
            month = datetime.strptime(self.value() or "", "%Y-%m")
        except ValueError:
            return queryset
        return queryset.in_month(month.year, month.month)


class VenueFilter(admin.SimpleListFilter):
    title = _("会议或期刊")
    parameter_name = "venue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        papers = roles.visible_to(request.user, Paper.objects.exclude(venue=""))
        venues = papers.order_by("venue").values_list("venue", flat=True).distinct()
        return [(venue, venue) for venue in venues]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(venue=self.value()) if self.value() else queryset
