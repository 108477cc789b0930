"""Atom and JSON feeds of the site, a section or a tag: one description, two formats."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.feedgenerator import Atom1Feed, SyndicationFeed
from django.utils.xmlutils import SimplerXMLGenerator

from .models import Paper, Section, Tag
from .pages import absolute, absolute_targets, front_page, note, with_tags
from .querysets import PaperQuerySet

FEED_SIZE = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 has no place for.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Links, pictures and parts of formulas: of the coloured pieces of code there are hundreds, and none has an address.
_TAG = re.compile(r'<(?:a|img|m[a-z]+)\s[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_ADDRESS = re.compile(r'(?<=\s)(href|src)="([^"]*)"')
_TEX = re.compile(r'(<annotation encoding="application/x-tex">)([^<]*)(?=</annotation>)')


@dataclass(frozen=True)
class Subject:
    """What a feed is of, and where it lives. Its id outlives a move."""

    id: str
    title: str
    description: str
    url: str
    feed_url: str
    papers: PaperQuerySet
    changed_at: datetime | None = None


def of_section(section: Section, name: str) -> Subject:
    papers = Paper.objects.published().in_section(section)
    url = section.get_absolute_url()
    described = (section.title, section.description, url, url + name)
    return Subject(_feed_id("section", section.uid), *described, papers, section.changed_at)


def of_tag(tag: Tag, name: str) -> Subject:
    url = tag.get_absolute_url()
    papers = Paper.objects.published().tagged(tag)
    return Subject(_feed_id("tag", tag.uid), tag.name, "", url, url + name, papers)


def shows(subject: Subject, paper: Paper) -> bool:
    """Whether the paper's note is in it; one query."""
    newest = subject.papers.newest_notes_first().values_list("pk", flat=True)[:FEED_SIZE]
    return paper.pk in newest


def _feed_id(kind: str, uid: str) -> str:
    return f"{absolute(front_page())}#{kind}-{uid}"


@lru_cache(maxsize=FEED_SIZE)
def portable(html: str, url: str) -> str:
    """A note for readers elsewhere: every address absolute, and the TeX of formulas set apart.

    Kept for the other format of the same feed, and no more of them than a feed holds while it is made.

    Readers that draw no MathML show the text that is in it, `10−3` and after it the TeX, which then says what is meant.
    """

    def absolute_address(found: re.Match[str]) -> str:
        try:
            return f'{found[1]}="{urljoin(url, found[2])}"'
        except ValueError:  # an author's `http://[`
            return found[0]

    def absolute_tag(found: re.Match[str]) -> str:
        tag = found[0]
        return _ADDRESS.sub(absolute_address, tag) if 'href="' in tag or 'src="' in tag else tag

    return _TAG.sub(absolute_tag, _TEX.sub(r"\1 $\2$ ", html))


class _Atom(Atom1Feed):
    """Atom with the whole note in `content`, and without the control characters that XML has no place for."""

    def __init__(self, **described: Any) -> None:
        super().__init__(**_writable(described))

    def add_item(self, **described: Any) -> None:  # type: ignore[override]
        super().add_item(**_writable(described))

    def latest_post_date(self) -> datetime:
        """Django would say of an empty feed that it changed just now, whenever it is asked."""
        moments = [item["updateddate"] for item in self.items]
        return max(moments, default=self.feed["changed_at"] or _EPOCH)

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        # Django would declare as HTML what an editor typed as plain text.
        super().add_item_elements(handler, {**item, "description": None})
        handler.addQuickElement("summary", item["description"], {"type": "text"})
        handler.addQuickElement("content", item["content"], {"type": "html"})


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _writable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_writable(part) for part in value]
    return _UNWRITABLE.sub("", value) if isinstance(value, str) else value


