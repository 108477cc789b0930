"""One hash of all that is public or can be edited: two sites that have it are the same site."""

import hashlib
import json
from typing import Any

from django.core.files.storage import default_storage

from papers import figures, revisions
from papers.models import Address, Figure, Paper, Section, Tag


def content() -> dict[str, Any]:
    live = {
        path for model in (Section, Paper) for path in model.objects.values_list("path_folded", flat=True)
    }
    former = Address.objects.order_by("path_folded").values_list("path_folded", "kind", "uid")
    return {
        "sections": {
            one.uid: [revisions.typed_fields(one), one.path, one.text_html] for one in Section.objects.all()
        },
        "papers": {one.uid: _paper(one) for one in Paper.objects.select_related("section")},
        "tags": {one.uid: revisions.typed_fields(one) for one in Tag.objects.all()},
        "figures": {one.name: _figure(one) for one in Figure.objects.all()},
        "addresses": [row for row in former if row[0] not in live],
    }


def _paper(paper: Paper) -> list[Any]:
    shown = [paper.path, paper.notes_html, paper.state, str(paper.first_public_at)]
    return [revisions.typed_fields(paper), revisions.data_of(paper), *shown]


def _figure(figure: Figure) -> list[Any]:
    with default_storage.open(figures.place_of(figure.name)) as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return [figure.alt, figure.caption, figure.width, figure.height, digest]


def content_hash() -> str:
    return hashlib.sha256(json.dumps(content(), sort_keys=True, default=str).encode()).hexdigest()
