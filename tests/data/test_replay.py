"""The law of replay: at a clock, every query says what it would over a lake that holds only what was known by then.

The smaller lake is made here, by hand, from the rows of the larger one. What it cannot say is listed at ``_same``.
"""

from __future__ import annotations

import inspect
import math
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import at, bars, candle_table, fit

from analysis.anchors import anchors
from data import queries
from data.contexts import refresh_contexts
from data.lake import Lake, Snapshot
from data.markets import markets
from data.queries import Asked
from data.tables import HORIZONS_H

FIRST, DAYS = at("2025-03-01"), 30
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO, FAR_AHEAD = at("2009-01-03"), at("2030-01-01")
WORDS = ("Harbour", "bridge", "vote", "miner", "Ünal", "tax", "fund")
QUOTES = ("the market cap stood at $2.7 trillion", "bitcoin traded at $80,500", "its dominance was 61%")
NAMES = (("topic", "hack"), ("asset", "BTC"), ("asset", "ETH"), ("person", "Ana Ruiz"), ("embedded post", "mayor"))
VERSIONED = ("title", "summary", "text", "published_at", "published_precision")

Rows = dict[str, list[dict]]


# ── a lake in which much became known late ────────────────────────────────────────────────────────────


def _rows() -> Rows:
    """Articles that came late and were changed: their words, their time; imports; checks known days later."""
    random = Random(11)
    names = ("articles", "article_versions", "mentions", "story_members", "claims", "claim_checks", "annotations")
    rows: Rows = {name: [] for name in (*names, "market_caps")}
    for n in range(60):
        out = FIRST + timedelta(minutes=random.randrange(DAYS * 1440))
        for k in range(random.choice((1, 1, 2, 3))):
            _article(random, rows, f"s{n:02}", f"a{random.randrange(1000):03}-{n}-{k}", out + k * 5 * HOUR)
    for day in range(-3, DAYS + 10):
        for source, definition in (("coingecko", "all-coins"), ("tradingview", "top-125")):
            end = FIRST + day * DAY
            rows["market_caps"].append(
                {"source": source, "definition": definition, "asset": "TOTAL", "period_end": end}
                | {"market_cap_usd": 2.7e12 + day * 1e9, "available_at": end + 2 * HOUR, "resolution_s": 86_400}
            )
    return rows


def _article(random: Random, rows: Rows, story: str, name: str, out: datetime) -> None:
    imported = random.random() < 0.3
    seen = out + random.choice((timedelta(0), 20 * timedelta(minutes=1), 3 * DAY))
    dated = random.choice(("second", "minute", "day", "index", "day on", "none"))
    times = {
        "index": {"indexed_at": out + random.choice((-HOUR, 5 * HOUR)), "published_not_before": out - DAY},
        "day on": {"published_not_before": out.replace(hour=0, minute=0)},
        "none": {},
        "day": {"published_at": out.replace(hour=0, minute=0), "published_precision": "day"},
    }.get(dated, {"published_at": out, "published_precision": dated})
    kept = random.sample(QUOTES, random.randrange(4))
    text = ". ".join([*kept, *(value for _, value in NAMES), random.choice(WORDS)])
    article = {"article_id": name, "source": "feed", "publisher": random.choice(("Alpha Wire", "Beta")), **times}
    article |= {"title": f"{random.choice(WORDS)} {random.choice(WORDS)}", "summary": None, "text": text, "body": text}
    article |= {"title_derived": False, "revisions": 0, "revised_at": None, "date_conflicts": "1 May; 2 May"}
    article |= {"first_seen_at": FAR_AHEAD if imported else seen, "known_at": seen, "known_at_assumed": imported}
    if random.random() < 0.7:
        _change(random, rows, article, seen)
    rows["articles"].append(article)
    relation = ("original", 1.0) if name.endswith("-0") else ("rewritten", 0.7)
    member = {"story_id": story, "article_id": name, "relation": relation[0], "similarity": relation[1]}
    rows["story_members"].append(member)
    for place, (kind, value) in enumerate(random.sample(NAMES, random.randrange(1, 5))):
        basis = random.choice(("text", "text", "curated", "corrected"))
        mention = {"article_id": name, "kind": kind, "value": value, "offset": place, "quote": value, "basis": basis}
        rows["mentions"].append(mention)
        if basis == "corrected":
            _correct(rows, name, "mention", f'{{"kind": "{kind}", "value": "{value}"}}', seen + 2 * DAY)
    for place, quote in enumerate(kept):
        _claim(random, rows, name, 100 + place, quote, out)


