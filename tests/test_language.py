"""Chinese unless the reader chose English on the switch's page; nothing on an English page is left in Chinese."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils.translation import get_language

from papers.models import Paper, Section

from . import catalogue
from .conftest import make_paper, make_section
from .reading import attributes_of, links_in, meta, text_of, texts_of
from .test_interface_language import CJK_OR_SIGN as CJK

SWITCH = "/-/language/"
PAGES = ["/", "/shelf/", "/shelf/x.html", "/papers/", "/tags/", "/tags/moe/", "/search/", "/search/?q=zz"]
ADMIN_PAGES = ["", "papers/paper/", "papers/paper/add/", "papers/section/", "papers/section/add/"]
ADMIN_PAGES += ["papers/tag/", "papers/tag/add/", "password_change/", "login/"]


def in_english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def in_chinese(response: Any) -> str:
    """What is Chinese on a page besides the seal and the link to the Chinese interface."""
    html = re.sub(">(藏|中文)<", "><", response.content.decode())
    return "".join(CJK.findall(html))


@pytest.fixture
def english_site(db: None) -> None:
    """A site whose content has no Chinese."""
    root = make_section("", parent=None, title="Front", uid="root", text="[[topics]]\n\n[[papers]]")
    shelf = make_section("shelf", parent=root, title="Shelf", index_position=1, icon="*")
    fields = {"authors": "A. Author", "generated_by": "a model", "origin": "generated", "notes": "## A\n\nb"}
    fields |= {"first_posted": "2025-06", "review_state": "reviewed", "reviewed_by": "B. Reader"}
    make_paper(shelf, "x", tags=("MoE",), venue="SOSP 2023", reviewed_on="2025-07-02", **fields)


# --- Which language ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/papers/", "/nothing", "/admin/login/"])
def test_browsers_preference_changes_nothing(client: Client, root: Section, path: str) -> None:
    response = client.get(path, headers={"accept-language": "en-GB,en;q=0.9"})
    assert response.headers["Content-Language"] == "zh-hans"
    assert attributes_of(response, "html")[0]["lang"].lower() in ("zh-cn", "zh-hans")


@pytest.mark.parametrize("path", PAGES)
def test_cookie_makes_pages_english(client: Client, english_site: None, path: str) -> None:
    response = in_english(client).get(path)
    assert response.status_code == 200
    assert response.headers["Content-Language"] == attributes_of(response, "html")[0]["lang"] == "en"
    assert in_chinese(response) == ""


def test_the_tag_field_speaks_the_language_of_its_request(editor_client: Client, root: Section) -> None:
    page = in_english(editor_client).get("/admin/papers/paper/add/").content.decode()
    assert "Tags:" in page
    assert "zh-CN" not in page


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_cookie_makes_the_admin_english(editor_client: Client, path: str) -> None:
    response = in_english(editor_client).get(f"/admin/{path}")
    assert response.headers["Content-Language"] == "en"
    assert in_chinese(response) == ""


@pytest.mark.parametrize("cookie", ["fr", "EN", "zh", "", "../en", "en\x01", "x" * 3000])
def test_other_cookies_mean_chinese(client: Client, root: Section, cookie: str) -> None:
    client.cookies["django_language"] = cookie
    assert texts_of(client.get("/papers/"), "h1") == ["全部论文"]


def test_djangos_own_words_follow(client: Client, db: None) -> None:
    assert attributes_of(client.get("/admin/login/"), "input")[-1]["value"] == "登录"
    assert attributes_of(in_english(client).get("/admin/login/"), "input")[-1]["value"] == "Log in"


def test_one_readers_choice_is_nobody_elses(client: Client, root: Section) -> None:
    in_english(client).get("/papers/")
    assert get_language() == "zh-hans"
    assert texts_of(Client().get("/papers/"), "h1") == ["全部论文"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/nothing", 404, "Page not found"), ("/a%00b/", 400, "Bad request"), ("/papers/?page=x", 404, None)],
)
def test_errors_are_english_too(client: Client, root: Section, path: str, status: int, words: str) -> None:
    response = in_english(client).get(path)
    assert response.status_code == status
    assert words in (None, text_of(response, "h1"))
    assert in_chinese(response).replace("站名", "") == ""


def test_gone_is_english_too(client: Client, published_paper: Paper) -> None:
    path = published_paper.get_absolute_url()
    published_paper.delete()
    assert text_of(in_english(client).get(path), "h1") == "Deleted"


def test_unknown_host_is_told_in_english_too(client: Client, root: Section) -> None:
    response = in_english(client).get("/", headers={"host": "evil.example"})
    assert (response.status_code, text_of(response, "h1")) == (400, "Bad request")


def test_failure_of_ours_is_told_in_both(client: Client, root: Section, monkeypatch: Any) -> None:
    monkeypatch.delattr("papers.pages.Tree.__init__")
    client.raise_request_exception = False
    assert "出错了" in (html := client.get("/").content.decode())
    assert '<p lang="en">Something went wrong' in html


def test_notes_stay_chinese(client: Client, section: Section) -> None:
    make_paper(section, "x", title="论文甲", summary="摘要", notes="正文")
    response = in_english(client).get("/RL/x.html")
    assert attributes_of(response, "h1")[0]["lang"] == "zh-Hans"
    marked = {div.get("class"): div.get("lang") for div in attributes_of(response, "div")}
    assert marked["note"] == "zh-Hans"


def test_only_the_words_of_editors_are_said_to_be_chinese(client: Client, section: Section) -> None:
    make_paper(section, "x", tags=("MoE",), review_state="reviewed", venue="SOSP 2023")
    make_paper(section, "y")
    page = in_english(client).get("/papers/?tag=moe&review=reviewed", follow=True).content.decode()
    lists = re.findall('<ul aria-labelledby="page-([a-z]+)"([^>]*)>', page)
    assert [name for name, more in lists if "lang=" in more] == ["section", "tag"]
    assert '<span lang="zh-Hans">MoE</span>' in page
    assert "<span>Reviewed</span>" in page


@pytest.mark.parametrize("path", ["/RL/x.md", "/RL/x.bib", "/RL/feed.xml", "/robots.txt"])
def test_what_is_no_page_is_the_same_in_both(client: Client, section: Section, path: str) -> None:
    make_paper(section, "x", notes="正文")
    before = client.get(path)
    after = in_english(client).get(path)
    assert before.content == after.content
    assert "Content-Language" not in after.headers


# --- The switch -------------------------------------------------------------------------------------------


def next_of(response: Any) -> str:
    """Where the switch's form leads back to."""
    (value,) = [field["value"] for field in attributes_of(response, "input") if field.get("name") == "next"]
    return value


