"""A folder that an export keeps: only what has changed is written, and only what it wrote itself is removed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

#: Names of the files that an export has written, one a line; in the folder itself.
MANIFEST = ".papercache-export"


class TreeRefused(Exception):
    """One line: what is in the way."""


@contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """Two at once would write the same parts of files. Raises TreeRefused."""
    root.mkdir(parents=True, exist_ok=True)
    folder = os.open(root, os.O_RDONLY)
    try:
        _lock(folder, root)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, root: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise TreeRefused(f"{root}: another export is writing into it; wait until it has ended") from None
    except OSError:
        return  # some file systems have no locks


@dataclass
class Tree:
    """Call `begin` with all names there will be, `put` each, and `end`. Killed in between, the next run completes it."""

    root: Path
    written: int = 0
    unchanged: int = 0
    removed: int = 0
    _old: set[str] = field(default_factory=set)
    _names: set[str] = field(default_factory=set)
    _own: set[Path] = field(default_factory=set)  # folders that were looked at

    def begin(self, names: set[str]) -> None:
        """Names are noted before a file is written, so that no file is ever a stranger. Raises TreeRefused."""
        self.root.mkdir(parents=True, exist_ok=True)
        manifest = self.root / MANIFEST
        self._old = (
            set(manifest.read_text(encoding="utf-8").split("\n")) - {""} if manifest.exists() else set()
        )
        self._names = names
        for name in sorted(names - self._old):
            if os.path.lexists(self.root / name):
                raise TreeRefused(f"{name}: is there already, and no export wrote it")
        if names - self._old:
            self._note(self._old | names)

    def put(self, name: str, content: bytes) -> None:
        file = self._inside(name)
        if _holds(file, content):
            self.unchanged += 1
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        self._replace(file, content)
        self.written += 1

    def has(self, name: str, size: int) -> bool:
        """Of a file whose name is made of what is in it; counted as unchanged."""
        file = self._inside(name)
        is_there = file.is_file() and file.stat().st_size == size
        self.unchanged += is_there
        return is_there

    def end(self) -> None:
        for name in sorted(self._old - self._names):
            file = self._inside(name)
            if file.is_file() or file.is_symlink():
                file.unlink()
                self.removed += 1
            self._remove_empty(file.parent)
        if self._old != self._names:
            self._note(self._names)

    def _inside(self, name: str) -> Path:
        """A link on the way, or a manifest that somebody has changed, must not lead out of the folder."""
        file = self.root / name
        if file.parent not in self._own:
            if not file.parent.resolve().is_relative_to(self.root.resolve()):
                raise TreeRefused(f"{name}: leads out of the folder")
            self._own.add(file.parent)
        return file

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.root and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _note(self, names: set[str]) -> None:
        self._replace(self.root / MANIFEST, "".join(f"{name}\n" for name in sorted(names)).encode())

    def _replace(self, file: Path, content: bytes) -> None:
        """Under its name there is never half a file."""
        part = file.with_name(f"{file.name[:200]}.part")
        part.write_bytes(content)
        os.replace(part, file)


def _holds(file: Path, content: bytes) -> bool:
    try:
        status = file.lstat()
    except OSError:
        return False
    return S_ISREG(status.st_mode) and status.st_size == len(content) and file.read_bytes() == content
