"""Words of prices that were reached, passed or left: what says so beside the plain verbs.

Pure; the patterns are linear (bounded gaps).
"""

from __future__ import annotations

import re

from analysis import claim_words as words_of
from analysis.asof import TIME, Span, Written, resolve
from analysis.claim_plain import is_plain
from analysis.prose import MONTH

#: A noun of a move, or of a stay.
MOVE = (
    r"(?:surge|rise|rally|climb|jump|spike|drop|dip|fall|decline|plunge|slide|slump|crash|pullback|retracement"
    r"|correction"
    r"|retreat|rebound|recovery|bounce|run|run-up|move|push|breakout|break|burst|breach|ascent|descent|advance"
    r"|consolidation|ride|return|leap|tumble|stay|reclaim|sell-off|selloff|breakdown|flash crash|price action"
    r"|positioning"
    r"|stabilization|position|stability|resilience|strength|uptick|upswing|gain|gains|surpassing|crossing|reclaiming"
    r"|trading|performance)"
)
#: Before the words of a level.
TO = (
    r"(?:to|towards? and past|above|below|beneath|past|over|under|beyond|around|near|through|as (?:high|low|much) as"
    r"|at|back (?:to|above|below|over|under))"
)
#: Words that state a price beside those of ``claim_words.PRICE_VERB``.
SAYS = re.compile(
    rf"\b(?:broken|dump(?:s|ed|ing)|clear(?:s|ed|ing)|sail\w*|calm(?:s|ed)?|circl\w+|stead(?:ies|ied|y|ying)|retrac\w+"
    rf"|correct(?:ed|s|ing)|pullback"
    rf"|(?:end|finish|start|enter|open|clos|began|begin|kick|wrapp|cap)\w* (?:off |out |up )?"
    rf"(?:(?:the|that|last|this) (?:year|month|week|quarter|day|session|weekend) |20\d\d |{MONTH} )"
    rf"(?:at|near|around|above|below|under|over)"
    rf"|burst(?:s|ing)?|foothold|footing|anchor\w*|costing|costs"
    rf"|(?:go(?:es|ne|ing)?|went|c[ao]m(?:e|es|ing)|ran|run|bring\w*|brought) (?:\w+ ){{0,2}}(?:up|down|back|as"
    rf"|to|above"
    rf"|below|past|over|under)"
    rf"|(?:lost|losing|los(?:es|s)|shed\w*|sunk|gain(?:s|ed|ing)?|add(?:ed|s|ing)|increas\w+|decreas\w+|up|down|higher"
    rf"|lower)\b[^$;:]{{0,60}}? (?:to|at)(?: {words_of.ABOUT}| just| a| the| new| record| high| low| of| (?:over"
    rf"|under)){{0,4}}(?= $)"
    rf"|(?:putting|leaving|taking|sending|bringing|pushing|dragging|lifting|driving|pulling) (?:it|the price|prices)"
    rf"|(?:last|most recently) (?:seen |quoted )?(?:at|near|around)"
    rf"|back (?:up |down )?(?:at|above|below|under|over|near|to|around|in)"
    rf"|(?:made|makes?|making|hits?|sets?|setting|print\w*|record(?:s|ed|ing)?|post(?:s|ed|ing)|notch\w*|clock\w*"
    rf"|establish\w*|register\w*|logg?\w*|mark(?:s|ed|ing)|achiev\w*|saw|see(?:s|ing)?|witness\w*|forg(?:ed|ing)) "
    rf"[^$;:,]{{0,40}}?\b(?:ATHs?|highs?|lows?|peaks?|tops?|records?)\b"
    rf"|(?:is|are|was|were|been|stays|remains|still|now|currently|well|just|comfortably) (?:just |well |now "
    rf"|still |only"
    rf" |slightly |currently ){{0,2}}(?:above|below|over|under|around|near|past|north of|at)"
    rf"|(?:the|its|new|recent|latest|strong|sharp|further|a|['’]s) (?:\w+ ){{0,2}}?{MOVE} (?:[a-z]+ ){{0,2}}?{TO})\b"
    rf"|^['’]?s? (?:fresh |new |current |latest |recent )*(?:record|all-time|ATH|price)[^$;:,]{{0,30}} (?:of|at"
    rf"|above|to) "
)
#: Ahead of a coin that stands at a level: "the recent dip in Bitcoin below", "keeps Bitcoin above", "with ether over".
AHEAD = re.compile(
    rf"\b(?:brought|sent|send(?:s|ing)?|push(?:ed|es|ing)|lift(?:ed|s|ing)|took|tak(?:es|ing)|bring(?:s|ing)"
    rf"|driv(?:es|ing)"
    rf"|drove|drag(?:s|ged|ging)|pull(?:ed|s|ing)|launch(?:ed|ing)|catapult(?:ed|s|ing)|propel(?:led|s|ling)"
    rf"|knock(?:ed|ing"
    rf"|s)|keep(?:s|ing)|kept|plac(?:es|ed|ing)|put(?:s|ting)?|leav(?:es|ing)|left|saw|see(?:s|ing)|seen"
    rf"|help(?:ed|s|ing)"
    rf"|forc(?:ed|es|ing)|boost(?:ed|s|ing)|with|after|as|driven|rais(?:ed|ing)|nudg(?:ed|es|ing)|thrust"
    rf"|vault(?:ed|ing)"
    rf"|rocket(?:ed|ing)"
    rf"|(?:the|this|that|its|recent|latest|sharp|sudden|reported|strong|a) (?:\w+ ){{0,2}}?{MOVE} (?:of|in)"
    rf"(?: the)?(?: price of| value of)?) (?:the |one |both )?$",
    re.I,
)
#: Between that coin and its figure.
TO_LEVEL = re.compile(
    rf"(?:['’]s)?(?: price| value)?,?(?: prices?)? "
    rf"(?:(?:firmly|sharply|briefly|slightly|back|up|down|higher|lower|well|just|temporarily|from record highs"
    rf"|comfortably"
    rf"|modestly|momentarily|quickly|steadily|all the way|safely|decisively|once again|again|only|a little|now|still"
    rf"|\d[\d.]*% (?:higher|lower|up|down)|up \d[\d.]*%|down \d[\d.]*%) ){{0,3}}"
    rf"(?:to|above|below|past|under|over|beyond|beneath|near|around|through|close to)"
    rf"(?: (?:{words_of.ABOUT}|just|well)){{0,2}}"
    rf"(?: (?:a|an|the|its|new|fresh|recent|record|all-time|\w+-(?:week|month|day|year)|intraday|local|high"
    rf"|highs|low|lows"
    rf"|peak|ATH|\(ATH\)|of|at|over|above|below|key|crucial|critical|psychological|important|major|around"
    rf"|nearly)){{0,8}} "
)
#: "A record high of", "its all-time high mark near", "Monday's low at".
_EXTREME = re.compile(
    rf"\b(?P<what>all[- ‑]time[- ‑]highs?|ATH|record(?: highs?| peak)?|peak|highs?|tops?|lows?|bottom"
    rf"|close)(?: price| level"
    rf"| mark)?(?: \(ATH\))?(?P<by> (?:of|at|near|around|above|below|over|under|just)|,"
    rf"|:)?(?: (?:{words_of.ABOUT}|under"
    rf"|the|just|slightly|well)){{0,3}} ?\(?$",
    re.I,
)
#: Behind it: when that was.
_WAS_SET = re.compile(
    r"(?: (?:level|mark|price|peak|per coin|all-time high|ATH))?\)?,? ?(?:(?:which|that) )?(?:(?:it|the (?:coin"
    r"|token|asset)"
    r"|BTC|Bitcoin) )?(?:was |were |had been |it had )?"
    r"(?:first |last |previously |only )?(?:reached|set|hit|recorded|achieved|seen|registered|posted|established"
    r"|attained"
    r"|from|made|touched|logged|printed|notched|marked|formed|back|clocked|observed|witnessed|tapped|during)?,? ?"
    r"(?:just |earlier |back |only |about |roughly |almost |over |nearly |as recently as )?"
    r"(?:on |in |at |during |of )?(?:(?:early|mid|late)[- ])?(?:(?:a |one |two |three |four |five |six |seven |eight "
    r"|nine |ten |\d+ )(?=(?:days?|weeks?|months?|years?) ago))?"
)
_AGO = re.compile(
    r"(?:days?|weeks?|months?|years?) ago\b|earlier (?:this|in the|last) (?:week|month|year)|(?:this|the) (?:past "
    r"|previous )?weekend|last (?:night|week|month|year|weekend|summer|cycle)|over the weekend|20[01]\d\b|202\d\b",
    re.I,
)
#: Ahead of it: "its January peak of", "yesterday's high of".
_DATED = re.compile(
    rf"\b(?P<day>{MONTH} \d{{1,2}})(?:st|nd|rd|th)?(?:['’]s)? (?:[\w’'-]+ ){{0,2}}$"
    rf"|\b(?P<month>{MONTH})(?:['’]s| \d{{4}})? (?:[\w’'-]+ ){{0,2}}$"
    rf"|\b(?P<year>20[0-2]\d)(?:['’]s)? (?:[\w’'-]+ ){{0,2}}$"
    rf"|\b(?P<last>last (?:week|month|year|night|weekend)|yesterday|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)['’]s "
    rf"(?:[\w’'-]+ ){{0,2}}$"
)


