"""`export_site`: the public site as static files."""

from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from papers import starting
from papers.exporters import site, site_search
from papers.exporters.site_plan import Job
from papers.exporters.site_search import SearchFailed
from papers.exporters.tree import TreeRefused, alone_in

from ._interrupted import broken, interrupted

# Files between two lines where there is no terminal for a progress bar.
LINE_EVERY = 5000


class Command(BaseCommand):
    help = (
        "Write the public site into a folder, for any server of static files at PAPERCACHE_URL. "
        "A second run writes only what has changed, and removes only what an earlier one wrote."
    )
    requires_system_checks = ()  # a seventh of a run that finds nothing changed; `check` makes them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, metavar="DIR", help="the folder; other files in it stay")
        parser.add_argument("--compress", action="store_true", help="write .gz and .br beside each text")
        parser.add_argument(
            "--no-search", action="store_true", help="make no index for searching in the browser"
        )
        parser.add_argument("--all", action="store_true", help="make every page again, whatever has changed")
        parser.add_argument(
            "--workers", type=int, metavar="N", help="processes side by side (default: one for each core)"
        )

    def handle(self, *args: Any, dir: Path, **options: Any) -> str:
        self.written = self.unchanged = self.failed = 0
        has_search = not options["no_search"] and bool(site_search.version())
        export = site.Export(dir, compress=options["compress"], search=has_search)
        try:
            with alone_in(dir):
                jobs = export.begin(everything=options["all"])
                for name in export.left_out:
                    self.stderr.write(f"{name}: left out, no file can have so long a name")
                self.make(export, jobs, options["workers"] or starting.workers_for(len(jobs), site.FEW))
                if jobs and not self.failed:
                    self.index(export)
                export.end(is_whole=not self.failed)
        except KeyboardInterrupt:
            raise interrupted(f"interrupted: {self.written} written") from None
        except BrokenProcessPool:
            raise broken(f"{self.written} written") from None
        except (TreeRefused, SearchFailed, OSError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        counts = f"{self.written} written, {self.unchanged} unchanged, {export.removed} removed"
        if self.failed:
            raise CommandError(f"{counts}, {self.failed} failed")
        return f"{counts}."

    def make(self, export: site.Export, jobs: list[Job], workers: int) -> None:
        with tqdm(total=len(jobs), unit="file", disable=None, leave=False) as bar:
            for done in export.make(jobs, workers):
                count = done.written + done.unchanged + len(done.problems)
                self.written += done.written
                self.unchanged += done.unchanged
                self.failed += len(done.problems)
                for problem in done.problems:
                    self.stderr.write(problem)
                bar.update(count)
                so_far = self.written + self.unchanged + self.failed
                if bar.disable and so_far // LINE_EVERY > (so_far - count) // LINE_EVERY:
                    self.stdout.write(f"{so_far}/{len(jobs)}")

    def index(self, export: site.Export) -> None:
        numbers = export.indexes()
        with tqdm(total=len(numbers), unit="index", disable=None, leave=False) as bar:
            for place, number in enumerate(numbers, 1):
                done = export.index(number)
                self.written += done.written
                self.unchanged += done.unchanged
                bar.update()
                if bar.disable:
                    self.stdout.write(f"search index {place}/{len(numbers)}")
