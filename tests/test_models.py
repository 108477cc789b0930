"""What the database refuses, what forms and fixtures are told, and the order of papers."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse, set_script_prefix
from django.utils import timezone

from papers import paths
from papers.fields import make_uid
from papers.models import Paper, Section, SiteState, Tag, TaggedPaper, split_tags
from papers.models.places import page

from .conftest import make_paper, make_section

SEED = json.loads((Path(__file__).parent / "data" / "seed-papers.json").read_text())


def codes(thing: Section | Paper | Tag) -> dict[str, list[str]]:
    """The codes of what full_clean refuses, by field."""
    try:
        thing.full_clean()
    except ValidationError as error:
        return {name: [each.code for each in errors] for name, errors in error.error_dict.items()}
    return {}


def refused(change: Any) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


# --- Constraints of the database --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lack", [{"section": None}, {"slug": ""}, {"title": ""}, {"published_on": None}, {"path": None}]
)
def test_a_published_paper_is_complete(published_paper: Paper, lack: dict[str, Any]) -> None:
    assert refused(lambda: Paper.objects.filter(pk=published_paper.pk).update(**lack))


def test_a_draft_may_lack_everything(db: None) -> None:
    Paper.objects.bulk_create([Paper(), Paper()])
    assert Paper.objects.count() == 2


@pytest.mark.parametrize("change", [{"status": "hidden"}, {"notes_format": "rst"}, {"year": 1492}])
def test_unknown_values(published_paper: Paper, change: dict[str, Any]) -> None:
    assert refused(lambda: Paper.objects.filter(pk=published_paper.pk).update(**change))


@pytest.mark.parametrize("folded", ["/", "/other/"])
def test_a_second_root(root: Section, folded: str) -> None:
    assert refused(lambda: Section.objects.bulk_create([Section(path="/", path_folded=folded)]))


def test_a_section_under_itself(section: Section) -> None:
    assert refused(lambda: Section.objects.filter(pk=section.pk).update(parent=section.pk))


def test_a_section_without_slug(root: Section) -> None:
    new = Section(parent=root, path="//", path_folded="//")
    assert refused(lambda: Section.objects.bulk_create([new]))


def test_two_papers_at_one_address(published_paper: Paper, draft_paper: Paper) -> None:
    folded = published_paper.path_folded
    assert refused(lambda: Paper.objects.filter(pk=draft_paper.pk).update(path_folded=folded))


def test_a_paper_tagged_twice(published_paper: Paper) -> None:
    tag = Tag.objects.create(name="MoE")
    rows = [TaggedPaper(content_object=published_paper, tag=tag) for _twice in range(2)]
    assert refused(lambda: TaggedPaper.objects.bulk_create(rows))


def test_a_second_site_state(db: None) -> None:
    assert refused(lambda: SiteState.objects.bulk_create([SiteState(pk=2, generation=1)]))


def test_the_longest_address_is_stored_and_found(root: Section) -> None:
    longest = "/" + "ᾀ" * (paths.PATH_MAX_LENGTH - 6) + ".html"
    Paper.objects.bulk_create([Paper(path=longest, path_folded=paths.fold(longest))])
    assert Paper.objects.get(path_folded=paths.fold(longest.upper())).path == longest


# --- What is public ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "hours", "state"),
    [
        ("draft", None, "draft"),
        ("draft", -1, "draft"),
        ("published", None, "published"),
        ("published", -1, "published"),
        ("published", 1, "scheduled"),
    ],
)
def test_the_row_and_the_queryset_agree_on_what_is_public(
    section: Section, status: str, hours: int | None, state: str
) -> None:
    publish_at = None if hours is None else timezone.now() + timedelta(hours=hours)
    paper = make_paper(section, "x", status=status, publish_at=publish_at)
    assert paper.state == state
    assert (
        paper.is_published == Paper.objects.published().filter(pk=paper.pk).exists() == (state == "published")
    )


# --- What forms and fixtures are told ---------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["papers", "Admin", "2025", "feed", "a.html"])
def test_reserved_slug_of_a_section(root: Section, slug: str) -> None:
    assert codes(Section(parent=root, slug=slug, title="x")) == {"slug": ["reserved_slug"]}


def test_reserved_slug_of_a_paper(section: Section) -> None:
    assert codes(Paper(section=section, slug="Feed")) == {"slug": ["reserved_slug"]}


@pytest.mark.parametrize("slug", ["RL", "rl"])
def test_slug_of_another_section(section: Section, slug: str) -> None:
    assert codes(Section(parent=section.parent, slug=slug, title="x")) == {"slug": ["address_taken"]}


@pytest.mark.parametrize("slug", ["2025-07-Public", "2025-07-PUBLIC"])
def test_slug_of_another_paper(published_paper: Paper, slug: str) -> None:
    paper = Paper(section=published_paper.section, slug=slug)
    assert codes(paper) == {"slug": ["address_taken"]}


def test_the_same_slug_in_another_section_is_free(root: Section, published_paper: Paper) -> None:
    other = make_section("other", root)
    assert codes(Paper(section=other, slug=published_paper.slug)) == {}


def test_section_under_itself_or_below(section: Section) -> None:
    below = make_section("a", make_section("b", section))
    for parent in (section, below):
        section.parent = parent
        assert codes(section) == {"parent": ["section_loop"]}


def test_section_without_parent_or_slug(root: Section) -> None:
    assert codes(Section(slug="x", title="x")) == {"parent": ["second_root"]}
    assert codes(Section(parent=root, title="x")) == {"slug": ["required"]}
    root.slug = "x"
    assert codes(root) == {"slug": ["root_slug"]}


@pytest.mark.parametrize("slug", ["a b", "a/b", "a\0b", "a[b]", "\u202ea"])
def test_slug_with_a_bad_character(section: Section, slug: str) -> None:
    assert codes(Paper(section=section, slug=slug)) == {"slug": ["bad_segment"]}


@pytest.mark.parametrize("lack", ["section", "slug", "title", "published_on"])
def test_what_a_publication_lacks(published_paper: Paper, lack: str) -> None:
    setattr(published_paper, lack, None if lack in ("section", "published_on") else "")
    assert codes(published_paper) == {lack: ["required"]}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("arxiv_id", "arXiv:2309.06180", "bad_arxiv_id"),
        ("arxiv_id", "2309.06180v2", "bad_arxiv_id"),
        ("arxiv_id", "2313.06180", "bad_arxiv_id"),
        ("doi", "https://doi.org/10.1145/3600006.3613165", "bad_doi"),
        ("doi", "10.1145/ 3600006", "bad_doi"),
        ("first_posted", "2025-13", "bad_month"),
        ("first_posted", "2025-7", "bad_month"),
        ("first_posted", "2025-07\n", "bad_month"),
        ("paper_url", "ftp://example.org/x", "invalid"),
        ("code_url", "javascript:alert(1)", "invalid"),
        ("notes", "中" * 200_000, "note_too_long"),
        ("year", 1492, "min_value"),
        ("status", "hidden", "invalid_choice"),
    ],
)
def test_field_of_the_wrong_form(field: str, value: Any, code: str, db: None) -> None:
    assert code in codes(Paper(**{field: value}))[field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("arxiv_id", "2309.06180"),
        ("arxiv_id", "hep-th/9901001"),
        ("arxiv_id", "math.GT/0309136"),
        ("doi", "10.1145/3600006.3613165"),
        ("first_posted", "2025-07"),
        ("first_posted", "2025-07-31"),
        ("paper_url", "http://example.org/论文"),
        ("notes", "a" * 512 * 1024),
    ],
)
def test_field_of_the_right_form(field: str, value: str, db: None) -> None:
    assert codes(Paper(**{field: value})) == {}


def test_tag_with_a_comma_or_a_capital_in_its_slug(db: None) -> None:
    assert "name" in codes(Tag(name="a、b", slug="ab"))
    assert "slug" in codes(Tag(name="MoE", slug="MoE"))


# --- Order, tags, uids ------------------------------------------------------------------------------------


def test_papers_stand_in_the_order_of_the_seed(section: Section) -> None:
    """The seed's list is by section; within each, newest first and then by file name backwards."""
    by_section: dict[str, list[str]] = {}
    for record in SEED:
        folder, _slash, name = record["path"].removesuffix(".html").rpartition("/")
        by_section.setdefault(folder, []).append(name)
    for position, names in enumerate(by_section.values()):
        here = make_section(f"s{position}", section)
        for name in sorted(names):
            make_paper(here, name, published_on=date.fromisoformat(f"{name[:7]}-01"))
        assert [paper.slug for paper in Paper.objects.in_section(here)] == names


