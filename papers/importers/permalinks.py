"""Where Jekyll serves a post, and where it may have served it before: under every pattern that sites use. Pure."""

import itertools
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
#: Under which a post may have been before, whatever the pattern says now.
USUAL = (
    "/:categories/:year/:month/:day/:title.html",
    "/:categories/:year/:month/:day/:title/",
    "/:categories/:year/:month/:title.html",
    "/:categories/:year-:month-:day-:title.html",
    "/:categories/:year-:month-:title.html",
    "/:categories/:title.html",
    "/:categories/:title/",
    "/:year/:month/:day/:title.html",
    "/:year/:month/:day/:title/",
    "/:year-:month-:day-:title.html",
)
#: The same of what is in a collection; the first is what `{% link %}` leads to.
OF_COLLECTIONS = (
    "/:collection/:path.html",
    "/:collection/:path/",
    "/:collection/:title.html",
    "/:collection/:title/",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NOT_IN_TITLE = re.compile(r"[^\w.~!$&'()+,;=@]+")
_NOT_IN_SLUG = re.compile(r"[\W_]+")
_KEY = re.compile(r":([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Post:
    """`titles` are those that its file's name may be read as, the right one first; `path` is the file's in its collection."""

    titles: tuple[str, ...]
    days: tuple[date, ...]
    categories: tuple[str, ...]
    collection: str = "posts"
    path: str = ""


def pattern_of(permalink: str) -> str:
    return STYLES.get(permalink, permalink) or STYLES["date"]


def ending_of(permalink: str) -> str:
    """What the pattern of posts makes the addresses of other pages end with."""
    if permalink == "pretty" or permalink.endswith("/"):
        return "/"
    return ":output_ext" if permalink in ("", *STYLES) or permalink.endswith(":output_ext") else ""


def served_at(pattern: str, post: Post) -> list[str]:
    """With the first of its days, and then with others that it may have been published on."""
    title = _hyphens(_NOT_IN_TITLE, post.titles[0])
    return list(dict.fromkeys(_under(pattern, replace(post, titles=(title,)))))


def possible(pattern: str, post: Post, usual: tuple[str, ...] = USUAL) -> list[str]:
    """All other paths, each once."""
    spelt = [spelling for title in post.titles for spelling in (_hyphens(_NOT_IN_TITLE, title), title)]
    titles = tuple(dict.fromkeys(spelt))
    found = [_under(one, replace(post, titles=titles)) for one in (pattern_of(pattern), *usual)]
    # The generator reads no categories where the front matter is no YAML, and shows the post all the same.
    found.append(_under(pattern_of(pattern), replace(post, titles=titles, categories=())))
    return list(dict.fromkeys(itertools.chain(*found)))


def also_answered(paths: list[str]) -> list[str]:
    """What servers of files, GitHub Pages among them, answer besides: a folder by its page, a page without its ending."""
    return [_other_spelling(path) for path in paths]


def _other_spelling(path: str) -> str:
    if path.endswith("/"):
        return f"{path}index.html"
    if path.endswith("/index.html"):
        return path.removesuffix("index.html")
    return path.removesuffix(".html") if path.endswith(".html") else f"{path}.html"


def with_base(paths: list[str], base: str) -> list[str]:
    """And again below the folder in which the site was served."""
    tidy = base.strip("/")
    return list(dict.fromkeys([*paths, *(f"/{tidy}{path}" for path in paths)])) if tidy else paths


def _under(pattern: str, post: Post) -> list[str]:
    days = post.days or (None,)
    found = (_filled(pattern, title, day, post) for title, day in itertools.product(post.titles, days))
    return [path for path in found if path]


def _filled(pattern: str, title: str, day: date | None, post: Post) -> str:
    values = {
        "title": title,
        "name": title,
        "slug": _hyphens(_NOT_IN_SLUG, title).lower(),
        "categories": "/".join(post.categories),
        "slugified_categories": "/".join(_hyphens(_NOT_IN_SLUG, name).lower() for name in post.categories),
        "output_ext": ".html",
        "collection": post.collection,
        **({"path": post.path} if post.path else {}),
        **(_of_day(day) if day else {}),
    }
    names = _KEY.findall(pattern)
    if not all(_known(name, values) for name in names):
        return ""
    path = _KEY.sub(lambda found: _value(found[1], values), pattern)
    return re.sub("/{2,}", "/", f"/{path}")


def _known(name: str, values: dict[str, str]) -> bool:
    return any(name.startswith(key) for key in values)


def _value(name: str, values: dict[str, str]) -> str:
    """`:title_x` is the title and two letters; the longest name that fits is meant."""
    key = max((key for key in values if name.startswith(key)), key=len)
    return values[key] + name[len(key) :]


def _of_day(day: date) -> dict[str, str]:
    year, week, weekday = day.isocalendar()
    return {
        "year": f"{day.year:04}",
        "short_year": f"{day.year % 100:02}",
        "month": f"{day.month:02}",
        "i_month": str(day.month),
        "short_month": _MONTHS[day.month - 1],
        "day": f"{day.day:02}",
        "i_day": str(day.day),
        "short_day": _DAYS[weekday - 1],
        "y_day": f"{day.timetuple().tm_yday:03}",
        "week": f"{week:02}",
        "w_year": f"{year:04}",
    }


def _hyphens(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub("-", unicodedata.normalize("NFC", text)).strip("-")
