"""`make_demo`: fill the site with generated notes, to try it out or to measure it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils.translation import gettext as _
from tqdm import tqdm

from papers import demo

# Papers between two lines where there is no terminal for a progress bar.
LINE_EVERY = 10 * demo.CHUNK


class Command(BaseCommand):
    help = "Make generated notes under /demo/; run again after an interruption, it makes what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--papers", type=int, required=True, metavar="N", help="how many papers there shall be"
        )
        parser.add_argument("--seed", type=int, default=1, help="another number makes other papers (1)")

    def handle(self, *args: Any, papers: int, seed: int, **options: Any) -> str:
        if papers < 1:
            raise CommandError(_("--papers 请写 1 以上的数。"))
        try:
            made = self.make(papers, seed)
        except IntegrityError as error:
            raise CommandError(_("另一个 make_demo 正在运行，请等它结束后再试。")) from error
        return _("新建 %(made)d 篇，已有 %(kept)d 篇。") % {"made": made, "kept": papers - made}

    def make(self, papers: int, seed: int) -> int:
        made = 0
        with tqdm(total=papers, unit="paper", disable=None, leave=False) as bar:
            for done, made_now in demo.make_demo(papers, seed):
                made += made_now
                bar.update(done - bar.n)
                if bar.disable and done % LINE_EVERY == 0:
                    self.stdout.write(f"{done}/{papers}")
        return made
