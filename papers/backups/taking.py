"""Taking a backup, while the site is in use."""

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.files.storage import default_storage
from django.db import connection, connections, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import __version__, figures
from ..models import Figure
from .contents import (
    CHUNK,
    FIGURES,
    FORMAT,
    MADE_BY,
    MANIFEST,
    NAMED,
    BackupError,
    Follow,
    Manifest,
    Names,
    Part,
    columns_of,
    member_of,
    migrations_of,
    names_of,
    tables,
)

ROWS_AT_A_TIME = 25  # a note and all that is made of it may have some megabytes


def take(target: Path, *, replace: bool, follow: Follow) -> Manifest:
    """Raises BackupError, OSError, DatabaseError; the file is there whole or not at all."""
    if os.path.lexists(target):
        if not target.is_file():  # a folder; or a device, which would be gone
            raise BackupError(_("%(file)s 不是文件，不能覆盖；请写另一个文件名。") % {"file": target})
        if not replace:
            raise BackupError(_("已有文件 %(file)s；要覆盖请加 --force。") % {"file": target})
    with snapshot() as alias, _written_beside(target) as file, ZipFile(file, "w") as archive:
        manifest = Manifest(__version__, migrations_of(alias))
        names = names_of(alias)
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
        if not _is_ours_alone(file, part):
            raise BackupError(_("另一个备份正在写 %(file)s。") % {"file": target})
        try:
            file.truncate()
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _is_ours_alone(file: IO[bytes], part: Path) -> bool:
    """Nor is it what another one has just finished under this name, and is the backup by now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), part.lstat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _rows(model: type[models.Model], alias: str, names: Names) -> Generator[dict[str, Any], None, None]:
    columns = columns_of(model)
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
    """Each picture's name and sum, as soon as its file is in; nothing for one whose file is lost or damaged."""
    for name in _figures(alias).values_list("pk", flat=True).iterator(chunk_size=CHUNK // 1024):
        try:
            with default_storage.open(figures.place_of(name)) as file:
                sums = _copy(file, archive, f"figures/{name}") if figures.is_whole(name, file) else None
        except FileNotFoundError:
            sums = None
        if sums is None:
            missing.append(name)
        yield sums and {"name": name, **sums}


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
