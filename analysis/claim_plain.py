"""Whether the words between a subject and its figure leave the figure with its subject."""

from __future__ import annotations

import re
from functools import lru_cache

from analysis.claim_words import FORECAST, PRICE_VERB, UNREAL

#: Words that stand between a subject and the figure of a price, and mean no other amount.
PRICE_WORDS = frozenset(
    """is was were has have had been be are being the a an and which that as of at to on in by for with over under
    above below around near about past than more less just now currently today still again also already briefly
    recently slightly roughly approximately nearly almost some only even back up down out from trade trades
    traded trading price prices priced changing changes change hands hover hovers hovered hovering sit sits sat sitting
    stand stands stood standing hold holds held holding remain remains remained remaining stay stays stayed
    staying consolidate consolidates consolidated consolidating settle settled settles settling stabilize
    stabilized stabilizing stabilise stabilised fall falls fell fallen falling drop drops dropped dropping slip
    slips slipped slipping slide slides slid sliding sink sinks sank sinking plunge plunges plunged plunging dip
    dips dipped dipping tumble tumbles tumbled tumbling crash crashes crashed crashing retreat retreats
    retreated retreating pull pulls pulled pulling decline declines declined declining lose loses lost losing
    rise rises rose risen rising climb climbs climbed climbing jump jumps jumped jumping surge surges surged
    surging soar soars soared soaring rally rallies rallied rallying rebound rebounds rebounded rebounding
    recover recovers recovered recovering gain gains gained gaining advance advanced advances advancing push
    pushes pushed pushing move moves moved moving reach reaches reached reaching hit hits hitting touch touches
    touched touching tap taps tapped tapping cross crosses crossed crossing break breaks broke breaking breach
    breaches breached breaching top tops topped topping surpass surpasses surpassed surpassing exceed exceeds
    exceeded exceeding reclaim reclaims reclaimed reclaiming regain regains regained regaining approach
    approaches approached approaching nearing nears neared close closes closed closing opened open opens begin
    began start started starting spike spikes spiked spiking edge edges edged edging higher lower new fresh
    all-time high low record intraday daily weekly monthly level mark threshold barrier press time writing
    moment this last previous hours hour day days week weeks month minutes session early late asian european us
    morning afternoon evening night overnight sunday monday tuesday wednesday thursday friday saturday yesterday
    since quoted valued worth equals equal least during percent per cent after sharply steadily quickly rapidly
    modestly marginally utc est et am pm gmt binance coinbase kraken bitstamp coingecko coinmarketcap
    tradingview according data key psychological
    """.split()  # noqa: SIM905 (a word list reads better as prose)
)
#: Besides: what may stand between a subject and its move in percent.
_MOVES = frozenset(
    """its it itself pace kept post rounds rounding round hit took
    gainers value saw see seen seeing sees recorded recording records posted posting posts registered
    registering logged logging notched notching marking marks marked reflecting reflects representing showing
    shows showed experienced experiencing experiences suffered suffering faced managed delivered delivering
    enjoyed enjoying booked printed printing made making came coming comes follows followed continued continues
    continue extended extending despite amid who leading outperforming adding added add adds gave gives given
    total combined increase increases increased increasing decrease decreases decreased decreasing loss losses
    shed sheds shedding sunk bounce bounced bouncing pump pumped pumping skyrocketed skyrocketing grown grew
    grow growing appreciated depreciated correction corrected pullback retraced dumped plummeted plummeting
    plummet cratered weakened slumped slump uptick returned return whopping massive impressive nosedived
    collapsed swelled exploded exploding explode rocketed shrank shrunk positive negative red green net
    performance movement action changed performed worst best biggest performer performers gainer gainers loser
    losers hardest notable standout suit lead leader pack charge stronger further another additional modest
    slight sharp strong solid healthy hefty steep significant significantly considerably substantially
    staggering remarkable notably dramatically minor small brief quick swift brisk sudden double-digit bullish
    bearish respectable
    """.split()  # noqa: SIM905
)
_EXTRA = frozenset(
    """market markets crypto cryptocurrency digital asset token coin native flagship pair alone though although
    while when well so far overall broader local mid outlook trajectory trend ascent before and/or or these
    having both yet then thus
    largely mostly approx ath highs lows multi-month multi-year multi-week six-month two-month one-month
    three-month report reporting reported times publication published point present chart charts bybit okx upbit
    trading-view coindesk cryptocompare finbold newsbtc bitcoinist kitco yahoo finance crypto.news quantify show
    suggests indicates indicate via source figures within amidst following thanks boosted driven supported
    bolstered helped dragging sent sending sends lifting lifted lifts bringing brought brings putting taking
    takes took leaving firmly comfortably well-above shy short tad bit little much marginal somewhat strongly
    signs momentum strength weakness calm quiet tight narrow volatile steady stable flat unchanged against
    dollar usd usdt u.s american asia london york hong kong sessions weekend wednesday's monday's tuesday's
    thursday's friday's saturday's sunday's week's day's month's january february march april may june july
    august september october november december mid-day midday noon first second third quarter q1 q2 q3 q4 h1 h2
    year years yearly annual annually his her their where what there here area region line handle territory
    range zone milestone round figure resting lingering oscillating fluctuating ranging hanging returning
    returns inched inching ticked cooled eased sold off smashed smashing blasted shot punched cracked set
    setting sets bottomed bottoming bottom peaked correcting reversed reversal overcame flipped flipping sealing
    sealed equivalent exchange rate spot beyond one two three four five six seven eight nine ten eleven twelve
    fourteen thirty pinned points percentage sideways facing heavier ground corresponding corresponds underwent
    undergone exchanging shoots shoot retracing immediately prolonged elevated average peak maintaining
    maintains maintained historic taken tall expanded mere went floating ultimately led raced but leapt
    presently whole stunning beneath rockets recovery s explosive consistently stuck achieved finally ending
    ongoing robust tanked flew come decisively relatively flirting north months single stormed later officially
    whooping current through retrace hrs year-to-date astonishing few several couple broken trillion billion
    million accounts accounting commands command controls controlling represents makes make dominant firm
    shooting inches ticks ticking dominance cap alts altcoins rest continuing boasts boasting boast suffered suffers
    tanks tanking upwards once recent upward downward downside upside consolidation steadies steadied steadying
    stabilizes stabilises stabilising achieves achieve circling circle circled calmed calm calms momentarily meanwhile
    today's yesterday's tonight's eventual eventually initial initially subsequent subsequently successfully notable
    noticeable dramatic impressive latest retracement retracements tapping went go goes gone going run runs ran
    ride journey leg burst foothold footing anchor anchored anchors launched launching catapulted catapulting propelled
    propelling drove knocked prior earlier week-long daylong such like critical crucial important major vital pivotal
    symbolic technical asian-hours lifetime multi-day clocked clock clocking ath-level slump comeback sunk costing
    did hike steep fetches fetched fetching
    """.split()  # noqa: SIM905
)
_KNOWN = PRICE_WORDS | _EXTRA | _MOVES
#: Words that bring in another amount, another party, a level of a chart, a purpose or a doubt.
_FOREIGN = frozenset(
    """toward towards between sma smas ema emas rsi fib fibonacci support resistance supports resistances trendline
    neckline breakout breakdown target targets prediction predictions projection projections forecast forecasts
    purchase purchases purchased acquired acquire acquires acquiring acquisition bought buy buys buying sold sell
    sells selling sellers buyers traders trader investors investor whales whale holders holder bulls bears analysts
    analyst cost costs raised raise raises stage presale stash investment invested portfolio reward rewards loan
    loans holdings worth profit profits fee fees network volume volumes inflow inflows outflow outflows
    liquidation liquidations liquidated open interest tokens coins stock stocks share shares company firm fund
    funds ratio metric hashrate supply wallet wallets address addresses each every fails fail failed failing
    unable able struggles struggled struggling struggle attempt attempts attempting attempted test tests testing
    retest retested tag teases aims aimed aiming eye eyes eyed eyeing needs need needed must if should could can
    unlikely likely risk risks dollars euros yen won pounds cents not never no nor without barely entry capital
    spending spent bet bets bid bids order orders put puts call calls option options futures contract contracts
    short shorts long longs margin leverage collateral stake staked staking yield apy apr tax tariff tariffs
    inflation odds chance probability floor ceiling cap caps tvl revenue revenues earnings donation donated
    volatility rejection rejected rejecting recreating participants experts expert envisioning means hard
    difficult heading headed away band corridor pressure skew strategy strategies danger tendency compared
    versus return achieving sister sibling cousin counterpart illusion closer treasuries dominates portfolio
    implied realized realised index indices indicator sentiment signal signals pattern chart candle
    stolen hack hacked bug bounty salary deal settlement fine debt treasury reserve reserves balance assets
    range ranges defense defence
    """.split()  # noqa: SIM905
) - {"cap", "caps"}
_BOUND = frozenset(
    """and as while but with after before when where which that who for than because though although whereas or
    the its a an his her their this these those of in on by from""".split()  # noqa: SIM905
)
_OPENS = _BOUND - {"a", "an", "the", "its", "this", "of", "in", "on", "by", "from"}
_ADVERBIAL = re.compile(r"[a-z-]{2,}(?:ly|ed|ing)$")
_TOKEN = re.compile(r"[^\W\d_][\w'’-]*|,")
_INSERT = re.compile(r"\([^()]{0,60}\)|\bnot (?:before|only)\b")
_BROKEN = re.compile(
    r"[;?!|\"“”]|: (?=\S)(?!\$)|\. |n['’]t\b|\bmarkets?,? (?:which|that)\b"
    r"|\b(?<!psychological )(?:barrier|level|zone|ceiling) (?:at|near|around) (?:the )?$|\blast time\b"
)

