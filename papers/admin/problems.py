"""What the form of a section or paper says about its note; saving goes on whatever it is."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from .. import derived, problems
from ..fields import NoteField
from ..forms import MultilineField
from ..models import Paper
from ..rendering import Format, Problem, RenderingFailed

# A note with more of them is better mended and saved again.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Found:
    """How many problems, the first of them, and why there is no telling if the note cannot be rendered."""

    count: int = 0
    shown: list[Problem] = field(default_factory=list)
    failure: str = ""


def in_form(form: Any, user: Any) -> Found:
    """In the source that this form shows. Nothing again of what its field says already."""
    if form.source_field not in form.fields or form.rendering_failure:
        return Found()
    source = MultilineField.with_plain_newlines(form[form.source_field].value() or "")
    note_format = form["notes_format"].value() if "notes_format" in form.fields else ""
    return _in(source, note_format, user)


def tell(request: HttpRequest, form: Any, url: str) -> None:
    """After a save that leads away from the form."""
    if not form.source_field or "_continue" in request.POST:
        return
    data = form.cleaned_data
    found = _in(data.get(form.source_field, ""), data.get("notes_format", ""), request.user)
    if found.count:
        text = _("已经保存；正文里还有 %d 处可能有问题。") % found.count
        messages.warning(
            request, format_html('{} <a href="{}#note-problems">{}</a>', text, url, _("看是哪些"))
        )


def _in(source: str, chosen: str, user: Any) -> Found:
    """Rendered a moment ago, if it was posted: see `ContentAdmin.changeform_view`."""
    if not source.strip() or len(source.encode(errors="replace")) > NoteField.max_bytes:
        return Found()
    note_format: Format = "html" if chosen == Paper.NotesFormat.HTML else "markdown"
    try:
        rendered = derived.rendered(source, note_format)
    except RenderingFailed as error:
        return Found(failure=str(error))
    found = problems.of_note(source, rendered, user)
    return Found(len(found), found[:SHOWN])
