"""Form fields of the admin: sections by their place in the tree, months, identifiers as they are pasted, tags."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelectMultiple, get_select2_language
from django.db import models
from django.forms.widgets import Script
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .. import revisions
from ..fields import is_month_or_day
from ..models import Section, Tag, TaggedPaper, split_tags
from ..suggestions import free_tag_slug

INDENT = "　"


def indented(section: Section) -> str:
    """A title set in by the depth of its section, for lists that cannot be trees."""
    return INDENT * max(section.path.count("/") - 1, 0) + section.title


class IndentedSections(forms.ModelChoiceField):
    def label_from_instance(self, section: Any) -> str:
        return f"{indented(section)}  {section.path}"


def section_choice(field: models.ForeignKey) -> IndentedSections:
    sections = Section.objects.for_menus().order_by("path_folded")
    return IndentedSections(
        sections,
        required=not field.blank,
        label=field.verbose_name,
        help_text=field.help_text,
        empty_label="—",
    )


def month_or_day(field: models.DateField) -> forms.DateField:
    """`2025-07` is enough, and is shown in the same form as in the address."""
    return forms.DateField(
        required=False,
        input_formats=["%Y-%m", "%Y-%m-%d", "%Y/%m/%d"],
        widget=AdminDateWidget(format="%Y-%m-%d"),
        label=field.verbose_name,
        help_text=field.help_text,
        error_messages={"invalid": is_month_or_day.message},
    )


class PastedField(forms.CharField):
    """An identifier in whatever form it was pasted; no limit in the browser, since an address is longer than its id."""

    def __init__(self, *, normalise: Callable[[str], str], **kwargs: Any) -> None:
        self.normalise = normalise
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return self.normalise(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "vTextField"}


# --- Tags -------------------------------------------------------------------------------------------------

# How the form names a tag that is there; anything else is the name of one to be made.
BY_UID = "uid:"


class TagsWidget(AutocompleteSelectMultiple):
    """Django's own, on the through-model's tag, told to accept what is not in the list."""

    class Media:
        js = [Script("papers/js/tag_field.js", type="module")]

    def __init__(self, **kwargs: Any) -> None:
        separators = json.dumps([",", "，", "、"])
        attrs = {"data-tags": "true", "data-token-separators": separators, "data-new-label": _("新建")}
        super().__init__(
            TaggedPaper._meta.get_field("tag"), admin.site, attrs={**attrs, **kwargs.get("attrs", {})}
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """The widget of one form speaks the language of its request, not that of the import."""
        own: Any = super().__deepcopy__(memo)
        own.i18n_name = get_select2_language()
        return own

    def get_url(self) -> str:
        return reverse("admin:papers_tag_autocomplete")

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> list[Any]:
        uids = [uid for uid in (text.removeprefix(BY_UID) for text in value) if uid.isprintable()]
        names = dict(Tag.objects.filter(uid__in=uids).values_list("uid", "name"))
        options = [
            self.create_option(name, text, names.get(text.removeprefix(BY_UID), text), True, index)
            for index, text in enumerate(value)
            if not text.startswith(BY_UID) or text.removeprefix(BY_UID) in names
        ]
        return [(None, options, 0)]


class TagsField(forms.Field):
    """Cleans to a list of tags; those typed for the first time are not saved yet."""

    widget = TagsWidget

    def prepare_value(self, value: Any) -> list[str]:
        return [f"{BY_UID}{tag.uid}" if isinstance(tag, Tag) else str(tag) for tag in value or []]

    def to_python(self, value: Any) -> list[Tag]:
        found: dict[str, Tag] = {}
        for text in value or []:
            for tag in self._tags(text):
                found.setdefault(tag.name.casefold(), tag)
        return list(found.values())

    def _tags(self, text: str) -> list[Tag]:
        if "\0" in text:
            raise forms.ValidationError(_("标签里有空字符，请去掉。"), code="bad_tag_name")
        if text.startswith(BY_UID):
            return revisions.tags_of({"tags": [text.removeprefix(BY_UID)]})
        return [self._named(name) for name in split_tags(text)]

    def _named(self, name: str) -> Tag:
        limit = Tag._meta.get_field("name").max_length or 0
        if len(name) > limit:
            text = _("标签“%(name)s…”太长：最多 %(limit)d 个字符，这里有 %(length)d 个。")
            params = {"name": name[:20], "limit": limit, "length": len(name)}
            raise forms.ValidationError(text, code="tag_too_long", params=params)
        return Tag.objects.filter(name__iexact=name).first() or Tag(name=name)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return sorted(self.prepare_value(initial)) != sorted(data or [])


def is_known(text: str) -> bool:
    """Whether what was posted as a tag is one that was chosen, and not typed."""
    return text.startswith(BY_UID)


def refuse_new(tags: list[Tag], author: Any) -> None:
    """Raises ValidationError for those who may not make tags."""
    if any(not tag.pk for tag in tags) and not author.has_perm("papers.add_tag"):
        raise forms.ValidationError(_("您没有新建标签的权限，请从已有的标签里选。"), code="no_new_tags")


def save_new(tags: list[Tag], author: Any) -> None:
    """Tags typed for the first time, at addresses that never led anywhere else."""
    for tag in tags:
        if not tag.pk:
            tag.slug = free_tag_slug(tag)
            revisions.save(tag, revisions.typed_fields(tag), author=author)


class TagAutocomplete(AutocompleteJsonView):
    """Tags alone, named as the form names them; the admin's own view answers for any field that it is asked about."""

    def process_request(self, request: HttpRequest) -> Any:
        tag_admin = admin.site.get_model_admin(Tag)
        return request.GET.get("term", ""), tag_admin, TaggedPaper._meta.get_field("tag"), "uid"

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {"id": f"{BY_UID}{obj.uid}", "text": obj.name}


def autocomplete(request: HttpRequest, model_admin: Any) -> Any:
    return TagAutocomplete.as_view(admin_site=model_admin.admin_site)(request)
