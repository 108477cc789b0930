"""PostgreSQL finds longer words and phrases by an index alone: tokens, pairs of neighbours, and where these may mislead."""

from django.db import migrations

# Every token; ` a b ` where b stands behind a; `>a` if more than one thing stands behind a, and `<b` if more than one stands
# before b, breaks among them. A vector holds a megabyte: of a very long text it has only the tokens, and `?`.
_KEYS = """
CREATE FUNCTION papers_search_keys(everything text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH pair AS MATERIALIZED (
        SELECT DISTINCT a, b
        FROM (SELECT string_to_array(everything, ' ') COLLATE "C" AS tokens) AS text,
            unnest(tokens, tokens[2:]) AS pair(a, b)
    ), proof AS (
        SELECT ' ' || a || ' ' || b || ' ' FROM pair
        WHERE a NOT IN ('', '|') AND b NOT IN ('', '|') AND left(b, 1) <> '#'
        UNION ALL
        SELECT '>' || a FROM pair GROUP BY a HAVING count(*) > 1
        UNION ALL
        SELECT '<' || b FROM pair GROUP BY b HAVING count(*) > 1
    )
    SELECT coalesce(array_to_tsvector(array_agg(key)), '') FROM (
        SELECT a FROM pair WHERE a NOT IN ('', '|')
        UNION ALL
        SELECT * FROM proof WHERE length(everything) <= 100000
        UNION ALL
        SELECT '?' WHERE length(everything) > 100000
    ) AS keys(key)
$$
"""

# As in `papers_search_found`, which finds what stands in the places up to a tier: the index has to be used.
_ANYWHERE = """
CREATE FUNCTION papers_search_anywhere(proved tsquery, doubtful tsquery, passages text[], most integer)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE ROWS 1000 SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY EXECUTE $found$
        SELECT paper_id FROM papers_searchrow
        WHERE papers_search_keys(title || names || summary || notes) @@ $1
        LIMIT $2
    $found$ USING proved, most;
    IF doubtful IS NOT NULL THEN
        RETURN QUERY EXECUTE $found$
            SELECT paper_id FROM papers_searchrow
            WHERE papers_search_keys(title || names || summary || notes) @@ $1 AND NOT EXISTS (
                SELECT FROM unnest($2) AS passage
                WHERE strpos(notes, passage) = 0 AND strpos(summary, passage) = 0
                AND strpos(names, passage) = 0 AND strpos(title, passage) = 0
            )
            LIMIT $3
        $found$ USING doubtful, passages, most;
    END IF;
END $$
"""


# The index takes the place of the one over the vectors of everything, which are still there to ask a row by itself.
# Statistics of the keys would be made of each row anew, and nothing asks for them.
_STEPS = (
    _KEYS,
    _ANYWHERE,
    "DROP INDEX papers_searchrow_tier_3",
    "CREATE INDEX papers_searchrow_keys ON papers_searchrow "
    "USING gin (papers_search_keys(title || names || summary || notes))",
    "ALTER INDEX papers_searchrow_keys ALTER COLUMN 1 SET STATISTICS 0",
)
_STEPS_BACK = (
    "DROP INDEX papers_searchrow_keys",
    "CREATE INDEX papers_searchrow_tier_3 ON papers_searchrow USING gin (tier_3)",
    "DROP FUNCTION papers_search_anywhere",
    "DROP FUNCTION papers_search_keys",
)


def forwards(apps, schema_editor):
    _run(schema_editor, _STEPS)


def backwards(apps, schema_editor):
    _run(schema_editor, _STEPS_BACK)


def _run(schema_editor, steps):
    if schema_editor.connection.vendor == "postgresql":
        for statement in steps:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ("papers", "0015_list_papers_of_a_venue_quickly"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
