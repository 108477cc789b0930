"""Moving a section with 5,000 papers below it, and merging a tag of 5,000 papers, against 50 in the same run.

    python -m tests.benchmarks.move_tree [--database postgres://USER@HOST:PORT/NAME] [--profile]

The database is made for the run and gone afterwards: a file, or NAME, which must not exist yet. Rendering is an error
here: nothing that moves or is tagged has to be rendered. A move takes the same number of queries whatever moves.
"""

import argparse
import cProfile
import os
import pstats
import time
from collections.abc import Callable
from typing import Any, NoReturn

from . import scratch
from .browsing import Page

FEW, MANY = 50, 5_000


def set_up(database: str) -> None:
    scratch.fill(database, FEW + MANY)
    os.environ.update(scratch.environment(database))
    import django

    django.setup()
    from django.contrib.auth.models import User

    from papers.models import Paper, Section, TaggedPaper

    User.objects.create_superuser("editor", password="editor")
    root = Section.objects.get(parent=None)
    Section.objects.create(uid="few", parent=root, slug="few", title="few")
    Section.objects.create(uid="target", parent=root, slug="target", title="target")
    TaggedPaper.objects.all().delete()
    few = list(Paper.objects.order_by("pk")[:FEW])
    gather(few)
    many = list(Paper.objects.order_by("pk")[FEW:])
    for name, papers in (("few", few), ("many", many)):
        tag_all(name, papers)
    begin_histories()


def gather(papers: list[Any]) -> None:
    """Into a section of their own."""
    from papers.models import Section

    for paper in papers:
        paper.section = Section.objects.get(uid="few")
        paper.save()


def tag_all(name: str, papers: list[Any]) -> None:
    from papers.models import Tag, TaggedPaper

    tag = Tag.objects.create(uid=name, name=name, slug=name)
    Tag.objects.create(uid=f"survivor-of-{name}", name=f"survivor of {name}", slug=f"survivor-of-{name}")
    TaggedPaper.objects.bulk_create(TaggedPaper(content_object=paper, tag=tag) for paper in papers)


def begin_histories() -> None:
    """As papers have that were not made by `make_demo`."""
    from papers import revisions
    from papers.models import Paper, Revision

    papers = Paper.objects.select_related("section").prefetch_related("tagged__tag")
    Revision.objects.bulk_create(
        Revision(kind="paper", uid=paper.uid, number=1, data=revisions.typed_fields(paper, paper.tag_list))
        for paper in papers
    )
    papers.update(revision=1, head_revision=1)


def refuse_rendering(*args: Any) -> NoReturn:
    raise AssertionError("something was rendered")


# --- What is measured -------------------------------------------------------------------------------------


def place(uid: str, parent: str) -> None:
    from papers import operations
    from papers.models import Section

    operations.place_section(Section.objects.get(uid=uid), Section.objects.get(uid=parent), None)


def by_form(uid: str, parent: str) -> None:
    """The preview and the move, as an editor does it."""
    from django.contrib.auth.models import User
    from django.test import Client

    from papers.models import Section

    client, section = Client(SERVER_NAME="127.0.0.1"), Section.objects.get(uid=uid)
    client.force_login(User.objects.get())
    url = f"/admin/papers/section/{section.pk}/move/"
    where = {"parent": Section.objects.get(uid=parent).pk, "before": ""}
    preview = Page(client.get(url, where).content.decode()).form_with("based_on")
    answer = client.post(url, dict(preview.fields))
    assert answer.status_code == 302, answer.content.decode()


def merge(uid: str, _parent: str) -> None:
    from papers import operations
    from papers.models import Tag

    operations.merge_tags(Tag.objects.get(uid=uid), Tag.objects.get(uid=f"survivor-of-{uid}"))


def measured(work: Callable[..., None], *words: str) -> tuple[float, int]:
    """Seconds, and queries; counting them costs next to nothing."""
    from django.db import connection

    count = 0

    def counted(execute: Any, *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    start = time.perf_counter()
    with connection.execute_wrapper(counted):
        work(*words)
    return time.perf_counter() - start, count


def show(name: str, base: tuple[float, int], large: tuple[float, int]) -> None:
    times = f"{base[0] * 1000:8.0f} ms{base[1]:8}{large[0] * 1000:9.0f} ms{large[1]:8}"
    print(f"{name:24}{times}{large[0] / base[0]:8.1f}", flush=True)


def compare_moves(name: str, work: Callable[..., None]) -> None:
    """There and back; the one is back before the other goes, so that both find the same siblings."""
    few = [measured(work, "few", "target"), measured(work, "few", "root")]
    many = [measured(work, "demo", "target")]
    check_moved()
    many.append(measured(work, "demo", "root"))
    for way, base, large in zip(("away", "back"), few, many, strict=True):
        show(f"{name}, {way}", base, large)
        assert base[1] == large[1], f"the number of queries grew from {base[1]} to {large[1]}"


def check_moved() -> None:
    from papers.models import Address, Paper

    assert Paper.objects.filter(path__startswith="/target/demo/").count() == MANY
    assert Address.objects.filter(path_folded__startswith="/demo/").count() >= MANY


def measure(is_profiled: bool) -> None:
    from papers import derived

    derived.rendered = refuse_rendering  # type: ignore[assignment]
    for uid, parent in (("few", "target"), ("few", "root"), ("demo", "target"), ("demo", "root")):
        place(uid, parent)  # siblings get their numbers, and the history its first entries
    print(f"{'':24}{FEW:8} papers, queries{MANY:8} papers, queries, ratio")
    compare_moves("move", place)
    compare_moves("by the form", by_form)
    profile = cProfile.Profile()
    base = measured(merge, "few", "")
    if is_profiled:
        profile.enable()
    large = measured(merge, "many", "")
    profile.disable()
    show("merge tags", base, large)
    if is_profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--profile", action="store_true", help="of the merge")
    chosen = parser.parse_args()
    with scratch.lent(chosen.database) as (database, _folder):
        set_up(database)
        measure(chosen.profile)
    print("rendered: nothing")


if __name__ == "__main__":
    main()