def dated_extreme(text: str, begin: int, start: int, end: int, stop: int, written: Written) -> tuple[str, Span] | None:
    """The words of a high or low that the figure ``text[start:end]`` was, and when, if its sentence says so:
    "the all-time high of $… set in January", "its May 22 peak of"."""
    tail = text[max(begin, start - 90) : start]
    extreme = _EXTREME.search(tail)
    if not extreme:
        return None
    until = min(stop, end + 80)
    at = _WAS_SET.match(text, end, until).end()
    for word in re.finditer(r"\b\w", text[end : at + 1]):
        time = TIME.match(text, end + word.start(), min(stop, end + word.start() + 40))
        if time and not time["not"] and not time["now"]:
            vague = bool(time["vague"])
            when = Span("historical") if vague else resolve(time, written)
            return None if when is None else (extreme[0], when)
    if _AGO.match(text, at, min(stop, at + 40)):
        year = re.match(r"20\d\d", text[at : at + 4])
        past = not (year and written.at and int(year[0]) >= written.at.year)
        return (extreme[0], Span("historical")) if past else None
    time = None
    dated = _DATED.search(tail, 0, extreme.start())
    if not dated:
        return None
    if dated["day"] or dated["month"]:
        named = re.search(rf"{MONTH}(?: \d{{1,2}})?", dated[0])
        time = TIME.match(named[0] if dated["day"] else f"in {named[0]}")
    elif dated["last"]:
        time = TIME.match(dated["last"])
    return extreme[0], (time and resolve(time, written)) or Span("historical")


