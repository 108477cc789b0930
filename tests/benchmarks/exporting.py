"""Export a whole site as files: everything, nothing changed, one changed note; with the time and memory they take.

    python -m tests.benchmarks.exporting [--sizes 1000 10000] [--workers N] [--search] [--no-hugo]

Every note has 16 kB of Markdown. There are two baselines. The run that makes everything: the others are printed as parts of it.
And Hugo, if it is installed (`apt-get install hugo`), which makes two sites of the same notes: the same files, and plain pages
as its speed is usually measured with (hugo.py says what they are, and what differs); of each its time, processor time and
memory are compared. Hugo renders the Markdown meanwhile, which here `rebuild` has done before, as every save does.
Memory is the highest that one process of the command had, and the highest of all its processes together. Databases and
folders are made for the run and go with it.
"""

import argparse
import tempfile
from pathlib import Path

from . import hugo, scratch
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


def costs_at(size: int, folder: Path, options: list[str], *, with_hugo: bool) -> dict[str, Cost]:
    database, site = f"sqlite:///{folder}/papers_{size}.sqlite3", folder / f"site_{size}"
    scratch.fill(database, size)
    scratch.run(database, "-c", LENGTHEN)
    found = {"rebuild before": cost(database, "manage.py", "rebuild")}
    command = ("manage.py", "export_site", str(site), *options)
    found["everything"] = cost(database, *command)
    if with_hugo:
        found |= hugo.costs(database, site, folder / f"hugo_{size}")
        hugo.show_kinds(site, folder / f"hugo_{size}")
    found["nothing changed"] = cost(database, *command)
    scratch.run(database, "-c", CHANGE)
    found["one changed note"] = cost(database, *command)
    found["everything again"] = cost(database, *command, "--all")
    return found


def show(size: int, found: dict[str, Cost]) -> None:
    whole = found["everything"].seconds
    beside = [name for name in hugo.SITES.values() if name in found]
    print(f"{size:,} papers: {size / whole:.0f} papers a second")
    print(f"{'':77}" + "".join(f"{f'× {name}':>27}" for name in beside))
    heads = f"{'':20}{'time':>11}{'processor':>12}{'one process':>13}{'all':>10}{'everything':>11}"
    print(heads + f"{'time':>11}{'proc.':>8}{'memory':>8}" * len(beside))
    for name, one in found.items():
        spent = f"{one.seconds:9.1f} s{one.processor:10.1f} s{one.megabytes:10.0f} MB{one.together:7.0f} MB"
        ratios = "".join(_ratios(one, found[other]) for other in beside)
        print(f"  {name:18}{spent}{one.seconds / whole:11.3f}{ratios}", flush=True)


def _ratios(one: Cost, other: Cost) -> str:
    time, processor = one.seconds / other.seconds, one.processor / other.processor
    return f"{time:11.2f}{processor:8.2f}{one.together / other.together:8.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--workers", help="processes side by side (default: as the command chooses)")
    parser.add_argument("--search", action="store_true", help="make Pagefind's index too")
    parser.add_argument("--no-hugo", action="store_true", help="measure ours alone")
    chosen = parser.parse_args()
    with_hugo = hugo.is_here() and not chosen.no_hugo
    if not (with_hugo or chosen.no_hugo):
        print("hugo is not installed (apt-get install hugo): measured without it")
    options = ["--workers", chosen.workers] if chosen.workers else []
    options += [] if chosen.search else ["--no-search"]
    with tempfile.TemporaryDirectory() as folder:
        for size in chosen.sizes:
            show(size, costs_at(size, Path(folder), options, with_hugo=with_hugo))


if __name__ == "__main__":
    main()
