"""Promise 1: every path that was ever public answers 200, 301 in one hop, 410, or 404 while unpublished."""

from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from django.test import Client

from papers import addresses
from papers.models import Paper, Section, Tag

from .conftest import make_paper, make_section
from .reading import Answer, text_of

PAPER = "/RL/2025-07-Public.html"
Ask = Callable[..., Answer]


def move(thing: Paper | Section, **fields: object) -> None:
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.save()


# --- Exact paths and other spellings of them --------------------------------------------------------------


def test_paper_and_section_answer_at_their_exact_path(client: Client, published_paper: Paper) -> None:
    assert [client.get(path).status_code for path in ("/", "/RL/", PAPER)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("asked", "true"),
    [
        ("/rl/", "/RL/"),
        ("/RL", "/RL/"),
        ("/rl", "/RL/"),
        ("/RL//", "/RL/"),
        ("//rl///", "/RL/"),
        ("/rl/2025-07-PUBLIC.HTML", PAPER),
        ("/RL//2025-07-Public.html", PAPER),
        (f"{PAPER}/", PAPER),
        ("//rl//2025-07-public.html//", PAPER),
        ("/rl/2025-07-public.BIB", "/RL/2025-07-Public.bib"),
        ("/RL/2025-07-Public.json/", "/RL/2025-07-Public.json"),
        ("/rl/feed.xml", "/RL/feed.xml"),
        ("/RL/FEED.JSON", "/RL/feed.json"),
        ("/RL/feed.xml/", "/RL/feed.xml"),
        ("/feed.xml/", "/feed.xml"),
        ("//", "/"),
    ],
)
def test_other_spelling_redirects_in_one_hop(
    wsgi: Ask, published_paper: Paper, asked: str, true: str
) -> None:
    answer = wsgi(asked)
    assert (answer.status, answer.headers["Location"]) == (301, true)
    assert wsgi(true).status == 200


@pytest.mark.parametrize(
    ("asked", "true"),
    [
        ("/Papers", "/papers/"),
        ("/PAPERS/", "/papers/"),
        ("/papers", "/papers/"),
        ("//papers//", "/papers/"),
        ("/TAGS", "/tags/"),
        ("/TAGS/moe", "/tags/moe/"),
        ("/tags/MoE/", "/tags/moe/"),
        ("/tags/moe", "/tags/moe/"),
        ("/tags/MOE/feed.xml", "/tags/moe/feed.xml"),
        ("/Tags/moe/Feed.json/", "/tags/moe/feed.json"),
        ("/venues/SOSP-2023/", "/venues/sosp-2023/"),
        ("/Venues/sosp-2023", "/venues/sosp-2023/"),
        ("/2025/07", "/2025/07/"),
        ("/2025//07/", "/2025/07/"),
        ("/Search", "/search/"),
        ("/Sitemap.xml", "/sitemap.xml"),
        ("/robots.txt/", "/robots.txt"),
        ("/healthz/", "/healthz"),
        ("/admin", "/admin/"),
        ("/Admin/papers/paper", "/admin/papers/paper/"),
    ],
)
def test_reserved_route_in_another_spelling_redirects_in_one_hop(
    wsgi: Ask, section: Section, asked: str, true: str
) -> None:
    make_paper(section, "x", tags=("MoE",), venue="SOSP 2023")
    answer = wsgi(asked)
    assert (answer.status, answer.headers["Location"]) == (301, true)


def test_nonsense_is_404_and_no_redirect(client: Client, published_paper: Paper) -> None:
    for path in (
        "/nothing",
        "/RL/nothing/",
        "/RL/2025-07-Public",
        "/RL/2025-07-Public.txt",
        "/nothing.html",
        "/RL.bib",
    ):
        assert client.get(path).status_code == 404, path


def test_query_string_survives_a_redirect(client: Client, section: Section) -> None:
    assert client.get("/rl/?page=1&q=a%20b").headers["Location"] == "/RL/?page=1&q=a%20b"
    assert client.get("/SEARCH?q=%E6%8E%A8").headers["Location"] == "/search/?q=%E6%8E%A8"


