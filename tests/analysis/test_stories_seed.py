"""One story told three times, and three that only sound like it. The seed is read where it lies; the rest is written
for this test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.stories import cluster

POST = "https://x.com/nayibbukele/status/1905705512345678901"
WIRE = (
    "Trump Plans to Host El Salvador's Bukele at White House Next Month",
    f"""President Donald Trump intends to receive Nayib Bukele, the president of El Salvador, in Washington in April,
people with knowledge of the plans told Bloomberg. The visit follows Bukele's agreement to jail hundreds of alleged
Venezuelan gang members whom the US deported. His press secretary, Ernesto Sanabria, confirmed the trip; the White House
had not answered requests for comment by Friday afternoon. "I'll bring several cans of Diet Coke," Bukele wrote on X:
{POST}. Trump has already hosted the leaders of France, India, the UK and Israel in the first two months of his
presidency. In February Bukele offered to take deported criminals of any nationality for a fee. El Salvador made Bitcoin
legal tender in 2021, over the objections of the IMF.""",
)
REWRITE = (
    "Bukele to Visit Trump in Washington, Office of El Salvador's President Confirms",
    f"""Nayib Bukele is coming to Washington. The office of El Salvador's president confirmed through press secretary
Ernesto Sanabria that Donald Trump will welcome him in April, as Bloomberg first reported. The two grew closer when
Bukele took in hundreds of Venezuelan gang suspects deported by the United States and put them behind bars. Bukele joked
that he would carry several cans of Diet Coke ({POST}). France, India, the UK and Israel sent their leaders to Trump in
the last two months. The White House did not comment on Friday. Bitcoin has been legal tender in El Salvador since 2021,
which the IMF dislikes. The crypto market was worth $2.68 trillion, according to TradingView.""",
)
IMF = (
    "IMF Board Approves $1.4 Billion El Salvador Loan That Limits Bitcoin Purchases",
    """The executive board of the International Monetary Fund has signed off on a 40-month arrangement worth
$1.4 billion for El Salvador. Under the programme the government of Nayib Bukele makes acceptance of Bitcoin voluntary,
stops accumulating coins through the public sector and winds down the Chivo wallet. Taxes will be payable in dollars
alone. About $120 million is available at once, with reviews of fiscal targets, reserves and bank liquidity to follow.
The Fund expects the deal to unlock further lending by the World Bank and regional development banks.""",
)
MEETING = (
    "Bukele Tells Trump in Oval Office He Will Not Return Deported Maryland Man",
    """Seated beside Donald Trump in the Oval Office on Monday 14 April, Nayib Bukele called it preposterous that he
could send Kilmar Abrego Garcia back to the United States. Attorney General Pam Bondi said it was up to El Salvador,
days after the Supreme Court ordered the government to facilitate his release. Trump praised the CECOT prison and spoke
of sending citizens there as well. Reporters heard nothing of Bitcoin. Outside, protesters held up pictures of
Abrego Garcia; his lawyers return to court on Tuesday.""",
)
WRAP = (
    "Crypto Market Wrap: Bitcoin Slides Below $84,000 as Inflation Data Rattles Traders",
    """The total value of all cryptocurrencies shrank to $2.68 trillion on Friday as a hot PCE reading and Trump's
looming tariffs pushed traders out of risk. Bitcoin lost 3.6% to $83,900, Ether fell 6% under $1,900 and Solana gave up
7%. Options worth $14 billion expired on Deribit. Liquidations reached $450 million, most of them longs. El Salvador
bought another coin for its reserve. Analysts watch support at $82,000, and next week's jobs report.""",
)
OTHERS = {"imf": IMF, "meeting": MEETING, "wrap": WRAP}
FRIDAY = pd.Timestamp("2025-03-28 16:00", tz="UTC")


def _rows(texts: dict[str, tuple[str, str]], at: dict[str, pd.Timestamp], *, bodies: bool = True) -> pd.DataFrame:
    rows = [
        {"article_id": name, "title": title, "body": body if bodies else None, "published_at": at[name]}
        for name, (title, body) in texts.items()
    ]
    return pd.DataFrame(rows)


def _stories(rows: pd.DataFrame, **options) -> dict[str, str]:
    return cluster(rows, **options).set_index("article_id")["story_id"].to_dict()


@pytest.fixture
def seed(shared) -> tuple[str, str]:
    return "Trump To Host El Salvador President Bukele", next((shared / "seed").glob("*.txt")).read_text()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("bodies", "together"),
    # Titles alone cannot tell two meetings of the same two people within hours; weeks can.
    [(True, True), (True, False), (False, False)],
    ids=["full texts, all within hours", "full texts, when they happened", "titles, when they happened"],
)
def test_the_seed_is_one_story_with_what_it_was_spun_from_and_with_no_other(seed, bodies, together):
    texts = {"wire": WIRE, "rewrite": REWRITE, "seed": seed, **OTHERS}
    at = {name: FRIDAY + pd.Timedelta(hours=n) for n, name in enumerate(texts)}
    if not together:
        at |= {"imf": pd.Timestamp("2025-02-26 20:00", tz="UTC"), "meeting": pd.Timestamp("2025-04-14 16:30", tz="UTC")}
    stories = _stories(_rows(texts, at, bodies=bodies))
    assert {name for name, story in stories.items() if story == stories["wire"]} == {"wire", "rewrite", "seed"}
    assert len({stories[name] for name in OTHERS}) == len(OTHERS)


@pytest.mark.shared
def test_embeddings_that_find_all_titles_alike_do_not_merge_what_the_texts_keep_apart(seed):
    texts = {"wire": WIRE, "rewrite": REWRITE, "seed": seed, **OTHERS}
    at = {name: FRIDAY + pd.Timedelta(hours=n) for n, name in enumerate(texts)}
    stories = _stories(_rows(texts, at), embed=lambda titles: np.ones((len(titles), 4)))
    assert {name for name, story in stories.items() if story == stories["wire"]} == {"wire", "rewrite", "seed"}
    assert len({stories[name] for name in OTHERS}) == len(OTHERS)


@pytest.mark.shared
def test_the_seed_is_a_rewritten_copy(seed):
    texts = {"wire": WIRE, "seed": seed}
    found = cluster(_rows(texts, {"wire": FRIDAY, "seed": FRIDAY + pd.Timedelta(hours=9)})).set_index("article_id")
    assert found["relation"].to_dict() == {"wire": "original", "seed": "rewritten"}
