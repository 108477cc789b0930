"""From an address to another one."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect


def moved(request: HttpRequest, url: str) -> HttpResponse:
    """Kept for a minute only: browsers keep bare 301s for ever, and an undone move would loop."""
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponsePermanentRedirect(f"{url}?{query}" if query else url)
    response["Cache-Control"] = "max-age=60"
    return response
