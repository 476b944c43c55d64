"""What a refresh asks for next, what it commits, and who may run one."""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import NoAnswer
from connectors.records import Answer, Article, Candle, Limits, MarketCap, Page, Reject, Request
from connectors.registry import DEFAULT, Source
from data import queries
from data.lake import Lake, RefreshRunning
from data.refresh import askable, plan, refresh

DAY = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Bars:
    """An exchange that has every hour, each at its own price; it is asked through ``send``."""

    record = Candle
    limits = Limits(min_interval_s=0, attempts=1)
    symbol, interval = "BTC/USD", "1h"

    def __init__(self, source, reach=None):
        self.source, self.reach = source, reach

    def first(self, window):
        return Request("https://bars.example/", window.end, state={"source": self.source, "window": window})

    def parse(self, request, body):
        window = request.state["window"]
        first = max(window.start, window.end - self.reach) if self.reach else window.start
        count = (window.end - first) // HOUR
        opens = [window.end - (n + 1) * HOUR for n in range(count)]
        return Page(tuple(Candle(self.source, "BTC/USD", "1h", at, 2.0, 3.0, 1.0, 2.0, 1.0) for at in opens))


class News:
    """A feed of one page that says what it is told to."""

    source, record = "news", Article
    limits = Limits(min_interval_s=0, attempts=1, max_pages=1)

    def __init__(self, *titles, rejects=()):
        self.titles, self.rejects = titles, rejects

    def first(self, window):
        return Request("https://news.example/feed", window.end)

    def parse(self, request, body):
        return Page(
            tuple(
                Article(
                    "news", "News", f"https://news.example/{n}", title, published_at=DAY, published_precision="second"
                )
                for n, title in enumerate(self.titles)
            ),
            tuple(Reject("item without title", line) for line in self.rejects),
        )


def job(*connectors):
    return {"chain": tuple(Source(connector.source, connector, 3600) for connector in connectors)}


def asked(lake, now, *connectors, down=(), since=None):
    """Refresh one chain; the windows asked for, by source."""
    windows = {}

    def send(request, limits):
        windows[request.state["source"]] = request.state["window"]
        if request.state["source"] in down:
            raise NoAnswer("down")
        return Answer(b"")

    list(refresh(lake, job(*connectors), send, now=now, since=since))
    return windows


def read(lake, now, news, headers=None, seen=None):
    def send(request, limits):
        if seen is not None:
            seen.append(dict(request.headers))
        body = repr((now, news.titles)).encode()  # another one each time: what is the same is told by its rows
        return Answer(body, headers or {}, not_modified=bool(seen) and "If-None-Match" in request.headers)

    return list(refresh(lake, job(news), send, now=now))


def hours(lake, source):
    return list(queries.export(lake.pin(), "candles", f"source = '{source}' AND \"interval\" = '1h'")["open_time"])


def test_a_source_that_was_down_is_asked_later_for_all_it_missed(lake):
    kraken, coinbase = Bars("kraken"), Bars("coinbase")
    asked(lake, DAY, kraken, coinbase)
    stand_in = asked(lake, DAY + 10 * HOUR, kraken, coinbase, down={"kraken"})
    assert stand_in["coinbase"].start <= DAY
    asked(lake, DAY + 12 * HOUR, kraken, coinbase)
    found = hours(lake, "kraken")
    assert found[-1] == DAY + 11 * HOUR
    assert all(b - a == HOUR for a, b in itertools.pairwise(found))


def test_since_does_not_move_the_cursor_past_what_was_never_asked_for(lake):
    kraken = Bars("kraken")
    asked(lake, DAY, kraken)
    asked(lake, DAY + 20 * 24 * HOUR, kraken, since=DAY + 19 * 24 * HOUR)
    again = asked(lake, DAY + 21 * 24 * HOUR, kraken)
    assert again["kraken"].start <= DAY
    found = hours(lake, "kraken")
    assert all(b - a == HOUR for a, b in itertools.pairwise(found))


def test_what_an_exchange_no_longer_keeps_is_asked_of_the_next_and_the_run_says_so(lake):
    kraken, coinbase = Bars("kraken", reach=720 * HOUR), Bars("coinbase")
    asked(lake, DAY, kraken, coinbase)
    later = DAY + 40 * 24 * HOUR
    windows = asked(lake, later, kraken, coinbase)
    assert windows["coinbase"].start <= DAY
    assert hours(lake, "coinbase")[0] <= DAY
    runs = queries.runs(lake.pin())
    notes = dict(zip(runs["source"], runs["note"], strict=True))
    assert "keeps its newest 1h bars only" in notes["coinbase"]
    windows_of = queries.covered(lake.pin(), "kraken")
    assert windows_of[-1].start == later - 720 * HOUR  # what it gave, not what was asked for
    assert asked(lake, later + HOUR, kraken, coinbase).keys() == {"kraken"}  # and it is not asked for ever after


