"""What a paper's page says of itself to search engines and other sites: a review of a scholarly article."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.conf import settings

from . import citations, names
from .citations import Reference
from .models import Paper, Tag
from .pages import absolute, front_page

_CONTAINERS = {"inproceedings": "PublicationVolume", "article": "Periodical"}
_IMAGE = re.compile(r'<img\b((?:[^<>"]|"[^"]*")*)>')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
# What sites that show a card of the page can draw; few know AVIF.
_DRAWN = re.compile(r"/-/figures/[0-9a-f]{32}\.(?:png|jpg|webp|gif)\Z")


@dataclass(frozen=True, slots=True)
class Picture:
    url: str
    alt: str
    width: str
    height: str


def first_picture(note: str) -> Picture | None:
    """The first of the site's own pictures in a finished note."""
    for image in _IMAGE.finditer(note):
        found = {name: unescape(value) for name, value in _ATTRIBUTE.findall(image[1])}
        if _DRAWN.search(found.get("src", "")):
            size = (found.get("width", ""), found.get("height", ""))
            return Picture(absolute(found["src"]), found.get("alt", ""), *size)
    return None


def review(paper: Paper, tags: list[Tag], picture: Picture | None) -> dict[str, Any]:
    """In the words of schema.org; what is not known is left out."""
    url, home = absolute(paper.get_absolute_url()), absolute(front_page())
    moments = {"datePublished": paper.first_public_at, "dateModified": paper.updated_at}
    return _known(
        {
            "@context": "https://schema.org",
            "@type": "Review",
            "@id": absolute(paper.get_permanent_url()),
            "url": url,
            "mainEntityOfPage": url,
            "name": paper.title,
            "description": paper.summary,
            "inLanguage": "zh-CN",
            **{name: moment.isoformat() for name, moment in moments.items() if moment},
            "author": {"@type": "Organization", "name": settings.PAPERCACHE_OWNER, "url": home},
            "publisher": {"@type": "Organization", "name": settings.PAPERCACHE_NAME, "url": home},
            "license": settings.PAPERCACHE_LICENCE_URL,
            "keywords": [tag.name for tag in tags],
            "image": picture.url if picture else "",
            "itemReviewed": scholarly_article(paper.reference()),
        }
    )


def scholarly_article(reference: Reference) -> dict[str, Any]:
    identifiers = {"DOI": reference.doi, "arXiv": reference.arxiv_id}
    container = citations.container(reference)
    kind = _CONTAINERS.get(reference.bibtex_type, "CreativeWork")
    return _known(
        {
            "@type": "ScholarlyArticle",
            "name": reference.title,
            "author": [_author(typed) for typed in reference.authors],
            "datePublished": str(reference.year or ""),
            "isPartOf": {"@type": kind, "name": container} if container else "",
            "pagination": reference.pages,
            "identifier": [
                {"@type": "PropertyValue", "propertyID": name, "value": value}
                for name, value in identifiers.items()
                if value
            ],
            "url": citations.address(reference),
            "sameAs": citations.addresses(reference),
        }
    )


def _author(typed: str) -> dict[str, str]:
    name = names.read(typed)
    if not name.is_person:
        return {"@type": "Organization", "name": name.natural}
    return _known(
        {"@type": "Person", "name": name.natural, "givenName": name.given, "familyName": name.family}
    )


def _known(described: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in described.items() if value}