def _change(random: Random, rows: Rows, article: dict, seen: datetime) -> None:
    """What it says now came two and four days later; before, words were missing or its time was another."""
    froms = [seen, seen + 2 * DAY, seen + 4 * DAY]
    for revision in range(2):
        then = {key: article.get(key) for key in VERSIONED} | {"article_id": article["article_id"]}
        then |= {"title": f"Early {revision}", "revision": revision}
        then |= {"seen_from": froms[revision], "seen_until": froms[revision + 1]}
        if random.random() < 0.7:
            then["text"] = random.choice((None, f"{QUOTES[0]}. BTC and mayor."))
            then["summary"] = random.choice((None, "Ana Ruiz"))
        elif then["published_at"] is not None:
            then["published_at"] += random.choice((-7 * HOUR, 2 * DAY))
        rows["article_versions"].append(then)
    article |= {"revisions": 2, "revised_at": froms[2]}


def _claim(random: Random, rows: Rows, article: str, offset: int, quote: str, out: datetime) -> None:
    claim = {"article_id": article, "offset": offset, "quote": quote, "quantity": "price", "asset": "BTC"}
    claim |= {"value": 1.0, "unit": "USD", "precision": 0.5, "comparator": "eq", "modality": "current"}
    rows["claims"].append(claim | {"as_of": out, "as_of_end": out, "as_of_precision": "minute"})
    for source in random.sample(("kraken", "binance", "bitstamp"), random.randrange(4)):
        check = {"article_id": article, "offset": offset, "source": source, "definition": "BTC/USD", "note": "A note."}
        verdict = random.choice(("matches", "differs", "another definition", "cannot check"))
        known = out + random.choice((timedelta(0), DAY, 6 * DAY))
        check |= {"verdict": verdict, "difference": random.uniform(-0.1, 0.1), "also_matches": "2025-04-09"}
        rows["claim_checks"].append(check | {"known_at": known})
    if random.random() < 0.3:
        _correct(rows, article, "claim", f'{{"quote": "{quote}", "value": 1.0}}', out + 5 * DAY)


def _correct(rows: Rows, article: str, field: str, value: str, when: datetime) -> None:
    note = {"annotation_id": f"n{len(rows['annotations'])}", "target_kind": "article", "target_id": article}
    rows["annotations"].append(note | {"field": field, "value": value, "note": "", "author": "a", "created_at": when})


def _placed(article: dict) -> datetime:
    times = ("published_at", "indexed_at", "published_not_before", "known_at")
    return next(article[name] for name in times if article.get(name))


def _stories(rows: Rows) -> list[dict]:
    """As enrichment makes them: the first article is the one that came out first."""
    by_id = {article["article_id"]: article for article in rows["articles"]}
    held: dict[str, list[dict]] = {}
    for member in rows["story_members"]:
        held.setdefault(member["story_id"], []).append(by_id[member["article_id"]])
    found = []
    for story, articles in held.items():
        first = min(articles, key=lambda article: (_placed(article), article["article_id"]))
        span = anchors(fit("articles", [first]).to_pandas()).iloc[0]
        anchor = None if pd.isna(span["anchor_at"]) else span["anchor_at"].to_pydatetime()
        known = min(article["known_at"] for article in articles)
        row = {"story_id": story, "first_article_id": first["article_id"], "title": first["title"]}
        found.append(row | {"first_at": anchor, "last_at": anchor, "known_at": known})
    return found


def _bars(until: datetime) -> pa.Table:
    opens = pd.date_range(FIRST - 35 * DAY, FIRST + (DAYS + 10) * DAY, freq="h", tz=UTC).as_unit("us")
    opens = opens[(opens + HOUR <= until) & (opens.day != 17)]
    closes = [80_000 * math.exp(0.001 * (i % 50) + 0.0001 * i) for i in range(len(opens))]
    return candle_table(bars(opens, closes, interval="1h"))


def _store(home: Path, rows: Rows, until: datetime = FAR_AHEAD) -> Snapshot:
    lake = Lake(str(home), lock_wait_s=0.2)
    stories = _stories(rows)
    with lake.writing():
        lake.merge("candles", _bars(until))
        for table, some in {**rows, "stories": stories}.items():
            lake.merge(table, fit(table, some))
        refresh_contexts(lake, [story["story_id"] for story in stories], None)
    return lake.pin()


