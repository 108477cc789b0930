"""`check_site`: list what is wrong on the site, without changing anything."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from papers.site_check import KINDS, PARTS, Finding, NotReady, Part, lists, outside, reports

from ._interrupted import interrupted

# Things between two lines where there is no terminal for a progress bar.
LINE_EVERY = 1000


class Command(BaseCommand):
    help = (
        "List what is wrong on the site, line by line; changes nothing, and keeps the list for the admin's report. "
        "Exits with 1 if anything was found."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "parts",
            nargs="+",
            choices=["links", "addresses", "notes"],
            help="what to look at: links in notes (drafts too) to this site and to others; every address that "
            "the site has or had; notes (drafts too)",
        )
        parser.add_argument(
            "--kind",
            action="append",
            choices=KINDS,
            dest="kinds",
            help="only problems of this kind; may be given several times",
        )
        parser.add_argument(
            "--file", type=Path, help="with addresses: former paths, one a line, which have to answer too"
        )
        parser.add_argument(
            "--sitemap", type=Path, help="with addresses: a sitemap, such as the former site's"
        )
        parser.add_argument("--no-external", action="store_true", help="ask no other site")
        parser.add_argument(
            "--fresh", action="store_true", help="ask other sites again that answered within a day"
        )

    def handle(self, *args: Any, parts: list[str], kinds: list[str] | None, **options: Any) -> str:
        self.looked_at, counts = 0, Counter[str]()
        try:
            for finding in self.findings(chosen(parts, **options)):
                if not kinds or finding.kind in kinds:
                    counts[finding.kind] += 1
                    self.say(finding)
        except KeyboardInterrupt:
            raise interrupted(f"interrupted: {self.summary(counts)}") from None
        except NotReady as error:
            raise CommandError(str(error)) from error
        if counts:
            raise CommandError(self.summary(counts))
        return f"{self.summary(counts)}."

    def findings(self, parts: dict[str, Part]) -> Iterator[Finding]:
        """With a progress bar, or lines among the errors, so that the list itself can be piped."""
        for name, part in parts.items():
            total, all_found = part.count(), reports.Found()
            with tqdm(part.look(), total=total, desc=name, disable=None, leave=False) as bar:
                for done, found in enumerate(bar, 1):
                    self.looked_at += 1
                    all_found.add(found)
                    yield from found
                    if bar.disable and done % LINE_EVERY == 0:
                        self.stderr.write(f"{name} {done}/{total}")
            if name in PARTS:
                reports.keep(name, all_found)

    def say(self, finding: Finding) -> None:
        with tqdm.external_write_mode():
            self.stdout.write(str(finding))

    def summary(self, counts: Counter[str]) -> str:
        kinds = "".join(f", {kind} {count}" for kind, count in counts.most_common())
        return f"{self.looked_at} checked, {counts.total()} problems{kinds}"


def chosen(names: list[str], *, no_external: bool, fresh: bool, **options: Any) -> dict[str, Part]:
    """Links are two parts: those to this site, and those to others; a list of addresses is one more."""
    parts: dict[str, Part] = {}
    for name in names:
        parts[name] = PARTS[name]
        if name == "links" and not no_external:
            parts["external"] = Part(PARTS["external"].count, partial(outside.look, fresh=fresh))
    return parts | listed(names, file=options.get("file"), sitemap=options.get("sitemap"))


def listed(names: list[str], **files: Path | None) -> dict[str, Part]:
    read = {"file": lists.of_file, "sitemap": lists.of_sitemap}
    given = {name: file for name, file in files.items() if file}
    if given and "addresses" not in names:
        raise CommandError(f"--{next(iter(given))} belongs to `addresses`")
    try:
        return {name: read[name](file) for name, file in given.items()}
    except lists.ListRefused as error:
        raise CommandError(" ".join(str(error).split())) from error
