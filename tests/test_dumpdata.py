"""`dumpdata`: typed content as a fixture that people read, and that `loaddata` takes back."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st

from papers import revisions
from papers.importers import front_matter
from papers.models import Paper, Section, Tag, TaggedPaper
from papers.serializers import BlockDumper

from .conftest import make_section


def dump(ext: str = "yaml") -> str:
    labels = ["papers.section", "papers.tag", "papers.paper", "papers.taggedpaper"]
    out = StringIO()
    call_command("dumpdata", *labels, natural_foreign=True, natural_primary=True, format=ext, stdout=out)
    return out.getvalue()


def empty() -> None:
    for model in (TaggedPaper, Paper, Tag):
        model.objects.all().delete()
    for section in Section.objects.order_by("-path_folded"):
        section.delete()


@pytest.mark.parametrize("ext", ["yaml", "json"])
def test_a_dump_loads_again(seed: None, tmp_path: Path, ext: str) -> None:
    before = {paper.uid: revisions.typed_fields(paper) for paper in Paper.objects.all()}
    dumped = tmp_path / f"dumped.{ext}"
    dumped.write_text(dump(ext))
    empty()
    call_command("loaddata", dumped, verbosity=0)
    assert {paper.uid: revisions.typed_fields(paper) for paper in Paper.objects.all()} == before
    assert dump(ext) == dumped.read_text()


def test_a_dump_is_readable(seed: None) -> None:
    text = dump()
    assert "    notes: |" in text
    assert "\\u" not in text.lower()  # no escapes, for emoji neither
    assert "    arxiv_id: '2309.06180'\n" in text
    assert "    first_posted: '2025-07'\n" in text or "    first_posted: 2025-07\n" in text


def test_a_dump_holds_no_derived_field(seed: None) -> None:
    derived_fields = {
        field.name
        for model in (Section, Paper)
        for field in model._meta.concrete_fields
        if not field.serialize
    }
    for item in yaml.safe_load(dump()):
        assert not derived_fields & item["fields"].keys()
        assert "pk" not in item


def test_a_section_comes_after_the_one_it_was_moved_to(root: Section, tmp_path: Path) -> None:
    old = make_section("old", root, uid="old")
    old.parent = make_section("new", make_section("newer", root), uid="new")
    old.save()
    dumped = tmp_path / "dumped.yaml"
    dumped.write_text(dump())
    empty()
    call_command("loaddata", dumped, verbosity=0)
    assert Section.objects.get(uid="old").path == "/newer/new/old/"


@settings(database=None, deadline=None)
@given(
    st.text(st.sampled_from("ab字:#-'\"| \t\n\r\x85\u2028\u2029\ufeff\xa0\0"), max_size=12)
    | st.text(max_size=30)
)
@example("a\x85b")
@example("a\n\u2028b")
def test_any_text_is_read_back(text: str) -> None:
    said = yaml.dump({"text": text}, Dumper=BlockDumper, allow_unicode=True)
    assert front_matter.load(said) == yaml.load(said, yaml.CSafeLoader) == {"text": text}
