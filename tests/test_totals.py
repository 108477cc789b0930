"""Numbers of papers: one by itself is the same as among all of them, and hidden papers are in none."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from papers import totals
from papers.models import Paper, Section, Tag

from .conftest import make_section


@pytest.fixture
def hidden(draft_paper: Paper, scheduled_paper: Paper) -> None:
    for paper in (draft_paper, scheduled_paper):
        paper.tags.add("推理")


def test_a_section_by_itself(section: Section, published_paper: Paper, hidden: None) -> None:
    below = make_section("below", parent=section)
    Paper.objects.filter(pk=published_paper.pk).update(section=below)
    numbers = [[section.pk], [below.pk], [section.pk, below.pk]]
    alone = [totals.in_sections(pks) for pks in numbers]
    assert alone == [totals.places().in_sections(pks) for pks in numbers] == [0, 1, 1]


def test_a_tag_by_itself(published_paper: Paper, hidden: None) -> None:
    published_paper.tags.add("推理")
    tag = Tag.objects.get(name="推理")
    assert totals.of_tag(tag) == totals.tags().numbers[tag.slug] == 1


def test_a_tag_of_hidden_papers_alone(hidden: None) -> None:
    assert totals.of_tag(Tag.objects.get(name="推理")) == 0


def test_months_by_themselves(published_paper: Paper, hidden: None) -> None:
    assert totals.months() == totals.places().months == {"2025-07": 1}


def test_what_was_counted_already_is_taken(section: Section, published_paper: Paper) -> None:
    published_paper.save()
    cache.clear()
    totals.places()
    with CaptureQueriesContext(connection) as queries:
        assert totals.in_sections([section.pk]) == 1
    assert len(queries) == 1
