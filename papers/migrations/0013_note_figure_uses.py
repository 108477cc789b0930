import re

from django.db import migrations
from django.db.models.fields.json import KT

ADDRESS = re.compile(r'/-/figures/([0-9a-f]{32}\.(?:png|jpg|webp|gif|avif))')
BATCH = 200


def note(apps, schema_editor):
    """What `derived` does from now on: the pictures of every row, and of changes that wait to be published."""
    paper, section, use = (apps.get_model('papers', name) for name in ('Paper', 'Section', 'FigureUse'))
    for one in section.objects.filter(text__contains='/-/figures/'):
        use.objects.bulk_create(use(section=one, name=name, in_row=True) for name in set(ADDRESS.findall(one.text)))
    last = 0
    columns = ('pk', 'uid', 'notes', 'revision', 'head_revision')
    while rows := list(paper.objects.filter(pk__gt=last).order_by('pk').values_list(*columns)[:BATCH]):
        last = rows[-1][0]
        use.objects.bulk_create(
            use(paper_id=pk, name=name, in_row=in_row)
            for pk, *row in rows
            for name, in_row in names_in(apps, *row).items()
        )


def names_in(apps, uid, notes, shown, newest):
    names = dict.fromkeys(ADDRESS.findall(notes), True)
    if (newest or 0) > (shown or 0):
        revisions = apps.get_model('papers', 'Revision').objects.filter(kind='paper', uid=uid, number=newest)
        # Without KT, SQLite would read a note `2024` as a number.
        waiting = revisions.values_list(KT('data__notes'), flat=True).first() or ''
        names = {**dict.fromkeys(ADDRESS.findall(waiting), False), **names}
    return names


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0012_figure_uses'),
    ]

    operations = [
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
