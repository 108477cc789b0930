"""Hang derived data, addresses and the generation number on Django's saves, loads and deletes.

All of these run inside the transaction of the save (`saving.SavedWhole`), of `loaddata` or of the delete.
"""

from typing import Any

from django.core.signals import request_finished
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver

from . import addresses, derived, loading, missed, paths, revisions, trash
from .models import Figure, FigureUse, Paper, Section, SiteState, Tag, TaggedPaper
from .saving import about_to_save


@receiver(about_to_save, sender=Section)
@receiver(about_to_save, sender=Paper)
def render_before_the_transaction(instance: Section | Paper, **kwargs: Any) -> None:
    derived.render(instance)


@receiver(pre_save, sender=Section)
def before_section(instance: Section, raw: bool, **kwargs: Any) -> None:
    addresses.lock_tree()
    if raw:
        loading.prepare(instance)
    old: Section | None = revisions.stored(instance)
    if instance.parent_id:
        instance.parent = Section.objects.get(pk=instance.parent_id)
    instance._left_path = old.path if old and old.path != instance.true_path else ""
    if old and instance._left_path:
        _check_move(instance, old)
        if old.path_folded != paths.fold(instance.true_path):
            addresses.leave(old)
    derived.place(instance)


def _check_move(section: Section, old: Section) -> None:
    """Once more under the lock: two editors may put two sections under each other. Raises ValidationError."""
    section.path, section.path_folded = old.path, old.path_folded
    section.clean()


@receiver(post_save, sender=Section)
def after_section(instance: Section, raw: bool, **kwargs: Any) -> None:
    if instance._left_path:
        derived.move_subtree(instance._left_path, instance.path)
    if not raw:
        derived.make_figure_uses(instance)
        derived.raise_generation()


@receiver(pre_save, sender=Paper)
def before_paper(instance: Paper, raw: bool, **kwargs: Any) -> None:
    if raw:
        loading.prepare(instance)
    instance.section = addresses.locked_section(instance.section_id)
    old: Paper | None = revisions.stored(instance)
    if old:
        _keep_what_happened(instance, old)
    derived.place(instance)
    if old and _leaves(old, instance):
        addresses.leave(old)


def _leaves(old: Paper, paper: Paper) -> bool:
    """Whether readers no longer find it where it was."""
    is_withdrawn = old.is_published and (paper.status, paper.publish_at) != (old.status, old.publish_at)
    return is_withdrawn or old.path_folded != paper.path_folded


def _keep_what_happened(paper: Paper, old: Paper) -> None:
    """An instance read before a publication or an unpublished change knows nothing of it."""
    for name in ("first_public_at", "revision", "head_revision"):
        setattr(paper, name, getattr(old, name))


@receiver(post_save, sender=Paper)
def after_paper(instance: Paper, raw: bool, **kwargs: Any) -> None:
    if not raw:
        derived.make_side_rows(instance)
        derived.raise_generation()


@receiver(pre_save, sender=Tag)
def before_tag(instance: Tag, raw: bool, **kwargs: Any) -> None:
    if raw:
        loading.prepare(instance)
    old: Tag | None = revisions.stored(instance)
    if old and paths.fold(old.slug) != paths.fold(instance.slug):
        addresses.leave(old)


@receiver(pre_save, sender=TaggedPaper)
def before_tagging(instance: TaggedPaper, raw: bool, **kwargs: Any) -> None:
    if raw:
        loading.prepare_tagging(instance)


@receiver(pre_save, sender=SiteState)
def before_site_state(instance: SiteState, raw: bool, **kwargs: Any) -> None:
    """A fixture made on another day must not bring back old pages from a cache."""
    if raw:
        instance.generation = max(instance.generation, derived.generation())


@receiver(post_save, sender=Tag)
def after_tag(instance: Tag, raw: bool, **kwargs: Any) -> None:
    if not raw:
        derived.note_name(instance)
        derived.raise_generation()


@receiver(post_save, sender=TaggedPaper)
def after_tagging(instance: TaggedPaper, raw: bool, **kwargs: Any) -> None:
    if not raw:
        derived.note_tags([instance.content_object_id])
        derived.raise_generation()


@receiver(post_save, sender=Figure)
def after_figure(instance: Figure, created: bool, **kwargs: Any) -> None:
    """Pages that name it already have not shown it until now."""
    if created and FigureUse.objects.filter(name=instance.name, in_row=True).exists():
        derived.raise_generation()


@receiver(pre_delete, sender=Section)
@receiver(pre_delete, sender=Paper)
@receiver(pre_delete, sender=Tag)
def before_delete(instance: Section | Paper | Tag, **kwargs: Any) -> None:
    """The history holds all that goes, and the address says 410 from now on."""
    author, why = getattr(instance, "_deleted_by", None), getattr(instance, "_deleted_why", "")
    trash.note(instance, author=author, why=why)


@receiver(post_delete, sender=Section)
@receiver(post_delete, sender=Paper)
@receiver(post_delete, sender=Tag)
def after_delete(**kwargs: Any) -> None:
    derived.raise_generation()


@receiver(post_delete, sender=TaggedPaper)
def after_untagging(instance: TaggedPaper, **kwargs: Any) -> None:
    derived.note_tags([instance.content_object_id])
    derived.raise_generation()


request_finished.connect(missed.flush_if_due)
