"""What front matter says of a paper, as the columns of its row."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from .. import identifiers, paths
from ..models import Paper
from . import people, venues
from .found import Refused, Trouble
from .front_matter import Front

# Between them and behind them may be the Chinese words for year, month and day.
_DATE = re.compile(
    r"(?P<year>\d{4})[-/.\u5e74](?P<month>\d{1,2})"
    r"(?:\u6708?$|[-/.\u6708](?P<day>\d{1,2})\u65e5?(?:$|[T\s].*$))",
    re.ASCII,
)
_WITHOUT_SIGNS = re.compile(r"(\d{4})(\d\d)(\d\d)")
_IN_ENGLISH = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
#: A date, or only its month, at the start of a file's name.
DATED = re.compile(r"(?P<date>\d{4}-\d{1,2}(?:-\d{1,2})?)(?:[-_. ]+|$)(?P<rest>.*)", re.DOTALL)

_DATES = ("date", "published", "published_on", "created", "created_at", "publish_date", "pubDate")
_SUMMARIES = ("summary", "description", "excerpt", "subtitle", "abstract")
_LINKS = {
    "paper_url": ("paper_url", "paper", "pdf", "paper_link"),
    "code_url": ("code_url", "code", "github", "code_link"),
}
_PLAIN = ("title_official", "title_published", "venue_full", "pages", "first_posted", "bibtex_type")
_FORBIDDEN = re.compile(r"""[\s/\\?#%"'<>^`{|}\[\]]+""")
_LONGEST_SLUG = 160


def date_of(text: str) -> tuple[date, bool]:
    """The day, and whether more than its month is said. Raises ValueError for a day that is none."""
    found = _DATE.match(_WITHOUT_SIGNS.sub(r"\1-\2-\3", text.strip()))
    if found is None:
        return _in_english(text.strip()), True
    return date(int(found["year"]), int(found["month"]), int(found["day"] or 1)), found["day"] is not None


def _in_english(text: str) -> date:
    for spelling in _IN_ENGLISH:
        with suppress(ValueError):
            return datetime.strptime(text, spelling).date()
    raise ValueError(text)


def when(front: Front, stem: str) -> tuple[date, bool] | None:
    """From the front matter, or else from the file's name. Raises Refused."""
    for name in _DATES:
        text = front.text(name) if front.says(name) is None else ""
        if text:
            return _date(text, front.line_of(name))
    dated = DATED.match(stem)
    return _date(dated["date"], 1) if dated else None


def columns_of(day: tuple[date, bool] | None) -> dict[str, Any]:
    return {"published_on": day[0].isoformat(), "day_known": day[1]} if day else {}


def since(day: tuple[date, bool] | None) -> str:
    """What was public from its day on is no news because it has moved."""
    if day is None or day[0] > timezone.localdate():
        return ""
    return timezone.make_aware(datetime.combine(day[0], time())).isoformat()


def _date(text: str, line: int) -> tuple[date, bool]:
    try:
        return date_of(text)
    except ValueError:
        raise Refused(_("日期不存在：%s") % text[:40], line) from None


def is_draft(front: Front) -> bool:
    """Whatever a generator keeps from readers: not only what it calls a draft. Raises Refused."""
    ended = moment(front, "expiryDate")
    return (
        any(front.says(name) is True for name in ("draft", "isDraft", "private"))
        or any(front.says(name) is False for name in ("published", "publish", "public"))
        or front.value("status") in ("draft", "private", "pending")
        or bool(front.text("password"))
        or (ended is not None and ended <= timezone.now())
    )


def moment(front: Front, *names: str) -> datetime | None:
    """The first that is said, a day from its beginning. Raises Refused."""
    text = front.text(*names)
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    line = max(map(front.line_of, names))  # what is not there has the first
    at = at or datetime.combine(_date(text, line)[0], time())
    return at if timezone.is_aware(at) else timezone.make_aware(at)


def slug_of(text: str) -> str:
    """What an address may have of a file's name, letter case kept; nothing if that is nothing."""
    normal = unicodedata.normalize(
        "NFC", "".join(char for char in text if unicodedata.category(char)[0] != "C")
    )
    slug = re.sub("-{2,}", "-", _FORBIDDEN.sub("-", normal)).strip("-. ")[:_LONGEST_SLUG].strip("-. ")
    slug = slug.removesuffix(".html")
    return slug.lstrip("".join(char for char in slug if unicodedata.combining(char)) or " ")


def undated(stem: str) -> tuple[str, list[str]]:
    """`2025-07-01-2025-07-Some` gives `Some`, and the dates before it, which the file's name may say twice."""
    dates: list[str] = []
    while (found := DATED.match(stem)) and found["rest"]:
        dates.append(found["date"])
        stem = found["rest"]
    return stem, dates


def segments(names: tuple[str, ...]) -> tuple[str, ...]:
    """Slugs of sections, from the top: valid ones, whatever the categories or folders are called."""
    slugs: list[str] = []
    for part in "/".join(names).split("/"):
        slug = slug_of(part)
        if slug:
            above = paths.section_path("/", "/".join(slugs)) if slugs else "/"
            slugs.append(_unreserved(slug, above))
    return tuple(slugs)


def _unreserved(slug: str, above: str) -> str:
    try:
        prefix, admin = settings.FORCE_SCRIPT_NAME or "", settings.PAPERCACHE_ADMIN_PATH
        paths.validate_section_slug(slug, above, prefix, admin)
    except ValidationError:
        return f"{slug.rpartition('.')[0] or slug}-notes"
    return slug


class Record:
    """Columns, and what could not be one of them."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.values: dict[str, Any] = {}
        self.troubles: list[Trouble] = []
        self.tags: tuple[str, ...] = ()

    def put(self, column: str, value: Any, name: str = "") -> None:
        """If it is valid; what is empty says nothing."""
        if value in ("", None):
            return
        try:
            field: Any = Paper._meta.get_field(column)
            self.values[column] = field.clean(value, None)
        except ValidationError as error:
            where = self.front.line_of(name or column)
            reason = _("%(name)s 没有导入：%(why)s") % {
                "name": name or column,
                "why": " ".join(error.messages),
            }
            self.troubles.append(Trouble(where, reason))

    def read(self) -> None:
        front = self.front
        self.put("summary", front.text(*_SUMMARIES)[:2000])
        self.put("authors", "\n".join(front.list("authors", split=r"[,，、;；]|(?<!\s)\s+and\s+")))
        self.put(
            "arxiv_id", identifiers.normalise_arxiv(front.text("arxiv_id", "arxiv", "eprint")), "arxiv_id"
        )
        self.put("doi", identifiers.normalise_doi(front.text("doi")))
        for column in _PLAIN:
            self.put(column, front.text(column))
        for column, names in _LINKS.items():
            link = front.text(*names)
            self.put(column, link if re.match("https?://", link) else "")
        self._read_tags()
        opens = moment(front, "publishDate", "published_at")
        if opens and opens > timezone.now():
            self.values["publish_at"] = opens.isoformat()
        self.put("venue", front.text("venue", "conference"))
        self.put("year", front.text("year"))
        aliases = front.list("aliases", "alias")
        self.put("aliases", "\n".join(name for name in aliases if not name.startswith("/")))

    def _read_tags(self) -> None:
        """A tag that names a venue is one no more."""
        kept = []
        for tag in (*front_tags(self.front, "tags"), *front_tags(self.front, "tag")):
            venue = venues.of_tag(tag)
            if venue and "venue" not in self.values:
                self.values |= {"venue": venue[0], "year": venue[1]}
                self.values.setdefault("bibtex_type", Paper.BibtexType.INPROCEEDINGS.value)
            elif not venue:
                kept.append(tag)
        self.tags = tuple(dict.fromkeys(kept))

    def read_authors(self, notes: str) -> None:
        """From a line of the note, where the front matter names none."""
        if "authors" not in self.values:
            self.put("authors", "\n".join(people.in_note(notes)))


def front_tags(front: Front, name: str) -> tuple[str, ...]:
    """Between commas; where there are none, `tags` between blanks, as Jekyll has it, but for a venue and its year."""
    value = front.value(name)
    is_whole = name == "tag" or not isinstance(value, str) or venues.of_tag(value)
    has_comma = is_whole or re.search("[,，、]", value)
    tags = front.list(name) if has_comma else front.list(name, split=r"\s+")
    found = (tag.removeprefix("#").strip() for tag in tags)
    return tuple(tag for tag in (re.sub("[,，、]", " ", tag)[:100] for tag in found) if tag)


def former(front: Front) -> tuple[str, ...]:
    """Paths that the note says it had: `redirect_from`, and aliases that are paths."""
    redirected = (f"/{path.lstrip('/')}" for path in front.list("redirect_from", split=r"\s+"))
    aliases = (path for path in front.list("aliases", "alias") if path.startswith("/"))
    return tuple(unquote(re.split("[?#]", path)[0]) for path in (*redirected, *aliases))
