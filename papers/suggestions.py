"""What the form suggests and doubts while an editor fills it in. Only reads; refuses nothing."""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from . import addresses, citations, identifiers, paths
from .models import Address, Kind, Paper, PaperKey, Section, Tag
from .querysets import HEAVY_COLUMNS, PaperQuerySet

# --- Addresses --------------------------------------------------------------------------------------------

SLUG_LENGTH = 80
_JOINED = re.compile(r"(?<=\d),(?=\d{3})|['’{}]")  # 10,000 and don't are one word each
_LONE_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")  # 3.1 keeps its dot
# Letters and marks that nobody sees: fillers, joiners, and what chooses between two forms of a character.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def slug_for(title: str, published_on: date | None, section: Section | None, *, exclude_uid: str = "") -> str:
    """`2025-07-Some-Title`: valid and free in that section, whatever the title. Two queries."""
    month = published_on.isoformat()[:7] if published_on else ""
    words = "-".join(_words(title)) or "paper"
    slug = _shortened(unicodedata.normalize("NFC", f"{month}-{words}".lstrip("-")))
    taken = _taken_slugs(section, slug, exclude_uid) | paths.RESERVED_FEEDS
    numbered = (f"{slug}-{number}" for number in itertools.count(2))
    return next(free for free in itertools.chain([slug], numbered) if paths.fold(free) not in taken)


def _words(title: str) -> list[str]:
    """Runs of letters and digits of any script; a word does not begin with a mark."""
    normal = _JOINED.sub("", _UNSEEN.sub("", unicodedata.normalize("NFKC", title)))
    seen = "".join(char for char in normal if unicodedata.category(char) != "Cf")
    runs = "".join(char if _is_of_word(char) else " " for char in _LONE_DOT.sub(" ", seen)).split()
    words = ("".join(itertools.dropwhile(_is_mark, run)) for run in runs)
    return [word for word in words if word]


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _is_of_word(char: str) -> bool:
    category = unicodedata.category(char)
    return (category[0] in "LMN" and category != "Me") or char == "."


def _shortened(slug: str) -> str:
    """Cut at a word, unless that would cost half of it: Chinese has no spaces."""
    if len(slug) <= SLUG_LENGTH:
        return slug
    at_word = slug[: SLUG_LENGTH + 1].rpartition("-")[0]
    return at_word if len(at_word) >= SLUG_LENGTH / 2 else slug[:SLUG_LENGTH].rstrip("-.")


def _taken_slugs(section: Section | None, slug: str, exclude_uid: str) -> set[str]:
    """Of all folded slugs that papers have or had in the section, this one and those that add a number to it."""
    if section is None or not section.path:
        return set()
    start = paths.fold(section.path)
    wanted = start + paths.fold(slug)
    among = Q(path_folded=f"{wanted}.html") | Q(path_folded__gte=f"{wanted}-1", path_folded__lt=f"{wanted}-:")
    live = Paper.objects.filter(among).exclude(uid=exclude_uid)
    former = Address.objects.filter(among).exclude(kind=Kind.PAPER, uid=exclude_uid)
    found = [path for rows in (live, former) for path in rows.values_list("path_folded", flat=True) if path]
    return {path.removeprefix(start).removesuffix(".html") for path in found}


def free_tag_slug(tag: Tag) -> str:
    """At which no other tag is or was."""
    number: int | None = None
    while True:
        slug = tag.slugify(tag.name, number)
        if not Tag.objects.filter(slug=slug).exists() and not addresses.former_holder(
            addresses.tag_path(slug), tag.uid
        ):
            return slug
        number = (number or 1) + 1


# --- Other papers -----------------------------------------------------------------------------------------

MOST_DUPLICATES = 10


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A paper that may be the same one. `because` is `arxiv_id`, `doi` or `title`: the surest of the reasons."""

    paper: Paper
    because: str


def duplicates(
    *,
    title: str = "",
    title_official: str = "",
    title_published: str = "",
    arxiv_id: str = "",
    doi: str = "",
    exclude_uid: str = "",
) -> list[Duplicate]:
    """Papers of any status, the surest first: whom they may be shown to is the caller's to ask. Three queries."""
    found = {
        "arxiv_id": _with_arxiv_id(identifiers.normalise_arxiv(arxiv_id)),
        "doi": _with_doi(identifiers.normalise_doi(doi)),
        "title": _with_keys({title, title_official, title_published}),
    }
    unlike: dict[int, Duplicate] = {}
    for because, papers in found.items():
        light = papers.exclude(uid=exclude_uid).defer(*HEAVY_COLUMNS).newest_first()[:MOST_DUPLICATES]
        for paper in light:
            unlike.setdefault(paper.pk, Duplicate(paper, because))
    return list(unlike.values())[:MOST_DUPLICATES]


