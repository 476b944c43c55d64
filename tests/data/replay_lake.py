"""A lake in which much became known late, and, by hand, the rows of it that were known by a clock."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pandas as pd
import pyarrow as pa
from lake_rows import at, bars, candle_table, fit

from analysis.anchors import anchors
from data.contexts import refresh_contexts
from data.lake import Lake, Snapshot

FIRST, DAYS = at("2025-03-01"), 30
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO, FAR_AHEAD = at("2009-01-03"), at("2030-01-01")
WORDS = ("Harbour", "bridge", "vote", "miner", "Ünal", "tax", "fund")
QUOTES = ("the market cap stood at $2.7 trillion", "bitcoin traded at $80,500", "its dominance was 61%")
NAMES = (("topic", "hack"), ("asset", "BTC"), ("asset", "ETH"), ("person", "Ana Ruiz"), ("embedded post", "mayor"))
VERSIONED = ("title", "summary", "text", "published_at", "published_precision")
DATES = ("published_at", "published_precision")
CORRECTED = ("publisher", "author", "language")

Rows = dict[str, list[dict]]


def rows_stored() -> Rows:
    """Articles that came late and were changed: their words, their time; imports; checks known days later."""
    random = Random(41)
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
        "index": {"indexed_at": out + random.choice((-HOUR, 5 * HOUR, 4 * DAY)), "published_not_before": out - DAY},
        "day on": {"published_not_before": out.replace(hour=0, minute=0)},
        "none": {},
        "day": {"published_at": out.replace(hour=0, minute=0), "published_precision": "day"},
    }.get(dated, {"published_at": out, "published_precision": dated})
    kept = random.sample(QUOTES, random.randrange(4))
    text = ". ".join([*kept, *(value for _, value in NAMES), random.choice(WORDS)])
    article = {"article_id": name, "source": "feed", "publisher": random.choice(("Alpha Wire", "Beta")), **times}
    article |= {"title": f"{random.choice(WORDS)} {random.choice(WORDS)}", "summary": None, "text": text, "body": text}
    article |= {"author": "As stated", "language": "en"}
    article |= {"title_derived": False, "revisions": 0, "revised_at": None, "date_conflicts": "1 May; 2 May"}
    article |= {"first_seen_at": FAR_AHEAD if imported else seen, "known_at": seen, "known_at_assumed": imported}
    if random.random() < 0.7:
        _change(random, rows, article, seen)
    if random.random() < 0.4:
        _correct_fields(random, rows, article)
    rows["articles"].append(article)
    relation = ("original", 1.0) if name.endswith("-0") else ("rewritten", 0.7)
    member = {"story_id": story, "article_id": name, "relation": relation[0], "similarity": relation[1]}
    rows["story_members"].append(member)
    for place, (kind, value) in enumerate(random.sample(NAMES, random.randrange(1, 5))):
        basis = random.choice(("text", "text", "curated", "corrected"))
        mention = {"article_id": name, "kind": kind, "value": value, "offset": place, "quote": value, "basis": basis}
        rows["mentions"].append(mention)
        if basis == "corrected":
            correct(rows, name, "mention", f'{{"kind": "{kind}", "value": "{value}"}}', seen + 2 * DAY)
    for place, quote in enumerate(kept):
        _claim(random, rows, name, 100 + place, quote, out)


def _change(random: Random, rows: Rows, article: dict, seen: datetime) -> None:
    """What it says now came two and four days later; before, words were missing or its time was another.

    Of some, what they said first is not kept: they were known earlier than was thought when it was.
    """
    froms = [seen, seen + 2 * DAY, seen + 4 * DAY]
    lost = int(random.random() < 0.4)
    for revision, (since, until) in enumerate(pairwise(froms[lost:])):
        then = {key: article.get(key) for key in VERSIONED} | {"article_id": article["article_id"]}
        then |= {"title": f"Early {revision}", "revision": revision}
        then |= {"seen_from": since, "seen_until": until}
        if random.random() < 0.7:
            then["text"] = random.choice((None, f"{QUOTES[0]}. BTC and mayor."))
            then["summary"] = random.choice((None, "Ana Ruiz"))
        elif then["published_at"] is not None:
            then["published_at"] += random.choice((-7 * HOUR, 2 * DAY))
        rows["article_versions"].append(then)
    article |= {"revisions": 2 - lost, "revised_at": froms[2]}


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
        correct(rows, article, "claim", f'{{"quote": "{quote}", "value": 1.0}}', out + 5 * DAY)


def correct(rows: Rows, article: str, field: str, value: str, when: datetime) -> None:
    note = {"annotation_id": f"n{len(rows['annotations'])}", "target_kind": "article", "target_id": article}
    rows["annotations"].append(note | {"field": field, "value": value, "note": "", "author": "a", "created_at": when})


def _correct_fields(random: Random, rows: Rows, article: dict) -> None:
    """An analyst corrects a column, some of them twice; at a day and at three after it was known."""
    name = random.choice(("author", "publisher", "language"))
    article["stated"] = json.dumps({name: article[name]})
    for turn in range(random.choice((1, 2))):
        article[name] = f"Corrected {turn}"
        when = article["known_at"] + (1 + 2 * turn) * DAY
        correct(rows, article["article_id"], name, json.dumps(article[name]), when)


def placed(article: dict) -> datetime:
    times = ("published_at", "indexed_at", "published_not_before", "known_at")
    return next(article[name] for name in times if article.get(name))


def stories_of(rows: Rows) -> list[dict]:
    """As enrichment makes them: the first article is the one that came out first."""
    by_id = {article["article_id"]: article for article in rows["articles"]}
    held: dict[str, list[dict]] = {}
    for member in rows["story_members"]:
        held.setdefault(member["story_id"], []).append(by_id[member["article_id"]])
    found = []
    for story, articles in held.items():
        first = min(articles, key=lambda article: (placed(article), article["article_id"]))
        span = anchors(fit("articles", [first]).to_pandas()).iloc[0]
        anchor = None if pd.isna(span["anchor_at"]) else span["anchor_at"].to_pydatetime()
        known = min(article["known_at"] for article in articles)
        row = {"story_id": story, "first_article_id": first["article_id"], "title": first["title"]}
        found.append(row | {"first_at": anchor, "last_at": anchor, "known_at": known})
    return found


def hours(until: datetime) -> pa.Table:
    opens = pd.date_range(FIRST - 35 * DAY, FIRST + (DAYS + 10) * DAY, freq="h", tz=UTC).as_unit("us")
    opens = opens[(opens + HOUR <= until) & (opens.day != 17)]
    closes = [80_000 * math.exp(0.001 * (i % 50) + 0.0001 * i) for i in range(len(opens))]
    return candle_table(bars(opens, closes, interval="1h"))


def store(home: Path, rows: Rows, until: datetime = FAR_AHEAD) -> Snapshot:
    lake = Lake(str(home), lock_wait_s=0.2)
    stories = stories_of(rows)
    with lake.writing():
        lake.merge("candles", hours(until))
        for table, some in {**rows, "stories": stories}.items():
            lake.merge(table, fit(table, some))
        refresh_contexts(lake, [story["story_id"] for story in stories], None)
    return lake.pin()


def said_otherwise(rows: Rows, clock: datetime) -> dict[str, dict | None]:
    """What articles said by then that say something else now, by their ids; ``None``: it is not kept."""
    then: dict[str, dict | None] = {
        row["article_id"]: None for row in rows["articles"] if row["revised_at"] and row["revised_at"] > clock
    }
    holding = (row for row in rows["article_versions"] if row["seen_from"] <= clock < row["seen_until"])
    return then | {row["article_id"]: row for row in holding}


def known_by(rows: Rows, clock: datetime) -> Rows:
    """The rows as they would be in a lake that saw nothing after the clock.

    What is not kept of an article is empty, its title "". Figures that were read by a time stated later are left out.
    """
    articles, words, timed, then = [], {}, {}, said_otherwise(rows, clock)
    for article in (dict(row) for row in rows["articles"] if row["known_at"] <= clock):
        name = article["article_id"]
        dated = [article.get(key) for key in DATES]
        indexed_later = article.get("indexed_at") and article["indexed_at"] > clock
        timed[name] = article.get("published_at") is not None or not indexed_later
        if name in then:
            now = then[name] or dict.fromkeys(VERSIONED) | {"title": "", "revision": 0, "seen_from": None}
            article |= {key: now[key] for key in VERSIONED} | {"revisions": now["revision"]}
            article |= {"revised_at": now["seen_from"] if now["revision"] else None}
            article |= dict.fromkeys(("body", "date_conflicts", "stated"))
            timed[name] &= then[name] is not None and dated == [now[key] for key in DATES]
            words[name] = f"{article['title']}\n{article['text'] or article['summary'] or ''}" if then[name] else ""
        if indexed_later:
            article["indexed_at"] = None
        articles.append(article | _uncorrected(rows, article, clock))
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
    claims = [row for row in rows["claims"] if row["article_id"] in ids and said(row) and timed[row["article_id"]]]
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


def _uncorrected(rows: Rows, article: dict, clock: datetime) -> dict:
    """Columns without later corrections. (Each article has but one that is corrected.)"""
    made = [n for n in rows["annotations"] if n["target_id"] == article["article_id"] and n["field"] in CORRECTED]
    if not made:
        return {}
    before = [json.loads(note["value"]) for note in made if note["created_at"] <= clock]
    if len(before) == len(made):
        return {}
    held = {made[0]["field"]: before[-1]} if before else json.loads(_stated(rows, article))
    return held | {"stated": None}


def _stated(rows: Rows, article: dict) -> str:
    return next(row["stated"] for row in rows["articles"] if row["article_id"] == article["article_id"])
