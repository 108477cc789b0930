"""All of a site in one file: taken while it is in use, put back into an empty place, from any database into any other.

The file is a ZIP: `rows/<model>.jsonl` with every column of every row, in the order of their keys, `figures/<name>`,
`figures.jsonl` with the sum of each of these, and `manifest.json` with the sums of all else. Equal sums are equal sites.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import stat
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from . import __version__, derived, figures
from .models import Figure, SiteState
from .rendering.marks import FIGURE_NAME

FORMAT = 1
MADE_BY = "PaperCache"
MANIFEST = "manifest.json"
FIGURES = "figures.jsonl"

# Sessions, counted logins and caches are not content.
APPS = ("papers", "auth", "admin")
# Every place makes its own: rights are called by their names, the generation only ever rises.
NOT_TAKEN = (Permission, SiteState)
# What a place has as soon as it is migrated and asked for a page: it gives way to what the file has.
GIVES_WAY = {"auth.group", "auth.group_permissions", "papers.missed", "papers.report", "papers.linkcheck"}
# Rows whose keys are others in every database.
NAMED = (ContentType, Permission)

ROWS_AT_A_TIME = 25  # a note and all that is made of it may have some megabytes
BATCH_BYTES = 4 * 1024 * 1024
ROW_BYTES = 500  # of numbers, dates and what holds them
CHUNK = 1024 * 1024
MAX_MANIFEST = 64 * 1024 * 1024
MAX_LINE = 64 * 1024 * 1024
# Any small site may be packed as densely as ZIP can, one of notes in hundreds of megabytes to a thirtieth at most.
HARMLESS_SIZE = 1024 * 1024 * 1024
MAX_RATIO = 250

#: Given what is being worked through, its items and how many there are; yields the items.
Follow = Callable[[str, Iterable[Any], int], Iterable[Any]]
Names = dict[type[models.Model], dict[Any, Any]]


class BackupError(Exception):
    """Nothing was changed; the message is one line for whoever runs the command."""


@dataclass(frozen=True)
class Part:
    count: int
    bytes: int
    sha256: str


@dataclass
class Manifest:
    version: str
    migrations: list[str]
    parts: dict[str, Part] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # pictures whose files were lost before

    @property
    def rows(self) -> int:
        return sum(part.count for name, part in self.parts.items() if name != FIGURES)

    @property
    def pictures(self) -> int:
        return self.parts[FIGURES].count


def tables() -> list[type[models.Model]]:
    found = [
        model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    return [model for model in found if model not in NOT_TAKEN]


def member_of(model: type[models.Model]) -> str:
    return f"rows/{model._meta.label_lower}.jsonl"


def _columns(model: type[models.Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


def _names(alias: str) -> Names:
    """Of the rows that are called by name: their natural keys."""
    rights = Permission.objects.using(alias).select_related("content_type")
    rows: dict[Any, Any] = {ContentType: ContentType.objects.using(alias), Permission: rights}
    return {model: {row.pk: row.natural_key() for row in rows[model]} for model in NAMED}


def _migrations(alias: str) -> list[str]:
    """What made the tables. Raises BackupError unless they are as this version has them."""
    executor = MigrationExecutor(connections[alias])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupError(_("数据库还没有升级到这个版本：请先运行 manage.py migrate。"))
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in APPS)


# --- Taking one -------------------------------------------------------------------------------------------


def take(target: Path, *, replace: bool, follow: Follow) -> Manifest:
    """Raises BackupError, OSError, DatabaseError; the file is there whole or not at all."""
    if target.exists() and not replace:
        raise BackupError(_("已有文件 %(file)s；要覆盖请加 --force。") % {"file": target})
    with snapshot() as alias, _written_beside(target) as file, ZipFile(file, "w") as archive:
        manifest = Manifest(__version__, _migrations(alias))
        names = _names(alias)
        for model in tables():
            total = model._base_manager.using(alias).count()
            with closing(_rows(model, alias, names)) as rows:  # before the connection is
                followed = follow(model._meta.label_lower, rows, total)
                manifest.parts[member_of(model)] = _write_rows(archive, member_of(model), followed)
        with closing(_copied(archive, alias, manifest.missing)) as pictures:
            sums = list(filter(None, follow("figures", pictures, _figures(alias).count())))
        manifest.parts[FIGURES] = _write_rows(archive, FIGURES, sums)
        _write_manifest(archive, manifest)
    return manifest


@contextmanager
def snapshot() -> Iterator[str]:
    """The alias of a second connection that sees the site as it is now, whatever is written meanwhile."""
    other = connection.copy("snapshot")
    options = other.settings_dict["OPTIONS"]
    options.pop("pool", None)
    options.pop("transaction_mode", None)  # an immediate one would let nobody write
    connections["snapshot"] = other
    try:
        with transaction.atomic(using="snapshot"):
            if other.vendor == "postgresql":
                with other.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield "snapshot"
    finally:
        other.close()
        del connections["snapshot"]


@contextmanager
def _written_beside(target: Path) -> Iterator[IO[bytes]]:
    """For its owner's eyes: it has the accounts. What a killed one leaves, the next one writes over."""
    part = target.with_name(f"{target.name}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(_("另一个备份正在写 %(file)s。") % {"file": target}) from None
        try:
            file.truncate()
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _rows(model: type[models.Model], alias: str, names: Names) -> Generator[dict[str, Any], None, None]:
    columns = _columns(model)
    named = {
        column.attname: names[column.related_model] for column in columns if column.related_model in NAMED
    }
    rows = model._base_manager.using(alias).order_by("pk").values(*[column.attname for column in columns])
    for row in rows.iterator(chunk_size=ROWS_AT_A_TIME):
        yield {**row, **{name: keys.get(row[name]) for name, keys in named.items()}}


def _write_rows(archive: ZipFile, name: str, rows: Iterable[dict[str, Any]]) -> Part:
    digest, count, size = hashlib.sha256(), 0, 0
    with archive.open(_member(name, ZIP_DEFLATED), "w", force_zip64=True) as file:
        for row in rows:
            line = _line(row)
            file.write(line)
            digest.update(line)
            count, size = count + 1, size + len(line)
    return Part(count, size, digest.hexdigest())


def _line(row: dict[str, Any]) -> bytes:
    """The same for the same row on every database: one of them sorts the keys of JSON, the other does not."""
    text = json.dumps(
        row,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=lambda moment: moment.isoformat(),
    )
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _member(name: str, packing: int) -> ZipInfo:
    member = ZipInfo(name)
    member.compress_type = packing
    member.external_attr = (stat.S_IFREG | 0o600) << 16
    return member


def _figures(alias: str) -> models.QuerySet[Figure]:
    return Figure.objects.using(alias).order_by("pk")


def _copied(archive: ZipFile, alias: str, missing: list[str]) -> Generator[dict[str, Any] | None, None, None]:
    """Each picture's name and sum, as soon as its file is in; nothing for one that has no file."""
    for name in _figures(alias).values_list("pk", flat=True).iterator(chunk_size=CHUNK // 1024):
        try:
            with default_storage.open(figures.place_of(name)) as file:
                yield {"name": name, **_copy(file, archive, f"figures/{name}")}
        except FileNotFoundError:
            missing.append(name)
            yield None


def _copy(source: IO[bytes], archive: ZipFile, name: str) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with archive.open(_member(name, ZIP_STORED), "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _write_manifest(archive: ZipFile, manifest: Manifest) -> None:
    head = {"made_by": MADE_BY, "format": FORMAT, "made_at": timezone.now().isoformat()}
    text = json.dumps({**head, **asdict(manifest)}, ensure_ascii=False, indent=1)
    archive.writestr(_member(MANIFEST, ZIP_DEFLATED), text)


# --- Looking at one ---------------------------------------------------------------------------------------


@contextmanager
def opened(source: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """A backup of this version's, with nothing in it that should not be. Raises BackupError, OSError."""
    try:
        with ZipFile(source) as archive:
            manifest = _manifest_of(archive, source)
            _check_members(archive, manifest, source.stat().st_size)
            yield archive, manifest
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _damaged(str(error) or type(error).__name__) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # it says that something stands before its beginning
            raise _damaged(str(error)) from error
        raise


def _damaged(what: str) -> BackupError:
    return BackupError(_("备份文件已损坏，或不是备份：%(what)s") % {"what": what})


def _manifest_of(archive: ZipFile, source: Path) -> Manifest:
    foreign = BackupError(_("%(file)s 不是 PaperCache 的备份。") % {"file": source})
    try:
        with archive.open(MANIFEST) as file:
            said = json.loads(file.read(MAX_MANIFEST))
        if said["made_by"] != MADE_BY:
            raise foreign
        version, number = str(said["version"]), int(said["format"])
        parts = {str(name): Part(**part) for name, part in said["parts"].items()}
        manifest = Manifest(version, list(said["migrations"]), parts, list(said["missing"]))
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise foreign from error
    _check_age(manifest, number)
    if manifest.parts.keys() != {FIGURES, *map(member_of, tables())}:
        raise foreign
    return manifest


def _check_age(manifest: Manifest, number: int) -> None:
    """Rows go only into the tables that they came from."""
    here, there = set(_migrations("default")), set(manifest.migrations)
    if number > FORMAT or there - here:
        message = _("备份由较新的 PaperCache %(version)s 制作：请先升级到那个版本。")
        raise BackupError(message % {"version": manifest.version})
    if here - there:
        message = _("备份由较旧的 PaperCache %(version)s 制作：请用那个版本恢复，再升级。")
        raise BackupError(message % {"version": manifest.version})


_FIGURE = re.compile(f"figures/{FIGURE_NAME}")


def _check_members(archive: ZipFile, manifest: Manifest, size: int) -> None:
    """Nothing is ever unpacked to where it says; still, what is not ours is a reason to trust none of it."""
    members, ours = archive.infolist(), {MANIFEST, *manifest.parts}
    for member in members:
        if not _is_ours(member) or not (member.filename in ours or _FIGURE.fullmatch(member.filename)):
            raise _hostile(ascii(member.filename[:200]))
    if len({member.filename for member in members}) < len(members):
        raise _hostile(_("同名的内容"))
    if sum(member.file_size for member in members) > max(HARMLESS_SIZE, MAX_RATIO * size):
        raise _hostile(_("解开后大得不合理"))


def _is_ours(member: ZipInfo) -> bool:
    is_file = stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG)
    return is_file and not member.flag_bits & 1 and member.compress_type in (ZIP_DEFLATED, ZIP_STORED)


def _hostile(what: str) -> BackupError:
    return BackupError(_("备份文件里有不该有的内容：%(what)s") % {"what": what})


def check(archive: ZipFile, manifest: Manifest, follow: Follow) -> None:
    """Every byte of it against its sum. Raises BackupError."""
    for name, part in follow("check", manifest.parts.items(), len(manifest.parts)):
        if _sum(archive, name) != (part.bytes, part.sha256):
            raise _damaged(name)
    count = 0
    with _lines(archive, FIGURES) as lines:
        for name, part in follow("check figures", map(_picture, lines), manifest.pictures):
            count += 1
            if _sum(archive, f"figures/{name}") != (part.bytes, part.sha256):
                raise _damaged(name)
    if count != len(archive.namelist()) - len(manifest.parts) - 1:
        raise _damaged(FIGURES)


def _sum(archive: ZipFile, name: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except KeyError:
        raise _damaged(name) from None
    return size, digest.hexdigest()


@contextmanager
def _lines(archive: ZipFile, name: str) -> Iterator[Iterator[bytes]]:
    """One that is too long ends where no line ends, and does not fit."""
    with archive.open(name) as file, BufferedReader(cast(Any, file), CHUNK) as lines:
        yield iter(partial(lines.readline, MAX_LINE), b"")


def _row(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.decode("utf-8", "surrogatepass"))
    return found


def _picture(line: bytes) -> tuple[str, Part]:
    try:
        row = _row(line)
        return str(row["name"]), Part(1, row["bytes"], row["sha256"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _damaged(FIGURES) from error


# --- Putting one back -------------------------------------------------------------------------------------

#: In place of the key of what has no row here: a right that no version has any more.
LOST = object()

UNFIT = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    OverflowError,
    ValidationError,
    DatabaseError,
)


def restore(source: Path, *, follow: Follow) -> Manifest:
    """Into an empty place, all or nothing. Raises BackupError, OSError, DatabaseError."""
    with opened(source) as (archive, manifest):
        refuse_full()
        check(archive, manifest, follow)
        with transaction.atomic():
            refuse_full()
            _clear()
            for model in tables():
                _load(archive, model, manifest.parts[member_of(model)], follow)
            _finish_rows()
            _put_figures_back(archive, manifest, follow)
    return manifest


def _put_figures_back(archive: ZipFile, manifest: Manifest, follow: Follow) -> None:
    with _lines(archive, FIGURES) as lines:
        for name, _part in follow("figures", map(_picture, lines), manifest.pictures):
            figures.put_back(name, archive.read(f"figures/{name}"))


def refuse_full() -> None:
    for model in tables():
        name = model._meta.label_lower
        count = 0 if name in GIVES_WAY else model._base_manager.count()
        if count:
            message = _("只能恢复到空的网站：这里已有 %(name)s %(count)d 行。")
            raise BackupError(message % {"name": name, "count": count})


def _clear() -> None:
    """What gives way. The generation starts at the clock again: above all that the old place ever had."""
    gone: list[type[models.Model]] = [SiteState]
    gone += [model for model in tables() if model._meta.label_lower in GIVES_WAY]
    with connection.cursor() as cursor:
        for model in gone:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")


def _load(archive: ZipFile, model: type[models.Model], part: Part, follow: Follow) -> None:
    """Statements of our own, since a model would set the hour at which a revision was made anew."""
    name = model._meta.label_lower
    statement, done = _insertion(model), 0
    try:
        with _lines(archive, member_of(model)) as lines, connection.cursor() as cursor:
            rows = map(_Reader(model), follow(name, lines, part.count))
            for batch in _batches(filter(None, rows)):
                cursor.executemany(statement, batch)
                done += len(batch)
    except UNFIT as error:
        message = _("备份里的 %(name)s 放不进数据库，在第 %(done)d 行之后：%(reason)s")
        raise BackupError(message % {"name": name, "done": done, "reason": error}) from error


def _insertion(model: type[models.Model]) -> str:
    quote, columns = connection.ops.quote_name, _columns(model)
    listed = ", ".join(quote(column.column) for column in columns)
    values = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {quote(model._meta.db_table)} ({listed}) VALUES ({values})"


class _Reader:
    """From a line to the values of a row, as the database takes them; None where it hangs on what is not here."""

    def __init__(self, model: type[models.Model]) -> None:
        self.columns = _columns(model)
        self.known = {
            kind: {name: key for key, name in names.items()} for kind, names in _names("default").items()
        }

    def __call__(self, line: bytes) -> list[Any] | None:
        row = _row(line)
        if len(row) != len(self.columns):
            raise ValueError(f"columns {sorted(row)}")
        values = [self._value(column, row[column.attname]) for column in self.columns]
        return None if LOST in values else values

    def _value(self, column: Any, value: Any) -> Any:
        if column.related_model not in NAMED:
            return column.get_db_prep_save(column.to_python(value), connection)
        key = self.known[column.related_model].get(tuple(value or ()))
        return LOST if key is None and not column.null else key


def _batches(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    """As many as a few megabytes hold."""
    batch, size = [], 0
    for row in rows:
        batch.append(row)
        size += ROW_BYTES + sum(len(value) for value in row if isinstance(value, str))
        if size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _finish_rows() -> None:
    try:
        connection.check_constraints()
    except DatabaseError as error:
        raise _damaged(str(error)) from error
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)
    derived.raise_generation()
