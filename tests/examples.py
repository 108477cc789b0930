"""One of each thing of the site, and an address of each route that leads to one."""

from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client

from papers import draft_links, figures, operations, revisions, trash
from papers.models import Missed, Section, Tag
from papers.roles import EDITOR
from tests.conftest import make_paper, make_section
from tests.drawing import picture
from tests.people import member
from tests.routes import Route

NOTES = "## 一节\n\n$x$ [[无人]]\n\n```python\nx = 1\n```\n\n![图](/-/figures/x.png)"


def one_of_each(root: Section) -> dict[str, Any]:
    """By the name that the admin's addresses have for its kind; something in the trash besides."""
    shelf = make_section("shelf", root, uid="known-section")
    paper = make_paper(shelf, "Known", ("MoE",), uid="known-paper", venue="SOSP 2023", notes=NOTES)
    draft = make_paper(shelf, "Draft", ("MoE",), uid="known-draft", status="draft")
    tag, gone = Tag.objects.get(slug="moe"), make_paper(shelf, "gone", uid="gone")
    for thing in (paper, shelf):
        revisions.save(thing, {**revisions.data_of(thing), "title": "改过的标题"})
    trash.delete(gone)
    missed = Missed.objects.create(kind=Missed.Kind.ADDRESS, text="/missed/")
    known = {"paper": paper, "section": shelf, "tag": tag, "missed": missed, "draft": draft}
    return {
        **known,
        "figure": figures.store(picture()),
        "user": member(username="somebody"),
        "group": Group.objects.get(name=EDITOR),
    }


def with_something_to_undo(client: Client, things: dict[str, Any]) -> Client:
    session = client.session
    session["undo"] = {
        f"token-{kind}": [asdict(operations.trace(things[kind], 1, 1))]
        for kind in ("paper", "section", "tag")
    }
    session.save()
    return client


def address(route: Route, things: dict[str, Any]) -> str:
    """One that leads to something, whatever the route is about."""
    kind = next((kind for kind in things if f"/{kind}/" in route.written), "paper")
    thing = things[kind]
    values = dict.fromkeys(("pk", "object_id", "id"), thing.pk)
    values |= {"uid": "gone" if "/trash/" in route.written else "known-paper", "old": 1, "new": 2}
    values |= {"year": "2025", "month": "07", "suffix": "bib", "app_label": "papers", "part": "links"}
    values |= {
        "slug": "sosp-2023" if "venues" in route.written else "moe",
        "content_type_id": 1,
        "rest": "1/1/",
    }
    values |= {"name": things["figure"].pk if "figures" in route.written else "delete", "url": "nothing"}
    values |= {"path": "shelf/Known.html", "token": f"token-{kind}"}
    if "/draft/" in route.written:
        maker = User.objects.filter(is_staff=True).first()
        values["token"] = draft_links.make(things["draft"], maker, 7)[0]
    return route.path(**values)
