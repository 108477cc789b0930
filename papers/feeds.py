"""Atom and JSON feeds of the site, a section or a tag: one description, two formats."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.feedgenerator import Atom1Feed, SyndicationFeed
from django.utils.xmlutils import SimplerXMLGenerator

from .models import Paper, Section, Tag
from .pages import absolute, absolute_targets, note, with_tags
from .querysets import PaperQuerySet

FEED_SIZE = 30
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Subject:
    """What a feed is of, and where it lives."""

    title: str
    description: str
    url: str
    feed_url: str
    papers: PaperQuerySet


def of_section(section: Section, name: str) -> Subject:
    papers = Paper.objects.published().in_section(section)
    url = section.get_absolute_url()
    return Subject(section.title, section.description, url, url + name, papers)


def of_tag(tag: Tag, name: str) -> Subject:
    url = tag.get_absolute_url()
    return Subject(tag.name, "", url, url + name, Paper.objects.published().tagged(tag))


class _Atom(Atom1Feed):
    """Atom with the whole note in `content`, and without the control characters that XML has no place for."""

    def __init__(self, **described: Any) -> None:
        super().__init__(**_writable(described))

    def add_item(self, **described: Any) -> None:  # type: ignore[override]
        super().add_item(**_writable(described))

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
    return _CONTROLS.sub("", value) if isinstance(value, str) else value


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
            "items": [_json_item(item) for item in self.items],
        }
        text = json.dumps(
            {name: value for name, value in feed.items() if value or name == "items"}, ensure_ascii=False
        )
        outfile.write(text.encode(encoding))


def _moments(item: dict[str, Any]) -> dict[str, datetime | None]:
    return {"date_published": item["pubdate"], "date_modified": item["updateddate"]}


def _json_item(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": item["unique_id"],
        "url": item["link"],
        "title": item["title"],
        "summary": item["description"],
        "content_html": item["content"],
        **{name: moment.isoformat() for name, moment in _moments(item).items() if moment},
        "tags": list(item["categories"]),
    }


class AtomFeed(Feed):
    """Ids are permanent links by uid, so that a move resurfaces nothing."""

    feed_type: type[SyndicationFeed] = _Atom
    language = "zh-CN"
    item_guid_is_permalink = False

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
        return absolute(subject.url)

    def items(self, subject: Subject) -> list[Paper]:
        """With what their notes ask for, asked for all of them at once: there is one feed object per request."""
        papers = list(
            with_tags(subject.papers.newest_first().defer("notes", "plain_text", "cited"))[:FEED_SIZE]
        )
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

    def item_pubdate(self, paper: Paper) -> datetime | None:
        return paper.first_public_at

    def item_updateddate(self, paper: Paper) -> datetime | None:
        return paper.changed_at or paper.first_public_at

    def item_categories(self, paper: Paper) -> list[str]:
        return [tag.name for tag in paper.tag_list]

    def item_extra_kwargs(self, paper: Paper) -> dict[str, Any]:
        return {"content": note(paper, self.offered)}


class JsonFeed(AtomFeed):
    feed_type = _Json


def by_name(name: str) -> AtomFeed:
    return JsonFeed() if name.endswith(".json") else AtomFeed()
