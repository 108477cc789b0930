"""What sections and papers refuse alike."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .. import paths

if TYPE_CHECKING:
    from .papers import Paper
    from .sections import Section


def refusal(field: str, message: Any, code: str, **params: Any) -> ValidationError:
    """An error of one field; Django drops the code of a message that is given with its field."""
    return ValidationError({field: ValidationError(message, code=code, params=params)})


def holder_of_path(thing: "Section | Paper") -> "Section | Paper | None":
    """Another section or paper that has the path this one is to have."""
    path = thing.true_path
    if not path or "\0" in path:  # which PostgreSQL does not even look for
        return None
    others: Any = type(thing)._default_manager.exclude(pk=thing.pk)
    return others.filter(path_folded=paths.fold(path)).first()


def refuse_taken(thing: "Section | Paper") -> None:
    """The title of a draft is not for everybody who meets its address; `/p/<uid>/` shows it to those who may see it."""
    holder = holder_of_path(thing)
    if holder is None:
        return
    message = _("网址 %(path)s 已属于“%(title)s”（%(uid)s），请换一个网址片段。")
    if not getattr(holder, "is_published", True):
        message = _("网址 %(path)s 已属于一篇未公开的论文（%(uid)s），请换一个网址片段。")
    raise refusal("slug", message, "address_taken", path=thing.true_path, title=holder, uid=holder.uid)
