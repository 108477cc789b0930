"""Rows written before there were unpublished changes hold their newest revision."""

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery


def number_rows(apps, schema_editor):
    revisions = apps.get_model("papers", "Revision").objects.filter(kind="paper", uid=OuterRef("uid"))
    newest = Subquery(revisions.order_by().values("uid").annotate(newest=Max("number")).values("newest"))
    apps.get_model("papers", "Paper").objects.update(revision=newest, head_revision=newest)


class Migration(migrations.Migration):
    dependencies = [("papers", "0002_publishing_and_history")]
    operations = [migrations.RunPython(number_rows, migrations.RunPython.noop)]
