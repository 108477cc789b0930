"""Pictures of numbers, and the page that shows the collection by them."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from papers import totals
from papers.models import Paper, Section
from papers.plots import plot

from .conftest import make_paper, make_section
from .reading import links_in, text_of, texts_of

URL = "/-/collection/"


def table(client: Client, name: str) -> dict[str, str]:
    """The rows of one picture's table."""
    html = client.get(URL).content.decode()
    part = html.partition(f'id="plot-{name}"')[2].partition("</table>")[0]
    return dict(re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a></th><td>(\d+)</td>', part))


# --- The function -----------------------------------------------------------------------------------------


def test_the_longest_bar_is_as_wide_as_the_picture() -> None:
    drawn = plot([("甲", 4), ("乙", 1)])
    assert [bar.width for bar in drawn.bars] == ["100%", "25%"]


def test_each_row_says_its_label_and_number() -> None:
    assert [text.text for text in plot([("甲", 4), ("乙", 1)]).texts] == ["甲", "4", "乙", "1"]


def test_rows_do_not_overlap_and_end_inside_the_picture() -> None:
    drawn = plot([(str(number), number) for number in range(1, 9)])
    tops = [int(bar.y) for bar in drawn.bars]
    assert min(low - high for high, low in pairwise(tops)) > 20
    assert tops[-1] + int(drawn.bars[-1].height) <= drawn.height


def test_columns_stand_on_the_baseline() -> None:
    drawn = plot([("2025-01", 10), ("2025-02", 5)], upright=True)
    assert [int(bar.y) + int(bar.height) for bar in drawn.bars] == [drawn.baseline] * 2
    assert int(drawn.bars[0].height) == 2 * int(drawn.bars[1].height)


def test_one_month_is_no_wider_than_one_of_a_year() -> None:
    widths = {plot([("m", 1)] * number, upright=True).bars[0].width for number in (1, 2, 12)}
    assert len(widths) == 1


def test_one_among_thousands_is_still_seen() -> None:
    assert int(plot([("a", 9000), ("b", 1)], upright=True).bars[1].height) >= 2


def test_nothing_has_no_column_but_its_place() -> None:
    drawn = plot([("a", 1), ("b", 0), ("c", 1)], upright=True)
    assert [bar.title for bar in drawn.bars] == ["a: 1", "c: 1"]


def test_a_phone_has_room_for_the_labels_of_many_months() -> None:
    drawn = plot([(f"m{number}", 1) for number in range(120)], upright=True)
    assert len([text for text in drawn.texts if text.text.startswith("m")]) <= 4


def test_a_long_label_is_cut_where_the_number_begins() -> None:
    assert plot([("很" * 18, 1)]).texts[0].text == "很" * 18
    assert plot([("很" * 19, 1)]).texts[0].text == f"{'很' * 17}…"


@pytest.mark.parametrize("counts", [[], [("a", 0)]])
def test_nothing_to_show_is_an_empty_picture(counts: list[Any]) -> None:
    assert plot(counts).bars == plot(counts, upright=True).bars == []


def test_months_without_a_paper_are_in_the_row_and_ten_years_are_enough() -> None:
    assert totals.last_months(Counter({"2024-11": 2, "2025-01": 1})) == [
        ("2024-11", 2),
        ("2024-12", 0),
        ("2025-01", 1),
    ]
    assert len(totals.last_months(Counter(["0812-03", "2025-01"]))) == 120
    assert totals.last_months(Counter()) == []


def test_a_date_far_off_does_not_empty_the_picture(client: Client, section: Section) -> None:
    make_paper(section, "new")
    make_paper(section, "slip", published_on=date(9205, 7, 1))
    assert table(client, "months") == {"2025-07": "1"}
    assert "其余月份还有 1 篇。" in text_of(client.get(URL))


# --- The page ---------------------------------------------------------------------------------------------


def test_tables_count_by_month_section_and_venue(client: Client, root: Section, section: Section) -> None:
    below = make_section("deep", parent=section, title="深处")
    make_paper(section, "a", published_on=date(2025, 7, 3), venue="SOSP 2023")
    make_paper(section, "b", published_on=date(2025, 7, 9), venue="SOSP 2023")
    make_paper(below, "c", published_on=date(2025, 5, 1))
    assert table(client, "months") == {"2025-07": "2", "2025-05": "1"}
    assert table(client, "sections") == {"强化学习": "2", "强化学习 / 深处": "1"}
    assert table(client, "venues") == {"SOSP 2023": "2"}


def test_every_row_leads_to_its_list(client: Client, published_paper: Paper) -> None:
    local = [link for link in links_in(client.get(URL).content.decode()) if link.startswith("/")]
    codes = {link: client.get(link).status_code for link in local if not link.startswith("/static/")}
    assert {"/2025/07/", "/RL/"} <= codes.keys()
    assert set(codes.values()) == {200}


def test_pictures_are_named_for_who_does_not_see_them(client: Client, published_paper: Paper) -> None:
    response = client.get(URL)
    assert texts_of(response, "desc")
    assert {"按月份", "按栏目"} <= set(texts_of(response, "title"))
    assert response.content.decode().count('role="img"') == 2


def test_nothing_in_a_picture_is_blocked_by_the_policy(client: Client, published_paper: Paper) -> None:
    assert ' style="' not in client.get(URL).content.decode()


def test_what_is_beyond_the_largest_is_summed_up(client: Client, root: Section) -> None:
    for number in range(23):
        make_paper(make_section(f"s{number}", parent=root, title=f"栏{number:02}"), f"p{number}")
    assert len(table(client, "sections")) == 20
    assert "其余各项还有 3 篇。" in text_of(client.get(URL))


def test_years_before_the_last_ten_are_summed_up(client: Client, section: Section) -> None:
    make_paper(section, "new")
    make_paper(section, "old", published_on=date(1999, 1, 1))
    assert "其余月份还有 1 篇。" in text_of(client.get(URL))


def test_drafts_are_not_counted(
    client: Client, published_paper: Paper, draft_paper: Paper, scheduled_paper: Paper
) -> None:
    assert table(client, "months") == {"2025-07": "1"}
    assert "共 1 篇" in text_of(client.get(URL))


def test_a_new_paper_is_counted_at_once(client: Client, published_paper: Paper, section: Section) -> None:
    client.get(URL)
    make_paper(section, "next")
    assert table(client, "sections") == {"强化学习": "2"}


def test_an_empty_site_says_so(client: Client, root: Section) -> None:
    assert "还没有论文" in text_of(client.get(URL))


def test_markup_in_titles_is_shown_as_typed(client: Client, root: Section) -> None:
    evil = "<script>alert(1)</script>"
    make_paper(make_section("evil", parent=root, title=evil), "p", venue=evil)
    assert "<script>alert" not in client.get(URL).content.decode()
