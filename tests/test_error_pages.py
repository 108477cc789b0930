"""Errors in the site's language, with a way on."""

from typing import Any

import pytest
from django.test import Client

from papers import pages
from papers.models import Paper, Section

from .conftest import make_paper
from .reading import attributes_of, links_in, meta, text_of, texts_of


def test_unknown_path_is_404_with_a_search_box(client: Client, root: Section) -> None:
    response = client.get("/nothing.html")
    assert response.status_code == 404
    assert texts_of(response, "h1") == ["没有这个页面"]
    assert "/search/" in {form["action"] for form in attributes_of(response, "form")}
    assert meta(response, "robots") == ["noindex"]
    assert attributes_of(response, "html")[0]["lang"] == "zh-CN"


def test_unknown_path_offers_the_nearest_papers(client: Client, section: Section) -> None:
    make_paper(section, "2022-07-FlashAttention", title="FlashAttention: Fast")
    make_paper(section, "2022-07-Orca", title="Orca")
    links = links_in(client.get("/old/flashattention.html").content.decode())
    assert "/RL/2022-07-FlashAttention.html" in links
    assert "/RL/2022-07-Orca.html" not in links


def test_drafts_are_never_among_the_nearest(
    client: Client, draft_paper: Paper, scheduled_paper: Paper
) -> None:
    for path in ("/RL/2025-08-Secret.html", "/secret", "/tomorrow", "/Secret-Paper.html"):
        response = client.get(path)
        assert response.status_code == 404
        assert "也许你要找的是" not in text_of(response)


def test_search_box_of_the_404_page_is_labelled_once(client: Client, root: Section) -> None:
    response = client.get("/nothing")
    ids = [field["id"] for field in attributes_of(response, "input") if field.get("type") == "search"]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {label.get("for") for label in attributes_of(response, "label")}


def test_404_works_for_a_path_of_any_signs(client: Client, root: Section) -> None:
    for path in ("/%25%5f", "/a'b\"c", "/<script>", "/🤖", "/%s%d{}", "/..//..", "/" + "长" * 900):
        response = client.get(path)
        assert response.status_code == 404, path
        assert b"<script>" not in response.content


def test_deleted_paper_is_410_with_a_search_box(client: Client, published_paper: Paper) -> None:
    path = published_paper.get_absolute_url()
    published_paper.delete()
    response = client.get(path)
    assert (response.status_code, texts_of(response, "h1")) == (410, ["内容已删除"])
    assert "/search/" in {form["action"] for form in attributes_of(response, "form")}
    assert "Public Paper" not in response.content.decode()


def test_nul_is_400_in_words(client: Client, root: Section) -> None:
    response = client.get("/a%00b/")
    assert (response.status_code, text_of(response, "h1")) == (400, "请求有误")
    assert "空字符（%00）" in response.content.decode()


def test_unknown_host_is_400_in_words(client: Client, root: Section) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert (response.status_code, text_of(response, "h1")) == (400, "请求有误")


@pytest.mark.parametrize("path", ["/", "/nothing", "/papers/"])
def test_failure_of_ours_is_500_in_words_without_details(
    client: Client, root: Section, monkeypatch: Any, path: str
) -> None:
    def fail(*_args: Any) -> None:
        raise RuntimeError("a detail of ours")

    monkeypatch.setattr(pages.Tree, "__init__", fail)
    client.raise_request_exception = False
    response = client.get(path)
    assert (response.status_code, text_of(response, "h1")) == (500, "出错了")
    assert b"detail" not in response.content


def test_other_methods_are_405(client: Client, root: Section) -> None:
    for path in ("/", "/papers/", "/search/", "/feed.xml", "/healthz", "/p/x/"):
        assert {client.post(path).status_code, client.delete(path).status_code} == {405}, path
