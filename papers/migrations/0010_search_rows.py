"""Rows of tokens for search, and beneath them what each database finds tokens by."""

from django.db import migrations, models
import django.db.models.deletion

COLUMNS = ("title", "names", "summary", "notes")


def make_index(apps, schema_editor):
    steps = {"sqlite": _sqlite_steps, "postgresql": _postgresql_steps}.get(schema_editor.connection.vendor)
    for statement in steps() if steps else ():
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    """The table goes with its triggers, columns and indexes; the virtual table is one of its own."""
    if schema_editor.connection.vendor == "sqlite":
        for name in ("insert", "delete", "update"):
            schema_editor.execute(f"DROP TRIGGER papers_searchindex_{name}")
        schema_editor.execute("DROP TABLE papers_searchindex")


def _sqlite_steps():
    """FTS5 over the rows' own text: its tokens stand between spaces, and `|` parts them.

    Triggers keep it, whoever writes. SQLite drops them with the table: a later migration that alters it has to make
    them again.
    """
    columns = ", ".join(COLUMNS)
    yield (
        f"CREATE VIRTUAL TABLE papers_searchindex USING fts5({columns}, content='papers_searchrow', "
        "content_rowid='paper_id', detail=column, columnsize=0, prefix='1', tokenize=\"ascii tokenchars '+#'\")"
    )
    new, old = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("new", "old"))
    insert = f"INSERT INTO papers_searchindex(rowid, {columns}) VALUES (new.paper_id, {new});"
    delete = (
        f"INSERT INTO papers_searchindex(papers_searchindex, rowid, {columns}) "
        f"VALUES ('delete', old.paper_id, {old});"
    )
    for name, body in {"insert": insert, "delete": delete, "update": delete + insert}.items():
        yield f"CREATE TRIGGER papers_searchindex_{name} AFTER {name} ON papers_searchrow BEGIN {body} END"


def _postgresql_steps():
    """Vectors of our tokens, one for each tier with all tiers before it: those of `to_tsvector` know no Chinese."""
    for number in range(len(COLUMNS)):
        text = " || ".join(COLUMNS[: number + 1])
        words = f"array_remove(array_remove(string_to_array({text}, ' '), ''), '|')"
        yield (
            f"ALTER TABLE papers_searchrow ADD COLUMN tier_{number} tsvector "
            f"GENERATED ALWAYS AS (array_to_tsvector({words})) STORED"
        )
        yield f"CREATE INDEX papers_searchrow_tier_{number} ON papers_searchrow USING gin (tier_{number})"


class Migration(migrations.Migration):

    dependencies = [
        ("papers", "0006_citation"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchRow",
            fields=[
                ("paper", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="search_row", serialize=False, to="papers.paper")),
                ("title", models.TextField()),
                ("names", models.TextField()),
                ("summary", models.TextField()),
                ("notes", models.TextField()),
            ],
        ),
        migrations.RunPython(make_index, drop_index),
    ]
