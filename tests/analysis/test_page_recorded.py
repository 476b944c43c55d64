"""Twelve real pages, against facts read by eye from their sources: ids, times, counts and names, no sentences.

Times of posts are their numbers by shell arithmetic and ``date -u``. Paragraphs are told by the first twelve digits of
the SHA-256 of their first three words.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from analysis.extract import from_html

pytestmark = pytest.mark.shared


def at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def digest(paragraph: str) -> str:
    return hashlib.sha256(" ".join(paragraph.split()[:3]).encode()).hexdigest()[:12]


# Page: author, published, changed, captions, first and last paragraph.
FACTS = {
    "basicthinking.de_embedded_tweets": (
        None,
        "2018-12-05T05:50:40",
        "2018-12-05T10:37:29",
        1,
        "9c27117f4847",
        "be0891103726",
    ),
    "creativecommons.at_faircoin": (None, None, None, 0, "beca04772e0d", "1de55e9cf551"),
    "cubadebate.cu_wordpress_tweets": (
        None,
        "2022-04-26T19:35:23",
        "2022-04-27T06:11:23",
        2,
        "f6b2787dab56",
        "b509cac6e685",
    ),
    "de.cointelegraph.com_cme_2023": (
        "Prashant Jha",
        "2023-10-31T12:00:00",
        "2023-10-31T12:00:00",
        1,
        "718b5a6a148e",
        "747fc60e8925",
    ),
    "diariolibre.com_tweets": (
        "Graciela-Cuevas",
        "2022-04-22T04:01:00",
        "2022-04-22T03:50:29",
        1,
        "95e9bef29562",
        "ddc7ebfb1845",
    ),
    "goose3_test_tweet": (None, None, None, 0, "9fa47dd5a8ee", "ed093c309aa6"),
    "pcgamer.com_embedded_tweets": (
        "Tom Francis",
        "2012-08-09T17:00:00",
        "2012-08-09T17:00:00",
        0,
        "44d72ee2ad09",
        "23f1c815b0ee",
    ),
    "postlight_deadline_tweets": (
        "Lisa de Moraes",
        "2019-04-15T13:18:34",
        "2019-04-15T13:38:08",
        1,
        "4e777b14e5ee",
        "ceb2dbe94901",
    ),
    "readability_breitbart_tweets": (
        None,
        "2016-12-22T18:43:37",
        "2016-12-23T02:59:12",
        1,
        "9c5bc7f70ec1",
        "532b56bb1606",
    ),
    "readability_telegraph_tweets": (None, "2017-11-16T14:15:00", None, 3, "00eae4118583", "b8adb1862291"),
    "thebalance.com_coinbase": (
        "Jacob Wade",
        "2021-03-23T18:36:01.275",
        "2022-03-28T17:56:57.493",
        1,
        "14d71b6379d2",
        "927ec20bc3be",
    ),
    "theverge.com_embedded_tweets": (
        "Jon Porter",
        "2019-07-03T08:22:07",
        "2019-07-03T08:22:07",
        3,
        "a7639a4f2cf7",
        "e4ec532c6327",
    ),
}

# Page: number, handle, when, in the order of the page.
POSTS = {
    "basicthinking.de_embedded_tweets": (
        ("1044502590266978309", "diktator", "2018-09-25T08:23:18"),
        ("1034172462659973120", "Mohrenpost", None),
        ("1002930867692597250", "RobertHabeck", None),
        ("971100857189195777", "frank_thelen", None),
        ("1039201029093564420", "AnjaAmaranth", None),
        ("990549294829666304", "johannesceh", None),
        ("1034338788066164739", "TijenOnaran", None),
        ("1008256346859409408", "herrfranken", None),
        ("1051023688911544320", "ManuelGerres", None),
        ("1016923514002137088", "bloggendebahner", None),
        ("1067112604739534850", "C_Holler", "2018-11-26T17:47:25"),
        ("1064548778139676685", "meikyworldwide", None),
    ),
    "cubadebate.cu_wordpress_tweets": (("1518974351739179010", "PresidenciaCuba", "2022-04-26T15:24:41"),),
    "goose3_test_tweet": (("527783221539643393", "derekgreene", "2014-10-30T11:25:00"),),
    "postlight_deadline_tweets": (
        ("1117767646961963009", "BrianKarem", "2019-04-15T12:32:28"),
        ("1117773751217795078", "EdKrassen", "2019-04-15T12:56:44"),
        ("1117736685721223168", "realDonaldTrump", "2019-04-15T10:29:27"),
    ),
    "readability_breitbart_tweets": (  # drawn already: frames that name nothing but a number
        ("800384752746254337", "", "2016-11-20T17:06:10"),
        ("769239021021036544", "", "2016-08-26T18:24:09"),
        ("807998073116835840", "", "2016-12-11T17:18:47"),
    ),
    "theverge.com_embedded_tweets": (("1146359923158089728", "schukin", "2019-07-03T10:07:58"),),
}

CONFLICTS = {
    "cubadebate.cu_wordpress_tweets": (
        "article:published_time 2022-04-26T15:35:23-04:00", "time element 2022-04-26 11:35:00 (no zone)",
    ),
    "diariolibre.com_tweets": (
        "datePublished 2022-04-22T00:01:00-04:00", "ArticlePublicationDate 2022-04-22T00:01:00.000Z",
        "dateModified 2022-04-21T23:50:29-04:00 before datePublished 2022-04-22T00:01:00-04:00",
    ),
    "postlight_deadline_tweets": (
        "article:published_time 2019-04-15T13:18:34+00:00", "published_at 2019-04-15 06:18:34 (no zone)",
    ),
    "readability_breitbart_tweets": (
        "article:published_time 2016-12-22T10:43:37-08:00", "time element 2016-12-22T10:43:37Z",
        "article:modified_time 2016-12-22T18:59:12-08:00", "changed time element 2016-12-22T18:59:12Z",
    ),
    "readability_telegraph_tweets": (
        "datePublished 2017-11-16T14:15+0000", "DCSext.articleFirstPublished 2017-11-16 11:13 (no zone)",
    ),
    # An update added the post: the page says so in its last line and in no field.
    "theverge.com_embedded_tweets": ("post 1146359923158089728 2019-07-03T10:07:58Z after 2019-07-03T08:22:07Z",),
}  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
def test_a_page(shared, name):
    author, published, changed, captions, first, last = FACTS[name]
    found = from_html((shared / f"recordings/articles/{name}.html").read_bytes(), "")
    assert (found.author, found.published_at, found.modified_at) == (author, at(published), at(changed))
    assert len(found.captions) == captions
    assert found.date_conflicts == CONFLICTS.get(name, ())
    posts = POSTS.get(name, ())
    assert [(post.post_id, post.handle) for post in found.posts] == [(number, handle) for number, handle, _ in posts]
    for post, (_, _, when) in zip(found.posts, posts, strict=True):
        assert post.precision == "second"
        assert when is None or post.posted_at.replace(microsecond=0) == at(when)
        assert post.text not in found.body or not post.text
    paragraphs = [digest(paragraph) for paragraph in found.body.split("\n\n")]
    assert first in paragraphs[:2]
    assert last in paragraphs
    assert not any(line in found.body for line in found.boilerplate if len(line) > 60)