def _known_by(rows: Rows, clock: datetime) -> Rows:
    """The rows as they would be in a lake that saw nothing after the clock."""
    articles, words, alike = [], {}, {}
    for article in (dict(row) for row in rows["articles"] if row["known_at"] <= clock):
        name = article["article_id"]
        versions = [row for row in rows["article_versions"] if row["article_id"] == name]
        now = next((row for row in versions if row["seen_from"] <= clock < row["seen_until"]), None)
        alike[name] = now is None or all(now[k] == article.get(k) for k in ("published_at", "published_precision"))
        if now is not None:
            article |= {key: now[key] for key in VERSIONED} | {"revisions": now["revision"]}
            article |= {"revised_at": now["seen_from"] if now["revision"] else None, "body": None}
            article["date_conflicts"] = None
            words[name] = f"{article['title']}\n{article['text'] or article['summary'] or ''}"
        if article.get("indexed_at") and article["indexed_at"] > clock:
            article["indexed_at"] = None
        articles.append(article)
    ids = {article["article_id"] for article in articles}

    def said(row: dict) -> bool:
        return row["article_id"] not in words or row["quote"] in words[row["article_id"]]

    def corrected(row: dict, field: str, early: bool) -> bool:
        about = [n for n in rows["annotations"] if n["target_id"] == row["article_id"] and n["field"] == field]
        about = [n for n in about if f'"{row["value"] if field == "mention" else row["quote"]}"' in n["value"]]
        return any((note["created_at"] <= clock) == early for note in about)

    mentions = [row for row in rows["mentions"] if row["article_id"] in ids]
    mentions = [row for row in mentions if row["basis"] != "text" or said(row)]
    mentions = [row for row in mentions if row["basis"] != "corrected" or corrected(row, "mention", early=True)]
    claims = [row for row in rows["claims"] if row["article_id"] in ids and said(row) and alike[row["article_id"]]]
    claims = [row for row in claims if not corrected(row, "claim", early=False)]
    kept = {(row["article_id"], row["offset"]) for row in claims}
    checks = [row for row in rows["claim_checks"] if (row["article_id"], row["offset"]) in kept]
    return {
        "articles": articles,
        "article_versions": [row for row in rows["article_versions"] if row["seen_until"] <= clock],
        "mentions": mentions,
        "story_members": [row for row in rows["story_members"] if row["article_id"] in ids],
        "claims": claims,
        "claim_checks": [row | {"also_matches": None} for row in checks if row["known_at"] <= clock],
        "annotations": [row for row in rows["annotations"] if row["created_at"] <= clock],
        "market_caps": [row for row in rows["market_caps"] if row["available_at"] <= clock],
    }


@pytest.fixture(scope="module")
def whole(empty_home, tmp_path_factory) -> Snapshot:
    return _store(Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("whole") / "lake")), _rows())


CLOCKS = [FIRST + 4 * DAY + 7 * HOUR, FIRST + 13 * DAY, FIRST + 21 * DAY + HOUR / 2]