def goes_on(tail: str, *, large: bool = False) -> bool:
    """Whether the words between two figures go on about the same price: " before falling to ", ", now at "."""
    if _ON_TO.search(tail):
        return True
    if large:
        return False
    says = words_of.PRICE_VERB.search(tail) or SAYS.search(tail)
    return bool(says and _THEN.search(tail) and not _PARTS.search(tail) and is_plain(tail))


_THEN = re.compile(
    r"^(?: (?:mark|level|levels|threshold|milestone|area|region|zone|handle))?(?: (?:on|in|earlier|late|this"
    r"|last|at|over)"
    r"(?: [\w’'.:-]+){1,5})?,? ?(?:and|but|then|before|after|to|while|now|only|when|where|from where|with|,|—|–|-)?\b"
)
#: The second figure is another one's, or no level at all.
_PARTS = re.compile(
    r"\b(?:between|or|if|from|than|by|versus|vs|average|averages)\b|\bto (?:between|within)\b|^ (?:to|and) $"
)


_ON_TO = re.compile(
    rf"\b(?:to|(?:fell|dropped|slipped|rose|climbed|rebounded|bounced|recovered|surged|settling|trading"
    rf"|trades|closing|stabilizing|now|last|currently|hovering|standing|sitting|back|changing hands)"
    rf"(?: back)? (?:at|to|above|below|near|around|under))(?: {words_of.ABOUT}| just| slightly){{0,2}} $"
    rf"|(?:\band|, (?:and|then|before|later)) (?:(?:even|briefly|later|then|now|has|also) ){{0,2}}(?:neared|hit"
    rf"|reached"
    rf"|touched|tapped|crossed|surpassed|topped|broke|retested)(?: above)?(?: {words_of.ABOUT})? $"
    rf"|\bto (?:a |an |the |its |new |fresh |record |all-time |local |intraday |\w+-\w+ ){{0,4}}(?:lows?|highs?"
    rf"|peak|ATH)"
    rf"(?: \(ATH\))? (?:of|at|near|above|over|around|below|under)(?: {words_of.ABOUT})? $"
    rf"|\bto (?:as (?:low|high) as|just (?:under|over|above|below|around|shy of)|under|below|around|the"
    rf"|its)(?: {words_of.ABOUT})? $"
    rf"|\bto (?:its|the|a) (?:current|present|latest|recent) (?:price|level|value)s?(?: of)?(?: {words_of.ABOUT})? $"
    rf"|\bat (?:the )?(?:current|present) (?:market )?prices? of(?: {words_of.ABOUT})? $"
    rf"|\bto (?:trade|hover|sit|settle) (?:at|above|below|near|around|under)(?: {words_of.ABOUT})? $"
    rf"|\bafter (?:\w+ )?(?:dipping|falling|dropping|rising|surging|climbing|slipping|breaking|spiking|hitting"
    rf"|reaching"
    rf"|touching)(?: (?:to|below|above|under|past|as high as|as low as))? (?:the |a |as )?(?:(?:low|high) of )?$"
)
