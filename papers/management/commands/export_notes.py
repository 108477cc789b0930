"""`export_notes`: all content as files for Git, which `import_notes` makes the same site of."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from papers import derived
from papers.exporters import notes
from papers.exporters.tree import Tree, TreeRefused, alone_in
from papers.models import Figure

# Things between two lines where there is no terminal for a progress bar.
LINE_EVERY = 1000


class Command(BaseCommand):
    help = (
        "Write every section, paper, draft, picture and former address into a folder, drafts included. "
        "A second run writes only what has changed, and removes only what an earlier one wrote."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, metavar="DIR", help="the folder; other files in it stay")

    def handle(self, *args: Any, dir: Path, **options: Any) -> str:
        tree = Tree(dir)
        try:
            with alone_in(dir):
                missing = self.export(tree)
        except (TreeRefused, OSError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        counts = f"{tree.written} written, {tree.unchanged} unchanged, {tree.removed} removed"
        if missing:
            raise CommandError(f"{counts}, {missing} missing")
        return f"{counts}."

    def export(self, tree: Tree) -> int:
        total, missing = derived.count_everything() + Figure.objects.count() + 1, 0
        with tqdm(notes.export(tree), total=total, unit="file", disable=None, leave=False) as bar:
            for done, problems in enumerate(bar, 1):
                missing += len(problems)
                for problem in problems:
                    self.stderr.write(problem)
                if bar.disable and done % LINE_EVERY == 0:
                    self.stdout.write(f"{done}/{total}")
        return missing
