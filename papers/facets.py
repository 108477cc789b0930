"""What a list of papers is narrowed and ordered by: read from a query string, asked of the database, written back.

Whatever takes "any list or search" (a page, a feed, an export, the papers before and after one) takes its query
string and calls `papers_of`.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any, Final

from django import forms
from django.core.validators import MinValueValidator, RegexValidator
from django.db.models import Subquery
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from . import paths, ranking, search
from .models import Paper, Section, TaggedPaper
from .querysets import PAPER_ORDER, PaperQuerySet

SORTS: Final = ("best", "month", "newest", "title", "cited")
MAX_TAGS: Final = 10


@dataclass(frozen=True)
class Choice:
    """The fields are in the order in which an address names them; what is empty is not in the address."""

    q: str = ""
    section: str = ""  # by uid, which survives a move
    tag: tuple[str, ...] = ()  # by slug, in order
    tags: str = ""  # "any": one of the tags is enough
    venue: str = ""  # by slug
    year: int | None = None  # of the month under which a note is listed
    month: str = ""
    review: str = ""  # whether somebody has compared the note with its paper
    since: date | None = None  # the day on which a note became public
    sort: str = ""

    def but(self, **changes: Any) -> "Choice":
        return tidied(replace(self, **changes))

    @property
    def is_narrow(self) -> bool:
        return self.but(sort="") != Choice()

    @property
    def order(self) -> str:
        return self.sort or ("best" if self.q else "month")

    def pairs(self) -> list[tuple[str, str]]:
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        named = [(name, value if isinstance(value, tuple) else (value,)) for name, value in values if value]
        return [(name, str(one)) for name, several in named for one in several]

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What a form for the words of a search has to repeat."""
        return [(name, value) for name, value in self.pairs() if name != "q"]

    def query_string(self) -> str:
        """The one way to write it, without a question mark."""
        return urlencode(self.pairs())

    # --- Papers -----------------------------------------------------------------------------------------

    def papers(self) -> PaperQuerySet:
        """Published, narrowed and ordered; lazy, but for the ranking by citations."""
        found = self.found()
        if self.section:
            found = found.filter(section__in=_subtree(self.section))
        if self.venue:
            found = found.filter(venue_slug=self.venue)
        if self.year:
            found = found.in_year(self.year)
        if self.month:
            found = found.in_month(*map(int, self.month.split("-")))
        if self.review:
            found = found.filter(review_state=self.review)
        return ordered(found, self.order, is_whole=not self.is_narrow)

    def found(self) -> PaperQuerySet:
        """Narrowed by what only the database can tell, and by tags; in the order of the search if there is one."""
        found = search.find(search.parse(self.q)) if self.q else Paper.objects.published()
        if self.since:
            found = found.filter(first_public_at__gte=start_of(self.since))
        wanted = [{"tag__slug__in": self.tag}] if self.tags else [{"tag__slug": slug} for slug in self.tag]
        for condition in wanted:  # not joins: a paper would be there once for each of its tags
            found = found.filter(pk__in=TaggedPaper.objects.filter(**condition).values("content_object"))
        return found


def tidied(choice: Choice) -> Choice:
    """Every choice that means the same is written in the same way."""
    tags = tuple(sorted({paths.fold(slug) for slug in choice.tag if slug}))
    is_default = choice.sort == replace(choice, sort="").order or (choice.sort == "best" and not choice.q)
    return replace(
        choice,
        tag=tags,
        tags=choice.tags if len(tags) > 1 else "",
        venue=choice.venue.lower(),
        sort="" if is_default else choice.sort,
    )


def _subtree(uid: str) -> Any:
    path = Section.objects.filter(uid=uid).values("path_folded")
    return Section.objects.filter(path_folded__startswith=Subquery(path)).values("pk")


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


#: Orders that a paper's own columns decide.
ORDERS: Final = {
    "month": PAPER_ORDER,
    "newest": ("-first_public_at", *PAPER_ORDER),
    "title": ("title_lower", *PAPER_ORDER),
}