class FivePages:
    """5,050 bars of a minute over five pages and a bit; the third page fails as often as it is told to."""

    source, record, symbol, interval, reach = "paged", Candle, "BTC/USD", "1m", None
    limits = Limits(min_interval_s=0, attempts=1)
    first_open = DAY - 5_050 * timedelta(minutes=1)

    def __init__(self):
        self.failures = 1

    def first(self, window):
        start = max(window.start, self.first_open)
        return Request("https://bars.example/", window.end, {"from": start.isoformat()})

    def parse(self, request, body):
        start = datetime.fromisoformat(request.params["from"])
        bars = [start + n * timedelta(minutes=1) for n in range(1_000)]
        if start == self.first_open + timedelta(minutes=2_000) and self.failures:
            self.failures -= 1
            raise NoAnswer("broke off")
        bars = [at for at in bars if at < DAY]
        after = start + timedelta(minutes=1_000)
        following = Request(request.url, request.asked_at, {"from": after.isoformat()}) if after < DAY else None
        page = tuple(Candle("paged", "BTC/USD", "1m", at, 2.0, 3.0, 1.0, 2.0, 1.0) for at in bars)
        return Page(page, (), following)


def test_a_pull_that_breaks_off_amid_its_pages_loses_none_of_the_5050_bars(lake):
    """A cursor that moves while paging would stand at the last bar seen, and 2,000 would be all there ever are."""
    source = FivePages()
    [broken] = list(refresh(lake, job(source), lambda *_: Answer(b""), now=DAY))
    assert (broken.counts.new, bool(broken.error)) == (2_000, True)
    assert queries.cursor(lake.pin(), "paged") is None
    [whole] = list(refresh(lake, job(source), lambda *_: Answer(b""), now=DAY))
    assert (whole.counts.new, whole.counts.same, whole.error) == (3_050, 2_000, None)
    assert queries.cursor(lake.pin(), "paged") == DAY
    stored = queries.export(lake.pin(), "candles", "\"interval\" = '1m'")["open_time"]
    assert len(stored) == 5_050
    assert (stored.diff().dropna() == timedelta(minutes=1)).all()


def test_a_refresh_that_finds_nothing_new_commits_nothing_and_still_counts_as_asked(lake):
    news = News("One", "Two", rejects=["half an item"])
    [first] = read(lake, DAY, news)
    assert first.counts.new == 2
    before = lake.pin().versions
    [second] = read(lake, DAY + HOUR, news)
    assert (second.counts.new, second.counts.same, len(second.rejects)) == (0, 2, 1)
    assert lake.pin().versions == before
    assert len(queries.runs(lake.pin())) == 1
    assert lake.asked()["news"].answered_at > lake.asked()["news"].asked_at - HOUR


def test_another_reject_or_title_is_something_new(lake):
    read(lake, DAY, News("One", rejects=["half an item"]))
    read(lake, DAY + HOUR, News("One", rejects=["another"]))
    assert len(queries.runs(lake.pin())) == 2
    [changed] = read(lake, DAY + 2 * HOUR, News("One, corrected", rejects=["another"]))
    assert (changed.counts.new, changed.counts.changed) == (0, 1)


def test_what_a_publisher_changed_is_kept_and_an_earlier_clock_shows_it(lake):
    read(lake, DAY + HOUR, News("Bitcoin falls to $90,000"))
    read(lake, DAY + 5 * HOUR, News("Bitcoin falls to $80,000"))
    at = lake.pin()
    [row] = queries.export(at, "article_versions").itertuples()
    assert (row.revision, row.title, row.seen_from, row.seen_until) == (
        0,
        "Bitcoin falls to $90,000",
        DAY + HOUR,
        DAY + 5 * HOUR,
    )
    for clock, title in [(DAY + 2 * HOUR, "Bitcoin falls to $90,000"), (DAY + 5 * HOUR, "Bitcoin falls to $80,000")]:
        assert list(queries.stories(at, known_at=clock)["title"]) == [title]
        [story] = queries.stories(at, known_at=clock)["story_id"]
        assert list(queries.story_articles(at, story, clock)["title"]) == [title]
        assert list(queries.export(at, "articles", known_at=clock)["title"]) == [title]
    read(lake, DAY + 9 * HOUR, News("Bitcoin falls to $70,000"))
    versions = queries.export(lake.pin(), "article_versions")
    assert list(versions["revision"]) == [0, 1]
    assert list(versions["seen_until"]) == [DAY + 5 * HOUR, DAY + 9 * HOUR]
    assert list(queries.stories(lake.pin())["title"]) == ["Bitcoin falls to $70,000"]