def test_redirect_is_kept_for_a_minute_only(client: Client, section: Section) -> None:
    for path in ("/rl/", "/PAPERS/"):
        assert client.get(path).headers["Cache-Control"] == "max-age=60"


def test_head_answers_like_get_and_post_is_refused(client: Client, published_paper: Paper) -> None:
    assert client.head(PAPER).status_code == 200
    assert client.head("/rl/").status_code == 301
    assert client.post(PAPER).status_code == 405


# --- Scripts, bytes and strangers -------------------------------------------------------------------------


def test_chinese_slugs_answer_percent_encoded(wsgi: Ask, root: Section) -> None:
    section = make_section("强化学习", parent=root)
    make_paper(section, "2025-07-策略梯度")
    assert wsgi(quote("/强化学习/2025-07-策略梯度.html")).status == 200


def test_redirect_to_a_chinese_path_is_percent_encoded(wsgi: Ask, root: Section) -> None:
    make_section("强化学习", parent=root)
    assert wsgi(quote("/强化学习")).headers["Location"] == quote("/强化学习/")


def test_decomposed_letters_redirect_to_the_composed_path(wsgi: Ask, root: Section) -> None:
    make_section("Café", parent=root)
    assert wsgi(quote("/cafe\u0301/")).headers["Location"] == quote("/Café/")


@pytest.mark.parametrize("target", ["/a%00b/", "/%00", "/RL/?page=%00", "/search/?q=a%00"])
def test_nul_is_400(wsgi: Ask, section: Section, target: str) -> None:
    assert wsgi(target).status == 400


@pytest.mark.parametrize(
    "target", ["/%ff%fe.html", "/%ed%a0%80/", "/RL/%0a", "/a%5Cb", "/%2500", "/tags/%ff/", "/p/%e4/"]
)
def test_odd_bytes_are_404(wsgi: Ask, section: Section, target: str) -> None:
    assert wsgi(target).status == 404


def test_path_of_ten_thousand_letters_is_404(wsgi: Ask, published_paper: Paper) -> None:
    assert wsgi("/" + "a" * 10_000).status == 404


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "//evil.example/%2e%2e",
        "///evil.example",
        "/%5Cevil.example/",
        "//evil.example/RL/",
        "/%2F/evil.example/",
    ],
)
def test_no_path_leads_off_the_site(wsgi: Ask, section: Section, target: str) -> None:
    answer = wsgi(target)
    assert answer.status == 404
    assert "Location" not in answer.headers


def test_doubled_slash_before_a_true_path_stays_on_the_site(wsgi: Ask, section: Section) -> None:
    assert wsgi("//RL").headers["Location"] == "/RL/"
    assert wsgi("//Papers").headers["Location"] == "/papers/"


# --- Former paths -----------------------------------------------------------------------------------------


def test_paper_moved_twice_is_one_hop_from_each_former_path(
    client: Client, root: Section, published_paper: Paper
) -> None:
    other = make_section("mlsys", parent=root)
    move(published_paper, slug="Second")
    move(published_paper, section=other, slug="Third")
    for former in (PAPER, "/RL/Second.html", "/rl/second.html", "/RL//Second.html"):
        response = client.get(former)
        assert (response.status_code, response.headers["Location"]) == (301, "/mlsys/Third.html"), former


def test_twins_of_a_former_path_redirect_to_the_same_twin(client: Client, published_paper: Paper) -> None:
    move(published_paper, slug="New")
    for suffix in (".md", ".bib", ".ris", ".json"):
        assert client.get(f"/RL/2025-07-Public{suffix}").headers["Location"] == f"/RL/New{suffix}"


