"""`backup`: all of the site in one file, while it is in use."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from papers import backups

from ._following import Command as Following


class Command(Following):
    help = "Write content, history, former addresses, pictures and accounts into one file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="to write, as a ZIP")
        parser.add_argument("--force", action="store_true", help="replace a file that is there")

    def work(self, file: Path, **options: Any) -> str:
        manifest = backups.take(file, replace=options["force"], follow=self.follow)
        counts = {"file": file, "rows": manifest.rows, "pictures": manifest.pictures}
        said = _("已备份到 %(file)s：%(rows)d 行，%(pictures)d 张图片。") % counts
        if not manifest.missing:
            return said
        self.stdout.write(said)
        lost = {"count": len(manifest.missing), "name": manifest.missing[0]}
        raise CommandError(_("有 %(count)d 张图片的文件已丢失或损坏，没有备份，例如 %(name)s。") % lost)