def test_slugs_are_ordered_by_bytes_on_every_database(section: Section) -> None:
    for slug in ("a", "B", "_", "中", "Z-", "Z"):
        make_paper(section, slug)
    assert [paper.slug for paper in Paper.objects.newest_first()] == ["中", "a", "_", "Z-", "Z", "B"]


def test_in_section_is_the_subtree(root: Section, section: Section) -> None:
    below = make_paper(make_section("deep", section), "x")
    make_paper(make_section("RL-2", root), "y")
    assert list(Paper.objects.in_section(section)) == [below]


def test_tags_are_split_at_commas_of_every_width_and_not_at_spaces() -> None:
    assert split_tags("KV cache,  MoE，调度、量化,, MoE") == ["KV cache", "MoE", "调度", "量化"]


def test_tags_typed_in_another_letter_case_are_the_same(published_paper: Paper) -> None:
    published_paper.tags.add("MoE")
    published_paper.tags.add("moe")
    assert [tag.name for tag in published_paper.tag_list] == ["MoE"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [("C++", "cpp"), ("C#", "c-sharp"), ("中文", "中文"), ("KV Cache", "kv-cache"), ("+++", "ppp")],
)
def test_slug_of_a_tag(db: None, name: str, slug: str) -> None:
    assert Tag.objects.create(name=name).slug == slug


def test_slug_of_a_tag_is_never_empty_or_taken(db: None) -> None:
    tags = [Tag.objects.create(name=name) for name in ("???", "!!!", "a b", "a  b!", "A_b", "a-b")]
    assert len({tag.slug for tag in tags if tag.slug}) == len(tags)


def test_uids_are_short_readable_and_well_formed() -> None:
    uids = {make_uid() for _each in range(1000)}
    assert len(uids) == 1000
    for uid in uids:
        paths.validate_uid(uid)
        assert len(uid) == 8
        assert not set(uid) & set("01ilo")


@pytest.mark.parametrize(
    "path",
    ["/", "/llm/2025-07-a.html", "/强化学习/", "/a b%c?d#e/", "//evil.example/", "/~a:b@c!$&'()*+,;=/"],
)
@pytest.mark.parametrize("prefix", ["/", "/papers/"])
def test_the_address_of_a_page_is_what_its_pattern_gives(path: str, prefix: str) -> None:
    set_script_prefix(prefix)
    try:
        assert page(path) == reverse("papers:page", args=[path.lstrip("/")])
    finally:
        set_script_prefix("/")