def test_moved_section_takes_everything_below_along(client: Client, root: Section, section: Section) -> None:
    make_paper(make_section("Deep", parent=section), "Note")
    top = make_section("top", parent=root)
    move(section, parent=top, slug="Moved")
    for former, now in {
        "/RL/": "/top/Moved/",
        "/rl": "/top/Moved/",
        "/RL/feed.xml": "/top/Moved/feed.xml",
        "/RL/Feed.json/": "/top/Moved/feed.json",
        "/RL/Deep/": "/top/Moved/Deep/",
        "/RL/Deep/feed.json": "/top/Moved/Deep/feed.json",
        "/RL/Deep/Note.html": "/top/Moved/Deep/Note.html",
        "/RL/deep/note.bib": "/top/Moved/Deep/Note.bib",
    }.items():
        assert client.get(former).headers["Location"] == now
        assert client.get(now).status_code == 200


def test_section_moved_away_and_back_does_not_loop(
    client: Client, section: Section, published_paper: Paper
) -> None:
    move(section, slug="Away")
    move(section, slug="RL")
    assert client.get(PAPER).status_code == 200
    assert client.get("/Away/2025-07-Public.html").headers["Location"] == PAPER


def test_section_renamed_in_letter_case_only_redirects(
    client: Client, section: Section, published_paper: Paper
) -> None:
    move(section, slug="Rl")
    assert client.get(PAPER).headers["Location"] == "/Rl/2025-07-Public.html"
    assert client.get("/Rl/2025-07-Public.html").status_code == 200


def test_former_path_keeps_the_query_string_and_a_short_life(client: Client, published_paper: Paper) -> None:
    move(published_paper, slug="New")
    response = client.get(f"{PAPER}?utm=1")
    assert response.headers["Location"] == "/RL/New.html?utm=1"
    assert response.headers["Cache-Control"] == "max-age=60"


def test_live_paper_wins_over_a_former_path(client: Client, section: Section, published_paper: Paper) -> None:
    move(published_paper, slug="New")
    make_paper(section, "2025-07-Public", title="Successor")
    assert "Successor" in text_of(client.get(PAPER))


def test_renamed_tag_redirects_with_its_feeds(client: Client, section: Section) -> None:
    make_paper(section, "x", tags=("moe",))
    tag = Tag.objects.get()
    tag.slug = "experts"
    tag.save()
    for former, now in {
        "/tags/moe/": "/tags/experts/",
        "/TAGS/MoE": "/tags/experts/",
        "/tags/moe/feed.xml": "/tags/experts/feed.xml",
        "/tags/moe/feed.json": "/tags/experts/feed.json",
    }.items():
        assert client.get(former).headers["Location"] == now


def test_a_section_respelt_in_another_length_keeps_its_tree_together(client: Client, root: Section) -> None:
    section = make_section("Straße", root)
    make_paper(make_section("Child", section), "x")
    move(section, slug="STRASSE")
    assert client.get("/STRASSE/Child/x.html").status_code == 200
    assert client.get("/Straße/Child/x.html").headers["Location"] == "/STRASSE/Child/x.html"
    assert client.get("/straße/").headers["Location"] == "/STRASSE/"


# --- Deleted ----------------------------------------------------------------------------------------------


def test_deleted_paper_is_410_at_every_path_it_had(client: Client, published_paper: Paper) -> None:
    move(published_paper, slug="New")
    published_paper.delete()
    for path in (PAPER, "/RL/New.html", "/rl/new.html", "/RL/New.bib", f"/p/{published_paper.uid}/"):
        response = client.get(path)
        assert (response.status_code, response.headers["Cache-Control"]) == (410, "max-age=60"), path


def test_deleted_section_is_410_with_its_feeds(client: Client, section: Section) -> None:
    section.delete()
    assert [client.get(path).status_code for path in ("/RL/", "/rl", "/RL/feed.xml")] == [410, 410, 410]


def test_deleted_tag_is_410_with_its_feeds(client: Client, section: Section) -> None:
    make_paper(section, "x", tags=("moe",))
    Tag.objects.get().delete()
    for path in ("/tags/moe/", "/TAGS/moe", "/tags/MoE/", "/tags/moe/feed.xml"):
        assert client.get(path).status_code == 410, path