@pytest.fixture(scope="module", params=CLOCKS, ids=lambda clock: f"{clock:%d-%H%M}")
def then(request, empty_home, tmp_path_factory) -> tuple[datetime, Snapshot]:
    """A clock, and the lake that holds only what was known by it."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("then") / "lake"))
    return request.param, _store(home, _known_by(_rows(), request.param), request.param)


# ── the law ───────────────────────────────────────────────────────────────────────────────────────────

#: What pairing adds to a story.
PAIRED = ["asset", "anchor_at", "anchor_basis", "price_usd", "price_source", "resolution_s", "outcome"]
PAIRED += [f"{kind}_{name}" for kind in ("log_return", "sigma") for name in HORIZONS_H]


def _changing(clock: datetime) -> list[str]:
    """Stories with an article that said otherwise by then or was corrected, and some of the others."""
    rows = _rows()
    changed = {row["article_id"] for row in rows["article_versions"] if row["seen_from"] <= clock < row["seen_until"]}
    changed |= {row["target_id"] for row in rows["annotations"]}
    stories = {row["story_id"] for row in rows["story_members"] if row["article_id"] in changed}
    return sorted(stories | {f"s{n:02}" for n in range(0, 60, 9)})


def _same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_like=False)


def test_stories_are_those_of_the_smaller_lake(whole, then):
    """Where a publication was dated otherwise by then, its context was read by the later date: it has none."""
    clock, small = then
    found, expected = queries.stories(whole, known_at=clock), queries.stories(small)
    rest = [name for name in found if name not in [*PAIRED, "moves_resolution_s"]]
    _same(found[rest], expected[rest])
    paired = found["anchor_at"].notna()
    assert paired.any()
    _same(found.loc[paired, PAIRED], expected.loc[paired, PAIRED])
    assert found.loc[~paired, [n for n in PAIRED if n != "outcome"]].isna().all(axis=None)
    assert set(found.loc[~paired, "outcome"]) <= {"no_price"}
    _same(queries.story_span(whole, clock), queries.story_span(small))


def test_a_storys_articles_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    firsts = queries.stories(whole).set_index("story_id")["first_article_id"]
    for story in _changing(clock):
        found, expected = queries.story_articles(whole, story, clock), queries.story_articles(small, story)
        if found.empty:
            assert expected.empty
            continue
        seen = expected.pop("first_seen_at")
        assert (found.pop("first_seen_at").dropna() == seen[seen <= clock]).all()
        how, other = (frame[["relation", "similarity"]] for frame in (found, expected))
        _same(found.drop(columns=how), expected.drop(columns=other))
        if firsts[story] in set(found["article_id"]):
            _same(how, other)
        else:  # what it is a copy of was not known
            assert how["relation"].dropna().tolist() == ["original"]
            assert how["similarity"].dropna().tolist() == [1.0]


@pytest.mark.parametrize("name", ["story_article_mentions", "story_mentions", "story_claims"])
def test_what_a_story_says_is_what_it_says_in_the_smaller_lake(whole, then, name):
    clock, small = then
    for story in _changing(clock):
        _same(getattr(queries, name)(whole, story, clock), getattr(queries, name)(small, story))


def test_the_totals_a_story_met_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    stories = queries.stories(whole, known_at=clock)
    for story in stories.iloc[::2].itertuples():
        found = queries.story_caps(whole, story.story_id, clock)
        if pd.notna(story.anchor_at):
            _same(found, queries.story_caps(small, story.story_id))
        else:
            assert found.empty


def test_claims_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    queue = queries.claim_queue(small, Asked(), limit=10_000)
    _same(queries.claim_queue(whole, Asked(), limit=10_000, known_at=clock), queue)
    for asked in (Asked(), Asked(text="alpha"), Asked(standings=("differs",)), Asked(start=FIRST + 9 * DAY)):
        for query in (queries.claim_counts, queries.claim_providers):
            _same(query(whole, asked, known_at=clock), query(small, asked))
    keys = tuple((row["article_id"], row["offset"]) for row in _rows()["claims"])
    _same(queries.claims_of(whole, keys, clock), queries.claims_of(small, keys))
    for article in [row["article_id"] for row in _rows()["articles"]][::4]:
        _same(queries.claim_text(whole, article, clock), queries.claim_text(small, article))


def test_the_claims_left_out_are_those_of_known_articles_that_are_not_shown(whole, then):
    clock, _ = then
    known = {row["article_id"] for row in _rows()["articles"] if row["known_at"] <= clock}
    stated = [row for row in _rows()["claims"] if row["article_id"] in known]
    shown = _known_by(_rows(), clock)["claims"]
    assert queries.claims_left_out(whole, known_at=clock) == len(stated) - len(shown)
    of_stories = [queries.claims_left_out(whole, s, clock) for s in queries.stories(whole)["story_id"]]
    assert sum(of_stories) == len(stated) - len(shown)
    assert queries.claims_left_out(whole) == 0


def test_prices_and_totals_are_those_of_the_smaller_lake(whole, then):
    clock, small = then
    given_ = (markets("BTC"), "1h", LONG_AGO, FAR_AHEAD)
    _same(queries.price_series(whole, *given_, clock), queries.price_series(small, *given_))
    caps = ("TOTAL", LONG_AGO, FAR_AHEAD)
    _same(queries.cap_series(whole, *caps, clock), queries.cap_series(small, *caps))


# ── any clock, any query ──────────────────────────────────────────────────────────────────────────────

_GIVEN = {
    "markets": markets("BTC"),
    "interval": "1h",
    "start": LONG_AGO,
    "end": FAR_AHEAD,
    "asset": "TOTAL",
    "asked": Asked(),
    "limit": 10_000,
}
#: What a publisher or an article states of a time may lie ahead of it; so does what is placed by that.
STATED = {"published_at", "published_not_before", "posted_at", "shown_at", "as_of", "as_of_end", "first", "last"}
#: Counts what the clock leaves out.
NOT_COUNTED = {"claims_left_out"}
OURS = {*queries.stories.__module__.split(), "data.queries.claims", "data.queries.market"}


def _clocked() -> list[Callable]:
    found = [function for _, function in inspect.getmembers(queries, inspect.isfunction)]
    return [f for f in found if f.__module__ in OURS and "known_at" in inspect.signature(f).parameters]


def _ask(query: Callable, snapshot: Snapshot, clock: datetime | None, **more: object) -> pd.DataFrame:
    wanted = inspect.signature(query).parameters
    given_ = {name: value for name, value in (_GIVEN | more).items() if name in wanted}
    return query(snapshot, **given_, known_at=clock)


def _no_later(frame: pd.DataFrame, clock: datetime) -> None:
    for name in frame.select_dtypes("datetimetz").columns.difference(STATED):
        late = frame[name].dropna() > pd.Timestamp(clock)
        assert not late.any(), name


@pytest.mark.parametrize("query", _clocked(), ids=lambda query: query.__name__)
@settings(deadline=None, max_examples=5)
@given(when=st.integers(-86_400, (DAYS + 8) * 86_400), less=st.integers(0, 5 * 86_400), of_sample=st.booleans())
def test_no_later_instant_appears_and_no_count_grows_when_the_clock_goes_back(
    whole, sample, query, when, less, of_sample
):
    lake = sample if of_sample else whole
    clock = (at("2025-03-01") if of_sample else FIRST) + timedelta(seconds=when)
    for more in _some(query, lake):
        late, early = (_ask(query, lake, moment, **more) for moment in (clock, clock - timedelta(seconds=less)))
        if query.__name__ in NOT_COUNTED:
            continue
        _no_later(late, clock)
        if query is queries.price_series:
            assert (late["open_time"] + HOUR <= clock).all()
        assert len(early) <= len(late)
        for name in {"claims", "articles", "times", "matches", "differs"} & set(late.select_dtypes("number").columns):
            assert early[name].sum() <= late[name].sum(), name
        assert len(late) <= len(_ask(query, lake, None, **more))


def _some(query: Callable, lake: Snapshot) -> list[dict]:
    """Arguments of a query besides the clock: of one story or article, for several of them."""
    wanted = inspect.signature(query).parameters
    stories = queries.stories(lake)
    if wanted.get("story_id") is not None and wanted["story_id"].default is inspect.Parameter.empty:
        return [{"story_id": story} for story in stories.nlargest(3, "articles")["story_id"]]
    if "article_id" in wanted:
        return [{"article_id": article} for article in stories["first_article_id"].tail(3)]
    if "claims" in wanted:
        queue = queries.claim_queue(lake, Asked())
        return [{"claims": tuple(zip(queue["article_id"].tail(20), queue["offset"].tail(20).tolist(), strict=True))}]
    return [{}]


# ── stepping ──────────────────────────────────────────────────────────────────────────────────────────


def test_stepping_by_story_meets_each_moment_a_story_became_known(whole, sample):
    """From the newest back to the first, and on again; at each moment the story named is there, and was not before."""
    for lake in (whole, sample):
        known = queries.stories(lake)[["story_id", "known_at"]]
        moments = sorted(set(known["known_at"]), reverse=True)
        clock, seen = None, []
        while len(found := queries.neighbour_known(lake, clock, -1)):
            clock = found["known_at"].iloc[0]
            seen.append(clock)
            if len(seen) % 25 == 1:
                story = found["story_id"].iloc[0]
                assert len(queries.stories(lake, story_id=story, known_at=clock)) == 1
                assert queries.stories(lake, story_id=story, known_at=clock - timedelta(microseconds=1)).empty
        assert seen == moments
        assert queries.neighbour_known(lake, moments[-1], 1)["known_at"].tolist() == moments[-2:-1]
        assert queries.neighbour_known(lake, moments[0], 1).empty
        assert queries.neighbour_known(lake, None, 1).empty
