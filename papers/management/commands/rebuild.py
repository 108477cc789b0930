"""`rebuild`: make every derived column and side row again, or say which are stale."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from tqdm import tqdm

from papers import derived, revisions
from papers.rendering import RenderingFailed

# Rows between two lines where there is no terminal for a progress bar.
LINE_EVERY = 1000


class Command(BaseCommand):
    help = "Make all derived data (HTML, paths, keys) again; safe to run at any time, twice or interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; list what is stale and exit 1"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> str:
        done = stale = failed = 0
        total = derived.count_everything()
        with tqdm(derived.everything(), total=total, unit="row", disable=None, leave=False) as bar:
            for done, thing in enumerate(bar, 1):
                try:
                    stale += self.look_at(thing, repair=not check)
                except (RenderingFailed, IntegrityError) as error:
                    failed += 1
                    self.stderr.write(
                        f"{thing._meta.label_lower} {thing.uid}: {' '.join(str(error).split())}"
                    )
                if bar.disable and done % LINE_EVERY == 0:
                    self.stdout.write(f"{done}/{total}")
        counts = f"{done} checked, {stale} {'stale' if check else 'rebuilt'}, {failed} failed"
        if failed or (check and stale):
            raise CommandError(counts)
        return f"{counts}."

    def look_at(self, thing: Any, *, repair: bool) -> bool:
        numbers = revisions.stale_numbers(thing)
        columns = derived.stale_columns(thing)
        if columns or numbers:
            self.stdout.write(f"{thing._meta.label_lower} {thing.uid}: {', '.join([*columns, *numbers])}")
        if columns and repair:
            derived.repair(thing)
        if numbers and repair:
            revisions.repair_numbers(thing)
        return bool(columns or numbers)
