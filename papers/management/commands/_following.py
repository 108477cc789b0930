"""What `backup` and `restore` have in common: how they tell how far they are, and that they fail in one line."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from papers import backups

from ._interrupted import interrupted

MAX_LINE = 1000


class Command(BaseCommand, ABC):
    def handle(self, *args: Any, **options: Any) -> str:
        self.verbosity: int = options["verbosity"]
        try:
            return self.work(**options)
        except (backups.BackupError, OSError) as error:
            raise CommandError(" ".join(str(error).split())[:MAX_LINE]) from error
        except KeyboardInterrupt:
            raise interrupted(_("已中断，什么也没有改变。")) from None

    @abstractmethod
    def work(self, file: Path, **options: Any) -> str:
        """What the command says at its end. Raises BackupError, OSError."""

    def follow(self, name: str, items: Iterable[Any], total: int) -> Iterable[Any]:
        """A bar for each table on a terminal, a line elsewhere."""
        off = None if self.verbosity else True
        bar = tqdm(items, desc=name, total=total, disable=off, leave=False)
        if bar.disable and self.verbosity:
            self.stdout.write(f"{name}: {total}")
        return bar
