"""Word diffs: nothing is lost, what is common is as much as can be, and hostile texts cost about their length."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import diff
from analysis.diff import Agreement, Piece, addresses, agreement, numbers, share_kept, word_diff, words

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "the", "7", "\n"]), max_size=30).map(" ".join)


def told(pieces: list[Piece], *kinds: str) -> list[str]:
    return [word for piece in pieces if piece.kind in kinds for word in words(piece.text)]


def common_length(old: list[str], new: list[str]) -> int:
    """Length of a longest common subsequence by the textbook's table."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, a in enumerate(old):
        for j, b in enumerate(new):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def test_a_spun_sentence_shows_what_was_swapped() -> None:
    pieces = word_diff("the port takes 40 coins a day", "the harbour accepts 40 coins every day now")
    assert pieces == [
        Piece("same", "the"),
        Piece("removed", "port takes"),
        Piece("added", "harbour accepts"),
        Piece("same", "40 coins"),
        Piece("removed", "a"),
        Piece("added", "every"),
        Piece("same", "day"),
        Piece("added", "now"),
    ]
    assert share_kept(pieces) == pytest.approx(4 / 7)  # the, 40, coins, day of seven words


@given(TEXTS, TEXTS)
def test_no_word_of_either_text_is_lost_or_moved(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert told(pieces, "same", "removed") == words(old)
    assert told(pieces, "same", "added") == words(new)
    assert all(before.kind != after.kind for before, after in pairwise(pieces))


@given(TEXTS, TEXTS)
def test_as_much_is_kept_as_can_be(old: str, new: str) -> None:
    assert len(told(word_diff(old, new), "same")) == common_length(words(old), words(new))


@given(TEXTS, TEXTS)
def test_a_long_text_cut_at_its_anchors_loses_nothing_either(old: str, new: str) -> None:
    old, new = f"one {old} two {old} three", f"one {new} two three {new}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff, "MAX_PAIRS", 20)
        pieces = word_diff(old, new)
    assert told(pieces, "same", "removed") == words(old)
    assert told(pieces, "same", "added") == words(new)


def test_words_that_stand_once_hold_a_long_text_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "MAX_PAIRS", 100)
    old = "x x x x x x alpha x x x x x x beta y"
    new = "z z z z z z alpha x x x x x x beta z"
    kept = told(word_diff(old, new), "same")
    assert kept == ["alpha", "x", "x", "x", "x", "x", "x", "beta"]


def test_blanks_do_not_count_and_line_breaks_do() -> None:
    assert word_diff("a  b\t c", "a b c ") == [Piece("same", "a b c")]
    assert word_diff("a\n\n b", "a b") == [Piece("same", "a"), Piece("removed", "\n"), Piece("same", "b")]


@pytest.mark.parametrize(("old", "new"), [("", ""), (" \n ", "a"), ("", "a b")])
def test_an_empty_text_has_no_share(old: str, new: str) -> None:
    assert math.isnan(share_kept(word_diff(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a" * 1_000_000, "b" * 1_000_000),
        ("a " * 300_000, "b a " * 150_000),
        ("\n" * 500_000, " " * 1_000_000 + "x"),
        ("1," * 300_000, "http://" * 100_000),
    ],
)  # a quadratic step would take hours here
def test_a_million_characters_are_compared_in_bounded_time(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert len(told(pieces, "same", "removed")) == len(words(old))
    numbers(old), addresses(new)


def test_numbers_lose_their_thousands_separators_and_addresses_are_not_numbers() -> None:
    text = "$2,710,000.50 and 2.68 trillion, 7 to 2, up 3%; see https://a.example/2025/03 or 42.900 or 1,5."
    assert numbers(text) == ["2710000.50", "2.68", "7", "2", "3", "42.900", "1,5"]


def test_addresses_end_before_their_punctuation() -> None:
    text = "Read https://a.example/x?y=1, (http://b.example/z). Again https://a.example/x?y=1"
    assert addresses(text) == ["https://a.example/x?y=1", "http://b.example/z"]


def test_agreement_is_about_the_facts_not_their_letter_case_or_order() -> None:
    assert agreement(["Ana Ruiz", "Oslo", "BTC"], ["btc", "ANA RUIZ", "Rome"]) == Agreement(
        kept=("Ana Ruiz", "BTC"), missing=("Oslo",), added=("Rome",)
    )
