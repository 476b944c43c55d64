"""The model beside the grammar: what it adds, and what must not change what it says."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.claim_model import ANSWERS, builtin_model
from analysis.claim_sentences import MAX_TOKENS, PLACES
from analysis.claims import extract_claims, sentences_with_figures

AT = datetime(2025, 6, 2, 12, tzinfo=UTC)


def odds(text):
    return builtin_model().odds(sentences_with_figures(text, AT))


def read(text, **options):
    return {(one.quantity, one.asset, one.value) for one in extract_claims(text, AT, **options)}


def test_a_sentence_means_the_same_whatever_else_is_read_with_it():
    alone = "Cardano slid 3% overnight to $0.66."
    [expected] = odds(alone)
    others = (
        "Solana is up 2% on the week.\n\n" * 70
        + alone
        + "\nEther trades at $2,500 after a long, quiet Sunday on the exchanges."
    )
    np.testing.assert_allclose(odds(others)[70], expected, atol=1e-5)
    np.testing.assert_allclose(expected.sum(axis=1), 1, atol=1e-5)
    assert expected.shape[1] == len(ANSWERS)


def test_it_makes_no_difference_which_coin_or_number_it_is():
    [cardano], [stellar] = odds("Cardano slid 3% overnight to $0.66."), odds("Stellar slid 7% overnight to $0.29.")
    np.testing.assert_array_equal(cardano, stellar)


def test_the_grammar_s_claims_are_not_touched():
    text = "Bitcoin fell 4% today to $83,000.\nThe total crypto market cap stands at $2.68 trillion."
    by_the_grammar = extract_claims(text, AT, certain=2)
    assert len(by_the_grammar) == 3
    assert extract_claims(text, AT) == by_the_grammar


@given(st.text(alphabet="Bitcoin ETH fell to by $%.,0123456789 trillion\n", max_size=300))
def test_any_text_gives_odds_and_claims_that_quote_it(text):
    for sentence, found in zip(sentences_with_figures(text, AT), odds(text), strict=True):
        assert len(sentence.tokens) <= MAX_TOKENS
        assert found.shape == (len(sentence.pairs), len(ANSWERS))
        for pair in sentence.pairs:
            assert all(0 <= value < size for value, size in zip(pair.place, PLACES, strict=True))
    claims = extract_claims(text, AT)
    assert len({one.start for one in claims}) == len(claims)
    assert all(one.quote == text[one.start : one.end] for one in claims)


def test_a_line_of_ten_thousand_coins_and_figures_ends():
    assert len(extract_claims("BTC $5, ETH 3%, " * 10_000, AT)) < 20_000
