"""`manage.py make_demo`: a site of any size, the same one every time."""

from io import StringIO
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from papers import demo, derived
from papers.models import Paper, PaperKey, Section, Tag, TaggedPaper

pytestmark = pytest.mark.django_db


def make_demo(count: int, seed: int = 1) -> str:
    output = StringIO()
    call_command("make_demo", papers=count, seed=seed, stdout=output)
    return output.getvalue()


def typed() -> list[dict]:
    names = ("uid", "path", "title", "notes", "summary", "authors", "venue", "published_on", "section__uid")
    return list(Paper.objects.order_by("uid").values(*names))


def test_it_ends_with_counts() -> None:
    assert make_demo(3).strip() == "新建 3 篇，已有 0 篇。"


def test_every_paper_is_public(client: Client) -> None:
    make_demo(5)
    for paper in Paper.objects.published():
        assert client.get(paper.get_absolute_url()).status_code == 200
    assert Paper.objects.published().count() == 5


def test_addresses_say_month_title_and_number() -> None:
    make_demo(1)
    paper = Paper.objects.get(uid="demo-000001")
    assert paper.path.startswith("/demo/")
    assert paper.slug == f"{paper.published_on:%Y-%m}-{paper.title.replace(':', '').replace(' ', '-')}-00001"


def test_notes_are_one_to_two_kilobytes() -> None:
    make_demo(200)
    sizes = [len(notes.encode()) for notes in Paper.objects.values_list("notes", flat=True)]
    assert min(sizes) >= 1000
    assert max(sizes) <= 2000


def test_notes_show_what_notes_can() -> None:
    make_demo(30)
    html = "".join(Paper.objects.values_list("notes_html", flat=True))
    assert all(f"<{name}" in html for name in ("h2", "math", "ul", "table", "pre"))


def test_papers_are_spread_over_sections_tags_and_months() -> None:
    make_demo(300)
    assert Section.objects.filter(path__startswith="/demo/").count() == len(demo.SECTIONS)
    assert Tag.objects.public().count() == len(demo.TAGS)
    assert Paper.objects.dates("published_on", "month").count() > 80


def test_papers_pass_the_checks_of_a_form() -> None:
    make_demo(20)
    for paper in Paper.objects.all():
        paper.full_clean()


def test_nothing_derived_is_stale() -> None:
    make_demo(20)
    assert not [thing for thing in derived.everything() if derived.stale_columns(thing)]


def test_the_same_seed_makes_the_same_site() -> None:
    make_demo(20)
    first = typed()
    Paper.objects.all().delete()
    make_demo(20)
    assert typed() == first


def test_another_seed_makes_another_site() -> None:
    make_demo(5, seed=1)
    first = typed()
    Paper.objects.all().delete()
    make_demo(5, seed=2)
    assert typed() != first


def test_an_interrupted_run_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "CHUNK", 4)
    list(islice(demo.make_demo(10, seed=1), 2))
    assert make_demo(10).strip().endswith("新建 2 篇，已有 8 篇。")
    assert Paper.objects.count() == 10


def test_a_second_run_changes_nothing() -> None:
    make_demo(5)
    counts = [model.objects.count() for model in (Section, Tag, TaggedPaper, PaperKey)]
    generation = derived.generation()
    assert make_demo(5).strip() == "新建 0 篇，已有 5 篇。"
    assert [model.objects.count() for model in (Section, Tag, TaggedPaper, PaperKey)] == counts
    assert derived.generation() == generation


def test_readers_see_it_at_once() -> None:
    make_demo(1)
    generation = derived.generation()
    make_demo(2)
    assert derived.generation() > generation


@pytest.mark.usefixtures("seed")
def test_it_leaves_the_sites_own_papers_and_tags_alone() -> None:
    before = list(Tag.objects.order_by("uid").values()), list(Paper.objects.order_by("uid").values())
    make_demo(5)
    tags = Tag.objects.filter(uid__in=[tag["uid"] for tag in before[0]]).order_by("uid")
    papers = Paper.objects.exclude(uid__startswith="demo-").order_by("uid")
    assert (list(tags.values()), list(papers.values())) == before


@pytest.mark.parametrize("count", [0, -1])
def test_fewer_than_one_paper_is_refused(count: int) -> None:
    with pytest.raises(CommandError, match="--papers"):
        make_demo(count)
