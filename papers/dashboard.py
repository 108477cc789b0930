"""What waits for an editor: the parts of the admin's first page, as far as this person may see them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import citing, missed, plots, roles, totals
from .models import Kind, Missed, Paper, WorkingCopy
from .querysets import HEAVY_COLUMNS
from .revisions import MODEL_OF
from .site_check import reports
from .site_check.reports import Kept
from .stored import kept

SHOWN = 10
WEEKS = 52


@dataclass(frozen=True, slots=True)
class Row:
    """`note` or `moment` stands beside the label, `under` on a line of its own."""

    label: str
    url: str = ""
    note: str = ""
    moment: datetime | None = None
    under: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """`more` leads to the whole list; `made_at` is when it was found, for what is not looked up now."""

    name: str
    title: str
    count: int
    rows: list[Row] = field(default_factory=list)
    more: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    name: str
    title: str
    plot: plots.Plot
    rows: list[tuple[str, int]]


def parts(user: Any, at: str | None = None) -> list[Part]:
    """Their own work, then what is missing; what tells of other people's drafts only to those who see them all.

    `at` is the state of the site, where it is known.
    """
    if not roles.may(user, "view"):
        return []
    own = [working_copies(user), my_drafts(user)]
    if not roles.sees_all(user):
        return [*own, wanted(at)]
    last = reports.kept()
    of_papers = [scheduled(), changed(), without_text(at), wanted(at)]
    return [*own, *of_papers, problems(last), broken_links(last), searches(), addresses()]


# --- Papers -----------------------------------------------------------------------------------------------


def working_copies(user: Any) -> Part:
    """What is typed and not saved, of what is there still or never was."""
    mine = WorkingCopy.objects.filter(account=user.pk).exclude(written_at=None).order_by("-written_at")
    copies = list(mine[:SHOWN])
    forms = _forms(copies)
    rows = [
        Row(copy.title, forms[copy.kind, copy.uid], moment=copy.written_at)
        for copy in copies
        if (copy.kind, copy.uid) in forms
    ]
    return Part("working", _("没有保存的内容"), mine.count(), rows)


def _forms(copies: list[WorkingCopy]) -> dict[tuple[str, str], str]:
    """The forms in which the texts are offered back: the thing's own, or the empty one."""

    found: dict[tuple[str, str], str] = {}
    for kind in Kind:
        uids = [copy.uid for copy in copies if copy.kind == kind]
        if not uids:
            continue
        there = dict(MODEL_OF[kind]._default_manager.filter(uid__in=uids).values_list("uid", "pk"))
        for uid in uids:
            route = f"admin:papers_{kind.value}_{'change' if uid in there else 'add'}"
            found[kind.value, uid] = reverse(route, args=[there[uid]] if uid in there else [])
    return found


def my_drafts(user: Any) -> Part:
    papers = roles.own_drafts(user).order_by("-changed_at", "pk")
    return _papers("drafts", _("我的草稿"), papers, "draft", "changed_at")


def scheduled() -> Part:
    papers = Paper.objects.scheduled().order_by("publish_at", "pk")
    return _papers("scheduled", _("定时发布"), papers, "scheduled", "publish_at")


def changed() -> Part:
    papers = Paper.objects.with_changes().newest_first()
    return _papers("changed", _("有未发布的修改"), papers, "changed")


def without_text(at: str | None = None) -> Part:
    """Found once for each generation: no index knows how long a note is."""
    count, pks = kept("without-text", _without_text, at)
    papers = Paper.objects.published().filter(pk__in=pks).newest_first()
    return _papers("empty", _("没有正文的笔记"), papers, "empty", count=count)


def _without_text() -> tuple[int, list[int]]:
    papers = Paper.objects.published().without_text()
    return papers.count(), list(papers.newest_first().values_list("pk", flat=True)[:SHOWN])


