"""Pictures pasted, dropped and chosen while a note is written, in a real Chromium."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from papers import figures
from papers.models import Figure, Paper, Section
from tests.conftest import make_paper
from tests.drawing import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Desk = Callable[..., Page]
UPLOADS = "**/upload/"
HAND_OVER = """([files, text, kind]) => {
    const area = document.activeElement;
    const transfer = new DataTransfer();
    for (const [name, type, base64] of files) {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
    }
    if (text) transfer.setData("text/plain", text);
    const options = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
        : new DragEvent(kind, { ...options, dataTransfer: transfer });
    area.dispatchEvent(event);
    return event.defaultPrevented;
}"""

COPY = """async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const item = new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) });
    await navigator.clipboard.write([item]);
}"""


@pytest.fixture
def paper(section: Section) -> Paper:
    return make_paper(section, "2025-07-Note", title="一篇笔记", notes="第一段\n\n第二段", status="draft")


@pytest.fixture
def page(desk: Desk, editor: User, paper: Paper) -> Page:
    page = desk(editor, f"/admin/papers/paper/{paper.pk}/change/")
    put_cursor(page, 3)
    return page


def put_cursor(page: Page, start: int) -> None:
    page.locator("#id_notes").evaluate(
        "(area, at) => { area.focus(); area.setSelectionRange(at, at); }", start
    )


def hand_over(
    page: Page, *contents: bytes, text: str = "", kind: str = "paste", type: str = "image/png"
) -> bool:
    files = [[f"{n}.png", type, base64.b64encode(one).decode()] for n, one in enumerate(contents, 1)]
    return bool(page.evaluate(HAND_OVER, [files, text, kind]))


def notes(page: Page) -> Any:
    return page.locator("#id_notes")


def address(number: int = 0) -> str:
    """Of what was stored, in order."""
    return f"/-/figures/{Figure.objects.order_by('created_at', 'name')[number].name}"


def rows(page: Page) -> Any:
    return page.locator(".pictures-list li")


# --- One picture ------------------------------------------------------------------------------------------


def test_a_pasted_picture_is_stored_and_described(page: Page, paper: Paper) -> None:
    assert hand_over(page, picture())
    asked = page.get_by_label("替代文字")
    expect(asked).to_be_visible()
    expect(notes(page)).to_have_value(f"第一段![]({address()})\n\n第二段")
    expect(notes(page)).to_be_focused()  # to write on

    asked.fill("图 [1]：结构")
    asked.press("Enter")
    text = rf"第一段![图 \[1\]：结构]({address()})"
    expect(notes(page)).to_have_value(f"{text}\n\n第二段")
    expect(rows(page)).to_have_count(0)
    with page.expect_navigation():
        page.locator("[name=_continue]").first.click()
    paper.refresh_from_db()
    assert paper.notes == f"{text}\n\n第二段"


def test_a_picture_from_the_clipboard_itself_is_read_by_readers(page: Page, paper: Paper) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(COPY, base64.b64encode(picture()).decode())
    page.keyboard.press("Control+v")
    page.get_by_label("替代文字").fill("结构图")
    page.get_by_label("替代文字").press("Enter")
    expect(notes(page)).to_have_value(f"第一段![结构图]({address()})\n\n第二段")
    with page.expect_navigation():
        page.locator("[name=_publish]").first.click()
    page.goto(Paper.objects.get().get_absolute_url())
    expect(page.get_by_role("img", name="结构图")).to_have_js_property("naturalWidth", 40)


def test_the_picture_is_shown_while_its_words_are_asked_for(page: Page) -> None:
    hand_over(page, picture(size=(40, 20)))
    shown = rows(page).locator("img")
    expect(shown).to_have_js_property("naturalWidth", 40)


def test_words_that_are_known_are_put_in(page: Page) -> None:
    name = figures.store(picture(), alt="模型结构").name
    hand_over(page, picture())
    expect(notes(page)).to_have_value(f"第一段![模型结构](/-/figures/{name})\n\n第二段")
    expect(page.get_by_label("替代文字")).to_have_value("模型结构")
    page.get_by_role("button", name="以后再说").click()
    expect(rows(page)).to_have_count(0)


def test_a_dropped_picture(page: Page) -> None:
    assert hand_over(page, picture(), kind="dragover")
    expect(page.locator("#pictures")).to_have_class("pictures drop-here")
    assert hand_over(page, picture(), kind="drop")
    expect(page.get_by_label("替代文字")).to_be_visible()
    expect(page.locator("#pictures")).to_have_class("pictures")
    assert f"![]({address()})" in notes(page).input_value()


def test_a_chosen_picture(page: Page, tmp_path: Path) -> None:
    (tmp_path / "chosen.png").write_bytes(picture())
    page.get_by_label("插入图片").set_input_files(tmp_path / "chosen.png")
    expect(page.get_by_label("替代文字")).to_be_visible()
    assert f"第一段![]({address()})" in notes(page).input_value()


def test_a_note_in_html_gets_an_element(page: Page) -> None:
    page.select_option("#id_notes_format", "html")
    put_cursor(page, 0)
    hand_over(page, picture())
    page.get_by_label("替代文字").fill('a "b" <c>')
    page.get_by_role("button", name="填入").click()
    expected = f'<img src="{address()}" alt="a &#34;b&#34; &#60;c&#62;">第一段\n\n第二段'
    expect(notes(page)).to_have_value(expected)


def test_a_section_s_text_takes_pictures(desk: Desk, editor: User, section: Section) -> None:
    page = desk(editor, f"/admin/papers/section/{section.pk}/change/")
    page.locator("#id_text").focus()
    hand_over(page, picture())
    expect(page.get_by_label("替代文字")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value(f"![]({address()})")


# --- What is not taken ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_taken"), [("从表格里复制的文字", False), ("1.png", True), ("/home/me/1.png", True)]
)
def test_text_that_is_copied_with_a_picture_of_itself_is_text(page: Page, text: str, is_taken: bool) -> None:
    assert hand_over(page, picture(), text=text) is is_taken
    expect(page.get_by_label("替代文字")).to_have_count(int(is_taken))


def test_text_alone_is_the_browser_s(page: Page) -> None:
    assert not hand_over(page, text="文字")
    assert not hand_over(page, text="文字", kind="drop")


@pytest.mark.parametrize(
    ("content", "type", "reason"),
    [(b"text", "text/plain", "不是图片"), (b"no picture", "image/png", "认不出这是什么文件")],
)
def test_a_refused_picture_leaves_the_note_as_it_was(
    page: Page, content: bytes, type: str, reason: str
) -> None:
    hand_over(page, content, type=type)
    expect(rows(page).locator(".problem")).to_contain_text(reason)
    expect(notes(page)).to_have_value("第一段\n\n第二段")
    page.get_by_role("button", name="关闭").click()
    expect(rows(page)).to_have_count(0)


def test_a_broken_connection_is_told_and_may_be_tried_again(page: Page) -> None:
    page.route(UPLOADS, lambda route: route.fulfill(status=200, body="<html>sign in</html>"))
    hand_over(page, picture())
    expect(rows(page).locator(".problem")).to_contain_text("可能已经退出登录")
    page.unroute(UPLOADS)
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_label("替代文字")).to_be_visible()
    expect(notes(page)).to_have_value(f"第一段![]({address()})\n\n第二段")


# --- While it is on its way -------------------------------------------------------------------------------


class Barrier:
    """Uploads wait at it until it is lifted."""

    def __init__(self, page: Page) -> None:
        self.routes: list[Any] = []
        self.is_up = True
        page.route(UPLOADS, lambda route: self.routes.append(route) if self.is_up else route.continue_())

    def lift(self, called_off: int = 0) -> None:
        self.is_up = False
        for route in self.routes[called_off:]:
            route.continue_()


@pytest.fixture
def barrier(page: Page) -> Barrier:
    return Barrier(page)


def test_words_stand_for_it_and_the_editor_writes_on(page: Page, barrier: Barrier) -> None:
    hand_over(page, picture())
    expect(notes(page)).to_have_value("第一段![上传中 1…]()\n\n第二段")
    expect(rows(page).locator("progress")).to_be_visible()
    page.keyboard.type("，接着写")
    barrier.lift()
    expect(page.get_by_label("替代文字")).to_be_visible()
    expect(notes(page)).to_have_value(f"第一段![]({address()})，接着写\n\n第二段")
    page.keyboard.type("。")  # the cursor is where it was
    expect(notes(page)).to_have_value(f"第一段![]({address()})，接着写。\n\n第二段")


def test_whoever_is_in_another_field_stays_there(page: Page, barrier: Barrier) -> None:
    hand_over(page, picture())
    expect(rows(page)).to_have_count(1)
    page.locator("#id_summary").focus()
    barrier.lift()
    expect(page.get_by_label("替代文字")).to_be_visible()
    expect(page.locator("#id_summary")).to_be_focused()
    assert f"第一段![]({address()})" in notes(page).input_value()


def test_it_can_be_called_off(page: Page, barrier: Barrier) -> None:
    hand_over(page, picture(), picture(colour=7))
    expect(rows(page).nth(0).locator("progress")).to_be_visible()
    rows(page).nth(0).get_by_role("button", name="取消").click()
    expect(rows(page).nth(0)).to_contain_text("已取消")
    barrier.lift(called_off=1)
    expect(page.get_by_label("替代文字")).to_be_visible()
    expect(notes(page)).to_have_value(f"第一段\n\n![]({address()})\n\n第二段")


def test_whoever_takes_the_words_away_gets_no_picture(page: Page, barrier: Barrier) -> None:
    hand_over(page, picture())
    notes(page).fill("别的")
    barrier.lift()
    expect(rows(page)).to_contain_text("已取消")
    expect(notes(page)).to_have_value("别的")


def test_a_save_waits_for_it(page: Page, barrier: Barrier, paper: Paper) -> None:
    hand_over(page, picture())
    page.locator("[name=_continue]").first.click()
    expect(page.locator(".pictures-told")).to_contain_text("传完就保存")
    with page.expect_navigation():
        barrier.lift()
    paper.refresh_from_db()
    assert paper.notes == f"第一段![]({address()})\n\n第二段"
    assert page.url.endswith(f"/{paper.pk}/change/")  # by the button that was pressed


def test_an_input_method_is_not_interrupted(page: Page, barrier: Barrier) -> None:
    hand_over(page, picture())
    notes(page).evaluate("(area) => area.dispatchEvent(new CompositionEvent('compositionstart'))")
    with page.expect_response(UPLOADS):
        barrier.lift()
    expect(notes(page)).to_have_value("第一段![上传中 1…]()\n\n第二段")
    notes(page).evaluate("(area) => area.dispatchEvent(new CompositionEvent('compositionend'))")
    expect(page.get_by_label("替代文字")).to_be_visible()
    expect(notes(page)).to_have_value(f"第一段![]({address()})\n\n第二段")


def test_several_come_one_after_another_in_their_order(page: Page) -> None:
    hand_over(page, *(picture(colour=colour) for colour in (1, 2, 3)))
    expect(page.get_by_label("替代文字")).to_have_count(3)
    pictures = "\n\n".join(f"![]({address(number)})" for number in range(3))
    expect(notes(page)).to_have_value(f"第一段{pictures}\n\n第二段")


# --- Undo -------------------------------------------------------------------------------------------------


def test_undo_takes_the_picture_back_and_redo_brings_it(page: Page) -> None:
    page.keyboard.type("甲")
    hand_over(page, picture())
    expect(page.get_by_label("替代文字")).to_be_visible()
    full = f"第一段甲![]({address()})\n\n第二段"
    expect(notes(page)).to_have_value(full)
    page.keyboard.press("Control+z")
    expect(notes(page)).to_have_value("第一段甲\n\n第二段")
    page.keyboard.press("Control+z")
    expect(notes(page)).to_have_value("第一段\n\n第二段")
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+y")
    expect(notes(page)).to_have_value(full)


def test_undo_never_shows_the_words_of_a_refused_picture_again(page: Page) -> None:
    page.keyboard.type("甲")
    hand_over(page, b"no picture")
    expect(rows(page).locator(".problem")).to_be_visible()
    page.keyboard.press("Control+z")
    assert "上传中" not in notes(page).input_value()