def ordered(papers: PaperQuerySet, sort: str, *, is_whole: bool = False) -> PaperQuerySet:
    """`best` is the order in which a search gives them."""
    if sort == "cited":
        return ranking.most_cited_first(papers, is_whole=is_whole)
    papers = papers.alias(title_lower=Lower("title")) if sort == "title" else papers
    return papers.order_by(*ORDERS[sort]) if sort in ORDERS else papers


# --- Query strings ----------------------------------------------------------------------------------------


class _Slugs(forms.Field):
    """Every value of a name that may stand in the address several times."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> tuple[str, ...]:
        slugs = tuple(filter(None, (slug.replace("\0", "").strip() for slug in value or ())))
        if len(set(slugs)) > MAX_TAGS:
            raise forms.ValidationError(_("最多同时选 %(limit)d 个标签。"), params={"limit": MAX_TAGS})
        return slugs


def _said(message: Any) -> dict[str, Any]:
    return {"invalid": message, "invalid_choice": message, "min_value": message, "max_value": message}


_TOO_LONG = {"max_length": _("搜索词最多 %(limit_value)d 个字符，这里有 %(show_value)d 个。")}
_NOT_A_YEAR = _("年份写成四位数字，例如 2025。")
_NOT_A_MONTH = _("月份写成四位年份和两位月份，例如 2025-07。")
_NOT_A_DAY = _("起始日期写成年、月、日，例如 2025-06-01。")
_NOT_A_REVIEW = _("核对只能是 reviewed 或 unreviewed。")
_NOT_A_SORT = _("没有这种排序。可以按月份、新笔记、标题或被引次数。")


class ChoiceForm(forms.Form):
    """What a person may write in the address of a list."""

    q = forms.CharField(required=False, max_length=search.MAX_QUERY_LENGTH, error_messages=_TOO_LONG)
    section = forms.CharField(required=False)
    tag = _Slugs(required=False)
    tags = forms.ChoiceField(
        required=False,
        choices=[("all", ""), ("any", "")],
        error_messages=_said(_("标签之间的关系只能是 all 或 any。")),
    )
    venue = forms.CharField(required=False)
    year = forms.IntegerField(
        required=False, min_value=1, max_value=9999, localize=False, error_messages=_said(_NOT_A_YEAR)
    )
    month = forms.CharField(
        required=False, validators=[RegexValidator(r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])\Z", _NOT_A_MONTH)]
    )
    review = forms.ChoiceField(
        required=False, choices=Paper.Review.choices, error_messages=_said(_NOT_A_REVIEW)
    )
    since = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(date(1900, 1, 1), _NOT_A_DAY)],
        error_messages=_said(_NOT_A_DAY),
    )
    sort = forms.ChoiceField(
        required=False, choices=[(sort, sort) for sort in SORTS], error_messages=_said(_NOT_A_SORT)
    )

    def choice(self) -> Choice:
        """Of what could be understood; `errors` says what could not."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        if values.get("tags") == "all":
            del values["tags"]
        return tidied(Choice(**values))


def read(data: QueryDict) -> tuple[Choice, list[str]]:
    """What a query string chooses, and in sentences what of it makes no sense."""
    form = ChoiceForm(data)
    choice = form.choice()
    return choice, [str(error) for errors in form.errors.values() for error in errors]


def is_tidy(data: QueryDict, choice: Choice) -> bool:
    """Whether the address names the choice in the one way that it is written."""
    names = {field.name for field in fields(Choice)}
    given = [(name, value) for name, values in data.lists() if name in names for value in values]
    return given == choice.pairs()


def papers_of(data: QueryDict) -> PaperQuerySet:
    """The published papers that a query string of `/papers/` or `/search/` asks for, in its order.

    None if some of it makes no sense, or names what is not there: all papers would not be what was asked for.
    """
    choice, problems = read(data)
    return Paper.objects.none() if problems else choice.papers()
