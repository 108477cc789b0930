"""`rebuild`: make every derived column and side row again, or say which are stale."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from papers import derived
from papers.rendering import RenderingFailed


class Command(BaseCommand):
    help = "Make all derived data (HTML, paths, keys) again; safe to run at any time, twice or interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; list what is stale and exit 1")

    def handle(self, *args: Any, check: bool, **options: Any) -> str:
        stale = failed = total = 0
        things = derived.everything()
        for thing in tqdm(things, total=derived.count_everything(), unit="row", disable=None, leave=False):
            total += 1
            try:
                columns = derived.stale_columns(thing)
            except RenderingFailed as error:
                failed += 1
                self.stderr.write(f"{thing._meta.label_lower} {thing.uid}: {error}")
                continue
            if columns:
                stale += 1
                self.stdout.write(f"{thing._meta.label_lower} {thing.uid}: {', '.join(columns)}")
                if not check:
                    derived.store(thing)
        counts = f"{total} checked, {stale} stale, {failed} failed"
        if failed or (check and stale):
            raise CommandError(counts)
        return f"{counts}." if check else f"{total} checked, {stale} rebuilt."