def test_paper_deleted_while_unpublished_is_410(client: Client, unpublished_paper: Paper) -> None:
    path = unpublished_paper.path or ""
    unpublished_paper.delete()
    assert client.get(path).status_code == 410


def test_permanent_link_of_a_deleted_paper_outlives_the_reuse_of_its_path(
    client: Client, section: Section
) -> None:
    first = make_paper(section, "Same")
    first.delete()
    move(make_paper(section, "Same"), slug="Other")
    assert client.get(f"/p/{first.uid}/").status_code == 410


# --- Permanent links --------------------------------------------------------------------------------------


def test_permanent_link_leads_to_where_the_paper_is_now(client: Client, published_paper: Paper) -> None:
    move(published_paper, slug="New")
    for path in (
        f"/p/{published_paper.uid}/",
        f"/p/{published_paper.uid}",
        f"/P/{published_paper.uid.upper()}/",
    ):
        response = client.get(path)
        assert (response.status_code, response.headers["Location"]) == (302, "/RL/New.html"), path


def test_permanent_link_of_nothing_is_404(client: Client, root: Section) -> None:
    assert client.get("/p/nothing/").status_code == 404


def test_permanent_link_of_a_draft_is_404_for_readers(
    client: Client, draft_paper: Paper, unpublished_paper: Paper
) -> None:
    for paper in (draft_paper, unpublished_paper):
        assert client.get(f"/p/{paper.uid}/").status_code == 404


def test_permanent_link_of_an_incomplete_draft_opens_for_editors_only(
    client: Client, editor_client: Client
) -> None:
    paper = make_paper(None, "", title="Idea", status="draft", published_on=None)
    assert client.get(f"/p/{paper.uid}/").status_code == 404
    response = editor_client.get(f"/p/{paper.uid}/")
    assert "Idea" in text_of(response)
    assert "no-store" in response.headers["Cache-Control"]


# --- All together -----------------------------------------------------------------------------------------


def test_every_path_that_was_ever_public_still_answers(client: Client, root: Section) -> None:
    """The site lives through moves, renames, deletions and withdrawals; nothing public is ever forgotten."""
    a, b = make_section("A", parent=root), make_section("B", parent=root)
    deep = make_section("Deep", parent=a)
    papers = [
        make_paper(section, f"Note-{n}", tags=("tag",)) for n, section in enumerate((a, a, deep, deep, b))
    ]
    public: set[str] = set()

    def remember() -> None:
        public.update(section.path for section in Section.objects.all())
        public.update(section.path + "feed.xml" for section in Section.objects.all())
        public.update(paper.path or "" for paper in Paper.objects.published())
        public.update(paper.twin_url(".bib") for paper in Paper.objects.published())
        public.update(f"/p/{paper.uid}/" for paper in Paper.objects.published())
        public.update(addresses.tag_path(tag.slug) for tag in Tag.objects.public())

    def change(thing: Paper | Section | Tag, **fields: object) -> None:
        thing.refresh_from_db()
        move(thing, **fields)  # type: ignore[arg-type]
        remember()

    remember()
    change(papers[0], slug="Renamed")
    change(a, slug="a-moved", parent=b)
    change(deep, parent=root)
    change(papers[2], section=b)
    change(Tag.objects.get(), slug="renamed")
    change(b, slug="bb")
    change(papers[3], status="draft")
    papers[4].refresh_from_db()
    papers[4].delete()
    for path in sorted(public):
        response = client.get(path)
        if response.status_code in (301, 302):
            response = client.get(unquote(response.headers["Location"]))
            assert response.status_code == 200, path
        is_withdrawn = papers[3].uid in path or "Note-3" in path
        assert response.status_code == (
            404 if is_withdrawn else 410 if "Note-4" in path or papers[4].uid in path else 200
        ), path
