"""The real site, asked from within: every middleware and every view, and no network."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.handlers.base import BaseHandler
from django.http import FileResponse, HttpResponse
from django.urls import get_script_prefix

from ..missed import MARK


class NotReady(Exception):
    """No page could be made, whatever the address: a sentence that says what to do first."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`location` is a path of this site, without its prefix; or a whole address elsewhere."""

    status: int
    location: str = ""
    text: str = ""


class Site:
    """Anonymous, as any reader is."""

    @cached_property
    def _handler(self) -> BaseHandler:
        """Raises NotReady."""
        has_names = bool(getattr(staticfiles_storage, "hashed_files", True))
        if not has_names and not settings.DEBUG:
            raise NotReady("there are no style sheets yet: run collectstatic first")
        handler = BaseHandler()
        handler.load_middleware()
        return handler

    def ask_path(self, path: str) -> Reply:
        """Without percent signs for anything but a percent sign, as addresses are kept."""
        return self.ask(quote(path))

    def ask(self, path: str, *, with_text: bool = False) -> Reply:
        from django.test import RequestFactory  # brings unittest: not at the start of every command

        base = urlsplit(settings.PAPERCACHE_URL)
        request = RequestFactory().get(quote(path, safe="/?=&%"), secure=base.scheme == "https")
        request.META |= {"HTTP_HOST": base.netloc, MARK: True}
        response = self._handler.get_response(request)
        # A picture's file alone: to close the whole answer would close the database too.
        if isinstance(response, FileResponse) and response.file_to_stream:
            response.file_to_stream.close()
        text = response.text if with_text and isinstance(response, HttpResponse) else ""
        return Reply(response.status_code, local(response.get("Location", "")), text)


def own_host() -> str:
    return urlsplit(settings.PAPERCACHE_URL).netloc.lower()


def local(address: str) -> str:
    """Without scheme, host and prefix if it is one of ours."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.netloc and parts.netloc.lower() != own_host():
        return address
    rest = address[address.index(parts.netloc) + len(parts.netloc) :] if parts.netloc else address
    prefix = get_script_prefix().rstrip("/")
    return rest.removeprefix(prefix) if prefix and rest.startswith(f"{prefix}/") else rest
