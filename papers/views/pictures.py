"""Pictures of notes."""

import logging

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import figures
from ..models import Figure
from .redirects import moved

logger = logging.getLogger(__name__)


@require_safe
def figure(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture's file, the same for everybody and for ever: its name is made of its bytes."""
    found = Figure.objects.filter(pk=name.strip("/").lower()).first()
    if found is not None and request.path != found.get_absolute_url():
        return moved(request, found.get_absolute_url())
    response = _unmodified_or_file(request, found) if found else None
    if found is None or response is None:
        return HttpResponse(_("没有这张图片。"), "text/plain; charset=utf-8", 404)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # feed readers on the web show them
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = f'"{found.name}"'
    return response


def _unmodified_or_file(request: HttpRequest, found: Figure) -> HttpResponseBase | None:
    unmodified = get_conditional_response(request, etag=f'"{found.name}"')
    if unmodified is not None:
        return unmodified
    try:
        file = default_storage.open(figures.place_of(found.name))
    except FileNotFoundError:
        logger.error("the file of the picture %s is missing", found.name)
        return None
    response = FileResponse(file, filename=found.name, content_type=found.content_type)
    response["Content-Length"] = found.bytes
    return response
