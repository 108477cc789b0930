"""Sections and tags that imported notes name: those that are there, whatever their letter case, or new ones."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_noop

from .. import paths, revisions, suggestions
from ..models import Address, Kind, Section, Tag

WHY = gettext_noop("由 import_notes 导入")
_ROOT_TEXT = "[[topics]]\n\n[[papers]]\n"
_STEP = 10


def section_at(slugs: tuple[str, ...], titles: Mapping[str, str], author: Any = None) -> Section:
    section = _root(author)
    for slug in slugs:
        path = paths.section_path(section.path, slug)
        section = _existing(path) or _made(section, slug, titles.get(path.strip("/").lower(), slug), author)
    return section


def path_of(slugs: tuple[str, ...]) -> str:
    """Where that is or would be, without making it."""
    path = "/"
    for slug in slugs:
        path = paths.section_path(path, slug)
        section = _existing(path)
        path = section.path if section else path
    return path


def _root(author: Any) -> Section:
    root = Section.objects.filter(parent=None).first()
    if root is None:
        root = Section(slug="", parent=None, title=settings.PAPERCACHE_NAME, text=_ROOT_TEXT)
        save(root, author)
    return root


def _existing(path: str) -> Section | None:
    """At this path, or where an editor has moved it since."""
    section = Section.objects.with_path(path)
    if section is None:
        former = Address.objects.filter(path_folded=paths.fold(path), kind=Kind.SECTION).first()
        section = Section.objects.filter(uid=former.uid).first() if former else None
    return section


def _made(parent: Section, slug: str, title: str, author: Any) -> Section:
    """One at the top is a heading of the front page's list, so that the papers below it stand there."""
    section = Section(
        slug=slug, parent=parent, title=title, position=after(parent.children.all(), "position")
    )
    if parent.is_root:
        section.index_position = after(Section.objects.all(), "index_position")
        section.in_navigation = True
    save(section, author)
    return section


def after(sections: Any, column: str) -> int:
    return (sections.aggregate(last=Max(column))["last"] or 0) + _STEP


def save(section: Section, author: Any) -> None:
    revisions.save(section, revisions.typed_fields(section), author=author, why=WHY)


def tags_named(names: tuple[str, ...], author: Any = None) -> list[Tag]:
    return list({tag.uid: tag for tag in (_tag(name, author) for name in names)}.values())


def _tag(name: str, author: Any) -> Tag:
    alike = sorted(Tag.objects.filter(name__iexact=name), key=lambda tag: tag.name != name)
    tag = alike[0] if alike else Tag.objects.filter(slug=paths.fold(name)).first()
    if tag is None:
        tag = Tag(name=name)
        tag.slug = suggestions.free_tag_slug(tag)
        revisions.save(tag, revisions.typed_fields(tag), author=author, why=WHY)
    return tag
