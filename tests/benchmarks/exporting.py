"""Export a whole site as files: everything, nothing changed, one changed note; with the time and memory they take.

    python -m tests.benchmarks.exporting [--sizes 1000 10000] [--workers N] [--search]

Every note has 16 kB of Markdown. The baseline is the run that makes everything: the others are printed as parts of it.
Memory is the highest that one process of the command had. Databases and folders are made for the run and go with it.
"""

import argparse
import tempfile
from pathlib import Path

from . import scratch
from .bulk import Cost, cost

KILOBYTES = 16

# A note goes on with those of others, but for their last paragraph, which is what they cite.
LENGTHEN = f"""
import django; django.setup()
from itertools import cycle, islice
from papers.models import Paper
papers = Paper.objects.exclude(notes="").order_by("pk")
bodies = cycle([notes.rpartition("\\n\\n")[0] for notes in papers.values_list("notes", flat=True)])
for pk, note in list(papers.values_list("pk", "notes")):
    while len(note.encode()) < {KILOBYTES} * 1024:
        note = next(bodies) + "\\n\\n" + note
    Paper.objects.filter(pk=pk).update(notes=note)
"""

CHANGE = """
import django; django.setup()
from papers import revisions
from papers.models import Paper
paper = Paper.objects.published().order_by("pk")[7]
paper.notes += "\\n\\n又一段话。"
paper.save()
revisions.record(paper)
"""


def costs_at(size: int, folder: Path, options: list[str]) -> dict[str, Cost]:
    database = f"sqlite:///{folder}/papers_{size}.sqlite3"
    scratch.fill(database, size)
    scratch.run(database, "-c", LENGTHEN)
    scratch.manage(database, "rebuild")
    command = ("manage.py", "export_site", str(folder / f"site_{size}"), *options)
    found = {"everything": cost(database, *command), "nothing changed": cost(database, *command)}
    scratch.run(database, "-c", CHANGE)
    found["one changed note"] = cost(database, *command)
    found["everything again"] = cost(database, *command, "--all")
    return found


def show(size: int, found: dict[str, Cost]) -> None:
    whole = found["everything"].seconds
    print(f"{size:,} papers: {size / whole:.0f} papers a second")
    for name, one in found.items():
        print(
            f"  {name:18}{one.seconds:9.1f} s{one.megabytes:7.0f} MB{one.seconds / whole:8.3f} of everything"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--workers", help="processes side by side (default: as the command chooses)")
    parser.add_argument("--search", action="store_true", help="make Pagefind's index too")
    chosen = parser.parse_args()
    options = ["--workers", chosen.workers] if chosen.workers else []
    options += [] if chosen.search else ["--no-search"]
    with tempfile.TemporaryDirectory() as folder:
        for size in chosen.sizes:
            show(size, costs_at(size, Path(folder), options))


if __name__ == "__main__":
    main()
