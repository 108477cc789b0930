"""What a site says on pages of its own, such as one about it, is the text of a section."""

from django.utils.translation import gettext as _

from .. import addresses, revisions
from ..models import Section
from . import restoring, sections
from .found import FoundPage, Trouble
from .writing import Outcome, Writer, Written


def write_page(writer: Writer, found: FoundPage) -> Written:
    """A section that is new or has no text takes it, and takes it again; what an editor has written stays."""
    record = restoring.record_of(writer, found)
    if record and not Section.objects.filter(uid=record.uid).exists():
        return Written(Outcome.KEPT, None, [Trouble(1, _("这篇已被编辑删除，没有恢复"))])
    section = Section.objects.with_path(sections.path_of(found.section))
    if section is None:
        section, outcome = _made(writer, found), Outcome.CREATED
    else:
        outcome = _filled(writer, found, section)
    restoring.note(writer, found, section, outcome)
    addresses.point_many(found.addresses, Section.objects.get(pk=section.pk))
    return Written(outcome, None, restoring.kept(section) if outcome == Outcome.KEPT else [])


def _made(writer: Writer, found: FoundPage) -> Section:
    parent = sections.section_at(found.section[:-1], writer.titles, writer.author)
    section = Section(slug=found.section[-1], parent=parent, in_navigation=parent.is_root, **found.values)
    section.position = sections.after(parent.children.all(), "position")
    sections.save(section, writer.author)
    return section


def _filled(writer: Writer, found: FoundPage, section: Section) -> Outcome:
    here = revisions.typed_fields(section)
    data = {**here, "text": found.values["text"]}
    outcome = (
        Outcome.UPDATED if not section.text.strip() else restoring.outcome_of(writer, found, section, data)
    )
    if outcome == Outcome.UPDATED:
        revisions.save(section, data, author=writer.author, why=sections.WHY)
    return outcome
