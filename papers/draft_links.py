"""Signed links to what is not published: for somebody without an account, and for some days.

A link shows the newest revision that waits to be published. Nothing is stored: it ends by its date, when the paper is
withdrawn or deleted, when whoever made it loses the account, and for all at once by another SECRET_KEY.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from . import derived, revisions
from .models import Kind, Paper, Tag

SALT = "papers.draft_links"
DAYS = (1, 7, 30)
USUAL_DAYS = 7


class Forged(Exception):
    """No link that this site has made."""


class Ended(Exception):
    """A link that shows nothing any more; says why, to whoever followed it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a link shows: the paper as its newest revision has it, to be shown and never saved."""

    paper: Paper
    tags: list[Tag]
    number: int
    saved_at: datetime | None
    until: datetime


def has_draft(paper: Paper) -> bool:
    """Whether there is anything that readers do not see."""
    return not paper.is_published or paper.has_changes


def make(paper: Paper, account: Any, days: int) -> tuple[str, datetime]:
    """A token, and until when it holds."""
    until = timezone.now() + timedelta(days=days)
    payload = {
        "uid": paper.uid,
        "by": account.pk,
        "until": int(until.timestamp()),
        "public": paper.is_published,
        "was": paper.was_public,
    }
    return signing.dumps(payload, salt=SALT), until


def read(token: str) -> Paper | Draft:
    """What a link leads to: a draft, or the paper itself if it has been published. Raises Forged, Ended."""
    try:
        signed = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise Forged from None
    until = datetime.fromtimestamp(signed["until"], tz=timezone.get_current_timezone())
    if until <= timezone.now():
        when = date_format(localtime(until), "DATETIME_FORMAT")
        raise Ended(_("这个链接只到 %s 有效，已经过期。需要的话，请向给您链接的人再要一个。") % when)
    if not get_user_model().objects.filter(pk=signed["by"], is_active=True, is_staff=True).exists():
        raise Ended(_("这个链接已经失效。"))
    paper = Paper.objects.select_related("section").filter(uid=signed["uid"]).first()
    if paper is None:
        raise Ended(_("这篇草稿已被删除。"))
    return _of(paper, signed, until)


def _of(paper: Paper, signed: dict[str, Any], until: datetime) -> Paper | Draft:
    if paper.is_published and not (signed["public"] and paper.has_changes):
        return paper
    is_withdrawn = not paper.is_published and (signed["public"] or signed["was"] != paper.was_public)
    if is_withdrawn:
        raise Ended(_("这篇论文已被撤下。"))
    return _draft(paper, until)


def _draft(paper: Paper, until: datetime) -> Draft:
    """Rendered where the row holds another revision. Raises RenderingFailed."""
    data, newest = revisions.data_of(paper), revisions.head(Kind.PAPER, paper.uid)
    revisions.apply(paper, data)
    paper.status, paper.publish_at = Paper.Status.DRAFT.value, None  # shown as one, whatever readers have
    derived.fill(paper)
    return Draft(
        paper=paper,
        tags=revisions.tags_of(data),
        number=newest.number if newest else 1,
        saved_at=newest.created_at if newest else None,
        until=until,
    )
