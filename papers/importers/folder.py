"""The files below one folder, and nothing outside it; one is read at a time, none beyond a size."""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from .found import Refused

MAX_FILE = 32 * 1024 * 1024
# The name has to fit into a row of ours; no site has longer ones.
MAX_NAME = 600

#: Folders that hold nothing an author wrote, on a site that other programs make.
_MADE = frozenset({"node_modules", "vendor", "_site", "__pycache__", "venv"})


def too_big(size: int, limit: int) -> Refused:
    megabytes = {"size": size / 1024**2, "limit": limit // 1024**2}
    return Refused(_("文件有 %(size).1f MB，超过上限 %(limit)d MB") % megabytes)


class Folder:
    """`skipped` are names of folders, wherever they lie, that are not gone into; nor are hidden ones."""

    def __init__(self, root: Path, skipped: Collection[str] = _MADE) -> None:
        self.root = root.resolve(strict=True)
        self.name = self.root.name
        self.skipped = skipped

    def files(self, below: str = "") -> Iterator[str]:
        """Their names below the folder, in order. Links are not followed; hidden and skipped folders are left out."""
        for where, folders, names in os.walk(self.root / below):
            folders[:] = sorted(name for name in folders if name not in self.skipped and name[0] != ".")
            place = Path(where).relative_to(self.root)
            yield from ((place / name).as_posix() for name in sorted(names))

    def skipped_folders(self) -> Iterator[str]:
        """The names of those that are there, but not of those in them."""
        for where, folders, _names in os.walk(self.root):
            place = Path(where).relative_to(self.root)
            here = sorted(name for name in folders if name in self.skipped)
            yield from ((place / name).as_posix() for name in here if not (Path(where) / name).is_symlink())
            folders[:] = sorted(name for name in folders if name not in self.skipped and name[0] != ".")

    def has(self, name: str) -> bool:
        return os.path.exists(self.root / name)  # a name that is too long has no file, and is no error

    def read(self, name: str, limit: int = MAX_FILE) -> bytes:
        """Raises Refused for what is too big, is no plain file, or lies elsewhere."""
        path = self._checked(name)
        try:
            opened = open(path, "rb", opener=_without_following)  # noqa: SIM115  # closed below
        except OSError as error:
            raise Refused(_("读不了这个文件：%s") % (error.strerror or error)) from error
        with opened:
            about = os.fstat(opened.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise Refused(_("不是普通文件"))
            data = opened.read(limit + 1) if about.st_size <= limit else b""
            if about.st_size > limit or len(data) > limit:
                raise too_big(max(about.st_size, len(data)), limit)
            return data

    def _checked(self, name: str) -> Path:
        path = self.root / name
        is_text = name.isprintable() or "\u3000" in name
        if "\0" in name or not is_text or len(name) > MAX_NAME:
            raise Refused(_("文件名太长，或含有不可见的字符"))
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            raise Refused(_("找不到这个文件")) from None
        if real != path or not real.is_relative_to(self.root):  # a link, `..`, or an absolute path
            raise Refused(_("是符号链接，或在导入的文件夹之外"))
        return path

    def modified(self, name: str) -> float:
        return os.lstat(self.root / name).st_mtime


def _without_following(path: str, flags: int) -> int:
    """Nor waiting for the other end of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