def test_an_address_used_again_for_another_article_is_another_article(lake):
    class Recap(News):
        def parse(self, request, body):
            [article] = super().parse(request, body).records
            return Page((replace(article, published_at=self.at),))

    for at, title in [(DAY, "Daily recap: Solana gains"), (DAY + 72 * HOUR, "What moved markets: ETF outflows")]:
        recap = Recap(title)
        recap.at = at
        for _ in range(2):
            read(lake, at + HOUR, recap)
    articles = queries.export(lake.pin(), "articles")
    assert sorted(articles["title"]) == ["Daily recap: Solana gains", "What moved markets: ETF outflows"]
    assert list(articles["revisions"]) == [0, 0]


def test_an_article_that_two_feeds_carry_is_not_revised_by_them_in_turn(lake):
    class Other(News):
        source = "other"

        def parse(self, request, body):
            articles = super().parse(request, body).records
            return Page(tuple(replace(a, source="other", publisher="Other", author="A. Writer") for a in articles))

    read(lake, DAY, News("One"))
    [second] = read(lake, DAY + HOUR, Other("One, as others have it"))
    assert (second.counts.new, second.counts.changed) == (0, 1)  # it knew the author
    before = lake.pin().versions
    read(lake, DAY + 2 * HOUR, News("One"))
    read(lake, DAY + 3 * HOUR, Other("One, as others have it"))
    assert lake.pin().versions == before
    [article] = queries.export(lake.pin(), "articles").itertuples()
    assert (article.title, article.publisher, article.author) == ("One", "News", "A. Writer")


def test_a_publishers_date_goes_before_an_indexs_whichever_came_first(lake):
    class Index(News):
        source = "index"

        def parse(self, request, body):
            articles = super().parse(request, body).records
            return Page(
                tuple(
                    replace(a, source="index", published_at=None, published_precision=None, indexed_at=DAY + HOUR)
                    for a in articles
                )
            )

    read(lake, DAY + 2 * HOUR, Index("One"))
    [story] = queries.stories(lake.pin()).itertuples()
    assert story.shown_at == DAY + HOUR
    read(lake, DAY + 3 * HOUR, News("One"))
    read(lake, DAY + 4 * HOUR, Index("One"))
    [article] = queries.export(lake.pin(), "articles").itertuples()
    assert (article.source, article.published_at, article.indexed_at) == ("news", DAY, DAY + HOUR)
    assert article.known_at == DAY + 2 * HOUR  # when we first saw it


def test_validators_are_kept_in_the_lake_and_sent_by_the_next_refresh(lake, home):
    seen = []
    read(lake, DAY, News("One"), {"etag": '"v1"'}, seen)
    read(Lake(str(home)), DAY + HOUR, News("One"), {"etag": '"v1"'}, seen)
    assert seen == [{}, {"If-None-Match": '"v1"'}]
    read(Lake(str(home)), DAY + 2 * HOUR, News("One"), {}, seen)  # a 304 need not repeat them
    read(Lake(str(home)), DAY + 3 * HOUR, News("One"), {}, seen)
    assert seen[2:] == [{"If-None-Match": '"v1"'}] * 2


def test_since_asks_whatever_has_not_changed(lake):
    seen = []
    read(lake, DAY, News("One"), {"etag": '"v1"'}, seen)

    def send(request, limits):
        seen.append(dict(request.headers))
        return Answer(b"")

    list(refresh(lake, job(News("One")), send, now=DAY + HOUR, since=DAY))
    assert seen == [{}, {}]


def test_days_are_not_lost_by_a_refresh_in_the_middle_of_one(lake):
    source = DEFAULT.source("bitstamp:BTC/USD:1d")

    def send(request, limits):
        since, bars = datetime.fromisoformat(request.params["since"]), int(request.params["bars"])
        opens = [since + n * timedelta(days=1) for n in range(bars)]
        return Answer(json.dumps([[at.timestamp() * 1000, 2.0, 3.0, 1.0, 2.0, 1.0] for at in opens]).encode())

    for day in range(6):
        list(refresh(lake, {"days": (source,)}, send, now=DAY + timedelta(days=day, hours=12, minutes=34)))
    days = queries.export(lake.pin(), "candles", "\"interval\" = '1d'")["open_time"]
    assert days.iloc[-1] == DAY + timedelta(days=4)
    assert (days.diff().dropna() == timedelta(days=1)).all()


