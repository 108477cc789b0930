"""What a path is: segments, reserved words, folding. Pure: no model, no request, no database."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SEGMENT_MAX_LENGTH = 200
# Folding makes at most three characters, or five bytes, of one; PostgreSQL refuses index entries above 2,704 bytes.
PATH_MAX_LENGTH = 500
FOLDED_PATH_MAX_LENGTH = 3 * PATH_MAX_LENGTH

# First segments that are the site's own; every later route lives under `/-/`, so that no section is displaced.
RESERVED_AT_TOP = frozenset(
    {"-", "p", "papers", "tags", "venues", "search", "admin", "static", "media"}
    | {"sitemap.xml", "robots.txt", "healthz", "readyz", "favicon.ico"}
)
# Every section has these two below it; a paper called `feed` would have the second as its record.
RESERVED_FEEDS = frozenset({"feed", "feed.xml", "feed.json"})
FEED_SUFFIXES = ("feed.xml", "feed.json")
TWIN_SUFFIXES = (".md", ".bib", ".ris", ".json")

# Nobody's addresses, where `loading` keeps what has to make room; `-` is reserved, and no view looks here.
WAITING_ROOM = "/-/loading/"

_FORBIDDEN = re.compile(r"""[\s/\\?#%"'<>^`{|}\[\]]""")
_UID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def fold(path: str) -> str:
    """The form in which two spellings of one address are equal: NFC and casefold."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def section_path(parent_path: str, slug: str) -> str:
    return f"{parent_path}{slug}/"


def paper_path(section: str, slug: str) -> str:
    return f"{section}{slug}.html"


def ancestors(path: str) -> list[str]:
    """The section paths above and including a path: `/a/b/c.html` gives `/`, `/a/`, `/a/b/`."""
    return [path[: match.end()] for match in re.finditer("/", path)]


def subtree_bounds(folded_section_path: str) -> tuple[str, str]:
    """Folded paths p of a subtree are those with low <= p < high (`0` follows `/` in every byte order)."""
    return folded_section_path, folded_section_path[:-1] + "0"


def without_doubled_slashes(path: str) -> str:
    return re.sub("/{2,}", "/", path)


def split_twin(path: str) -> tuple[str, str]:
    """`/a/b.bib` → (`/a/b.html`, `.bib`); a path that is no twin comes back with an empty suffix."""
    for suffix in TWIN_SUFFIXES:
        if path.lower().endswith(suffix) and len(path) > len(suffix):
            return path[: -len(suffix)] + ".html", suffix
    return path, ""


def split_feed(path: str) -> tuple[str, str]:
    """`/a/feed.xml` → (`/a/`, `feed.xml`); a path that is no feed comes back with an empty name."""
    head, _slash, last = path.rpartition("/")
    return (f"{head}/", last.lower()) if last.lower() in FEED_SUFFIXES else (path, "")


def validate_segment(value: str) -> None:
    """One path segment: what a person may type as a slug, in any script, letter case kept."""
    if _FORBIDDEN.search(value) or any(unicodedata.category(char)[0] == "C" for char in value):
        raise ValidationError(
            _(
                "网址片段“%(value)s”含有不允许的字符；可用文字、数字和 - _ . ~ 等符号，不可有空格、斜杠、引号、括号和 ? # %%。"
            ),
            code="bad_segment",
            params={"value": value[:80].replace("\0", "�")},
        )
    if value[:1] == "." or value[-1:] == "." or unicodedata.combining(value[:1] or "a"):
        raise ValidationError(_("网址片段不能以句点或组合符号开头，也不能以句点结尾。"), code="bad_segment")
    if value != unicodedata.normalize("NFC", value):
        raise ValidationError(_("网址片段请用规范的 Unicode 形式（NFC）。"), code="bad_segment")


def validate_section_slug(slug: str, parent_path: str, prefix: str = "", admin: str = "admin") -> None:
    """`prefix` is that of the whole site: a section of the same path could not be told from it. `admin` is the admin's."""
    folded = fold(slug)
    if prefix and fold(f"{prefix}/") == fold(section_path(parent_path, slug)):
        raise _reserved(slug)
    is_at_top = parent_path == "/"
    if folded in RESERVED_FEEDS or (is_at_top and folded in RESERVED_AT_TOP | {admin}):
        raise _reserved(slug)
    if is_at_top and folded.isdigit():
        raise ValidationError(_("一级栏目的网址片段不能全是数字：这样的网址留给年份。"), code="reserved_slug")
    if folded.endswith((".html", *TWIN_SUFFIXES)):
        raise ValidationError(
            _("栏目的网址片段不能以 .html .md .bib .ris .json 结尾。"), code="reserved_slug"
        )


def validate_paper_slug(slug: str) -> None:
    if fold(slug) in RESERVED_FEEDS:
        raise _reserved(slug)
    if fold(slug).endswith(".html"):
        raise ValidationError(_("网址片段不含 .html：它会自动加上。"), code="reserved_slug")


def validate_path_length(path: str) -> None:
    if len(path) > PATH_MAX_LENGTH:
        raise ValidationError(
            _("网址太长：最多 %(limit)d 个字符。请缩短网址片段，或移到更浅的栏目。"),
            code="path_too_long",
            params={"limit": PATH_MAX_LENGTH},
        )


def validate_uid(value: str) -> None:
    if not _UID.fullmatch(value):
        raise ValidationError(
            _("标识“%(value)s”只能用小写字母、数字和 -，最多 64 个字符。"),
            code="bad_uid",
            params={"value": value[:80]},
        )


def _reserved(slug: str) -> ValidationError:
    return ValidationError(
        _("“%(slug)s”是网站自用的网址，请换一个网址片段。"), code="reserved_slug", params={"slug": slug}
    )