#: So many words that are not known may stand between.
_STRANGE = 3
#: Directly before a figure these words are of a price, whatever stands before them: then so many may.
_SURE = re.compile(
    r"\b(?:trad(?:es|ing|ed)|chang(?:es|ing) hands|hover(?:s|ing|ed)|priced|sits|sitting|now|currently|stands)"
    r"(?: (?:at|near|around|above|below|for|just|over|under|about|approximately|roughly|slightly|nearly|almost|a|the"
    r"|hands|more|than|close|to))* $"
)
_STRANGE_BUT_SURE = 6
#: A relative clause or an apposition between commas, without a figure of its own.
_ASIDE = re.compile(
    r", (?:which|who|whose|often|widely|also|known|dubbed|considered|the|a|an|one of|like|alongside|despite|amid"
    r"|according|following|along) [^,$%;:.!?]{2,100},"
)


@lru_cache(maxsize=4096)
def is_plain(words: str) -> bool:
    """Whether the words between a subject and its figure name nothing else the figure could be of.

    Known words may; of others, a few in lower case that are no subject of a new clause: they neither
    follow the subject itself, a comma or a conjunction, nor stand before a verb of price, unless they are
    adverbs or participles.
    """
    words = _ASIDE.sub(",", _INSERT.sub(" ", words[:200])) if len(words) <= 200 else words
    if len(words) > 130:
        return False
    if _BROKEN.search(words):
        return False
    tokens = [token for token in (match.strip("-'’") for match in _TOKEN.findall(words)) if token]
    strange = [n for n, token in enumerate(tokens) if token != "," and not _known(token)]
    if not strange:
        return True
    if all(token[0].isupper() for token in tokens if len(token) > 4):
        tokens = [token.lower() for token in tokens]  # a headline
    sure = bool(_SURE.search(words))
    if len(strange) > (_STRANGE_BUT_SURE if sure else _STRANGE) or UNREAL.search(words) or FORECAST.search(words):
        return False
    if sure and all(n and tokens[n] not in _FOREIGN and tokens[n][0].islower() for n in strange):
        return True
    return all(_harmless(tokens, n) for n in strange)


