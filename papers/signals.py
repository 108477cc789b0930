"""Hang derived data, addresses and the generation number on Django's saves, loads and deletes."""

from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext as _

from . import addresses, derived, loading, paths, revisions
from .models import Kind, Paper, Section, Tag, TaggedPaper


def _stored(thing: models.Model) -> Any:
    return type(thing)._default_manager.filter(pk=thing.pk).first() if thing.pk else None


def _load(thing: Any, old: Any) -> None:
    loading.carry_over(thing, old)
    loading.check(thing)
    loading.note(revisions.KIND_OF[type(thing)], thing.uid)


@receiver(pre_save, sender=Section)
def before_section(instance: Section, raw: bool, **kwargs: Any) -> None:
    old: Section | None = _stored(instance)
    if raw:
        _load(instance, old)
    derived.fill(instance, render=not raw)
    moves = old is not None and old.path != instance.path
    instance._left_path = old.path if old and moves else ""
    if old and moves:
        addresses.lock_tree()
        addresses.keep_subtree(old.path_folded)


@receiver(post_save, sender=Section)
def after_section(instance: Section, raw: bool, **kwargs: Any) -> None:
    if instance._left_path:
        derived.move_subtree(instance._left_path, instance.path)
    if not raw:
        derived.raise_generation()


@receiver(pre_save, sender=Paper)
def before_paper(instance: Paper, raw: bool, **kwargs: Any) -> None:
    old: Paper | None = _stored(instance)
    if raw:
        _load(instance, old)
    derived.fill(instance, render=not raw)
    if old and old.path and old.path_folded != instance.path_folded and addresses.was_public(old):
        addresses.keep(Kind.PAPER, old.uid, old.path)


@receiver(post_save, sender=Paper)
def after_paper(instance: Paper, raw: bool, **kwargs: Any) -> None:
    if not raw:
        derived.make_keys(instance)
        derived.raise_generation()


@receiver(pre_save, sender=Tag)
def before_tag(instance: Tag, raw: bool, **kwargs: Any) -> None:
    old: Tag | None = _stored(instance)
    if raw:
        _load(instance, old)
    if old and paths.fold(old.slug) != paths.fold(instance.slug):
        addresses.keep(Kind.TAG, old.uid, addresses.tag_path(old.slug))


@receiver(post_save, sender=Tag)
def after_tag(raw: bool, **kwargs: Any) -> None:
    if not raw:
        derived.raise_generation()


@receiver(post_save, sender=TaggedPaper)
def after_tagging(instance: TaggedPaper, raw: bool, **kwargs: Any) -> None:
    if raw:
        loading.note(Kind.PAPER, instance.content_object.uid)
    else:
        derived.raise_generation()


@receiver(pre_delete, sender=Section)
@receiver(pre_delete, sender=Paper)
@receiver(pre_delete, sender=Tag)
def before_delete(instance: Section | Paper | Tag, **kwargs: Any) -> None:
    """The history holds all that goes, and the address says 410 from now on."""
    revisions.record(instance, why=_("删除前的内容"))
    if isinstance(instance, Paper):
        if instance.path and addresses.was_public(instance):
            addresses.keep(Kind.PAPER, instance.uid, instance.path)
    elif isinstance(instance, Section):
        addresses.keep(Kind.SECTION, instance.uid, instance.path)
    else:
        addresses.keep(Kind.TAG, instance.uid, addresses.tag_path(instance.slug))


@receiver(post_delete, sender=Section)
@receiver(post_delete, sender=Paper)
@receiver(post_delete, sender=Tag)
@receiver(post_delete, sender=TaggedPaper)
def after_delete(**kwargs: Any) -> None:
    derived.raise_generation()
