"""Queries that are put together once and asked with other values each time; what one process keeps of the tree."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import set_script_prefix
from django.utils import timezone

from papers import addresses, stored
from papers.models import Section
from papers.models.places import place
from papers.pages import Tree

from .conftest import make_paper, make_section


def test_a_prepared_query_is_asked_at_the_present_hour(section: Section, monkeypatch: Any) -> None:
    hour = timezone.now() + timedelta(hours=1)
    paper = make_paper(section, "later", publish_at=hour)
    assert addresses.find(paper.path) is None
    monkeypatch.setattr(timezone, "now", lambda: hour + timedelta(seconds=1))
    found = addresses.find(paper.path)
    assert found is not None
    assert found.thing == paper


def test_a_prepared_query_is_asked_with_other_values(section: Section) -> None:
    for name in ("one", "two"):
        paper = make_paper(section, name)
        found = addresses.find(paper.path)
        assert found is not None
        assert found.thing == paper


def test_a_remembered_address_is_that_of_the_prefix_in_force() -> None:
    assert place("papers:page", "RL/甲.html") == "/RL/%E7%94%B2.html"
    set_script_prefix("/papercache")
    assert place("papers:page", "RL/甲.html") == "/papercache/RL/%E7%94%B2.html"
    set_script_prefix("/")


# --- The tree that a process keeps ------------------------------------------------------------------------


def titles(tree: Tree) -> set[str]:
    return {section.title for section in tree.sections}


@pytest.mark.django_db(transaction=True)
def test_the_tree_is_read_once_and_again_after_a_change() -> None:
    root = make_section("", parent=None, uid="root", title="站名")
    first = stored.shared("tree", Tree)
    assert stored.shared("tree", Tree) is first
    make_section("RL", parent=root, title="强化学习")
    assert titles(stored.shared("tree", Tree)) == {"站名", "强化学习"}


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_sees_before_its_end_is_not_kept() -> None:
    root = make_section("", parent=None, uid="root", title="站名")
    with transaction.atomic():
        make_section("RL", parent=root, title="强化学习")
        assert len(stored.shared("tree", Tree).sections) == 2
        transaction.set_rollback(True)
    make_section("AI", parent=root, title="其他")
    assert titles(stored.shared("tree", Tree)) == {"站名", "其他"}


@pytest.mark.django_db(transaction=True)
def test_a_page_asks_for_the_state_alone_where_the_tree_is_known(client: Client) -> None:
    make_section("", parent=None, uid="root", title="站名")
    client.get("/about-nothing/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/tags/")
    assert not [query for query in queries if "ORDER BY papers_section" in query["sql"].replace('"', "")]


def test_parts_without_variables_are_rendered_once_in_each_language(client: Client, root: Section) -> None:
    pages = []
    for language in ("", "en", "", "en"):
        client.cookies["django_language"] = language
        pages.append(client.get("/tags/").content.decode())
    assert pages[:2] == pages[2:]
    assert ["跟随系统" in page for page in pages[:2]] == [True, False]