def _with_arxiv_id(arxiv_id: str) -> PaperQuerySet:
    """By its key, which has an index; two ids that differ in their punctuation alone have the same key."""
    is_one = identifiers.arxiv_month(arxiv_id) is not None
    return _with_keys({arxiv_id}).filter(arxiv_id=arxiv_id) if is_one else Paper.objects.none()


def _with_doi(doi: str) -> PaperQuerySet:
    return Paper.objects.filter(doi__iexact=doi) if _can_be_asked(doi) else Paper.objects.none()


def _with_keys(names: set[str]) -> PaperQuerySet:
    keys = {citations.normalise_key(name)[:500] for name in names} - {""}
    return Paper.objects.filter(pk__in=PaperKey.objects.filter(key__in=keys).values("paper"))


def _can_be_asked(text: str) -> bool:
    """Databases refuse to look for NUL and for halves of a character."""
    return bool(text) and text.isprintable()


# --- Months -----------------------------------------------------------------------------------------------

Month = tuple[int, int]


def doubts(
    *, arxiv_id: str, published_on: date | None, first_posted: str, year: int | None, now: date
) -> list[str]:
    """Months that cannot be, each with what to check."""
    number = identifiers.normalise_arxiv(arxiv_id)
    posted = identifiers.arxiv_month(number)
    listed = (published_on.year, published_on.month) if published_on else None
    first = _month_of(first_posted)
    against_id = [*_against_id(number, posted, listed, first, year)] if posted else []
    months = {_("年月"): listed, _("首次公开"): first, _("arXiv 编号"): posted}
    return against_id + [
        _("“%(field)s”说的是 %(month)s，还没有到：请核对。") % {"field": field, "month": _written(month)}
        for field, month in months.items()
        if month and _months_between((now.year, now.month), month) > 1
    ]


def _against_id(
    number: str, posted: Month, listed: Month | None, first: Month | None, year: int | None
) -> Iterator[str]:
    """An id says when the paper came to arXiv; on the first and last days of a month it may be the next one."""
    said = {"number": number, "posted": _written(posted)}
    if listed and listed < posted:
        yield _(
            "“年月”是 %(listed)s，而 arXiv 编号 %(number)s 是 %(posted)s 的，那时还没有这篇论文：请核对年月和编号。"
        ) % {**said, "listed": _written(listed)}
    if first and abs(_months_between(first, posted)) > 1:
        yield _(
            "“首次公开”是 %(first)s，而 arXiv 编号 %(number)s 是 %(posted)s 的：请核对首次公开的年月和编号。"
        ) % {**said, "first": _written(first)}
    if year and year < posted[0] - 1:
        yield _(
            "“发表年份”是 %(year)s，而 arXiv 编号 %(number)s 是 %(posted)s 的：请核对发表年份和编号。"
        ) % {**said, "year": year}


def _month_of(first_posted: str) -> Month | None:
    match = re.match(r"(\d{4})-(0[1-9]|1[0-2])\b", first_posted, re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


def _months_between(earlier: Month, later: Month) -> int:
    return (later[0] - earlier[0]) * 12 + later[1] - earlier[1]


def _written(month: Month) -> str:
    return f"{month[0]:04}-{month[1]:02}"


# --- Venues -----------------------------------------------------------------------------------------------

# `2023`, `'23` and the like: what differs between two years of one venue.
_YEAR = re.compile(r"(?:(?<!\d)(?:19|20)|['’]\s?)\d\d(?!\d)")


def venues(beginning: str, limit: int = 20, *, among: PaperQuerySet) -> list[str]:
    """Venues of papers that contain the text, most used first. One query."""
    asked = beginning.strip()
    if asked and not _can_be_asked(asked):
        return []
    used = among.filter(venue__icontains=asked).exclude(venue="").values("venue")
    counted = used.annotate(used=Count("pk")).order_by("-used", "venue")
    return list(counted.values_list("venue", flat=True)[:limit])


def venue_full_for(venue: str, *, among: PaperQuerySet) -> str:
    """The full name most used with that venue; failing that, with another year of it. One query.

    Another year's name may hold its own year or number: a beginning to work from.
    """
    series = _series(venue)
    if not _can_be_asked(series):
        return ""
    rows = among.filter(venue__icontains=series.split()[0]).exclude(venue_full="")
    used = rows.values_list("venue", "venue_full").annotate(used=Count("pk")).order_by("-venue", "venue_full")
    this_year: Counter[str] = Counter()
    any_year: Counter[str] = Counter()
    for name, full, times in used:
        any_year[full] += times * (_series(name).casefold() == series.casefold())
        this_year[full] += times * (name.casefold() == venue.strip().casefold())
    ranked = (+this_year or +any_year).most_common(1)
    return ranked[0][0] if ranked else ""


def _series(venue: str) -> str:
    """`SOSP` of `SOSP 2023`; a name that is nothing but a year stays."""
    return " ".join((_YEAR.sub(" ", venue).split()) or venue.split())
