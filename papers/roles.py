"""Who may do what: four groups, and the one rule of what a contributor may call their own."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from .models import Kind, Paper, Revision
from .querysets import is_published

CONTENT = ("paper", "section", "tag")
# Nobody deletes a picture, which the history may show; who sees them all sees those of every draft.
FIGURES = {"add_figure", "change_figure", "view_figure"}
CONTRIBUTOR, EDITOR, PUBLISHER, ADMINISTRATOR = (
    gettext_noop("投稿人"),
    gettext_noop("编辑"),
    gettext_noop("发布人"),
    gettext_noop("管理员"),
)

_contributor = {"write_own_paper", "view_section", "view_tag", "add_tag", "add_figure"}
_editor = FIGURES | {f"{verb}_{model}" for verb in ("add", "change", "delete", "view") for model in CONTENT}
_publisher = _editor | {"publish_paper"}
_accounts = {f"{verb}_{model}" for verb in ("add", "change", "delete", "view") for model in ("user", "group")}
PERMISSIONS = {
    CONTRIBUTOR: _contributor,
    EDITOR: _editor,
    PUBLISHER: _publisher,
    ADMINISTRATOR: _publisher | _accounts,
}


def make_groups(**kwargs: Any) -> None:
    """Make the groups that are missing, each with its permissions; what an administrator changed since stays.

    A group that is there gets only the permissions that are new with this version. A receiver of post_migrate:
    permissions are not there yet in a migration.
    """
    group_model: Any = apps.get_model("auth", "Group")
    permission_model: Any = apps.get_model("auth", "Permission")
    known = set(permission_model.objects.values_list("codename", flat=True))
    for label in ("papers", "auth"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=kwargs.get("using", "default"))
    for name, codenames in PERMISSIONS.items():
        group, is_new = group_model.objects.get_or_create(name=name)
        codenames = codenames if is_new else codenames - known
        labels = ("papers", "auth")
        wanted = permission_model.objects.filter(content_type__app_label__in=labels, codename__in=codenames)
        group.permissions.add(*wanted)


# --- Papers -----------------------------------------------------------------------------------------------


def own_drafts(user: Any) -> QuerySet[Paper]:
    """Drafts whose first revision this person wrote."""
    first = Revision.objects.filter(kind=Kind.PAPER, uid=OuterRef("uid"), number=1, author=user.pk)
    return Paper.objects.filter(Exists(first)).drafts()


def began(user: Any, uids: set[str]) -> bool:
    """Whether a contributor wrote the first revision of each of these papers."""
    first = Revision.objects.filter(kind=Kind.PAPER, uid__in=uids, number=1, author=user.pk)
    return _has(user, "write_own_paper") and first.count() == len(uids)


def visible_deletions(user: Any, deletions: Any) -> Any:
    """The twin of `visible_to`, of papers in the trash."""
    if sees_all(user):
        return deletions
    if not _has(user, "write_own_paper"):
        return deletions.none()
    first = Revision.objects.filter(kind=Kind.PAPER, uid=OuterRef("uid"), number=1, author=user.pk)
    return deletions.filter(Exists(first), data__status=Paper.Status.DRAFT.value)


def visible_to(user: Any, papers: Any) -> Any:
    """Of a set of papers, those that this person may see in the admin."""
    if sees_all(user):
        return papers
    if _has(user, "write_own_paper"):
        return papers.filter(pk__in=own_drafts(user).values("pk"))
    return papers.none()


def readable_by(user: Any, papers: Any) -> Any:
    """Of a set of papers, those that this person may read: what is public, and what the admin shows them."""
    if sees_all(user):
        return papers
    visible = visible_to(user, Paper.objects.all()).order_by().values("pk")
    return papers.filter(is_published() | Q(pk__in=visible))


def _has(user: Any, codename: str) -> bool:
    """Rights count for staff alone: whoever leaves the staff keeps their groups, and perhaps a session."""
    return user.is_staff and user.has_perm(f"papers.{codename}")


def sees_all(user: Any) -> bool:
    """Whether the admin shows them every paper."""
    return _has(user, "view_paper") or _has(user, "change_paper")


def may(user: Any, verb: str, paper: Paper | None = None) -> bool:
    """`view`, `add`, `change` or `delete` a paper; without one, whether there may be any. One query for contributors."""
    if _has(user, f"{verb}_paper") or (verb == "view" and sees_all(user)):
        return True
    if not _has(user, "write_own_paper"):
        return False
    return paper is None or own_drafts(user).filter(pk=paper.pk).exists()


def may_publish(user: Any) -> bool:
    return _has(user, "publish_paper")
