"""`import_notes`: bring in the notes of another site, of a vault or of a folder, and every address that they had."""

from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from tqdm import tqdm

from papers.importers import former
from papers.importers.batches import Done
from papers.importers.folder import Folder
from papers.importers.found import Refused, Trouble
from papers.importers.kinds import KINDS, source_of
from papers.importers.reading import Source, unread
from papers.importers.running import count, run
from papers.importers.writing import Outcome, Writer

MAX_SOURCE = 100
# Files between two lines where there is no terminal for a progress bar.
LINE_EVERY = 100


class NotWhole(Exception):
    """Something was skipped, and all or nothing was asked for."""


class Command(BaseCommand):
    help = (
        "Import notes from a Jekyll site, an Obsidian vault, a folder of Markdown or of HTML pages. Safe to run again: "
        "what has not changed stays, and what an editor has changed since is never overwritten. "
        "Exits with 1 if nothing at all could be imported, or with --atomic if any file could not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the folder; nothing outside it is read")
        parser.add_argument("--as", choices=KINDS, dest="kind", help="what it is, if it is not recognised")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and change nothing"
        )
        parser.add_argument(
            "--atomic", action="store_true", help="all files, or none if one of them is skipped"
        )
        parser.add_argument(
            "--addresses",
            type=Path,
            metavar="FILE",
            help="former paths to keep, one a line, of what is here then",
        )
        parser.add_argument(
            "--source",
            type=name_of_source,
            metavar="NAME",
            help="under which name its files are known, if not the folder's: another site has a folder of that name",
        )
        parser.add_argument("--user", metavar="NAME", help="whose name the history gives")

    def handle(self, *args: Any, path: Path, kind: str | None, **options: Any) -> str:
        self.counts: Counter[str] = Counter()
        source, lines = self.opened(path, kind), self.former_paths(options["addresses"])
        writer = Writer(
            source.folder,
            options["source"] or source.folder.name,
            source.titles,
            user_named(options["user"]),
            options["dry_run"],
        )
        try:
            if options["atomic"] and not options["dry_run"]:
                self.run_whole(source, writer, lines)
            else:
                self.run(source, writer, lines)
        except NotWhole:
            raise CommandError(f"nothing imported: {self.summary()}") from None
        if not any(self.counts[name] for name in ("created", "updated", "unchanged", "kept")):
            raise CommandError(f"nothing to import: {self.summary()}")
        return f"{'dry run: ' if options['dry_run'] else ''}{self.summary()}."

    def opened(self, path: Path, kind: str | None) -> Source:
        if not path.is_dir():
            raise CommandError(f"{path}: not a folder")
        try:
            source = source_of(Folder(path), kind)
        except (OSError, Refused) as error:
            raise CommandError(f"{path}: {error}") from error
        self.stdout.write(f"{source.folder.name}: {source.kind}, {count(source)} files")
        return source

    def former_paths(self, file: Path | None) -> list[tuple[int, str]]:
        try:
            return former.read(file) if file else []
        except (OSError, Refused) as error:
            raise CommandError(f"{file}: {error}") from error

    def run_whole(self, source: Source, writer: Writer, lines: list[tuple[int, str]]) -> None:
        """Looked through once without a change, so that what cannot go in is known before anything waits for it."""
        self.run(source, replace(writer, dry_run=True), [])
        if self.counts[Outcome.SKIPPED]:
            raise NotWhole
        self.counts.clear()
        with transaction.atomic():
            self.run(source, writer, lines)
            if self.counts[Outcome.SKIPPED]:
                raise NotWhole

    def run(self, source: Source, writer: Writer, lines: list[tuple[int, str]]) -> None:
        for done in self.with_progress(run(source, writer), count(source)):
            self.counts[done.outcome] += 1
            where = f"{done.path or done.name} ({done.state})" if done.state else done.path
            self.say(done.name, done.outcome, where, done.troubles)
        for name in unread(source.folder):
            self.counts[Outcome.LEFT_OUT] += 1
            reason = _("叫这个名称的文件夹里没有作者写的东西：没有读；若有文章，请给文件夹改名")
            self.say(f"{name}/", Outcome.LEFT_OUT, "", [Trouble(1, reason)])
        for line in former.keep(lines, dry_run=writer.dry_run):
            self.counts["unknown addresses" if line.reason else "addresses"] += 1
            if line.reason:
                self.say(line.path, Outcome.SKIPPED, "", [Trouble(line.number, line.reason)])

    def with_progress(self, files: Iterator[Done], total: int) -> Iterator[Done]:
        with tqdm(files, total=total, unit="file", disable=None, leave=False) as bar:
            for number, done in enumerate(bar, 1):
                yield done
                if bar.disable and number % LINE_EVERY == 0:
                    self.stdout.write(f"{number}/{total}")

    def say(self, name: str, outcome: Outcome, path: str, troubles: list[Trouble]) -> None:
        """What is unchanged is not worth a line."""
        lines = [f"{name}:{trouble.line}: {' '.join(trouble.reason.split())}" for trouble in troubles]
        if outcome in (Outcome.CREATED, Outcome.UPDATED):
            lines.insert(0, f"{outcome} {path or name}")
        with tqdm.external_write_mode():
            for line in lines:
                self.stdout.write(_visible(line))

    def summary(self) -> str:
        counts = [f"{self.counts[outcome]} {outcome}" for outcome in Outcome]
        counts += [
            f"{self.counts[name]} {name}" for name in ("addresses", "unknown addresses") if self.counts[name]
        ]
        return ", ".join(counts)


def _visible(line: str) -> str:
    """Names of files may hold what a terminal obeys, or bytes that are no text."""
    return "".join(char if char.isprintable() else "�" for char in line)


def name_of_source(name: str) -> str:
    if not name.strip() or "/" in name or len(name) > MAX_SOURCE or not name.isprintable():
        raise ArgumentTypeError(f"a name of at most {MAX_SOURCE} signs without slashes")
    return name.strip()


def user_named(name: str | None) -> Any:
    if not name:
        return None
    users = get_user_model()._default_manager
    user = users.filter(username=name).first()
    if user is None:
        raise CommandError(f"{name}: no such user")
    return user