@pytest.mark.parametrize("path", ["/papers/?page=1", "/search/?q=a%26b%3D1", "/nothing", "/admin/login/"])
def test_every_page_leads_to_the_switch_and_back(client: Client, root: Section, path: str) -> None:
    links = [link for link in links_in(client.get(path).content.decode()) if link.startswith(SWITCH)]
    assert len(links) == 1
    assert next_of(client.get(links[0])) == path


@pytest.mark.parametrize("path", ["", "papers/paper/", "papers/paper/add/", "password_change/"])
def test_every_admin_page_leads_to_the_switch(editor_client: Client, path: str) -> None:
    links = links_in(editor_client.get(f"/admin/{path}").content.decode())
    back = quote(f"/admin/{path}", safe="")
    assert [link for link in links if link.startswith(SWITCH)] == [f"{SWITCH}?next={back}"]


def test_answer_to_a_form_is_no_address_to_come_back_to(editor_client: Client, root: Section) -> None:
    links = links_in(editor_client.post("/admin/logout/").content.decode())
    assert [link for link in links if link.startswith(SWITCH)] == [SWITCH]


def test_anonymous_pages_with_the_link_set_no_cookie(client: Client, root: Section) -> None:
    response = client.get("/papers/")
    assert not response.cookies
    assert response.headers["Cache-Control"].startswith("public")


def test_switch_offers_each_language_in_itself(client: Client, root: Section) -> None:
    response = client.get(SWITCH)
    offered = {
        button["value"]: button["lang"] for button in attributes_of(response, "button") if "lang" in button
    }
    assert offered == {"zh-hans": "zh-hans", "en": "en"}
    assert texts_of(response, "h1") == ["界面语言 · Interface language"]
    assert meta(response, "robots") == ["noindex"]


def test_switch_is_kept_by_no_cache(client: Client, root: Section) -> None:
    for response in (client.get(SWITCH), client.post(SWITCH, {"language": "en"}), client.put(SWITCH)):
        assert {"no-store", "private"} <= set(response.headers["Cache-Control"].split(", "))


def test_another_spelling_of_the_switch_sets_no_cookie(client: Client, root: Section) -> None:
    response = client.get("/-/Language")
    assert (response.status_code, response.headers["Location"]) == (301, SWITCH)
    assert not response.cookies


