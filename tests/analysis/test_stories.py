"""Clustering: what is one story, whatever the order of the rows, and in the words of no particular day."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stories import BATCH, SPAN, cluster

DAY = pd.Timestamp("2025-03-28", tz="UTC")
HACK = [
    "Harbor Exchange loses $40 million in hot wallet hack",
    "Hackers drain $40M from Harbor Exchange's hot wallet",
    "Hot wallet of Harbor Exchange hacked, $40 million gone",
]


def rows(*articles: tuple[str, float] | tuple[str, float, str]) -> pd.DataFrame:
    """Title, hours after DAY, body; ids in the order given."""
    made = [
        {
            "article_id": f"a{n:03d}",
            "title": title,
            "published_at": DAY + timedelta(hours=hours),
            "body": body[0] if body else None,
        }
        for n, (title, hours, *body) in enumerate(articles)
    ]
    return pd.DataFrame(made)


def stories(frame: pd.DataFrame, **options) -> list[str]:
    return cluster(frame, **options)["story_id"].tolist()


def test_one_story_told_in_other_words_is_named_for_its_first_article():
    frame = rows((HACK[1], 2), (HACK[0], 1), (HACK[2], 5), ("Glacier Labs hires a new chief scientist", 3))
    found = cluster(frame)
    assert list(found.columns) == ["article_id", "story_id", "relation", "similarity"]
    assert found["article_id"].tolist() == frame["article_id"].tolist()
    assert found["story_id"].tolist() == ["sa001", "sa001", "sa001", "sa003"]
    assert found["relation"].tolist()[1] == found["relation"].tolist()[3] == "original"
    assert found["similarity"].tolist()[1] == 1.0
    assert found["similarity"].between(0, 1).all()


def test_daily_price_columns_do_not_chain():
    assert len(set(stories(rows(("Cardano Analysis 3/28", 22), ("Cardano Analysis 3/29", 23))))) == 2
    assert len(set(stories(rows(("Cardano Analysis 3/28", 22), ("Cardano Analysis 3/28", 23))))) == 1
    frame = rows(
        *[(f"Bitcoin Price Analysis 3/{28 + day}", 24 * day) for day in range(4)],
        *[("Bitcoin price prediction", 24 * day + 1) for day in range(4)],
    )
    assert len(set(stories(frame))) == 8


def test_figures_written_two_ways_are_one():
    one, other = "Orbit raises $15 million for its rollup", "Orbit lands $15M to build rollup"
    assert len(set(stories(rows((one, 0), (other, 1))))) == 1


def test_a_shared_post_ties_texts_that_share_little_wording():
    post = "https://x.com/someone/status/1905705512345678901"
    text = "Plain sentences of one kind that have nothing to do with any other and go on for a good while. " * 4
    other = "Quite different phrases about gardens, rain, sailing and a long walk by the harbour in the early sun. " * 4
    titles = ("Minister jokes about tax on mining rigs", "Mining levy: quip goes viral")
    apart = rows((titles[0], 0, text), (titles[1], 1, other))
    tied = rows((titles[0], 0, text + post), (titles[1], 1, other + post))
    assert len(set(stories(apart))) == 2
    assert len(set(stories(tied))) == 1


def test_a_teaser_under_every_headline_ties_nothing():
    teaser = "Stay ahead of the Seychelles with Zanzibar Quokka: podcasts, webinars, jamborees, mugs. " * 3
    frame = rows(("Harbor expands", 0, teaser), ("Glacier appoints", 1, teaser))
    assert len(set(stories(frame))) == 2


def test_relations():
    body = (
        "Harbor Exchange, run by Selma Ortiz from Lisbon, said on Friday that 40 million dollars left its hot wallet. "
        "Deposits were stopped at 14:30 while the firm and the analysts of Glacier Labs trace 912 bitcoin to a mixer. "
        "Customers in Brazil and Portugal will be paid from a reserve of 65 million, Ortiz promised in a call at noon. "
    )
    spun = (
        "According to the company of Selma Ortiz, based in Lisbon, Harbor Exchange saw 40 million dollars vanish on "
        "Friday. It halted funding at 14:30; experts from Glacier Labs follow 912 bitcoin towards a mixing service. "
        "As Ortiz vowed at midday, users in Brazil and Portugal get their money from the 65 million set aside. "
    )
    later = (
        "Police in Porto have arrested Ivo Brandt, 29, over the theft at Harbor Exchange, prosecutor Ana Teles said. "
        "Some 310 bitcoin were seized in Vienna and Graz, and a judge, Karl Moser, ordered custody until 9 June. "
        "Investigators from Europol and the Guarda found keys on a laptop in Braga; 2 more suspects, from Malta, fled. "
    )
    frame = rows((HACK[0], 0, body), (HACK[0], 1, body + "Read more."), (HACK[1], 2, spun), (HACK[2], 6, later))
    found = cluster(frame)
    assert found["story_id"].nunique() == 1
    assert found["relation"].tolist() == ["original", "syndicated", "rewritten", "follow-up"]


def test_a_story_ends_after_a_silence_and_after_its_longest_span():
    assert len(set(stories(rows((HACK[0], 0), (HACK[0], 24 * 3.5))))) == 2
    drip = [(HACK[0], 8.0 * n) for n in range(40)]  # 13 days, never silent
    frame = rows(*drip)
    spans = frame.assign(story=stories(frame)).groupby("story")["published_at"].agg(lambda at: at.max() - at.min())
    assert len(spans) > 1
    assert spans.max() <= SPAN


def test_unpublished_articles_stand_where_they_were_known_and_else_last():
    frame = rows((HACK[0], 0), (HACK[1], 0), (HACK[2], 0))
    frame["known_at"] = [DAY + timedelta(hours=5), DAY + timedelta(hours=1), pd.NaT]
    frame["published_at"] = pd.Series([pd.NaT] * 3, dtype="datetime64[us, UTC]")
    assert stories(frame) == ["sa001", "sa001", "sa002"]


def test_without_any_time_everything_is_of_one_moment():
    frame = rows((HACK[0], 0), (HACK[1], 0), ("Glacier Labs hires a new chief scientist", 0))[["article_id", "title"]]
    assert stories(frame) == ["sa000", "sa000", "sa002"]


@pytest.mark.parametrize("column", ["published_at", "body"])
def test_optional_columns_may_be_missing_or_empty(column):
    frame = rows((HACK[0], 0), (HACK[1], 1))
    assert stories(frame.drop(columns=column)) == ["sa000", "sa000"]


def test_no_articles_no_stories():
    assert cluster(rows((HACK[0], 0)).iloc[:0]).shape == (0, 4)


def test_an_id_that_is_there_twice_or_missing_is_refused():
    frame = rows((HACK[0], 0), (HACK[1], 1))
    with pytest.raises(ValueError, match="'a000' is there more than once"):
        cluster(frame.assign(article_id="a000"))
    with pytest.raises(ValueError, match="no article_id"):
        cluster(frame.assign(article_id=["a000", None]))


@pytest.mark.parametrize(
    "text", ["", " ", "a" * 1_000_000, "A b. " * 200_000, "1,1" * 300_000, "9" * 1_000_000, "\u202e<b>[x](y)", "比特币"]
)
def test_hostile_text_is_a_story_like_any_other(text):
    found = cluster(rows((text, 0, text), (HACK[0], 1), ("", 2)))
    assert found["story_id"].tolist()[1] == "sa001"


def test_empty_titles_have_nothing_in_common():
    assert len(set(stories(rows(("", 0), ("", 0), ("the of", 0))))) == 3


# Laws --------------------------------------------------------------------------------------------------------

WORDS = "Harbor Orbit Glacier Ortiz hack wallet merger court launch bitcoin price $40M 3/28 3/29 15% Lisbon"
TITLES = st.lists(st.sampled_from(WORDS.split(" ")), min_size=1, max_size=5).map(" ".join)
HOURS = st.one_of(st.integers(0, 24 * 3), st.integers(0, 24 * 12)).map(float)
FRAMES = st.lists(st.tuples(TITLES, HOURS), min_size=1, max_size=40).map(lambda made: rows(*made))
# Close in words and around the midnight of the first day, where stories would merge if they still might.
NEAR = st.lists(st.sampled_from(WORDS.split(" ")[:6]), min_size=2, max_size=4).map(" ".join)
MIDNIGHTS = st.lists(st.tuples(NEAR, st.integers(21, 27).map(float)), min_size=4, max_size=16).map(lambda m: rows(*m))


def by_letters(texts: list[str]) -> np.ndarray:
    """Stands in for embeddings."""
    return np.array([[1.0 + text.lower().count(letter) for letter in "abcdefghijklm"] for text in texts])


@pytest.mark.parametrize("embed", [None, by_letters], ids=["words", "embeddings"])
@settings(max_examples=30, deadline=None)
@given(frame=FRAMES, seed=st.integers(0, 9))
def test_the_order_of_the_rows_does_not_matter(embed, frame, seed):
    shuffled = frame.sample(frac=1, random_state=seed)
    one, other = (cluster(f, embed=embed).set_index("article_id").sort_index() for f in (frame, shuffled))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("embed", [None, by_letters], ids=["words", "embeddings"])
@settings(max_examples=150, deadline=None)
@given(frame=st.one_of(FRAMES, MIDNIGHTS), day=st.one_of(st.just(1), st.integers(1, 12)))
def test_going_on_from_what_is_settled_gives_what_clustering_everything_gives(embed, frame, day):
    start = DAY + day * BATCH
    everything = cluster(frame, embed=embed).set_index("article_id")
    before = frame[frame["published_at"] < start]
    settled = cluster(before, embed=embed).set_index("article_id")
    pd.testing.assert_frame_equal(everything.loc[settled.index], settled, check_index_type=False)
    window = frame[frame["published_at"] >= start - SPAN]
    went_on = cluster(window, assigned=settled["story_id"], embed=embed).set_index("article_id")
    assert went_on["story_id"].to_dict() == everything.loc[went_on.index, "story_id"].to_dict()
    fresh = frame.loc[frame["published_at"] >= start, "article_id"]
    pd.testing.assert_frame_equal(went_on.loc[fresh], everything.loc[fresh], check_index_type=False)


BRIDGED = [("Harbor Ortiz Lisbon regatta", 21), ("Glacier Orbit Vienna quartet", 22)]
BRIDGE = "Harbor Ortiz Glacier Orbit"


def test_an_article_merges_the_stories_of_its_day_and_leaves_those_of_the_day_before():
    assert stories(rows(*BRIDGED)) == ["sa000", "sa001"]
    assert stories(rows(*BRIDGED, (BRIDGE, 23))) == ["sa000", "sa000", "sa000"]
    assert stories(rows(*BRIDGED, (BRIDGE, 25)))[:2] == ["sa000", "sa001"]
    resumed = pd.Series({"a000": "sa000", "a001": "sa001"})
    assert stories(rows(*BRIDGED, (BRIDGE, 23)), assigned=resumed)[:2] == ["sa000", "sa001"]


def test_assigned_articles_stay_and_draw_others():
    frame = rows((HACK[0], 0), ("Glacier Labs hires a new chief scientist", 1), (HACK[1], 2), (HACK[2], 3))
    assigned = pd.Series({"a000": "sa000", "a001": "sa000", "a002": "elsewhere"})
    assert stories(frame, assigned=assigned) == ["sa000", "sa000", "elsewhere", "sa000"]
