"""Backups in the tests: made by real processes, looked into, and spoilt."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import sites
from ..benchmarks import scratch
from ..sites import Site

HASH = "import django; django.setup(); from tests.content import content_hash; print(content_hash())"


@dataclass(frozen=True)
class Taken:
    file: Path
    content: str


def manage(site: Site, *words: str) -> str:
    status, output = site.run("manage.py", *words)
    assert status == 0, output
    return output


def hash_of(site: Site) -> str:
    return site.run("-c", HASH)[1].strip()


@contextmanager
def made(folder: Path, server: str) -> Iterator[Site]:
    """An empty site: on that server, or in a file."""
    database = f"sqlite:///{folder}/empty.sqlite3"
    if server.startswith("postgres"):
        database = scratch.named(server, f"papercache_{os.getpid()}_empty_{sites.free_port()}")
    scratch.make(database)
    site = Site(folder, database)
    try:
        manage(site, "migrate", "--verbosity", "0")
        yield site
    finally:
        scratch.drop(database)


def parts_of(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        parts: dict[str, Any] = json.loads(archive.read("manifest.json"))["parts"]
    return parts


def rewritten(taken: Taken, folder: Path, edits: dict[str, Callable[[bytes], bytes]]) -> Path:
    with zipfile.ZipFile(taken.file) as old, zipfile.ZipFile(folder / "bad.zip", "w") as new:
        for member in old.infolist():
            new.writestr(member, edits.get(member.filename, bytes)(old.read(member)))
    return folder / "bad.zip"


def altered(taken: Taken, folder: Path, name: str, edit: Callable[[bytes], bytes]) -> Path:
    """With the right sums of what is wrong."""

    def resum(text: bytes) -> bytes:
        said = json.loads(text)
        with zipfile.ZipFile(taken.file) as archive:
            data = edit(archive.read(name))
        said["parts"][name].update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        return json.dumps(said).encode()

    return rewritten(taken, folder, {name: edit, "manifest.json": resum})


def with_member(taken: Taken, folder: Path, member: zipfile.ZipInfo, data: bytes = b"x") -> Path:
    shutil.copy(taken.file, folder / "bad.zip")
    with zipfile.ZipFile(folder / "bad.zip", "a") as archive:
        archive.writestr(member, data)
    return folder / "bad.zip"