def test_choice_is_kept_for_a_year(client: Client, root: Section) -> None:
    response = client.post(SWITCH, {"language": "en", "next": "/papers/"})
    cookie = response.cookies["django_language"]
    assert (response.status_code, response.headers["Location"]) == (302, "/papers/")
    assert (cookie.value, cookie["path"], cookie["samesite"]) == ("en", "/", "Lax")
    assert (cookie["max-age"], cookie["httponly"], cookie["secure"]) == (31_536_000, True, "")
    assert texts_of(client.get("/papers/"), "h1") == ["All papers"]


def test_choice_travels_over_https_only_where_there_is_https(
    client: Client, root: Section, settings: Any
) -> None:
    settings.LANGUAGE_COOKIE_SECURE = True  # as settings.py has it for an https address
    response = client.post(SWITCH, {"language": "en"}, secure=True)
    assert response.cookies["django_language"]["secure"] is True


def test_way_back_to_chinese(client: Client, root: Section) -> None:
    in_english(client).post(SWITCH, {"language": "zh-hans"})
    assert texts_of(client.get("/papers/"), "h1") == ["全部论文"]


@pytest.mark.parametrize(
    "next_url",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "http:/evil.example",
        "http://testserver/papers/",
        " //evil.example",
        "//[",
        "",
    ],
)
def test_foreign_addresses_lead_to_the_front_page(client: Client, root: Section, next_url: str) -> None:
    assert next_of(client.get(SWITCH, {"next": next_url})) == "/"
    assert client.post(SWITCH, {"language": "en", "next": next_url}).headers["Location"] == "/"


@pytest.mark.parametrize("method", ["get", "head"])
def test_asking_changes_nothing(client: Client, root: Section, method: str) -> None:
    response = getattr(client, method)(SWITCH, {"language": "en"})
    assert response.status_code == 200
    assert "django_language" not in response.cookies


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_405(client: Client, root: Section, method: str) -> None:
    assert getattr(client, method)(SWITCH).status_code == 405


@pytest.mark.parametrize("language", ["fr", "", "EN", "en; path=/x"])
def test_unknown_language_is_400(client: Client, root: Section, language: str) -> None:
    response = client.post(SWITCH, {"language": language})
    assert response.status_code == 400
    assert "django_language" not in response.cookies


def test_other_sites_cannot_switch(root: Section) -> None:
    response = Client(enforce_csrf_checks=True).post(SWITCH, {"language": "en"})
    assert response.status_code == 403
    assert "django_language" not in response.cookies


# --- The catalogue ----------------------------------------------------------------------------------------

AGAIN = "the README's section Translations says how to update and compile"


def test_every_string_is_translated() -> None:
    source = catalogue.source()
    missing = [
        key
        for key in filter(CJK.search, catalogue.used())  # words of Django's own stay with Django
        if key not in source or source[key].is_fuzzy or not all(source[key].texts)
    ]
    assert missing == [], AGAIN


def test_search_for_strings_finds_them() -> None:
    """The test of the test: from code and templates, with a plural, with a context."""
    used = catalogue.used()
    assert {
        "网址片段",
        "全部论文",
        "plural\x04标签",
        "渲染进程没有启动。请管理员检查 Python 环境和内存限制。",
    } <= set(used)
    assert used["共 %(total)s 篇"].plural == "共 %(total)s 篇"


def test_nothing_is_translated_that_is_not_used() -> None:
    assert set(catalogue.source()) - set(catalogue.used()) == {""}, AGAIN


def test_english_is_english() -> None:
    entries = catalogue.source().values()
    assert [text for entry in entries for text in entry.texts if CJK.search(text)] == []


def test_placeholders_are_those_of_the_chinese() -> None:
    for entry in catalogue.source().values():
        if entry.msgid:
            expected = sorted(re.findall(r"%\(\w+\)[a-z]|%[a-z%]", entry.msgid))
            for text in filter(None, entry.texts):
                assert sorted(re.findall(r"%\(\w+\)[a-z]|%[a-z%]", text)) == expected, entry.msgid


def test_compiled_catalogue_is_that_of_the_source() -> None:
    made, source = catalogue.compiled(), catalogue.to_be_compiled(catalogue.source())
    assert re.findall("Plural-Forms.*", made.pop("")) == re.findall("Plural-Forms.*", source.pop(""))
    assert made == source, AGAIN
