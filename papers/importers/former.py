"""A list of former paths, one a line: each is given to the paper or section that it speaks of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from .. import addresses, paths
from ..models import Paper, PaperKey, Section
from . import said, texts
from .folder import MAX_FILE, too_big

# Of what begins with two slashes: `//example.org/a`. Lists have `//2020//01/a.html` as well.
_WITH_HOST = re.compile(r"//[^/]+\.[^/]+/")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list, and why it could not be kept."""

    number: int
    path: str
    reason: str = ""


def read(file: Path) -> list[tuple[int, str]]:
    """Paths with the numbers of their lines. Raises Refused."""
    if file.stat().st_size > MAX_FILE:
        raise too_big(file.stat().st_size, MAX_FILE)
    lines = texts.text_of(texts.in_utf8(file.read_bytes())).split("\n")
    stripped = ((number, line.strip()) for number, line in enumerate(lines, 1))
    return [(number, path_of(line)) for number, line in stripped if line and not line.startswith("#")]


def path_of(line: str) -> str:
    """As the site is asked for it: without host, query and percent signs."""
    line = line if _WITH_HOST.match(line) else re.sub("^//+", "/", line)
    try:
        path = unquote(urlsplit(line).path)
    except ValueError:
        path = line
    return paths.without_doubled_slashes(f"/{path.lstrip('/')}")


def keep(lines: list[tuple[int, str]], *, dry_run: bool = False) -> Iterator[Line]:
    for number, path in lines:
        with addresses.tree_locked():
            reason = _keep(path)
            if dry_run:
                transaction.set_rollback(True)
                reason = reason and _("%s，至少在导入之前") % reason
            yield Line(number, path, reason)


def _keep(path: str) -> str:
    """Why it leads nowhere; nothing if it leads somewhere from now on."""
    if len(path) > paths.PATH_MAX_LENGTH or "\0" in path:
        return _("网址太长，或含有不可用的字符")
    try:
        if addresses.find(path):
            return ""
    except addresses.Gone:
        return ""
    thing = _meant(path)
    if thing is None:
        return _("认不出是哪一篇")
    return "" if addresses.point(path, thing) else _("已属于一篇未公开的论文")


def _meant(path: str) -> Paper | Section | None:
    """Of the same name but for date, ending and letter case; or the section with the same last part of its path."""
    below = _without_prefix(path)
    stem = re.sub(r"(?:/index)?(?:\.html?)?/?\Z", "", below, flags=re.IGNORECASE).rpartition("/")[2]
    section = Section.objects.with_path(f"{below.rstrip('/').removesuffix('/index.html')}/")
    if section:
        return section
    names = list(dict.fromkeys(filter(None, [stem, said.undated(stem)[0]])))
    uids = {paper.uid for paper in PaperKey.objects.papers(names).values()}
    uids |= _by_end(names[-1] if names else "")
    return Paper.objects.filter(uid__in=uids).first() if len(uids) == 1 else None


def _by_end(name: str) -> set[str]:
    """Slugs have a month before the title."""
    slug = said.slug_of(name)
    found = Paper.objects.published().filter(slug__iendswith=f"-{slug}") if slug else Paper.objects.none()
    return {
        paper.uid
        for paper in found.only("uid", "slug")
        if said.undated(paper.slug)[0].lower() == slug.lower()
    }


def _without_prefix(path: str) -> str:
    prefix = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    return path.removeprefix(prefix) if prefix and path.startswith(f"{prefix}/") else path
