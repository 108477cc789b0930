"""`restore`: put what `backup` has written into an empty place."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from papers import __version__, backups

from ._following import Command as Following


class Command(Following):
    help = "Put a backup into an empty place, where `migrate` has run and nothing else; all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="that `backup` has written")

    def work(self, file: Path, **options: Any) -> str:
        manifest = backups.restore(file, follow=self.follow)
        if manifest.version != __version__:
            self.stdout.write(_("备份由另一个版本制作：请再运行 manage.py rebuild。"))
        counts = {"rows": manifest.rows, "pictures": manifest.pictures}
        return _("已恢复：%(rows)d 行，%(pictures)d 张图片。") % counts