class _Json(SyndicationFeed):
    """JSON Feed 1.1."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: Any, encoding: str) -> None:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "authors": [{"name": self.feed["author_name"]}],
            "items": [_json_item(item) for item in self.items],
        }
        text = json.dumps(
            {name: value for name, value in feed.items() if value or name == "items"}, ensure_ascii=False
        )
        outfile.write(text.encode(encoding))


def _json_item(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": item["unique_id"],
        "url": item["link"],
        "title": item["title"],
        "summary": item["description"],
        "content_html": item["content"],
        "date_published": item["pubdate"].isoformat(),
        "date_modified": item["updateddate"].isoformat(),
        "tags": list(item["categories"]),
    }


def _midnight(paper: Paper) -> datetime:
    day = paper.published_on
    return timezone.make_aware(datetime.combine(day, time.min)) if day else _EPOCH


def _by_day(papers: list[Paper]) -> list[Paper]:
    """What became public on one day, as when a site is filled from a fixture, comes in the site's order."""

    def place(paper: Paper) -> tuple[date, date, str]:
        return timezone.localdate(paper.first_public_at or _EPOCH), paper.published_on or date.min, paper.slug

    return sorted(sorted(papers, key=lambda paper: paper.uid), key=place, reverse=True)


class AtomFeed(Feed):
    """Ids are permanent links by uid, so that a move resurfaces nothing."""

    feed_type: type[SyndicationFeed] = _Atom
    language = "zh-CN"
    item_guid_is_permalink = False

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whether it changed, only its bytes can tell: a scheduled paper becomes due, a tag is renamed, a link in a
        note begins to lead somewhere. A time of last change would say too little of that."""
        response: HttpResponse = super().__call__(request, *args, **kwargs)
        del response["Last-Modified"]
        set_response_etag(response)
        return get_conditional_response(request, response["ETag"], response=response) or response

    def get_object(self, request: HttpRequest, subject: Subject) -> Subject:
        return subject

    def title(self, subject: Subject) -> str:
        return subject.title

    def subtitle(self, subject: Subject) -> str:
        return subject.description

    def description(self, subject: Subject) -> str:
        return subject.description

    def link(self, subject: Subject) -> str:
        return absolute(subject.url)

    def feed_url(self, subject: Subject) -> str:
        return absolute(subject.feed_url)

    def feed_guid(self, subject: Subject) -> str:
        return subject.id

    def author_name(self, subject: Subject) -> str:
        return settings.PAPERCACHE_OWNER

    def feed_extra_kwargs(self, subject: Subject) -> dict[str, Any]:
        return {"changed_at": subject.changed_at}

    def items(self, subject: Subject) -> list[Paper]:
        """With what their notes ask for, asked for all of them at once: there is one feed object per request."""
        newest = subject.papers.newest_notes_first().defer("notes", "plain_text", "contents", "cited")
        papers = _by_day(list(with_tags(newest)[:FEED_SIZE]))
        self.offered = absolute_targets(*(paper.notes_html for paper in papers))
        return papers

    def item_title(self, paper: Paper) -> str:
        return paper.title

    def item_description(self, paper: Paper) -> str:
        return paper.summary

    def item_link(self, paper: Paper) -> str:
        return absolute(paper.get_absolute_url())

    def item_guid(self, paper: Paper) -> str:
        return absolute(paper.get_permanent_url())

    def item_pubdate(self, paper: Paper) -> datetime:
        return paper.first_public_at or _midnight(paper)

    def item_updateddate(self, paper: Paper) -> datetime:
        return paper.updated_at or _midnight(paper)

    def item_categories(self, paper: Paper) -> list[str]:
        return [tag.name for tag in paper.tag_list]

    def item_extra_kwargs(self, paper: Paper) -> dict[str, Any]:
        return {"content": portable(note(paper, self.offered), self.item_link(paper))}


class JsonFeed(AtomFeed):
    feed_type = _Json


def by_name(name: str) -> AtomFeed:
    return JsonFeed() if name.endswith(".json") else AtomFeed()
