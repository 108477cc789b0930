"""Promise 4: nothing leaks. Every public address is walked, and no word of an unpublished paper is found.

A new public page belongs into PUBLIC; a new field of a paper gets its marker by itself.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from papers import draft_links, trash, working
from papers.models import Kind, Paper, Section, Tag
from papers.roles import CONTRIBUTOR

from .conftest import make_paper, make_section
from .people import member, signed_in
from .reading import links_in
from .routes import ROUTES

# Where the walk begins, besides every section, published paper and tag: one example of each public route at least.
PUBLIC = (
    "/",
    "/RL/",
    "/papers/",
    "/papers/?page=1",
    "/papers/?tag=moe&year=2025&sort=cited",
    "/tags/",
    "/tags/moe/",
    "/tags/moe/feed.xml",
    "/tags/moe/feed.json",
    "/venues/sosp-2023/",
    "/2025/",
    "/2025/07/",
    "/search/",
    "/search/?q=paper",
    "/search/?q=2025",
    "/p/public/",
    "/feed.xml",
    "/feed.json",
    "/RL/feed.xml",
    "/RL/feed.json",
    "/sitemap.xml",
    "/sitemap.xml?section=papers",
    "/sitemap.xml?section=tags",
    "/robots.txt",
    "/favicon.ico",
    "/healthz",
    "/readyz",
    "/-/language/",
    "/-/card/RL/2025-07-Public.html",
    "/-/wanted/",
    "/-/collection/",
    "/-/draft/forged/",
    "/-/papers.bib",
    "/-/papers.ris?tag=moe",
    "/-/search/?q=paper",
    "/search/?q=paper&section=rl&sort=newest",
    f"/-/figures/{'0' * 32}.png",
    "/RL/2025-07-Public.html?in=tag%3Dmoe&at=1",
    *(f"/RL/2025-07-Public{suffix}" for suffix in (".html", ".md", ".bib", ".ris", ".json")),
    "/nothing-here",
    "/RL/2025-07-Publik.html",
)
HIDDEN = ("draft", "scheduled", "withdrawn")
GONE = ("erased", "deleted")  # in the trash: one that was a draft, and one that was public
ALL = (*HIDDEN, *GONE)
# Fields that do not hold words of their own, or that say nothing by themselves.
UNMARKED = {
    "notes_format",
    "bibtex_type",
    "origin",
    "review_state",
    "status",
    "venue_slug",
    "path",
    "path_folded",
}
UNMARKED |= {"rendered_by", "notes_html", "plain_text"}
NOT_WORDS = {
    "arxiv_id": {
        name: f"260{number}.{number}{number}{number}{number}{number}" for number, name in enumerate(ALL, 1)
    },
    "doi": {name: f"10.1145/mark{name}doi" for name in ALL},
    "paper_url": {name: f"https://example.org/mark{name}paper" for name in ALL},
    "code_url": {name: f"https://example.org/mark{name}code" for name in ALL},
    "first_posted": {name: f"197{number}-0{number}" for number, name in enumerate(ALL, 1)},
    "pages": {name: f"7{number}01-7{number}02" for number, name in enumerate(ALL, 1)},
    "uid": {name: f"mark{name}uid" for name in ALL},
}
MONTHS = {name: date(1980 + number, number, 1) for number, name in enumerate(ALL, 1)}


def markers_of(name: str) -> dict[str, str]:
    """For each text field of a paper a value that is nowhere else."""
    fields = [
        field.name
        for field in Paper._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
    ]
    words = {field: f"mark{name}{field.replace('_', '')}" for field in fields if field not in UNMARKED}
    return {**words, **{field: values[name] for field, values in NOT_WORDS.items()}}


def forbidden_words() -> list[str]:
    words = [value for name in ALL for value in markers_of(name).values()]
    months = [f"{month:%Y-%m}" for month in MONTHS.values()] + [
        f"/{month:%Y/%m}/" for month in MONTHS.values()
    ]
    return [*words, *months, *(f"mark{name}" for name in ALL)]


@pytest.fixture(autouse=True)
def world(root: Section, section: Section) -> dict[str, Paper]:
    """One public paper, and five that nobody may know of: each with a section, tag, venue and month of its own.

    The rows of the three that are not in the trash.
    """
    root.text = "[[topics]]\n\n[[papers]]"
    root.save()
    public = make_paper(
        section, "2025-07-Public", uid="public", title="Public Paper", tags=("MoE",), venue="SOSP 2023"
    )
    states: dict[str, dict[str, Any]] = {
        "draft": {"status": "draft"},
        "scheduled": {"publish_at": timezone.now() + timedelta(hours=1)},
        "withdrawn": {},
        "erased": {"status": "draft"},
        "deleted": {},
    }
    hidden = {}
    for number, name in enumerate(ALL):
        shelf = make_section(
            f"shelf{number}", parent=section, title=f"书架{number}", index_position=number, icon="📚"
        )
        fields = {**markers_of(name), "published_on": MONTHS[name], "year": 1990 + number, **states[name]}
        slug = str(fields.pop("slug"))
        hidden[name] = make_paper(shelf, slug, tags=(f"mark{name}tag", "MoE"), **fields)
    hidden["withdrawn"].status = "draft"
    hidden["withdrawn"].save()
    for name in GONE:
        trash.delete(hidden.pop(name))
    assert list(Paper.objects.published()) == [public]
    return hidden


def walk(client: Client, start: list[str]) -> dict[str, str]:
    """Every public address, and what it answers; follows every link and redirect on this site.

    Of choices in lists, which multiply, only those of one thing; some of more are in PUBLIC.
    """
    seen: dict[str, str] = {}
    queue = list(start)
    while queue:
        url = queue.pop()
        if url in seen or not url.startswith("/") or url.startswith(("/admin/", "/static/")):
            continue
        response = client.get(url)
        assert response.status_code < 500, url
        body = response.content.decode()
        seen[url] = f"{response.headers} {body}"
        found = [
            *links_in(body),
            *re.findall(r"<(?:loc|id)>([^<]*)", body),
            *re.findall(r'"(http[^"\s]*)"', body),
        ]
        found.append(response.headers.get("Location", ""))
        queue += [local for link in found if (local := _local(link, url)).count("=") < 2]
    return seen


def _local(link: str, page: str) -> str:
    parts = urlsplit(link.replace("&amp;", "&"))
    if parts.netloc not in ("", "127.0.0.1:8000"):
        return ""
    path = parts.path or urlsplit(page).path
    return unquote(path) + (f"?{parts.query}" if parts.query else "")


def start() -> list[str]:
    """PUBLIC, and whatever somebody might try who knows a word of a hidden paper."""
    words = [
        word for name in ALL for field, word in markers_of(name).items() if field in ("title", "uid", "notes")
    ]
    tried = [f"/search/?q={quote(word)}" for word in words] + [f"/{quote(word)}" for word in words]
    return [*PUBLIC, *tried, *(section.get_absolute_url() for section in Section.objects.all())]


def asked_about(name: str) -> list[str]:
    """Every question that takes a word, with words of one hidden paper: whole, and nearly."""
    title, tag, venue = f"mark{name}title", f"mark{name}tag", f"mark{name}venue"
    words = [title, title[:-1], *(word for word in markers_of(name).values())]
    asked = [f"{page}{quote(word)}" for word in words for page in ("/search/?q=", "/-/search/?q=", "/RL/")]
    lists = ["/papers/?", "/-/papers.bib?", "/-/papers.ris?", "/search/?q=paper&"]
    chosen = [f"tag={tag}", f"venue={venue}", f"year={MONTHS[name].year}", f"section=shelf{ALL.index(name)}"]
    words_of_search = [f"tag:{tag}", f"venue:{venue}", f"year:{MONTHS[name].year}", f"-tag:{tag}"]
    return [
        *asked,
        *(f"{page}{choice}" for page in lists for choice in chosen),
        *(f"/search/?q=paper+{words}" for words in words_of_search),
        f"/RL/2025-07-Public.html?in=tag%3D{tag}&at=1",
    ]


def own_urls(paper: Paper) -> list[str]:
    """Each spelling of each address that the paper would have."""
    page, name = paper.get_absolute_url(), paper.uid.removeprefix("mark").removesuffix("uid")
    twins = [paper.twin_url(suffix) for suffix in (".md", ".bib", ".ris", ".json")]
    twins.append(f"/-/card{page}")
    listings = [f"/tags/mark{name}tag/", f"/tags/mark{name}tag/feed.xml", f"/tags/mark{name}tag/feed.json"]
    listings += [f"/venues/{paper.venue_slug}/", f"/{MONTHS[name]:%Y/%m}/"]
    exact = [page, paper.get_permanent_url(), *twins, *listings]
    return [
        *exact,
        *(url.upper() for url in exact),
        *(f"/{url}" for url in exact),
        *(url.rstrip("/") for url in exact),
    ]


def assert_clean(pages: dict[str, str]) -> None:
    for url, answer in pages.items():
        for word in forbidden_words():
            asked_for_it = word.lower() in unquote(url).lower()  # a search page repeats its question
            assert asked_for_it or word.lower() not in answer.lower(), f"{word} is on {url}"


def test_no_word_of_a_hidden_paper_is_anywhere(client: Client) -> None:
    pages = walk(client, start())
    assert len(pages) > 100
    assert_clean(pages)


def test_the_walk_would_find_them(client: Client, world: dict[str, Paper]) -> None:
    """The test of the test: published, every marker of the five is on some page."""
    back = [trash.bring_back(deletion, may_publish=True) for deletion in trash.deletions(Kind.PAPER)]
    for paper in (*world.values(), *(Paper.objects.get(uid=thing.uid) for thing in back)):
        paper.status, paper.publish_at, paper.notes = "published", None, paper.notes + " 正文"
        paper.save()
    everything = " ".join(walk(client, list(PUBLIC)).values()).lower()
    unseen = [word for word in forbidden_words() if word.lower() not in everything]
    # What only some papers show: who reviewed, who generated.
    assert [word for word in unseen if not re.search("reviewedby|generatedby", word)] == []


def links_from_a_note_that_names(client: Client, names: list[str]) -> int:
    """On its page and in the feeds."""
    Paper.objects.get(uid="public").delete()
    notes = "\n\n".join(
        f"[[{name}]]和【{number}，{name}，2023，SOSP】" for number, name in enumerate(names, 1)
    )
    make_paper(Section.objects.get(slug="RL"), "2025-07-Public", uid="public", notes=notes)
    pages = [
        client.get(url).content.decode() for url in ("/RL/2025-07-Public.html", "/feed.xml", "/feed.json")
    ]
    return sum(page.count("to-paper") for page in pages)


def test_a_name_in_a_note_does_not_betray_a_hidden_paper(client: Client, world: dict[str, Paper]) -> None:
    names = [key for paper in world.values() for key in paper.keys.values_list("key", flat=True)]
    assert len(names) > 20
    assert links_from_a_note_that_names(client, names) == 0
    for paper in world.values():
        paper.status, paper.publish_at = "published", None
        paper.save()
    assert links_from_a_note_that_names(client, names) == 2 * 3 * len(names)


def test_a_link_to_one_hidden_paper_leads_to_no_other(client: Client, world: dict[str, Paper]) -> None:
    account = User.objects.create_user("maker", is_staff=True)
    token, _until = draft_links.make(world["draft"], account, 7)
    pages = walk(client, [f"/-/draft/{token}/"])
    draft = pages.pop(f"/-/draft/{token}/")
    assert "markdraftnotes" in draft
    assert not [word for name in HIDDEN[1:] for word in markers_of(name).values() if word in draft]
    assert_clean(pages)


def test_what_editors_have_not_saved_is_nowhere(client: Client, world: dict[str, Paper]) -> None:
    account = User.objects.create_user("maker", is_staff=True)
    for paper in Paper.objects.all():
        fields = {"notes": ["markdraftunsaved"], "title": ["markdraftunsaved"]}
        working.store(account, Kind.PAPER, paper.uid, fields, 1, "window")
    assert_clean(walk(client, start()))


def test_an_account_without_rights_sees_no_more(client: Client) -> None:
    client.force_login(User.objects.create_user("reader", is_staff=True))
    assert_clean(walk(client, start()))


@pytest.mark.parametrize("name", HIDDEN)
def test_own_addresses_of_a_hidden_paper_answer_404(
    client: Client, world: dict[str, Paper], name: str
) -> None:
    for url in own_urls(world[name]):
        response = client.get(url)
        assert response.status_code == 404, url
        assert "Location" not in response.headers


@pytest.mark.parametrize("name", ALL)
def test_no_question_about_a_hidden_paper_is_answered(client: Client, name: str) -> None:
    assert_clean({url: f"{(answer := client.get(url)).headers} {answer.text}" for url in asked_about(name)})


@pytest.mark.parametrize(("name", "status"), [("erased", 404), ("deleted", 410)])
def test_what_is_in_the_trash_tells_nothing_at_its_address(client: Client, name: str, status: int) -> None:
    shelf = Section.objects.get(slug=f"shelf{ALL.index(name)}")
    for url in (f"{shelf.path}mark{name}slug.html", f"/p/mark{name}uid/"):
        response = client.get(url)
        assert response.status_code == status, url
        assert not [word for word in markers_of(name).values() if word not in url and word in response.text]
    for suffix in ("md", "bib", "ris", "json"):
        assert client.get(f"{shelf.path}mark{name}slug.{suffix}").status_code in (404, 410)


@pytest.mark.parametrize("name", ALL)
def test_search_for_any_marker_finds_nothing(client: Client, name: str) -> None:
    for word in markers_of(name).values():
        assert "没有找到" in client.get("/search/", {"q": word}).content.decode(), word


def test_counts_know_nothing_of_hidden_papers(client: Client) -> None:
    for path in ("/papers/", "/RL/", "/tags/moe/"):
        assert "共 1 篇" in client.get(path).content.decode(), path
    assert "MoE</a> <span>1</span>" in client.get("/tags/").content.decode()
    for shelf in Section.objects.filter(slug__startswith="shelf"):
        assert "paper-item" not in client.get(shelf.path).content.decode()
        assert client.get(f"{shelf.path}feed.json").json()["items"] == []


def test_a_tag_that_only_drafts_had_is_404_after_renaming_and_deleting(client: Client) -> None:
    tag = Tag.objects.get(slug="markdrafttag")
    tag.slug = "markdrafttag2"
    tag.save()
    assert [client.get(f"/tags/{slug}/").status_code for slug in ("markdrafttag", "markdrafttag2")] == [
        404,
        404,
    ]
    tag.delete()
    assert [client.get(f"/tags/{slug}/").status_code for slug in ("markdrafttag", "markdrafttag2")] == [
        404,
        404,
    ]


def asked_of_the_admin(world: dict[str, Paper]) -> Iterator[str]:
    """Each of its routes, for hidden papers, as such and with words of it."""
    for route in (route for route in ROUTES if "/admin/" in route.written and "logout" not in route.written):
        for name, paper in world.items():
            values = dict.fromkeys(route.arguments, paper.pk)
            values |= {"uid": paper.uid, "name": "delete", "token": "x", "old": 1, "new": 1, "part": "notes"}
            values |= {"app_label": "papers", "url": f"mark{name}", "rest": f"{paper.pk}/"}
            values |= {"uid": f"mark{GONE[0]}uid"} if "trash" in route.written else {}
            asked = "" if name == "draft" else f"?q=mark{name}&thing_uid={paper.uid}"
            yield f"{route.path(**values)}{asked}"


@pytest.mark.parametrize("group", ["", CONTRIBUTOR])
def test_the_admin_tells_nothing_to_who_may_not_see_it(world: dict[str, Paper], group: str) -> None:
    """Contributors see sections and tags, which are no secret among editors; forms repeat the uid that they are sent."""
    client = signed_in(member(group))
    secrets = [word for name in ALL for field, word in markers_of(name).items() if field != "uid"]
    sent = {"thing_uid": "markdraftuid", "working_writer": "window"}
    for url in asked_of_the_admin(world):
        for response in (client.get(url), client.post(url, sent)):
            shown = f"{response.headers} {response.text}"
            assert not [word for word in secrets if word in shown], url


def test_every_public_route_has_an_example() -> None:
    """A new route fails here until PUBLIC has an address of it."""
    resolver = get_resolver()
    covered = {resolver.resolve(url.partition("?")[0]).route for url in PUBLIC}
    ours = next(part for part in resolver.url_patterns if getattr(part, "app_name", "") == "papers")
    assert {str(pattern.pattern) for pattern in ours.url_patterns} - covered == set()
