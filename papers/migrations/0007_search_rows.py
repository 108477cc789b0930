"""Rows of tokens for search, and beneath them what each database finds tokens by."""

from django.db import migrations, models
import django.db.models.deletion

COLUMNS = ("title", "names", "summary", "notes")


def make_index(apps, schema_editor):
    steps = {"sqlite": _sqlite_steps, "postgresql": _postgresql_steps}.get(schema_editor.connection.vendor)
    for statement in steps() if steps else ():
        schema_editor.execute(statement, params=None)


def drop_index(apps, schema_editor):
    """The table goes with its triggers, columns and indexes; virtual tables are tables of their own."""
    if schema_editor.connection.vendor == "sqlite":
        for name in TABLES:
            for event in ("insert", "delete", "update"):
                schema_editor.execute(f"DROP TRIGGER papers_search{name}_{event}")
            schema_editor.execute(f"DROP TABLE papers_search{name}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION papers_search_found")


# What the columns of each FTS5 table hold of a row.
TABLES = {
    "head": {name: f"{{row}}.{name}" for name in COLUMNS[:3]},
    "all": {"everything": " || '|' || ".join(f"{{row}}.{name}" for name in COLUMNS)},
}


def _sqlite_steps():
    """FTS5 over the rows' own text: its tokens stand between spaces, `|` among them where no phrase goes on.

    Triggers keep it, whoever writes. SQLite drops them with the table: a later migration that alters it has to make
    them again.
    """
    for name, parts in TABLES.items():
        table, columns = f"papers_search{name}", ", ".join(parts)
        yield (
            f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, content='', columnsize=0, prefix='1', "
            "tokenize=\"ascii tokenchars '+#|'\")"
        )
        new, old = (", ".join(part.format(row=row) for part in parts.values()) for row in ("new", "old"))
        insert = f"INSERT INTO {table}(rowid, {columns}) VALUES (new.paper_id, {new});"
        delete = f"INSERT INTO {table}({table}, rowid, {columns}) VALUES ('delete', old.paper_id, {old});"
        for event, body in {"insert": insert, "delete": delete, "update": delete + insert}.items():
            yield f"CREATE TRIGGER {table}_{event} AFTER {event} ON papers_searchrow BEGIN {body} END"


# Rows hold little more than references to their texts and vectors, so that many of them are counted quickly. That makes
# PostgreSQL read the whole table, vectors and all, instead of the index, unless it may not. `most` may be null.
_FOUND = """
CREATE FUNCTION papers_search_found(asked tsquery, tier integer, passages text[], most integer)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE ROWS 1000 SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY EXECUTE format($found$
        SELECT paper_id FROM papers_searchrow
        WHERE tier_%s @@ $1 AND ($2 = ARRAY[]::text[] OR NOT EXISTS (
            SELECT FROM unnest($2) AS passage WHERE %s
        ))
        LIMIT $3
    $found$, tier, array_to_string((ARRAY[
        'strpos(notes, passage) = 0', 'strpos(summary, passage) = 0',
        'strpos(names, passage) = 0', 'strpos(title, passage) = 0'
    ])[4 - tier:], ' AND ')) USING asked, passages, most;
END $$
"""


def _postgresql_steps():
    """Vectors of our tokens, one for each tier with all tiers before it: those of `to_tsvector` know no Chinese."""
    yield "ALTER TABLE papers_searchrow SET (toast_tuple_target = 128)"
    for number in range(len(COLUMNS)):
        text = " || ".join(COLUMNS[: number + 1])
        words = f"array_remove(array_remove(string_to_array({text}, ' '), ''), '|')"
        yield (
            f"ALTER TABLE papers_searchrow ADD COLUMN tier_{number} tsvector "
            f"GENERATED ALWAYS AS (array_to_tsvector({words})) STORED"
        )
        yield f"CREATE INDEX papers_searchrow_tier_{number} ON papers_searchrow USING gin (tier_{number})"
    yield _FOUND


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
