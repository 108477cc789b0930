"""A draft, shown to whoever has a link that an editor made; nothing leads here but the link itself."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import draft_links
from ..models import Paper
from ..rendering import RenderingFailed
from . import content, errors


@require_safe
def draft(request: HttpRequest, token: str) -> HttpResponseBase:
    response = _answer(request, token)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"  # whoever has the address may read
    return response


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = draft_links.read(token)
    except draft_links.Forged:
        return errors.not_found(request, Http404(_("这个链接不对或不完整，请检查是否复制全了。")))
    except draft_links.Ended as ended:
        return errors.gone(request, str(ended))
    except RenderingFailed as failure:
        return errors.not_found(request, Http404(_("这份草稿暂时不能显示：%s") % failure))
    if isinstance(found, Paper):
        return redirect(found)
    return content.paper_page(request, found.paper, found.tags, draft=found)
