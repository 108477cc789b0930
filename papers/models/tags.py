"""Tags: what an editor types between commas."""

import re

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from taggit.models import TagBase

from .. import paths
from ..fields import uid_field
from ..querysets import TagQuerySet
from ..saving import SavedWhole
from .places import place
from .rules import refusal


def split_tags(text: str) -> list[str]:
    """Tag names as typed: split at commas of both widths and at `、`, never at spaces."""
    names = (" ".join(name.split()) for name in re.split("[,，、]", text or ""))
    return list(dict.fromkeys(name for name in names if name))


def join_tags(tags: list["Tag"]) -> str:
    return ", ".join(sorted(tag.name for tag in tags))


class Tag(SavedWhole, TagBase):
    uid = uid_field()

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "标签")
        verbose_name_plural = pgettext_lazy("many", "标签")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return place("papers:tag", self.slug)

    def natural_key(self) -> tuple[str]:
        return (self.uid,)

    def clean(self) -> None:
        if re.search("[,，、]", self.name):
            raise refusal("name", _("标签名里不能有逗号或顿号。"), "bad_tag_name")
        if self.slug != paths.fold(self.slug):
            raise refusal("slug", _("标签的网址片段请用小写。"), "bad_tag_slug")

    def slugify(self, tag: str, i: int | None = None) -> str:
        """Never empty, and C++ is not C#."""
        spelt = tag.replace("+", "p").replace("#", "-sharp")
        slug = paths.fold(super().slugify(spelt))[:90] or f"tag-{self.uid}"
        return slug if i is None else f"{slug}_{i}"
