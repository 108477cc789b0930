"""What an editor has to confirm before it is written. A question names itself, so that another one is asked anew."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.translation import gettext as _

from .. import addresses, revisions
from ..addresses import Departures
from ..models import Kind, Paper, Tag
from ..revisions import MODEL_OF, Data, Thing


@dataclass(frozen=True, slots=True)
class Question:
    token: str
    text: str
    moves: Departures = field(default_factory=lambda: Departures(0, []))
    links: list[tuple[str, str]] = field(default_factory=list)  # address and title of what it is about


class Unanswered(Exception):
    def __init__(self, questions: list[Question]) -> None:
        super().__init__()
        self.questions = questions


def unanswered(questions: Iterable[Question], request: HttpRequest) -> list[Question]:
    confirmed = set(request.POST.getlist("confirmed"))
    return [question for question in questions if question.token not in confirmed]


def about_addresses(target: Thing, row: Thing | None, data: Data) -> list[Question]:
    """Which addresses a write gives up, and whose it takes over. `target` is a new row, for this alone."""
    revisions.apply(target, data)
    path = addresses.tag_path(target.slug) if isinstance(target, Tag) else target.true_path
    if row is not None and path == _path_of(row):
        return []
    return [*_moves(row, path), *_takes_over(target, path)]


def _path_of(row: Thing) -> str | None:
    return addresses.tag_path(row.slug) if isinstance(row, Tag) else row.path


def _moves(row: Thing | None, path: str | None) -> list[Question]:
    moves = addresses.departures(row, path) if row is not None else Departures(0, [])
    if not moves.count:
        return []
    text = _("新网址是 %(path)s。以下 %(count)d 个旧网址会转到新网址：")
    return [Question(f"move:{path}", text % {"path": path, "count": moves.count}, moves=moves)]


def _takes_over(target: Thing, path: str | None) -> list[Question]:
    former = addresses.former_holder(path, target.uid)
    if former is None:
        return []
    owner = MODEL_OF[Kind(former.kind)]._default_manager.filter(uid=former.uid).first()
    text = _(
        "网址 %(path)s 曾属于“%(owner)s”，现在访问它会转到那里或显示已删除。用了它，旧链接就会打开这一篇。"
    )
    is_draft = isinstance(owner, Paper) and not owner.is_published  # its title is not for everybody
    name = former.uid if owner is None or is_draft else owner
    return [Question(f"former:{path}", text % {"path": path, "owner": name})]
