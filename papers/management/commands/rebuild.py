"""`rebuild`: make every derived column and side row again, or say which are stale."""

from concurrent.futures.process import BrokenProcessPool
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from papers import derived, rebuilding, starting

from ._interrupted import broken, interrupted

# Rows between two lines where there is no terminal for a progress bar.
LINE_EVERY = 1000


class Command(BaseCommand):
    help = "Make all derived data (HTML, paths, keys) again; safe to run at any time, twice or interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; list what is stale and exit 1"
        )
        parser.add_argument(
            "--workers", type=int, metavar="N", help="processes side by side (default: one for each core)"
        )

    def handle(self, *args: Any, check: bool, workers: int | None, **options: Any) -> str:
        self.done = self.stale = self.failed = 0
        total = derived.count_everything()
        workers = workers or starting.workers_for(total, rebuilding.FEW)
        seen = rebuilding.look(repair=not check, workers=workers)
        try:
            with tqdm(seen, total=total, unit="row", disable=None, leave=False) as bar:
                for one in bar:
                    self.say(one)
                    if bar.disable and self.done % LINE_EVERY == 0:
                        self.stdout.write(f"{self.done}/{total}")
        except KeyboardInterrupt:
            raise interrupted(f"interrupted: {self.counts(check)}") from None
        except BrokenProcessPool:
            raise broken(self.counts(check)) from None
        if self.failed or (check and self.stale):
            raise CommandError(self.counts(check))
        return f"{self.counts(check)}."

    def say(self, one: rebuilding.Seen) -> None:
        self.done += 1
        if one.problem:
            self.failed += 1
            self.stderr.write(f"{one.name}: {one.problem}")
        elif one.stale:
            self.stale += 1
            self.stdout.write(f"{one.name}: {', '.join(one.stale)}")

    def counts(self, check: bool) -> str:
        return f"{self.done} checked, {self.stale} {'stale' if check else 'rebuilt'}, {self.failed} failed"
