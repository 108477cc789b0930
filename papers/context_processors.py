"""What every template may say of the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject

from .pages import canonical, tree_of


def site(request: HttpRequest) -> dict[str, Any]:
    """`navigation` costs a query only on pages that show it and have not read the tree already."""
    contact = settings.PAPERCACHE_CONTACT
    return {
        "site": {
            "name": settings.PAPERCACHE_NAME,
            "owner": settings.PAPERCACHE_OWNER,
            "licence": settings.PAPERCACHE_LICENCE,
            "licence_url": settings.PAPERCACHE_LICENCE_URL,
            "contact": contact,
            "contact_url": _contact_url(contact),
            "icp": settings.PAPERCACHE_ICP,
        },
        "languages": settings.LANGUAGES,
        "navigation": SimpleLazyObject(lambda: tree_of(request).navigation),
        "canonical": canonical(escape_uri_path(request.path)),
    }


def _contact_url(contact: str) -> str:
    """An e-mail address or a page becomes a link; anything else is shown as it is."""
    if contact.startswith(("https://", "http://")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""