def is_free(words: str) -> bool:
    """Whether the words, unknown ones and names among them, bring in no other amount, purpose or doubt."""
    if len(words) > 130 or _BROKEN.search(words) or UNREAL.search(words) or FORECAST.search(words):
        return False
    tokens = {match.strip("-'’").lower() for match in _TOKEN.findall(words)}
    return not tokens & _FOREIGN


def is_known(words: str) -> bool:
    """Whether all words are known ones."""
    return all(_known(token) for token in _TOKEN.findall(words) if token != ",")


#: Colourful verbs of moves, whatever their form.
_VERB = re.compile(
    r"(?:skyrocket|rocket|roar|pop|zoom|explod|blast|slump|shrug|vault|thunder|spring|sprang|nudg|drift|creep"
    r"|crept|crawl|claw|leapfrog|storm|sail"
    r"|wobbl|waver|teeter|languish|grind|ground|power|march|charg|race|rac|nosediv|crumbl|buckl|stumbl|skid"
    r"|swing|swung|wick|flash-crash|capitulat|bleed|bled|cool"
    r"|underperform|outperform|outpac|lag|lead|led|trail|hike|swell|balloon|mushroom|vaporiz|extend|trim|par"
    r"|eras|claim|reclaim|snap|wip|clinch|secur|attain|hug|cling|clung|defend"
    r"|collaps|leap|dump|pump|tank|crater|grow|bounc|appreciat|depreciat|rip|strengthen|weaken|expand|contract"
    r"|improv|gallop"
    r"|sprint|bolt|catapult|moon|boom|bolster|firm|perk|tick|edg|inch|tack|pick|pil|rack|sag|swoon|wilt|dwindl"
    r"|implod|melt|div"
    r"|slash|shav|shed|eas|plummet|shrink|erod|retrac|correct|swel|slump|giv|dropp|skyrock|snapp|whipsaw|extend|tear"
    r"|tore|fad)"
    r"(?:[a-z]?e?s|[a-z]?e?d|[a-z]?ing|e)?"
    r"|(?:flies|flew|flying|shot|sank|sunk|shrank|shrunk|dove|sold|gave|give|given|ate|put|puts|jumpy|slipping)"
)


#: "A five-month high", "the 52-week high" (digits are no part of a token).
_SPANNED = re.compile(r"(?:[a-z]+-)?(?:day|week|month|year|hour)(?:-(?:high|low|long))?")


def _known(token: str) -> bool:
    token = token.lower()
    plain = token.removesuffix("'s").removesuffix("’s")
    return _VERB.fullmatch(token) or _SPANNED.fullmatch(token) or token in _KNOWN or plain in _KNOWN


def _harmless(tokens: list[str], n: int) -> bool:
    token = tokens[n]
    if token in _FOREIGN or not token[0].islower():
        return False
    if _ADVERBIAL.match(token):
        return True
    if n == 0 or tokens[n - 1] == "," or tokens[n - 1].lower() in _OPENS:
        return False
    follows = tokens[n + 1] if n + 1 < len(tokens) else ""
    return not (follows and PRICE_VERB.fullmatch(follows))
