"""Any note gives up the pictures written out in it and nothing else, in a time that grows no faster than the note."""

import time
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import figures
from papers.figures import take_in
from tests.drawing import data_uri, picture

URI = data_uri(picture())
MARKUP = r"""![ ]( ) [ ] ` ``` ~~~ <img src= src=" src=' " ' > < 字 data:,x data:image/png;base64, AAAA [x]: \ ( -"""
pieces = st.sampled_from([*MARKUP.split(" "), " ", "\n", "\n> ", "\u2028", "\x00", "\ud800"])


@given(st.lists(pieces, max_size=40).map("".join), st.lists(pieces, max_size=40).map("".join))
def test_with_its_pictures_put_back_a_note_is_as_it_was(before: str, after: str) -> None:
    kept: dict[str, str] = {}

    def keep(uri: str, **_options: bool) -> str:
        address = f"\U0010fffe{len(kept)}\U0010ffff"
        kept[address] = uri
        return address

    with patch.object(figures, "_address_of", keep):
        taken = take_in(f"{before}{URI}{after}", "markdown").source
    for address, uri in kept.items():
        assert uri.lower().startswith("data:")
        taken = taken.replace(address, uri)
    assert taken == f"{before}{URI}{after}"


@given(st.text().filter(lambda text: "data:" not in text.lower()))
def test_a_note_without_data_addresses_stays_as_it_is(source: str) -> None:
    assert take_in(source, "markdown").source == take_in(source, "html").source == source


UNITS = [
    *(
        "![](data:",
        "](<data:",
        "[x]:data:",
        "<img src=data:",
        "<img src='data:",
        '<img src="data:x',
        "`![](data:,x)",
    ),
    *("```\n", "![", "- ", "> ", "![a](data:,AA AA ", "![[a]", "<img a='b' ", "<img src=data: "),
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_no_faster_than_the_note(unit: str) -> None:
    def seconds(length: int) -> float:
        source = unit * (length // len(unit))
        start = time.process_time()
        with patch.object(figures, "_address_of", return_value="x"):
            take_in(source, "markdown")
        return time.process_time() - start

    assert seconds(2_000_000) < 10 * seconds(400_000) + 0.5
