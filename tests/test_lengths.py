"""How long a note is: Chinese by characters, English by words."""

import pytest

from papers.lengths import length_of


@pytest.mark.parametrize(
    ("text", "characters", "words"),
    [
        ("", 0, 0),
        ("推理加速，很快。", 6, 0),
        ("the KV-cache isn't free", 0, 4),
        ("用 vLLM 推理", 3, 1),
        ("KV缓存和GPU显存", 5, 2),
        ("2048 + 17 = ?", 0, 0),
        ("𠮷", 1, 0),
    ],
)
def test_characters_and_words_are_counted_apart(text: str, characters: int, words: int) -> None:
    length = length_of(text)
    assert (length.characters, length.words) == (characters, words)


def test_a_note_in_chinese_with_english_terms_is_chinese() -> None:
    assert length_of("把请求放进一个批次 batch").is_chinese
    assert not length_of("put requests into one batch 批").is_chinese


@pytest.mark.parametrize(
    ("text", "minutes"), [("", 0), ("字", 1), ("字" * 350, 1), ("字" * 351, 2), ("word " * 400, 2)]
)
def test_reading_takes_whole_minutes(text: str, minutes: int) -> None:
    assert length_of(text).minutes == minutes
