"""What trafilatura drops or leaves in: captions, embedded posts, boxes of the site, and what is not shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.extract import from_html, post_signatures
from analysis.page_text import plain
from analysis.posts import post_ids

# 1905700000000000000 // 4194304 + 1288834974657 = 1743189260850 ms, which date -u -d @1743189260 prints as below.
FIRST, SECOND = "1905700000000000000", "1905650000000000000"
FIRST_AT = datetime(2025, 3, 28, 19, 14, 20, 850_000, tzinfo=UTC)
SECOND_AT = datetime(2025, 3, 28, 15, 55, 39, 921_000, tzinfo=UTC)

PARAGRAPHS = [
    "The head of state is going to receive his colleague from the coast in the capital before long, people say.",
    "It is the first time that both of them will sit at one table since the harbour was sold to the fishing company.",
    "Neither office wanted to say whether the coins which the coast keeps in its vault are going to be talked about.",
]


def tweet(handle: str, name: str, said: str, number: str, printed: str = "March 28, 2025") -> str:
    return (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{said} <a href="https://t.co/Ab1">pic</a></p>'
        f'&mdash; {name} (@{handle}) <a href="https://twitter.com/{handle}/status/{number}?ref_src=twsrc%5Etfw">'
        f"{printed}</a></blockquote><script async src='https://platform.twitter.com/widgets.js'></script>"
    )


FIGURE = (
    '<figure class="wp-caption aligncenter"><img src="https://cdn.example/total.png" alt="TOTAL chart">'
    '<figcaption class="wp-caption-text">All coins together were worth $2.68 trillion today. Chart: LampView'
    "</figcaption></figure>"
)
STORY = f"""<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8">
<title>Coast comes to court - Lamp News</title>
<script type="application/ld+json">{json.dumps({
    "@type": "NewsArticle", "headline": "Coast comes to court", "author": {"name": "Ann Lee"},
    "datePublished": "2025-03-29T08:00:00+08:00", "dateModified": "2025-03-29T11:00:00+08:00"})}</script>
