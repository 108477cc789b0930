"""A link for somebody without an account to what is not published."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from .. import draft_links
from ..pages import absolute


class DaysForm(forms.Form):
    days = forms.TypedChoiceField(coerce=int, initial=draft_links.USUAL_DAYS, label=_("有效期"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days: Any = self.fields["days"]
        days.choices = [(days, ngettext("%d 天", "%d 天", days) % days) for days in draft_links.DAYS]


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Chosen by GET, made by POST; it is shown once and kept nowhere."""
    paper = model_admin.get_queryset(request).filter(pk=pk).first()
    if paper is None:
        raise Http404
    if not model_admin.has_change_permission(request, paper):
        raise PermissionDenied
    form = DaysForm(request.POST if request.method == "POST" else None)
    has_draft = draft_links.has_draft(paper)
    link, until = "", None
    if has_draft and form.is_valid():
        token, until = draft_links.make(paper, request.user, form.cleaned_data["days"])
        link = absolute(reverse("papers:draft", args=[token]))
    context = model_admin.page_context(
        request,
        gettext("草稿链接：%s") % paper,
        original=paper,
        form=form,
        has_draft=has_draft,
        link=link,
        until=until,
    )
    copying: Any = [Script("papers/js/copy_link.js", type="module")]
    context["media"] += forms.Media(js=copying)
    return TemplateResponse(request, "admin/papers/draft_link.html", context)
