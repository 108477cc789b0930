"""One question to one service, and what its refusals mean for an editor."""

from typing import NoReturn

from django.utils.translation import gettext as _

from .. import remote
from ..remote import Answer, RemoteFailed
from .record import LookupFailed

_BUSY = {429, 503}
_UNKNOWN = {404, 410}


def ask(service: str, base: str, path: str, *, accept: str, unknown: str) -> bytes:
    """The body of a good answer. Raises LookupFailed; `unknown` is what a 404 means."""
    try:
        answer = remote.get(f"{base}{path}", configured=[base], accept=accept)
    except RemoteFailed as error:
        text = _("%(reason)s可以改为粘贴 BibTeX（不需要网络），或自己填写。") % {"reason": error}
        raise LookupFailed("unreachable", text) from None
    if answer.status in _UNKNOWN:
        raise LookupFailed("unknown", unknown)
    if answer.status != 200:
        _refuse(service, answer)
    return answer.body


def _refuse(service: str, answer: Answer) -> NoReturn:
    if answer.status not in _BUSY:
        text = _("%(service)s 现在出了问题（%(status)d），请稍后再试，或粘贴 BibTeX。")
        raise LookupFailed("unreachable", text % {"service": service, "status": answer.status})
    if answer.retry_after.isdecimal() and len(answer.retry_after) < 6:
        text = _("%(service)s 请求太多，请等 %(seconds)s 秒再试，或粘贴 BibTeX。")
        raise LookupFailed("busy", text % {"service": service, "seconds": answer.retry_after})
    raise LookupFailed("busy", _("%s 请求太多，请过一会儿再试，或粘贴 BibTeX。") % service)


def odd(service: str) -> LookupFailed:
    return LookupFailed("odd", _("%s 的回答看不懂，什么都没有填。请稍后再试，或粘贴 BibTeX。") % service)
