"""A lake of stories of every kind that a timeline has to get right."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random

from lake_rows import at

from data.tables import HORIZONS_H

FIRST, DAYS = at("2025-03-01"), 40
TOPICS = ("hack", "ETF", "macro", "politics")
ASSETS = ("BTC", "ETH", "SOL", "ADA", "XRP", "DOGE", "LINK", "DOT", "TRX", "AVAX", "BNB")
WORDS = ("Harbour", "bridge", "vote", "miner", "Ünal", "tax", "fund")
SOURCES = ("feed", "wire", "archive")


def story_lake_rows() -> dict[str, list[dict]]:
    """Stories with articles that came late, that came out before they were known, with other titles, without dates.

    Half of them were paired with the market, at any time, well or not.
    """
    random, rows = Random(5), {name: [] for name in ("stories", "story_members", "articles", "mentions")}
    rows |= {"article_versions": [], "contexts": [], "annotations": []}
    for n in range(150):
        story, out = f"s{n:03}", FIRST + timedelta(minutes=random.randrange(DAYS * 1440))
        articles = [f"a{random.randrange(10**6):06}-{n}-{k}" for k in range(random.choice((1, 1, 1, 2, 3, 5)))]
        for k, article in enumerate(articles):
            published = out + timedelta(minutes=random.randrange(-600, 3000))
            known = published + timedelta(minutes=random.choice((0, 0, 5, 2000, 9000)))
            dated = random.choice(
                ("second", "second", "minute", "hour", "day", "month", "year", "index", "day on", "none")
            )
            times = {
                "index": {
                    "indexed_at": random.choice((published, known + timedelta(days=2))),
                    "published_not_before": published - timedelta(days=2),
                },
                "day on": {"published_not_before": published.replace(hour=0, minute=0)},
                "none": {},
            }.get(dated, {"published_at": published, "published_precision": dated})
            said = {
                "title": f"{random.choice(WORDS)} {random.choice(WORDS)} {n}",
                "publisher": random.choice(("Alpha Wire", "Beta Fund")),
            }
            rows["articles"].append(
                {"article_id": article, "source": random.choice(SOURCES), "title_derived": False, **said, **times}
                | {"first_seen_at": known, "known_at": known, "known_at_assumed": False, "revisions": 0}
            )
            if random.random() < 0.3:
                rows["article_versions"] += _versions(random, rows["articles"][-1])
            if random.random() < 0.2:
                rows["annotations"] += _renamed(random, rows["articles"][-1], len(rows["annotations"]))
            member = {"story_id": story, "article_id": article, "relation": "original", "similarity": 1.0}
            rows["story_members"].append(member)
            named = [("topic", value) for value in random.sample(TOPICS, random.randrange(3))]
            named += [("asset", value) for value in random.sample(ASSETS, random.randrange(4))]
            named += [("person", "Ana Harbour"), ("place", "El Bridge")][: random.randrange(3)]
            named += named[:1]
            for offset, (kind, value) in enumerate(named):
                basis = random.choice(("text", "text", "text", "curated", "corrected"))
                mention = {"article_id": article, "kind": kind, "value": value, "offset": offset + 100 * k}
                rows["mentions"].append(mention | {"quote": value, "basis": basis})
                if basis == "corrected":
                    rows["annotations"].append(_added(len(rows["annotations"]), article, value, known, random))
        known = min(row["known_at"] for row in rows["articles"][-len(articles) :])
        known += timedelta(days=random.choice((0, 0, 4)))
        rows["stories"].append(
            {"story_id": story, "first_article_id": articles[0], "title": "t", "known_at": known}
            | {"merged_into": "s000" if n and random.random() < 0.1 else None}
        )
        for asset in ("BTC", "ETH"):
            if random.random() < 0.5:
                rows["contexts"].append(_context(random, story, asset, out))
    return rows


def _versions(random: Random, article: dict) -> list[dict]:
    """What it said before: other words, some of the names, and at times another publication.

    Of some, what they said first is not kept.
    """
    found, since = [], article["known_at"] + timedelta(days=random.choice((0, 0, 0, 3)))
    for revision in range(random.choice((1, 1, 2))):
        dated = {name: article.get(name) for name in ("published_at", "published_precision")}
        if random.random() < 0.3:
            dated = {"published_at": article["known_at"] - timedelta(hours=5), "published_precision": "hour"}
        words = " ".join(name for name in (*TOPICS, *ASSETS, "Ana Harbour", "El Bridge") if random.random() < 0.5)
        until = since + timedelta(days=random.choice((1, 3)))
        version = {"article_id": article["article_id"], "revision": revision, "seen_from": since, "seen_until": until}
        found.append(version | dated | {"title": f"Early {random.choice(WORDS)}", "text": words})
        since = until
    article["revised_at"] = since
    return found


def _renamed(random: Random, article: dict, n: int) -> list[dict]:
    """An analyst corrects the publisher, some twice, some back to what it states itself."""
    found, stated = [], article["publisher"]
    names = random.choice((["Gamma"], ["Gamma", "Delta"], ["Gamma", None], [None]))
    for name in names:
        when = article["known_at"] + timedelta(days=1 + 3 * len(found))
        row = {"annotation_id": f"n{n + len(found):03}", "target_kind": "article", "target_id": article["article_id"]}
        row |= {"field": "publisher", "value": name and json.dumps(name), "note": "", "author": "a"}
        found.append(row | {"created_at": when})
        article["publisher"] = name or stated
    if names[-1]:
        article["stated"] = json.dumps({"publisher": stated})
    return found


def _added(n: int, article: str, value: str, known: datetime, random: Random) -> dict:
    """That an analyst named something, a while after the article was known."""
    when = known + timedelta(days=random.choice((0, 2, 6)))
    correction = {
        "target_kind": "article",
        "target_id": article,
        "field": "mention",
        "value": json.dumps({"value": value}),
    }
    return {"annotation_id": f"n{n:03}", "note": "", "author": "a", "created_at": when, **correction}


def lake_rows_then(clock: datetime) -> dict[str, list[dict]]:
    """The same lake as it would have stood at the clock, worked out row by row."""
    rows, then = story_lake_rows(), {}
    said = {
        row["article_id"]: row
        for row in reversed(rows["article_versions"])  # the earliest of those that hold
        if row["seen_from"] <= clock < row["seen_until"]
    }
    lost = {r["article_id"] for r in rows["articles"] if r.get("revised_at") and r["revised_at"] > clock} - said.keys()
    unsaid = {"title": "", "text": "", "published_at": None, "published_precision": None}
    said |= dict.fromkeys(lost, unsaid)
    then["articles"] = []
    for row in rows["articles"]:
        if row["known_at"] <= clock:
            version = said.get(row["article_id"], {})
            stated = {name: version[name] for name in ("title", "published_at", "published_precision") if version}
            stated |= _called(rows, row, clock) | {"revised_at": None}
            indexed = row.get("indexed_at")
            then["articles"].append(row | stated | {"indexed_at": indexed if indexed and indexed <= clock else None})
    known = {row["article_id"] for row in then["articles"]}
    added = {
        (row["target_id"], json.loads(row["value"])["value"]): row["created_at"]
        for row in sorted(
            rows["annotations"], key=lambda row: row["created_at"], reverse=True
        )  # the first that said so
        if row["field"] == "mention"
    }
    then["mentions"] = []
    for row in rows["mentions"]:
        version = said.get(row["article_id"])
        held = {
            "text": version is None or row["quote"] in f"{version['title']}\n{version['text']}",
            "curated": True,
            "corrected": added.get((row["article_id"], row["value"]), clock) <= clock,
        }
        if row["article_id"] in known and held[row["basis"]]:
            then["mentions"].append(row | {"basis": "text"})
    then["stories"] = [row for row in rows["stories"] if row["known_at"] <= clock]
    then["story_members"] = [row for row in rows["story_members"] if row["article_id"] in known]
    return then


def _called(rows: dict[str, list[dict]], article: dict, clock: datetime) -> dict:
    """The publisher, as far as it had been corrected."""
    made = [r for r in rows["annotations"] if r["field"] == "publisher" and r["target_id"] == article["article_id"]]
    if all(row["created_at"] <= clock for row in made):
        return {}
    stated = json.loads(article["stated"])["publisher"] if article.get("stated") else article["publisher"]
    held = [row["value"] for row in made if row["created_at"] <= clock]
    return {"publisher": json.loads(held[-1]) if held and held[-1] else stated, "stated": None}


def _context(random: Random, story: str, asset: str, out: datetime) -> dict:
    """As pairing leaves it: a story nobody dates has no figures, and one of late has no later moves."""
    outcome = random.choice(("used", "used", "used", "gaps", "out_of_span", "no_time"))
    row = {"story_id": story, "asset": asset, "outcome": outcome}
    if outcome == "no_time":
        return row
    moves = {f"log_return_{h}": random.uniform(-0.1, 0.1) for h in HORIZONS_H if random.random() < 0.8}
    anchor = out + timedelta(minutes=random.randrange(-600, 3000))
    return row | moves | {"anchor_at": anchor, "price_usd": random.uniform(1, 1e5)}