<meta property="article:published_time" content="2025-03-29T08:00:00Z"></head><body>
<div id="cookie-banner">We use cookies to keep you.</div><nav><a href="/x">Lamps</a></nav>
<article><h1>Coast comes to court</h1><p>{PARAGRAPHS[0]}</p>
{tweet("courtnews", "Court &amp; News", "They will meet.", FIRST)}
<p>{PARAGRAPHS[1]}</p>{FIGURE}{tweet("coast", "The Coast", "I bring &lt;tea&gt;.", SECOND)}<p>{PARAGRAPHS[2]}</p>
<div class="newsletter-box"><h3>Lamp letter</h3><p>Give us your address.</p></div>
<div class="author-bio">Ann Lee has looked after lamps since 2011.</div>
<ul><li><a href="/1">Ten lamps to buy</a></li><li><a href="/2">Lamps fall</a></li><li><a href="/3">Rise</a></li></ul>
</article><footer>Imprint</footer></body></html>""".encode()  # fmt: skip


def page(*parts: str) -> bytes:
    around = [f"<p>{text}</p>" for text in PARAGRAPHS]
    return f"<html><body><article>{around[0]}{''.join(parts)}{around[1]}{around[2]}</article></body></html>".encode()


def test_a_story_as_wordpress_publishes_it():
    found = from_html(STORY, "https://lamp.example/2025/03/28/coast-comes-to-court/")
    assert found.title == "Coast comes to court"
    assert found.body.split("\n\n") == PARAGRAPHS
    assert found.captions == ("All coins together were worth $2.68 trillion today. Chart: LampView",)
    assert [(p.handle, p.author, p.text, p.post_id, p.posted_at, p.precision) for p in found.posts] == [
        ("courtnews", "Court & News", "They will meet. pic", FIRST, FIRST_AT, "second"),
        ("coast", "The Coast", "I bring . pic", SECOND, SECOND_AT, "second"),  # plain text has no tags
    ]
    assert found.boilerplate == (
        "We use cookies to keep you.",
        "Lamp letter Give us your address.",
        "Ann Lee has looked after lamps since 2011.",
    )
    assert (found.published_at, found.modified_at) == (
        datetime(2025, 3, 29, tzinfo=UTC),
        datetime(2025, 3, 29, 3, tzinfo=UTC),
    )
    assert found.date_conflicts == (
        "datePublished 2025-03-29T08:00:00+08:00",
        "article:published_time 2025-03-29T08:00:00Z",
    )


def test_what_is_stored_of_a_page_holds_its_captions_and_the_numbers_of_its_posts():
    text = from_html(STORY, "").full_text
    assert "$2.68 trillion" in text
    assert post_ids(text) == (FIRST, SECOND)
    assert [(s.handle, s.post_id, s.posted_at) for s in post_signatures(text)] == [
        ("courtnews", FIRST, datetime(2025, 3, 28, tzinfo=UTC)),
        ("coast", SECOND, datetime(2025, 3, 28, tzinfo=UTC)),
    ]
    for of_the_site in ("cookies", "Lamp letter", "looked after", "Ten lamps", "Imprint"):
        assert of_the_site not in text


# ── captions ──────────────────────────────────────────────────────────────────────────────────────────

ALT = "A line that falls from three trillion dollars to less than two since January."


@pytest.mark.parametrize(
    ("part", "captions"),
    [
        (FIGURE, ("All coins together were worth $2.68 trillion today. Chart: LampView",)),
        ('<div class="wp-caption"><img src="a.png"><p class="wp-caption-text">Worth $3 trillion</p></div>',
         ("Worth $3 trillion",)),
        ('<div><img src="a.png"><span class="image__caption--small">A <b>lamp</b></span></div>', ("A lamp",)),
        (FIGURE * 2, ("All coins together were worth $2.68 trillion today. Chart: LampView",)),
        (f'<figure><img src="a.png" alt="{ALT}"></figure>', (ALT,)),
        (f'<figure><img src="a.png" alt="{ALT}"><figcaption>Fallen</figcaption></figure>', ("Fallen",)),
        ('<figure><img src="a.png" alt="chart-final-2.png"></figure>', ()),
        ('<figure><img src="a.png">Photo by Bo Roy</figure>', ("Photo by Bo Roy",)),
        ('<figure><a href="/2"><img src="a"></a><figcaption><a href="/2">Another story</a></figcaption></figure>', ()),
        ('<footer><h3 class="footer__caption">Follow</h3><p class="caption">Us</p></footer>', ()),
        ('<figure><table><tr><td>1</td></tr></table></figure>', ()),
    ],
)  # fmt: skip
def test_captions(part, captions):
    found = from_html(page(part), "")
    assert found.captions == captions
    assert not any(caption in found.body for caption in captions)


# ── embedded posts ────────────────────────────────────────────────────────────────────────────────────

ADDRESS = f"https://x.com/coast/status/{FIRST}"


@pytest.mark.parametrize(
    "embed",
    [
        tweet("coast", "The Coast", "Tea.", FIRST),
        tweet("coast", "The Coast", "Tea.", FIRST).replace("twitter-tweet", "twitter-video"),
        f'<blockquote class="twitter-tweet"><a href="{ADDRESS}?s=20"></a></blockquote>',
        f"<p>{ADDRESS}</p>",
        f'<p><a href="//twitter.com/coast/statuses/{FIRST}?lang=en">See it</a></p>',
        f'<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">{ADDRESS}</div></figure>',
        f'<div class="react-tweet-theme"><article><a href="https://twitter.com/coast/status/{FIRST}">C</a><p lang="en">'
        f'Tea.</p><a href="https://twitter.com/intent/like?tweet_id={FIRST}">7</a></article></div>',
        f'<amp-twitter data-tweetid="{FIRST}"><a href="{ADDRESS}">x</a></amp-twitter>',
        f'<iframe class="twitter-tweet-rendered" data-tweet-id="{FIRST}"></iframe>',
        f'<iframe src="https://platform.twitter.com/embed/Tweet.html?dnt=1&amp;id={FIRST}"></iframe>',
    ],
)  # fmt: skip
def test_a_post_of_x_however_it_is_embedded(embed):
    found = from_html(page(embed * 2), "")
    assert [(post.post_id, post.posted_at, post.precision) for post in found.posts] == [(FIRST, FIRST_AT, "second")]
    assert found.posts[0].handle in ("coast", "")
    assert found.body.split("\n\n") == PARAGRAPHS
    assert post_ids(found.full_text) == (FIRST,)
    assert found.published_not_before == datetime(2025, 3, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("embed", "url"),
    [
        ('<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/Cx12345abc/">'
         "<a>View this post on Instagram</a></blockquote>", "https://www.instagram.com/p/Cx12345abc"),
        ('<iframe src="https://truthsocial.com/@coast/posts/114240000000000000/embed"></iframe>',
         "https://truthsocial.com/@coast/posts/114240000000000000"),
        ('<script data-telegram-post="coast/17" src="https://telegram.org/js/telegram-widget.js"></script>',
         "https://t.me/coast/17"),
        ('<blockquote class="bluesky-embed" data-bluesky-uri="at://did:plc:ab12/app.bsky.feed.post/3kabcde">'
         '<p lang="en">Tea.</p>&mdash; Coast (<a href="#">@coast.example</a>)</blockquote>',
         "https://bsky.app/profile/did:plc:ab12/post/3kabcde"),
        ('<blockquote class="text-post-media" data-text-post-permalink="https://www.threads.net/@coast/post/Cabc12">'
         "Tea</blockquote>", "https://www.threads.net/@coast/post/Cabc12"),
        ('<iframe src="https://lamps.example/@coast/114240000000000000/embed"></iframe>',
         "https://lamps.example/@coast/114240000000000000"),
    ],
)  # fmt: skip
def test_posts_of_other_networks_are_told_and_no_part_of_the_body(embed, url):
    found = from_html(page(embed), "")
    assert [(post.url, post.post_id) for post in found.posts] == [(url, None)]
    assert found.body.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "part",
    [
        '<iframe src="https://www.youtube.com/embed/abcdefghijk" title="A film"></iframe>',
        '<div hidden>' + tweet("a", "A", "Hid.", FIRST) + "</div>",
        "<aside>" + tweet("a", "A", "Beside.", FIRST) + "</aside>",
        '<p><a href="https://x.com/coast">Coast</a></p>',
        '<p><a href="https://x.com.evil.example/coast/status/1905700000000000000">Coast</a></p>',
    ],
)  # fmt: skip
def test_what_is_no_post_of_the_article(part):
    assert from_html(page(part), "").posts == ()


def test_a_link_to_a_post_within_a_sentence_embeds_nothing():
    part = f'<p>On Friday <a href="{ADDRESS}">the coast</a> said that it would bring some tea to the court.</p>'
    found = from_html(page(part), "")
    assert found.posts == ()
    assert "the coast said that" in found.body


def test_a_printed_day_that_the_number_contradicts_is_told_and_the_number_counts():
    found = from_html(page(tweet("coast", "C", "Tea.", FIRST, printed="March 25, 2025")), "")
    assert found.posts[0].posted_at == FIRST_AT
    assert found.date_conflicts == (f"post {FIRST}: 2025-03-25, by its number 2025-03-28",)
    beside = from_html(page(tweet("coast", "C", "Tea.", FIRST, printed="March 29, 2025")), "")  # east of Greenwich
    assert beside.date_conflicts == ()


def test_a_number_from_before_2010_holds_no_time_and_its_printed_day_counts():
    found = from_html(page(tweet("jack", "jack", "Setting up.", "20", printed="March 21, 2006")), "")
    assert (found.posts[0].posted_at, found.posts[0].precision) == (datetime(2006, 3, 21, tzinfo=UTC), "day")


def test_a_post_that_is_younger_than_its_article_is_told():
    head = '<head><meta property="article:published_time" content="2025-03-28T18:00:00Z"></head>'
    found = from_html(page(tweet("coast", "C", "Tea.", FIRST)).replace(b"<html>", f"<html>{head}".encode()), "")
    assert found.date_conflicts == (f"post {FIRST} 2025-03-28T19:14:20Z after 2025-03-28T18:00:00Z",)


# ── what is not shown, and markup ─────────────────────────────────────────────────────────────────────

LONG = "The lamp maker said that it would open four more shops in the north before the year is over."


@pytest.mark.parametrize(
    "part",
    [
        f"<p hidden>{LONG}</p>",
        f'<div style="color:red; display : none"><p>{LONG}</p></div>',
        f'<p style="visibility:hidden">{LONG}</p>',
        f'<div aria-hidden="true"><p>{LONG}</p></div>',
        f"<script>'{LONG}'</script>",
        f"<style>{LONG}</style>",
        f"<template><p>{LONG}</p></template>",
        f"<!-- <p>{LONG}</p> -->",
    ],
)
def test_what_a_page_does_not_show_is_no_text(part):
    found = from_html(page(part), "")
    assert found.body.split("\n\n") == PARAGRAPHS
    assert LONG not in " ".join(found.boilerplate)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a &lt;script&gt;alert(1)&lt;/script&gt; b", "a b"),
        ("AT&amp;T", "AT&T"),
        ("5 < 6 > 4 & 3", "5 < 6 > 4 & 3"),
        ("https://a.example/?a=1&copy=2", "https://a.example/?a=1&copy=2"),
        ('<img src="https://spy.example/x.png" onerror=x>seen', "seen"),
        ("&amp;lt;b&amp;gt;bold", "bold"),
        ("half \ud83d of one", "half \ufffd of one"),
    ],
)
def test_plain_text_has_no_markup(text, shown):
    assert plain(text) == shown


@given(st.lists(st.sampled_from(["<", ">", "&", ";", "b", "/", "!", " ", "\n", "#x3", "lt", "amp", "script"])))
def test_plain_text_is_one_line_without_tags(parts):
    found = plain("".join(parts))
    assert "<b>" not in found
    assert found == " ".join(found.split())


def test_a_title_in_json_may_hold_half_a_character_and_markup():
    linked = '{"@type":"NewsArticle","headline":"A <i>b</i> \\ud83d"}'
    head = f'<head><script type="application/ld+json">{linked}</script></head>'
    assert from_html(page().replace(b"<html>", f"<html>{head}".encode()), "").title == "A b \ufffd"
