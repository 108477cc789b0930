"""The generation number: no way of writing leaves a cached page behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models.signals import post_save

from papers import derived, loading
from papers.importers import batches
from papers.models import ImportedFile, Paper, Section, SiteState, Tag, TaggedPaper

from .conftest import make_section
from .importing import jekyll, post, run


def raises(write: Callable[[], object]) -> bool:
    before = derived.generation()
    write()
    return derived.generation() > before


def test_saving(root: Section, published_paper: Paper) -> None:
    assert raises(published_paper.save)
    assert raises(root.save)
    assert raises(lambda: Paper.objects.create(title="new"))


def test_saving_single_fields(published_paper: Paper) -> None:
    assert raises(lambda: published_paper.save(update_fields=["title"]))
    assert raises(
        lambda: Paper.objects.update_or_create(uid=published_paper.uid, defaults={"title": "other"})
    )


def test_deleting(published_paper: Paper) -> None:
    assert raises(published_paper.delete)
    assert raises(published_paper.section.delete)


def test_deleting_a_set(published_paper: Paper) -> None:
    assert raises(Paper.objects.all().delete)


def test_tagging(published_paper: Paper) -> None:
    published_paper.tags.add("known", "other")
    published_paper.tags.remove("known")
    assert raises(lambda: published_paper.tags.add("known"))
    assert raises(lambda: published_paper.tags.add("new"))
    assert raises(lambda: published_paper.tags.remove("known"))
    assert raises(lambda: published_paper.tags.set(["other"]))
    assert raises(published_paper.tags.clear)


def test_tags_themselves(published_paper: Paper) -> None:
    published_paper.tags.add("MoE", "gone")
    tag = Tag.objects.get(name="MoE")
    tag.name = "混合专家"
    assert raises(tag.save)
    assert raises(Tag.objects.get(name="gone").delete)
    assert raises(TaggedPaper.objects.get().delete)


def test_moving_a_section(root: Section, published_paper: Paper) -> None:
    section = published_paper.section
    section.parent = make_section("other", root)
    assert raises(section.save)


def test_loading_fixtures(db: None) -> None:
    assert raises(lambda: call_command("loaddata", "papercache", verbosity=0))
    assert raises(lambda: call_command("loaddata", "papercache", verbosity=0))


@pytest.fixture
def committed() -> Iterator[list[int]]:
    """The number that readers find after the commit of each imported file."""
    numbers: list[int] = []

    def note(**_kwargs: object) -> None:
        transaction.on_commit(lambda: numbers.append(derived.generation()))

    post_save.connect(note, sender=ImportedFile)
    yield numbers
    post_save.disconnect(note, sender=ImportedFile)


@pytest.mark.django_db(transaction=True)
def test_an_import_raises_it_once_for_several_papers(
    tmp_path: Path, committed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "FILES", 4)
    monkeypatch.setattr(batches, "SECONDS", 60)
    run(jekyll(tmp_path / "blog", {f"_posts/2025-07-01-x{n}.md": post(title=f"X{n}") for n in range(10)}))
    assert [committed.count(number) for number in sorted(set(committed))] == [4, 4, 2]


def test_rebuilding_what_was_stale(published_paper: Paper) -> None:
    assert not raises(lambda: call_command("rebuild"))
    Paper.objects.update(notes_html="stale")
    assert raises(lambda: call_command("rebuild"))


def test_repairing_one(published_paper: Paper, root: Section) -> None:
    assert raises(lambda: derived.repair(published_paper))
    assert raises(lambda: derived.repair(root))


def test_finishing_a_load_of_nothing(db: None) -> None:
    assert not raises(lambda: loading.finish(loading.Load(), iter))


def test_a_transaction_that_is_rolled_back_raises_nothing(published_paper: Paper) -> None:
    def undone() -> None:
        with transaction.atomic():
            published_paper.save()
            transaction.set_rollback(True)

    assert not raises(undone)


def test_a_save_that_fails_raises_nothing(published_paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "make_keys", lambda _paper: 1 / 0)
    published_paper.title = "half"
    before = derived.generation()
    with pytest.raises(ZeroDivisionError):
        published_paper.save()
    published_paper.refresh_from_db()
    assert (published_paper.title, derived.generation()) == ("Public Paper", before)


def test_after_a_flush_it_starts_above_every_earlier_number(published_paper: Paper) -> None:
    for _save in range(20):
        derived.raise_generation()
    before = derived.generation()
    SiteState.objects.all().delete()
    derived.raise_generation()
    assert derived.generation() > before


def test_a_fixture_does_not_bring_an_old_number_back(published_paper: Paper, tmp_path: Path) -> None:
    before = derived.generation()
    fixture = tmp_path / "state.json"
    fixture.write_text('[{"model": "papers.sitestate", "pk": 1, "fields": {"generation": 7}}]')
    call_command("loaddata", fixture, verbosity=0)
    assert derived.generation() >= before
