"""What `export_notes` has written: every column as it was, with uids, drafts and changes that wait."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from .. import revisions
from ..exported import ABOUT, CHANGES, FIGURES, FORMAT, SECTION
from ..models import Paper, Section
from ..pictures import MAX_BYTES
from . import front_matter
from .embedded import Store
from .folder import MAX_FILE, Folder
from .found import Found, FoundChange, FoundSection, Refused
from .front_matter import Front, Limits


def is_one(folder: Folder) -> bool:
    return folder.has(ABOUT)


class Export:
    kind = "papercache"

    def __init__(self, folder: Folder) -> None:
        self.folder = Folder(folder.root, skipped=())  # any name may be that of a section
        self.titles: dict[str, str] = {}
        about = _decoded(folder.read(ABOUT))
        self.about = front_matter.mapping(about, limits=Limits(MAX_FILE, MAX_FILE))
        self._check_age()

    def _check_age(self) -> None:
        number = self.about.get("format")
        if isinstance(number, str) and re.fullmatch("[0-9]{1,9}", number) and int(number) > FORMAT:
            message = _("由较新的 PaperCache 导出（格式 %(number)s）：请先升级")
            raise Refused(message % {"number": number})

    def files(self) -> Iterator[str]:
        """Sections from the root down, since each stands in the one above; changes after what they change."""
        names = [name for name in self.folder.files() if name.endswith((".md", ".html"))]
        yield from sorted(
            (name for name in names if _is_section(name)), key=lambda name: (name.count("/"), name)
        )
        yield from (name for name in names if not _is_section(name) and not _is_change(name))
        yield from (name for name in names if _is_change(name))

    def figures(self) -> Iterator[str]:
        return (name for name in self.folder.files() if name.startswith(f"{FIGURES}/"))

    def figure(self, name: str) -> bytes:
        return self.folder.read(name, MAX_BYTES)

    def read(self, name: str, keep: Store) -> Found | FoundSection | FoundChange | None:
        front = front_matter.read(_decoded(self.folder.read(name)), Limits(MAX_FILE))
        uid = front.values.get("uid")
        if not uid or not isinstance(uid, str):
            raise Refused(_("没有 uid，不是导出的文件"))
        if _is_section(name):
            values = _typed(Section(), front) | {"text": front.body}
            slug = values["slug"] or (name.split("/")[-2] if "/" in name else "")
            return FoundSection(name, {**values, "slug": slug}, _items("redirect_from", front))
        values = _typed(Paper(status=Paper.Status.PUBLISHED), front) | {"notes": front.body}
        if _is_change(name):
            return FoundChange(name, uid, values, _items("tags", front))
        return Found(
            name,
            values,
            uid=uid,
            slugs=tuple(filter(None, [values["slug"]])),
            tags=_items("tags", front),
            is_draft=values["status"] == Paper.Status.DRAFT,
            addresses=_items("redirect_from", front),
            first_public_at=front.text("first_public_at"),
            keeps_addresses=True,
        )


def _is_section(name: str) -> bool:
    return name.rpartition("/")[2] == SECTION


def _is_change(name: str) -> bool:
    return name.startswith(f"{CHANGES}/")


def _decoded(data: bytes) -> str:
    """Every character as it was, ends of lines too; unless somebody's Git or editor has changed them all."""
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Refused(_("不是 UTF-8"), data.count(b"\n", 0, error.start) + 1) from None
    return text.replace("\r\n", "\n") if text.startswith("---\r\n") else text


def _items(name: str, front: Front) -> tuple[str, ...]:
    """As they stand, whatever other front matter would mean by them; what a person has put into one line is split."""
    written = front.values.get(name)
    if not isinstance(written, list) or not all(isinstance(item, str) for item in written):
        return front.list(name)
    return tuple(filter(None, written))


def _typed(silent: Section | Paper, front: Front) -> dict[str, Any]:
    """Every column: as the file says, or as it is where nobody has said anything."""
    values = revisions.typed_fields(silent, tags=())
    values.pop("tags", None)
    for column in revisions.typed_columns(silent):
        if column.name in front.values:
            values[column.name] = _value(column, front)
    return values


def _value(column: Any, front: Front) -> Any:
    written = front.values[column.name]
    if not isinstance(written, str):
        raise Refused(_("%(name)s 应是一行文字") % {"name": column.name}, front.line_of(column.name))
    if column.remote_field:
        return written or None
    if isinstance(column, models.BooleanField):
        return written.lower() == "true"
    try:
        value = column.to_python(written)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), front.line_of(column.name)) from None
    return value.isoformat() if isinstance(value, date) else value