def _papers(
    name: str, title: str, papers: Any, state: str, moment: str = "", *, count: int | None = None
) -> Part:
    rows = [
        Row(
            str(paper),
            reverse("admin:papers_paper_change", args=[paper.pk]),
            "" if moment else paper.date_label,
            getattr(paper, moment) if moment else None,
        )
        for paper in papers.defer(*HEAVY_COLUMNS)[:SHOWN]
    ]
    more = f"{reverse('admin:papers_paper_changelist')}?state={state}"
    return Part(name, title, papers.count() if count is None else count, rows, more)


def wanted(at: str | None = None) -> Part:
    names: list[citing.Wanted] = kept("wanted", citing.wanted, at)
    note = _("%d 篇笔记引用")
    rows = [Row(one.title, note=note % one.notes) for one in names[:SHOWN]]
    return Part("wanted", _("被引用而没有笔记的论文"), len(names), rows, reverse("papers:wanted"))


# --- What was found wrong ---------------------------------------------------------------------------------


def problems(last: dict[str, Kept]) -> Part:
    """By kind, as the last check found them; a note is not rendered again for this."""
    found = last.get("notes")
    counts = Counter(found.counts if found else {})
    report = reverse("admin:papers_report_changelist")
    rows = [
        Row(reports.kind_in_words(kind), f"{report}?part=notes&kind={kind}", str(number))
        for kind, number in counts.most_common(SHOWN)
    ]
    made_at = found.made_at if found else None
    return Part("problems", _("笔记里的问题"), counts.total(), rows, f"{report}?part=notes", made_at)


def broken_links(last: dict[str, Kept]) -> Part:
    there = [last[part] for part in ("links", "external", "addresses") if part in last]
    findings = [(kept.part, finding) for kept in there for finding in kept.findings[:SHOWN]]
    report = reverse("admin:papers_report_changelist")
    rows = [
        Row(
            finding.snippet or finding.where,
            f"{report}?part={part}",
            under=finding.where if finding.snippet else "",
        )
        for part, finding in findings[:SHOWN]
    ]
    made_at = min((kept.made_at for kept in there), default=None)
    return Part("broken", _("断开的链接"), sum(kept.total for kept in there), rows, report, made_at)


# --- What was asked for -----------------------------------------------------------------------------------


def searches() -> Part:
    return _missed("searches", _("搜不到的词"), Missed.Kind.SEARCH)


def addresses() -> Part:
    return _missed("addresses", _("找不到的网址"), Missed.Kind.ADDRESS)


def _missed(name: str, title: str, kind: str) -> Part:
    asked = missed.most(kind)
    listing = f"{reverse('admin:papers_missed_changelist')}?kind={kind}"
    rows = [
        Row(one.text, note=ngettext("%d 次", "%d 次", one.count) % one.count)
        for one in asked.order_by("-count", "-last_seen", "text")[:SHOWN]
    ]
    return Part(name, title, asked.count(), rows, listing)


# --- Drawings ---------------------------------------------------------------------------------------------


def drawings(at: str | None = None) -> list[Drawing]:
    """Of published papers, by the function that draws those of the site."""
    months = totals.last_months(totals.places(at).months)
    weeks: list[tuple[str, int]] = kept(f"weeks.{_monday()}", _weeks, at)
    days = [(monday[5:], number) for monday, number in weeks]  # of one year: a phone has room for no more
    found = [
        Drawing("months", _("每月论文"), plots.plot(months, upright=True), _said(months)),
        Drawing("weeks", _("每周新笔记"), plots.plot(days, upright=True), _said(weeks)),
    ]
    return [drawing for drawing in found if drawing.rows]


def _said(counts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [row for row in reversed(counts) if row[1]]


def _monday() -> date:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday())


def _weeks() -> list[tuple[str, int]]:
    """By the Monday on which a week began, the last year of them."""
    mondays = [_monday() - timedelta(weeks=number) for number in range(WEEKS - 1, -1, -1)]
    since = timezone.now() - timedelta(weeks=WEEKS + 1)
    papers = Paper.objects.published().filter(first_public_at__gte=since).order_by()
    days = [timezone.localtime(at).date() for at in papers.values_list("first_public_at", flat=True) if at]
    counts = Counter(day - timedelta(days=day.weekday()) for day in days)
    return [(day.isoformat(), counts[day]) for day in mondays]