def test_a_defect_of_ours_costs_one_source_and_no_other(lake):
    class Odd(News):
        source = "odd"

        def parse(self, request, body):
            raise RuntimeError("not thought of")

    jobs = {"odd": job(Odd())["chain"], "news": job(News("One"))["chain"]}
    taken = {one.source: one for one in refresh(lake, jobs, lambda *_: Answer(b""), now=DAY)}
    assert taken["news"].counts.new == 1
    assert "Newstape itself failed at odd (RuntimeError: not thought of)" in taken["odd"].error


def test_what_was_refused_for_being_early_is_read_again_though_the_feed_stands_still(lake):
    started = datetime.now(UTC)

    class Embargoed(News):
        def parse(self, request, body):
            [article] = super().parse(request, body).records
            return Page((replace(article, published_at=started + self.ahead),))

    news, seen = Embargoed("To come"), []
    news.ahead = HOUR
    [early] = read(lake, DAY, news, {"etag": '"v1"'}, seen)
    assert (early.counts.new, len(early.rejects)) == (0, 1)
    news.ahead = -HOUR
    [later] = read(lake, DAY, news, {"etag": '"v1"'}, seen)
    assert (later.counts.new, seen) == (1, [{}, {}])


def test_one_refresh_at_a_time_has_the_lake_and_imports_may_still_write(lake, home):
    other = Lake(str(home))
    with lake.refreshing():
        with pytest.raises(RefreshRunning, match="Another refresh"):
            read(other, DAY, News("One"))
        with other.writing():
            pass
    assert read(other, DAY, News("One"))


def test_a_stop_ends_it_between_two_sources(lake):
    stop, began = threading.Event(), threading.Event()

    class Slow(News):
        source = "slow"

        def parse(self, request, body):
            began.set()
            stop.wait(20)
            return super().parse(request, body)

    def send(request, limits):
        return Answer(b"")

    jobs = {"news": job(News("One"))["chain"], "slow": job(Slow("Two"))["chain"]}
    taken = []
    for one in refresh(lake, jobs, send, now=DAY, stop=stop):
        taken.append(one.source)
        began.wait(20)
        stop.set()
    assert taken == ["news"]
    assert list(lake.asked()) == ["news"]


def test_a_plan_says_what_would_be_asked_and_asks_nothing(lake, home, tmp_path):
    kraken, coinbase, news = Bars("kraken"), Bars("coinbase"), News("One")
    asked(lake, DAY, kraken, coinbase)
    read(lake, DAY, news, {"etag": '"v1"'})
    versions = lake.pin().versions
    first, second, third = plan(lake, {**job(kraken, coinbase), "news": job(news)["chain"]}, now=DAY + HOUR)
    assert (first.source, first.window.start, first.stands_in) == ("kraken", DAY - 3 * HOUR, False)
    assert (second.source, second.stands_in) == ("coinbase", True)
    assert (third.request.url, third.validators.etag) == ("https://news.example/feed", '"v1"')
    assert lake.pin().versions == versions
    [first] = plan(Lake(str(tmp_path / "nowhere")), job(kraken), now=DAY)
    assert first.window.start == DAY - timedelta(days=30)
    assert not (tmp_path / "nowhere").exists()


def test_a_source_without_its_key_is_left_out_and_named():
    class Keyed(News):
        needs_key = "SOME_KEY"

    jobs = {"keyed": (Source("keyed", Keyed(), 60),), "chain": (Source("keyed", Keyed(), 60), *job(News())["chain"])}
    kept, lacking = askable(jobs, lambda variable: False)
    assert {name: [s.name for s in sources] for name, sources in kept.items()} == {"chain": ["news"]}
    assert lacking == {"keyed": "SOME_KEY"}
    assert askable(jobs, lambda variable: variable == "SOME_KEY") == (jobs, {})


def test_a_market_cap_told_again_is_nothing_new(lake):
    class Caps(News):
        source, record = "caps", MarketCap

        def parse(self, request, body):
            return Page((MarketCap("caps", "all-coins", "TOTAL", DAY, 2.8e12, 600, DAY),))

    read(lake, DAY, Caps())
    before = lake.pin().versions
    read(lake, DAY + HOUR, Caps())
    assert lake.pin().versions == before
