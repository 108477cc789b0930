"""Who works in the admin in the tests, and what they began."""

from datetime import date
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from papers import revisions
from papers.models import Paper, Section


def member(group: str = "", **fields: Any) -> User:
    """Staff, of one of the groups or of none."""
    values: dict[str, Any] = {"username": group or "nobody", "is_staff": True, **fields}
    user = User.objects.create_user(**values)
    user.groups.set(Group.objects.filter(name=group))
    return user


def with_rights(*codenames: str, **fields: Any) -> User:
    """Staff with rights that no group has together."""
    user = member(**{"username": "-".join(codenames)[:100], **fields})
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begun(author: User, section: Section | None, slug: str, **fields: Any) -> Paper:
    """A draft whose first revision this person wrote."""
    values = {"title": slug, "published_on": date(2025, 7, 1), **fields}
    paper = Paper(section=section, slug=slug, **values)
    revisions.save(paper, revisions.typed_fields(paper, tags=()), author=author)
    return Paper.objects.get(uid=paper.uid)


def hidden_draft(author: User, section: Section) -> Paper:
    """With words that are nowhere else: wherever one of them is read, the draft is given away."""
    fields = {"title": "Verborgen Words", "notes": "verborgen notes", "venue": "Verborgen 2024"}
    return begun(author, section, "2024-03-unnamed", published_on=date(2024, 3, 1), **fields)


def publish(paper: Paper, author: Any = None) -> Paper:
    revisions.publish(paper, revisions.data_of(paper), author=author)
    return Paper.objects.get(uid=paper.uid)
