"""Looking at a backup, which may be damaged, of another version, or made by somebody who means harm."""

import errno
import hashlib
import json
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from ..rendering.marks import FIGURE_NAME
from .contents import (
    CHUNK,
    FIGURES,
    FORMAT,
    MADE_BY,
    MANIFEST,
    BackupError,
    Follow,
    Manifest,
    Part,
    member_of,
    migrations_of,
    tables,
)

MAX_MANIFEST = 64 * 1024 * 1024
MAX_LINE = 64 * 1024 * 1024
# Any small site may be packed as densely as ZIP can, one of notes in hundreds of megabytes to a thirtieth at most.
HARMLESS_SIZE = 1024 * 1024 * 1024
MAX_RATIO = 250


@contextmanager
def opened(source: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """A backup of this version's, with nothing in it that should not be. Raises BackupError, OSError."""
    if source.is_fifo():  # its end has to be read first
        raise BackupError(_("不能从管道恢复备份：请给出文件。"))
    try:
        with ZipFile(source) as archive:
            manifest = _manifest_of(archive, source)
            _check_members(archive, manifest, source.stat().st_size)
            yield archive, manifest
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
    ) as error:  # the last for packings it cannot read
        raise damaged(str(error) or type(error).__name__) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # it says that something stands before its beginning
            raise damaged(str(error)) from error
        raise


def damaged(what: str) -> BackupError:
    return BackupError(_("备份文件已损坏，或不是备份：%(what)s") % {"what": what})


def _manifest_of(archive: ZipFile, source: Path) -> Manifest:
    foreign = BackupError(_("%(file)s 不是 PaperCache 的备份。") % {"file": source})
    try:
        if not _is_ours(archive.getinfo(MANIFEST)):
            raise foreign
        with archive.open(MANIFEST) as file:
            said = json.loads(file.read(MAX_MANIFEST))
        if said["made_by"] != MADE_BY:
            raise foreign
        number, manifest = int(said["format"]), _as_said(**said)
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise foreign from error
    _check_age(manifest, number)
    if manifest.parts.keys() != {FIGURES, *map(member_of, tables())}:
        raise foreign
    return manifest


def _as_said(
    version: Any, migrations: list[Any], parts: dict[str, Any], missing: list[Any], **_more: Any
) -> Manifest:
    sums = {name: _part(**part) for name, part in parts.items()}
    return Manifest(str(version), list(map(str, migrations)), sums, list(map(str, missing)))


def _part(count: Any, bytes: Any, sha256: Any) -> Part:
    return Part(int(count), int(bytes), str(sha256))


def _check_age(manifest: Manifest, number: int) -> None:
    """Rows go only into the tables that they came from."""
    here, there = set(migrations_of("default")), set(manifest.migrations)
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
            raise damaged(name)
    count = 0
    with lines_of(archive, FIGURES) as lines:
        for name, part in follow("check figures", map(picture_of, lines), manifest.pictures):
            count += 1
            if _sum(archive, f"figures/{name}") != (part.bytes, part.sha256):
                raise damaged(name)
    if count != len(archive.namelist()) - len(manifest.parts) - 1:
        raise damaged(FIGURES)


def _sum(archive: ZipFile, name: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except KeyError:
        raise damaged(name) from None
    return size, digest.hexdigest()


@contextmanager
def lines_of(archive: ZipFile, name: str) -> Iterator[Iterator[bytes]]:
    """One that is too long ends where no line ends, and does not fit."""
    with archive.open(name) as file, BufferedReader(cast(Any, file), CHUNK) as lines:
        yield iter(partial(lines.readline, MAX_LINE), b"")


def row_of(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.decode("utf-8", "surrogatepass"))
    return found


def picture_of(line: bytes) -> tuple[str, Part]:
    try:
        row = row_of(line)
        return str(row["name"]), Part(1, row["bytes"], row["sha256"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise damaged(FIGURES) from error
