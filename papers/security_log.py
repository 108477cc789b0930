"""One line in the log `papers.security` for each login, failure, lockout and logout, and each change of accounts.

These lines name account and address, as the access log does not: without them nobody could see an attack, or who
gave whom which right. What is done without a request is not here: who has a shell on the server needs no account.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from .visitors import address_of

logger = logging.getLogger("papers.security")
User: Any = get_user_model()

_WATCHED = ("password", "is_active", "is_staff", "is_superuser")
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
GetResponse = Callable[[HttpRequest], HttpResponse]


def remember_request(get_response: GetResponse) -> GetResponse:
    """Middleware: the signals of a save do not say who asked for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return get_response(request)
        finally:
            _request.reset(token)

    return middleware


def _write(event: str, request: HttpRequest, level: int = logging.INFO, **values: Any) -> None:
    """`event account='…' address='…'`; in quotes no value can look like another one, or like another line."""
    values["address"] = address_of(request)
    logger.log(
        level, "%s %s", event, " ".join(f"{key}={str(value)[:2000]!r}" for key, value in values.items())
    )


# --- Logins -----------------------------------------------------------------------------------------------


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    _write("login", request, account=user.get_username())


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user:  # else the session was over already
        _write("logout", request, account=user.get_username())


@receiver(user_login_failed)
def login_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """`login locked` is a failure too: the last one that was allowed, and all that come before the lock ends."""
    if request:  # axes has counted it by now: its receivers were connected earlier
        event = "login locked" if getattr(request, "axes_locked_out", False) else "login failed"
        _write(event, request, logging.WARNING, account=credentials.get("username"))


# --- Accounts ---------------------------------------------------------------------------------------------


def _changed(event: str, **values: Any) -> None:
    """Something that a request has changed, with who sent it."""
    request = _request.get()
    if request:
        user = getattr(request, "user", None)
        _write(event, request, by=user.get_username() if user else "", **values)


@receiver(pre_save, sender=User)
def before_account(instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """What it was; a login, which saves its time alone, costs no query."""
    instance._was = None
    if _request.get() and (update_fields is None or not {*_WATCHED}.isdisjoint(update_fields)):
        instance._was = User.objects.filter(pk=instance.pk).values(*_WATCHED).first()


@receiver(post_save, sender=User)
def after_account(instance: Any, created: bool, **kwargs: Any) -> None:
    name = instance.get_username()
    if created:
        flags = [flag for flag in _WATCHED[1:] if getattr(instance, flag)]
        _changed("account added", account=name, flags=", ".join(flags))
    for field, was in (instance._was or {}).items():
        now = getattr(instance, field)
        if field == "password":
            if now != was and instance._password is not None:  # else the same one by a newer hasher
                _changed("password changed", account=name)
        elif now != was:
            _changed("flag changed", account=name, flag=field, to=now)


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
@receiver(m2m_changed, sender=Group.permissions.through)
def rights_changed(instance: Any, action: str, model: Any, pk_set: set[int] | None, **kwargs: Any) -> None:
    when, _underscore, verb = action.partition("_")
    if when == "post" and _request.get() and pk_set != set():
        rights = model.objects.filter(pk__in=pk_set or set())
        names = [getattr(right, "codename", str(right)) for right in rights] or ["all"]
        event = {"add": "rights given", "remove": "rights taken", "clear": "rights taken"}[verb]
        _changed(event, to=f"{instance._meta.model_name} {instance}", rights=", ".join(sorted(names)))


@receiver(post_delete, sender=User)
@receiver(post_delete, sender=Group)
def deleted(instance: Any, **kwargs: Any) -> None:
    _changed(f"{instance._meta.model_name} deleted", name=str(instance))
