"""A note that came as HTML, turned into Markdown: looked at first, saved as one more revision then."""

from typing import Any

from csp.constants import SELF
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from .. import addresses, derived, revisions
from ..models import Paper
from ..rendering import RenderingFailed, to_markdown_in_child
from ..revisions import Data
from ..views import content
from . import comparing, publishing
from .preview import with_frames
from .rights import opened


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Shown by GET, saved by POST, as the newest version was when it was shown."""
    paper, before = _html_note(request, model_admin, pk)
    form_url = model_admin.side_link("change", pk)
    after, failure, same = _compared(before)
    if request.method == "POST" and not failure:
        if _saved(request, paper, after):
            publishing.say_saved(request, paper)
            return HttpResponseRedirect(form_url)
        messages.warning(request, _("这篇刚刚被改过：下面是按最新内容重新转换的。"))
        paper, before = _html_note(request, model_admin, pk)
        after, failure, same = _compared(before)
    context = model_admin.page_context(
        request,
        _("转为 Markdown：%s") % paper,
        original=paper,
        form_url=form_url,
        changes=comparing.changes(model_admin.kind, before, after),
        failure=failure,
        says_the_same=same,
        newest=paper.head_revision,
    )
    return with_frames(TemplateResponse(request, "admin/papers/to_markdown.html", context))


def _saved(request: HttpRequest, paper: Paper, after: Data) -> bool:
    """Whether nobody has saved another version since this one was shown, or while it was converted."""
    with addresses.tree_locked():
        try:
            row = revisions.locked_row(paper)
        except ValidationError:  # deleted meanwhile
            raise Http404 from None
        if not request.POST.get("newest") == str(row.head_revision) == str(paper.head_revision):
            return False
        why = gettext_noop("由 HTML 转为 Markdown")
        revisions.save(paper, after, row=row, author=request.user, why=why)
    return True


@require_safe
@xframe_options_sameorigin
def shown(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The paper's page with the note as Markdown, for a frame; kept by nobody."""
    paper, before = _html_note(request, model_admin, pk)
    try:
        revisions.apply(paper, _converted(before))
        derived.render(paper)
    except RenderingFailed as error:
        return HttpResponse(str(error), "text/plain; charset=utf-8")
    response: Any = content.paper_page(request, paper)
    response["X-Robots-Tag"] = "noindex"
    response._csp_replace = {"frame-ancestors": [SELF]}
    return response


def _html_note(request: HttpRequest, model_admin: Any, pk: int) -> tuple[Paper, Data]:
    """Raises Http404 for what is Markdown already."""
    opened(request, model_admin, pk)  # for who may
    paper = Paper.objects.select_related("section").get(pk=pk)
    data = revisions.data_of(paper)
    if data["notes_format"] != Paper.NotesFormat.HTML:
        raise Http404
    return paper, data


def _converted(data: Data) -> Data:
    """Raises RenderingFailed."""
    notes = to_markdown_in_child(data["notes"])
    return {**data, "notes": notes, "notes_format": Paper.NotesFormat.MARKDOWN.value}


def _compared(before: Data) -> tuple[Data, str, bool]:
    """What it becomes, why that cannot be saved, if so, and whether readers will read the same words."""
    try:
        after = _converted(before)
        old = derived.rendered(before["notes"], "html").plain_text
        new = derived.rendered(after["notes"], "markdown").plain_text
    except RenderingFailed as error:
        return before, str(error), False
    return after, "", old.split() == new.split()
