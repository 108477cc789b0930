"""One picture, pasted or dropped into a note that is being written: stored at once, and answered with its address."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import get_script_prefix
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from .. import figures, pictures
from ..figures import FigureRefused
from ..rendering.marks import FIGURE_ROUTE
from .rights import opened


@require_POST
def upload(request: HttpRequest, model_admin: Any, pk: int | None = None) -> HttpResponse:
    """`alt` is what is known of the picture already; the note may say something else."""
    opened(request, model_admin, pk)
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"problem": _("没有收到图片，请再试一次。")})
    try:
        figure = figures.store(file)
    except FigureRefused as refused:
        return JsonResponse({"problem": str(refused)})
    return JsonResponse({"url": f"{FIGURE_ROUTE}{figure.name}", "alt": figure.alt})


def context(model_admin: Any, thing: Any) -> dict[str, Any] | None:
    """What the form's script needs to know; nothing where no note is written."""
    if not model_admin.source_field:
        return None
    is_there = thing is not None and thing.pk
    url = model_admin.side_link("upload_of", thing.pk) if is_there else model_admin.side_link("upload")
    return {
        "url": url,
        "prefix": get_script_prefix().rstrip("/"),
        "field": f"id_{model_admin.source_field}",
        "limit": pictures.MAX_BYTES // (1024 * 1024),
    }
