"""How common words are in news: figures counted over crypto headlines and articles of 2017 to 2026.

A fixed background, so that an article's weights do not depend on what else is clustered with it. Stems as
``analysis.story_features.words`` gives them, by surprise: half nats of -ln(share of headlines, or of 100-character
pieces of articles, that hold the word; the larger share). Made by ``benchmarks/stories.py --words``.
"""

from __future__ import annotations

_BY_SURPRISE = {
    3: """
bitcoin
""",
    4: """
crypto
""",
    5: """
btc market pric
""",
    6: """
asset ethereum launch new s t token trad xrp
""",
    7: """
1 2025 all also altcoin amid blockchain cardano coin company cryptocurrency digital e eth first here high hold
investor just level move network next now rally solana surg time top week whil year
""",
    8: """
2 3 abov accord ada ai analyst announc around back binanc bull bullish buy capital chain community continu d data day
defi doge dogecoin drop etf exchang financial firm follow found fund gain hour increas institutional interest inu
investment join june key last like list live long major mark month n news nft offer one other past platform position
post potential prediction project recent remain report rippl risk sec shar shiba show signal significant sinc
stablecoin stak stat strategy strong support term today trader treasury trump updat user valu wallet whal world
""",
    9: """
10 20 2024 24 4 5 across action ahead analysis anoth any appear averag b bank based below best between big bnb both
break breakout broad build c call cap ceo chainlink chart clos coinbas com crash current currently daily days
decentraliz declin demand despit develop down dur early earn ecosystem etfs even excit expect eyes f face financ futur
g game get global grow growth highlight hit hits holder howev includ inflow july l largest latest lead link look low m
make many meme min momentum near o often only open opportunity p partn plan point polkadot predict president profit
protocol provid purchas push r rais rate reach read real recently record relat reserv resistanc reward rise security
see sell sentiment set shib shift short soar sol some sourc spot start still stock strategic such suggest supply take
target team th ther through total toward transaction trend tron two under usdt volatility volum watch web3 within
worth x y zone
""",
    10: """
100 2022 2023 30 50 6 7 8 aave access account accumulation act activity added address adoption again against airdrop
allow already ama among app approach approximately april attention avalanch avax becom believ bill blackrock boost
bridg bring burn business case cash chang chas check claim clear co come concern confidenc contract corporat country
creat cross currency cycl dao decision detail development directly dollar donald dont driven due economic ed elon end
event expand experienc expert fall featur focus form foundation fresh ftx furth go going gold good government great
group h hack happen happy help higher index indicat indicator industry ing integrat introduc invest io isnt issu jump
know labs larg layer learn let leverag likely liquidity litecoin loss made mak manag massiv mean media memecoin
metavers miss money mov movement musk nearly need net nfts ng noted number off official once own part partnership
pattern payment pepe per performanc period phas play policy polygon pool possibl power presal pressur previous product
proposal public rang re ready reflect regulatory releas retail return reveal ris run same saw saylor second secur seen
sees servic several sign smart social soon spac spark stag stellar structur surpass system talk tarif technical
technology terra tether thank thre traditional transf turn twit uniswap unlock unveil upgrad upsid usdc use using w
want warn wave weekly well win without work yet yield
""",
    11: """
0 100000 100m 11 12 15 1b 1m 2021 25 9 accumulat acquir acquisition ad adds advic aims al align amount announcement
approval arbitrum argu ath attack attract availabl balanc bear bearish becaus begin behind bet beyond biggest bit
bitcoinworld block blockdag bold bond bonk buyer buys card catch central challeng chanc circl classic click climb
coinpedia commission compar complet confirm consolidation control core correction cost creator critical crucial custom
dapp dash date deal debt decemb deposit design dex dip discov discuss dominanc dot doubl driv dump dynamic each earli
economy emerg enabl energy enter equity er es especially establish ether ever every everyon explain explod explor
exposur eye factor fail fantom far fast fear fed federal fees few figur fil file find fintech firs flow forc forecast
free fuel full gam geopolitical giant give goes governanc grayscal hard hbar head hedera hedg held helium hodl host
hous huge hype impact incom inflation influenc infrastructur innovation institution integration internet involv iran
justin keep known kucoin landscap late law lawsuit led legal less limit line liquidation lose lower ltc luna macro
mainnet maintain management march matic meanwhil meet metaplanet metric michael microstrategy mileston miner mint
model monday monero much multipl nasdaq national nd neo newest notabl note novemb ongo operat operation option outlook
pair particularly pass peak peopl pic plac player pleas portfolio positiv potentially prepar privacy process program
propos pump put question rather ratio reason rebound receiv recovery reduc regulat regulation renew represent research
result revenu right role rule sale scal scam se season sector seek send sharp similar skyrocket small solution spik st
stack stand statement stay step stor strength substantial sui sun swap tak tax tech tension test tezo theta thing
think tokeniz tomorrow ton tool track trust trx uncertainty understand uni unit upcom upward usd usdd used vechain
very video view vote vs way welcom weve wheth winner xlm zcash
""",
    12: """
00 1000 10000 100k 100x 110000 13 14 16 17 18 19 2.0 200 2026 2030 21 22 23 40 500 able accelerat accept achiev activ
add additional adopt advanc advis agency aggressiv ago agreement aim alert algorand almost alon alongsid alpha
alternativ although amaz america american analytic answer anticipat ape apecoin application approv apto area ark art
articl attempt august authority away axie base battl bch beat began behavior benefit better bi billion bitc bitco
bitcoi bitfinex bitwis bloomberg boom bottom bought bounc brand breach built buterin came campaign cant capitalization
caus cautious ce celebrat center channel charg charl chat chiliz china clarity class client closely cloud code
coindesk collaps collection combin comment comput condition conferenc connect consid consider consolidat consum cosmo
court credit cro crono cryptoquant custody cut cz debut decentraland delay delist deliver derivativ dev different dips
direct discord discussion dive dominat downsid draw dydx effort egld email emphasiz en enhanc enjoy ensur entity entry
environment eos era estimat et etc everyth evm evolv exclusiv executiv exist expansion expectation exploit express
extend facebook farm february fee fell fet fiat filecoin filed final finally five flag flash flip floki fo fork former
forward four framework friday friend ftm fully fun fundamental gainer gas generat genius gets given glassnod gm goal
googl got grant greed green hackathon hacker half hand hav headlin hear highest hint historical historically history
hope hoskinson hourly hover huobi hyperliquid ibit icp im immediat important impressiv improv inc increasingly
individual infinity information initial initiativ injectiv insid insight instead intelligenc interview ion iota israel
issuer itself jame january japan jpmorgan k kind klaytn korea kraken l2 later le leader least ledger left legislation
lend li loan local lock longer lost love lows lunc ly ma macroeconomic magacoin maker mana marketplac matter measur
member mid million minut mix mobil moment monthly moved mstr multi multiversx must name narrativ nativ ne never node
non notably nt observ occur octob offic officially oin okx old opinion optimism oracl order outflow outperform overall
pancakeswap panel participant participat party path pay pi pick pivotal plung pois political popular powell powerful
pr pre prefer present press previously prim privat priz pro prominent promis proof proud publicly pull pullback q1 q2
quant quart quickly rank realiz really reclaim recov red region relativ remind reportedly requir reversal review rival
roadmap robust rocket rose roughly round rsi safe sandbox satoshi seem senat sent septemb serv sery session sets setup
sheet side significantly simpl singl six slow sold south speak special specific specifically speculation speculativ
spend stability stabl stanc standard steady stop street struggl subscrib super sure surpris sustain swing tcoin
telegram testnet third thorchain though threshold thrill thursday tion togeth told toncoin too took tr tradingview
trig trigger truth ts tuesday tvl typically u uk underscor uniqu unlik until utc utility v2 validator valuation
various ventur version virtual vitalik volatil wait wall wealth web wednesday weekend wif withdrawal wrap writ wynn
xmr your zec zero zilliqa
""",
    13: """
105000 106000 107000 108000 10m 10x 112000 120000 150 1st 2000 2017 2020 21shares 26 27 28 29 2b 300 3000 31 500m 50m
5m 60 70 80 90 ability actively actually addition administration advocat affect agent aimed alex algo alleg allianc
allocat allocation alway am amidst annual anyon appeal appetit appl apps apy ar arb arthur artificial asia associat
ation atom attend auction audit await axs ban band bankman barri basis beta bets biden billionair bitget bittensor
bittorrent blast blog board bonus book border borrow bounty brazil breakdown brett brief briefly brok broken brought
bsc bsv busd bybit ca cake captur catalyst cathi caution celestia celsius centraliz certain cftc ch chair chairman
chatgpt chief chz cit city closer cme coincid coinglass coinmarketcap cointelegraph cointurk collaboration collateral
comeback commitment committ common compell competition complex complianc con conflict congrat congratulation
consecutiv consistent content context contrast contribut convert convertibl conviction cool corporation count cover cr
criminal crv cry cryp crypt cto curv cuts dai debat decad decentralization decid decreas deep deeper defin defy deliv
demonstrat deny department deploy describ devs didnt digit diligenc ding direction director disclaim disclos display
distribut distribution divergenc doesnt dogwifhat doing done downward driver east easy ecash edge edition effect
efficiency either election embrac ends engag enough ent enthusiast entir epic episod eps eric escalat estat ethena eu
europ european ex exactly exampl exec exit explosiv fac fact fake family fan fartcoin faster favor favorabl favorit
feel fi fidelity fight fire flagship foreign forget formation formerly fraud fried gala galaxy gamestop gap ge gear
gemini general giv giveaway globally golden grab graph ground guid ha halt halv hamst handl hardwar hat haye heat hey
highly historic hive hnt hong horizon hot hub idea identity ignit imminent implication inbox incident incredibl india
initially inj innovativ international interoperability inve investigation invit ipo ishar issuanc itcoin japanes
journey judg jupit kaspa kick king kiyosaki knowledg kombat kong korean kusama kwon lack land largely larger launder
lawmak leav lee leg letter liberty licens lido life light liquid liquidat littl ll loom lot lp machin main mainstream
majority makerdao mara margin mention merg messag meta mi middl migration millionair mirror mixed mkr mo modest
monetary monitor moon morn mpepp mutm mutuum nakamoto nation navigat nce negativ neutral not notcoin ns odds onboard
onchain ondo onlin op operational optimistic origin outlin outpac overtak pace pakistan parachain participation
partner paus paypal peg percent perform perpetual personal perspectiv peter pictur pivot plummet po podcast portion
possibility preced premium primary print proc profil progress prompt protect protection publish purpos q3 q4 quantum
quick quietly race rapid rapidly rare rat react reaction rebrand recap recommend recover refer regard reggiemiddleton
register regulator reinforc reject relatively remarkabl remov render request reshap resilienc respond respons rest
retest retracement revolutioniz rlusd rndr robinhood roi roll rs rumor rune russia rwa salvador sam sand santiment say
scenario scor secret sei seiz self seller senator serious settl settlement seven sh shap sharehold sharplink sharply
shibarium shock shown sideway sight singapor sit sits situation size slid slightly slip slump softwar solaris solid
someth speed sponsor spotlight stagger stall star starknet startup status stolen storag story streak stream strengthen
strik stx su submit success sudden suffer summer summit surf suspend taken tao taps te ted tell territory tesla texa
tha theyr thi thought thread threat tied tight tim timefram tokenization tops touch traction trajectory transparency
trendlin triangl true truly try tune tweet type underly unleash unprecedent unrealiz upper uptrend urge ust v v3
vaneck vault ve vehicl vet victim visa vision vot war wazirx wbtc weaken websit weight went wh whit wi widely wit
withdraw witness wont wood wrot yesterday york youtub zil zk
""",
    14: """
000 039 0xpolygon 104000 109000 10b 10k 110k 111000 118000 123000 150000 1inch 200000 200m 2018 2019 2027 20m 24h 250
2500 250m 2m 2nd 3.0 300m 30m 35 3b 3m 3rd 400 4000 400m 45 48 4b 4th 5000 51 75 ab ac accessibl accus acknowledg
actual adam additionally adjust advantag advisor age agre alameda ali alik allegation allegedly ally along alt
altseason amazon ambitious analyz anniversary anti ap api apply appreciation apr apt arent arket arkham army arrest
arriv artist ascend ask asked assess atm attractiv attribut author avoid award awesom ay ba bad balchuna bankruptcy
becam begun belief benchmark bid bigger bitmin blue bnbchain booth bot brac breakthrough bt btfs btsfav btt bu budget
bug buidl buyback buz buzz calculat canada canary candl cantor capability capacity carbon carry casino cat category
caught cbdc ceasefir ceek celo cent cex charter cheap chia chines chip choic choos christma circulat cited clean
clearly club cnbc coingecko coinotag coinshar cold collaborat collectibl combo commit commodity comparison compatibl
competitor compound comprehensiv compromis conduct confirmation conflux congress consensus consistently contend
contest continuation controll controversy conversation conversion corp correlation coti council coupl cpi creation
creditor crim crisis critic criticiz cryptocur cumulativ custodian da daos david dead deadlin death dec decisiv declar
dedicat defend deficit definitely demo depend depin descend determin devic di differenc digest digibyt dimon dinner
disclosur discount discovery dismiss diversification diversify document dog doj domain dominant donat donation door
dormant dow download downtrend downturn dr drain dramatic dream dual dubai eas ease easier easily echo education
effectively efficient eight electricity elevat ema employ empow encourag ended enforcement engagement engin ens
enterpris entirely equivalent ers essential est etn etp euro eventually everyday evidenc exce exceed excitement exclud
execut explosion exponential expos extension extrem faced facilitat facility failur fair fam familiar fans feed
festival fetch fib fibonacci fill fine finish firmly fiscal fix fixed flar flat flexibility fluctuation flux fomo fr
fram franc franklin freedom freez frenzy friendly fro front function furthermor gambl gamefi garlinghous gate gateway
gather generally generation genesis gensl german gift gone governor gox grad graphprotocol grt gt guarant guest guys
hashrat hasnt haven health healthy heavily heavy height heighten hello hi hidden hike ho hodler home horizen http htx
human hundr huobiglobal hurdl ice ico icymi id identifi identify ill illion imag imf immediately immutabl implement
imply importanc impos improvement imx incentiv incur initiat ins inspir instanc instant instrument int intend inter
interestingly internal intraday inv involvement ions ith ity ive j jerom job jobs joe john jone jr ju jup justic
kadena kas kava kept ket kidnap killer klay labor launchpad laws lawyer layerzero ld ldo leadership leap legislativ
leo lets lies lift lightchain lightn lion listen llion lo load london lookonchain los loser lowest lummis macd magic
man mantl mantra map mar mass match matur max maximum mechanism meetup mega ment merger met metamask method mexc mica
migrat military mind mine mined minist minor mission mode moonbeam moreov mostly mount mover mpep mt multichain music
nano narrow natur neiro newly nexo nice night nkn none north noth notic nov nuclear numerai nvidia nyse ocean oil okb
om ons opensea org organization original outag outshin outsid ove overbought oversight overview ow owned owner
ownership pa pack page paid panic paper parabolic paris particular passiv paxo pe peer pengu penguin percentag perfect
perhap person phish phon physical piec pioneer pm pol polic polymarket popcat popp portal pos possibly powerledg
presenc prevent pri primarily prior prob problem produc production projection promot property prov psychological pto
puts puzzl pyth pyusd qnt qtum quiet quit ra ralli ramp reality recogniz redefin redemption reef referenc regain
regist registration reignit rejection reliabl rely remark rememb remittix repeat replac representativ republican
requirement res resourc respectively responsibility restriction resum retrac revers revolution revolutionary rice rich
ride risen rket road robert rollup ronin room rotat rotation roundup rul runs rush russian ry rypto sa sav save sbf
scalability scarcity schedul schem schif scientific scoop seamless search secretary select semler senior sentenc
separat shak shin shoot shop showcas shut si signify silver simply sink site sky slam slight sma smash solv someon
sometim sound sovereign spell spent split sport spre spread spx squeez sta stabiliz stash steadily steal stem storm
str straight structural stun styl subject successful successfully suddenly suit summary sunday surround suspect
sustainability sustainabl sv switch ta tabl tag takeaway tal tank tap tc teas temporary ten tend ter terraform theft
them themselv therefor thesandboxgam thousand threaten thriv throughout tia ticket tier ties tighten timelin ting tip
tokenomic tonight tra trail transfer transform transition transparent treat trial troubl tumbl tuned tusd tutorial
twenty ty typical ukrain ul ultimat un undervalu unfold union unstak upbit uptick urgent uses usually ut valuabl van
vc vega ver verg veteran vice viral visit voic wa warren washington wasnt ways weak weakness wedg weigh whol whos wide
wider widespread wild window wins wish wlfi won wonder word workshop worldcoin worldwid wormhol worst xdc xec xtz xyo
xyz yen yes yourself youv ypto zksync
""",
    15: """
0.03 0.1 0.5 1.5 1.5b 1.5m 1000x 100b 103000 105k 10th 115000 116000 117000 119000 120 120k 12m 130000 150k 150m 15m
180 1t 2.5 2.5b 20000 200k 2011 2013 202 20x 21m 2400 24hrs 250000 25m 2600 2700 2800 2x 30000 30k 32 33 36 37 3d 3k
4.5 40000 40k 40m 40x 4k 4m 50000 500000 500k 50k 50x 55 5b 5th 600 600m 60k 60m 65 6m 700 7th 80000 85 8m 95 9m abc
absorb acala acc accelerator acceptanc accessibility acted activat actor acts ading adler advancement adventur aergo
affiliat africa aggregat aggregator aggressively agix ai16z ain air alarm alchemy alchemypay algorithm alignment
alphractal als alts amass ambassador ambition amendment amm analy ance anchor android animoca ankr anonymous ant
anthony anticipation anyth apart api3 appoint appreciat architectur ardoino argentina argument arizona armstrong
ascent asian asks aspect ass asse assert assessment association assum ast astonish ate atkin atms attorney aum austin
australia australian authoriz automat automatically avatar ave awar baby backdrop backlash bags basic bbva beam
beautiful beneath beniaminmincu besid bessent bgb bhutan bipartisan birthday bitgo bithumb bitmex black blam bleed
blend blow blur bo bolling bolst bome bone bored bots bound boundary br brad brandt brav brew brian bright broker
brokerag brows bubbl bukel burgeon cal calendar california calm canadian candidat cannot capitaliz casper cats ceil
celebration cement centrifug cet cha champion chao chapt characteriz cio circulation ck cl clust cohort coi collect
collectiv collectively combination command commerc communication comp compa compet competitiv completely complexity
compliant component concept conclud confident confluenc connection consensus2023 conservativ considerabl constantly
cont contain contribution contributor controversial convergenc conversely convinc coo copy corner correct cou
countdown cours coverag crack crackdown craig crazy creativ criticism crowd cryptonew ct ction cu cuban cup curious
curr custodial cy cynthia dad damag danger dark dashboard dat ddc dear decentralis decod decr deepen deeply defens
delegat delight democrat democratic dent depeg deployment depth der deribit dero desk deutsch difficult difficulty dig
disput disrupt distinct district diversifi divid dividend division djed dogs domestic doubt downgrad draft drama drawn
drew dreyfus ds dub dwf dxy ear economist eden effectiv eigen eigenlay eliminat elonmusk else empir employment empower
ena encryption engineer entertainment enthusiasm entrepreneur ep equipment erc erc20 ere escalation essentially etha
ethe ethereumclassic ethereumdenv etoro etps ets evaluat evolution ew exact examin execution exhibit exp expens
expensiv experiment expir expiry external extra extremely ey fa fade fallen fals fantastic fascinat fashion fastest
fbtc fca fdusd fe feb feedback fewer fifth film fin finbold fir fitzgerald fixe flexibl flock flood floor fluctuat fly
fomc food football forb forefront forev forg formal fortun forum foster foundational fourth frax fren french ft ftt fu
fud functionality fundrais fx gamer gary gaug gave gdp gem gen germany ght glad glob gmt gmx goat goldman goodeg gr
gradually grok groundbreak grown guess guidanc guild guilty h100 hang harris hash havent headwind healthcar heard
heart hero hig himself hing hir holiday holochain honor hougan houseofchimera ht hunt husky hyper ial ic icon ideal
ies ight ignor illegal illicit imagin immens impli import incentiviz inch inclusion incorporat incr increa ind
independent indian indic industrial influx info inform instability institut intact inte intens intensifi intensify
intent intention interact interfac interpret intrigu introduction investigat investm ional ios iost iot iotex ip iq
iranian irs ital jack jami jan jasmy joint jurisdiction justinsuntron k33 ke keynot keys kill ksm kyc l1 lag landmark
latin leagu leak lean legacy legend legendary legitimat lender lfg ling livep livestream lly lots ls lubin lucky
lunarcrush m2 maintenanc mandat mango mania manipulation manufactur maplefinanc martinez mashinsky master mastercard
matt maturity meaningful meant medium melania merchant mere merely metis metisdao mev mew microsoft mike mil mill
milli millio mina mini minimal ministry mln moderat modern mog monumental mood moody moonbeamnetwork mor morgan
mortgag motion mvrv mysterious mystery na nal named natural ncy necessary ned negotiation nervo newslet nine ning
noteworthy nts ny nyc observation obtain oct offload og oi older onal ones ong onto openai operator opposit optimiz
orbs ordinal ordinary ore organiz ors ort ot otc ou ould outcom outlet output ov overheat owns ozak p2e p2p packag
pain paint paoloardoino par parallel passag patent paul pax paxg payout pectra pend pendl perceiv permissionless perp
persist persistent pilot pion pixel pizza pl pla placement playbook pleasur pledg plot plus pnut poll pompliano poor
pop popularity port pot pow practic practical prais premi presentation preserv presidential pretty prevail principl
prioritiz prison probability probably procap professional profitability profitabl profound prolong propel prosecutor
prospect proton provision proxy pseudonymous pst pt pu publication pudgy pundit pursu q qcp qubetic quest quiz raca
radar radio raffl ray raydium rea rec reddit reduction reform regional regular reiterat relationship relevant relief
remittanc rency renewabl renown rent rep repayment reply resident resilient resolv respect responsibl restak restrict
resurgenc retain retirement retreat reuter reviv revival ri richardheartwin ring riot risky rm rock rollblock rollout
rom root rpc rrency rug ruvi sach safeguard safenetworktech safety sanction saturday saver sbi scalabl scan scandal
scaramucci scen scott scrutiny sdk sed seed seemingly segment sellof sens sensitiv server shed ship sho shortly shot
should shutdown shytoshi sidechain sig significanc silenc similarly simplify singularitynet skal skepticism skill
sleep slowdown snap snapshot sneak solely solidify sonic sony sophisticat sosovalu sp spacex span specializ speculat
speech splinterland spur squar ss sset staker standout stark station steam steep stepn sth stir stood storj strat
strategically strategist strd streamlin stress stretch strf strict striv strk strongest strongly stuck studio study
sub subgraph submission subsequent subsidiary sues sugg sum surfac survey surviv sushi sushiswap sweep swift swiss
synthetix tailwind takeov talent task taxe technological telcoin telo templeton tender text thailand theory thesis
theyv thus ti ticker tips titan titl tive tokyo tom tone topic tornado tournament trac tradfi train tran
transformation translat trap travel treasur trillion tripl trondao turbo turkey turmoil uae ui uld ultimately ultra um
uma uncertain unchang unclear und underway unexpect univers university unknown unless unlikely unpack upon ure urg
urged usa usag usddio usde usdp ustc utiliz v0 v1 v4 validat vanc vast vechainofficial verification versus vestor
victory vietnam visibl vital voted vulnerability wake walk warrant water webinar wed wedson whi whitelist winter
wintermut wld wo women woo wor worry wow wright wrong ws xcad xcademyofficial xcn xrpl xyzvers yearly yo youll young
ytd z zachxbt zetachain zhao zillaznft zkevm
""",
    16: """
0.001 0.007 0.01 0.10 0.2 0.20 0.25 0.3 0.30 0.4 0.50 0.6 0.618 0.8 0052cc4d 01 02 025 03 04 05 06 0x 1.1b 1.2b 1.3b
1.4b 1.6b 1000000 102000 104k 106500 106k 107k 108k 109k 10px 110 111k 112k 11m 11th 12000 120m 122000 12pm 12th 130
13m 13th 140 140000 14m 14px 1500 15000 155 15th 160 170 18m 18th 19b 1k 1px 2.2 2.20 2.3 2.30 2.4 2.5m 2.6 2.7 2.8
2014 2015 2025's 2028 20b 20k 20th 210000 21px 23.6 230m 250k 2550 25th 27m 27th 2pool 2t 3.5 3.5m 300000 34 3500 35x
38 3800 39 3pm 3x 41 42 43 44 46 47 49 4pm 4t 50b 52 5pm 5x 6000 60000 61 64 66 68 6b 6th 700m 70b 70k 70m 72 74 75000
750m 77 7m 800 800m 80m 88 8b 8th 90000 90k 90m 95000 99 9b 9th a16z abandon abbc abo absenc absolutely abstraction
abu abuzz academy acco accompani accordingly ach achievement acro adapt adjustment admin admit ads advisory af ag
agenda agi aid airstrik akash algorithmic altman amend aml amplify ana anal andrew ange annually anon anymor apex
apparent appearanc appli arca ard arena arkb arm artwork arweav ascendex ase asi asic asid astar astound ated ates
aths ating audienc aurora ausd auto ava avelyfinanc awaken aws axel axelar axieinfinity ays babydog backbon backer
background badger bag bailey bakkt banana banano bancor bans bar barely baromet basket bat batch bayc behalf bella
belong ben benjamin berachain berlin bernstein betw bewar bias biconomy bifrost bil billi billio bin bitcoinsv
bitfinextalk bitmain bitmart bitpanda bitstamp bl ble bloc bloodbath blum boast boba bobanetwork body bolster bout box
brazilian brc bre brea breath brib brink british britto broaden btcs btcusd btg buffet bul burden bureau bust busy
candlestick capabl capitulation caps car cardon care carri cartesi cascad cashback cast casual cbbtc ceas celer
cennznet censorship centr centralization centric certainly certik cest cetus cfx chainalysis chainwir changpeng
charact charity checkout cheer child chilizx chosen chris cial cipher cite citizen civil ckb clarifi clarify clash
cleanspark climat clip clock closur cml coff cohen coin98 coinex coinp coldwar collateraliz colossal combat comm
commentary commentator commercial commonly compan compatibility complaint completion comply composit compress
concentrat concentration conclusion confidential connecticut cons consensus202 consensy consideration consist constant
consumption contact continuous conventional converg convict coordinat cord coreweav correctiv correlat correspond coul
couldnt covid cowen cramer craz crcl credibility crossov crossroad crown crush cryptoc cryptocom cryptocu cryptocurr
cryptocurren cryptocurrenc cryptographic cryptography cryptopotato cryptopunk cultur cur curren curvefinanc cyber
cybersecurity cypherpunk czech daan dalio dan daniel dappradar darkfost dated davo dc deaton debit decent decisively
decoupl ded default defichain degen delawar delegation deliberat delta delv deni denominat dep deriv des deserv
designat desir destination destroy detect devaluation deviation dexe dexs dexsport dfinity dgb dhabi diamond differ
digi digita digitalx dilut dilution diminish directional dis discover disruption ditch div divers divi dm dogelon don
doom dorsey dozen drag dramatically draper drawdown drevziga drov drug dtx dusk dust duty ea ead earmark earth easter
eat ec ecc eclips eco educational edward een egrag eh eir electric element eligibl elit ell elliot elrond elsewher ely
em embed ement emirat emission emotional enact ence ency endors endorsement endur energywebx enjin entrant ents
envision equal eras ereum ergo erod escap escrow ess estor ethcc ethdenv ethereu ethglobal etho euler eum euphoria
eurc ev eve evel everlodg everscal everstak everywher evident exc excellent excess excessiv exch exchan exemption
exercis exhaustion exodus expertis explicitly export extensiv extradition extraordinary fad fallout falter famous
fantasy fantomfdn fargo farina farsid fate favourit fbi fellow felt feud fhfa field fifa fina finality finaliz finan
firesid fit flamingo flaw fleet flight float floppypep florida fold folk font footprint foray fores forfeitur formally
fppe fraction fragil fraudulent frequently friction fronti functionx fundamentally fundstrat fungibl fusaka ga galx
gaps gbtc gegg gems geraci gerovich gest gh gital gitcoin github glitzkoin gnosis golem gonna goodby govern govt gpt
gpu grand grasp grass grateful greatest greenlight greg grew grid grip gro gross gtn guard guidelin guru guy gy hain
han harder harmony hashex hashgraph hashkey hed heir heist heliumfndn hell hereum hex hich hile hill hine hinu hip
hire hmstr hol hop horizontal hottest hq hut hybrid ia iagonofficial ibc ical ich ide ido iexec igital ike il ile
ility illustrat illuvium ily imbalanc ime immersion impend implementation importantly impossibl impress inactiv inanc
incredibly inde indecision indication inevitabl inf infl inflationary inflection influential infobot inherent inject
injection innovat input insan insightful insist inst instagram instantly institu institutio insuranc integrity
interaction interactiv intermediary intersection invalidat invers invesco investigator investo ir irl irst ish island
isolat israeli item ition ja jam jasmycoin jd jed jeff jim joseph jp jun kalshi kamala kazakhstan keiser kevin
kickstart kingdom klever kobeissi krw ks kucoincom lab label laid languag lar latam lately lation latter launchpool
lay leaderboard legally legitimacy lens les lesson lev leve libra lie lik likelihood lilpep limitation lin
liquityprotocol lity lived llc llow locat location log logo lon loopr lso lt ltd lth lths luck lukso lumen luxury mac
maga magazin mainly malicious malwar manner mapl marathon mars marshallhayn mask material matrixport maxi maximiz mayb
mayor mccaleb mechanic medical meltdown men merch messaricrypto metal mexico miami micro midnight minimum mins mislead
missil mistak mitigat mixer mnt modul modular mon moneygram monst moonriv moonshot morpho morris moscow mow mp mpany
ms msjemmagreen mull muted mvfw23 nanc nansen nate naturally nav nba nds necklin neith nets nevertheless newcom newer
nexchain nftx nich nigeria nobitex nod nois normal norway norwegian notch notional nova novogratz ntial ntly nu nuanc
nucyph numerous nvestor nym objectiv obligation ocurrency offlin offs offset oh oins omg omnichain ompany ontology
onyx onyxcoin oppos opposition opt orang ord ordi originally originat osmosis ost otherwis ounc ound outset outsiz
outstand overcom overhaul overnight overs oversea oversold overwhelm owing ows paced pad pal panama pany paolo
paradigm paraguay paramount parent parishilton park patienc pav pave paxosglobal payroll pays peek peirc penalty
pension pepecoin perception permission permit phenomenon philippin photo phras pile pillow pin pirat pitch pixelvers
planb planet plead plenty pocket politic poloniex ponzi pose posit postpon poten potent pour powerhous precedent
precisely preferenc pres preview principal priority priv8podcast prnewswir procedural programmabl prohibit
projectserum promotion propell proponent proposition proven ptocurrency puls pult pundix qualifi qualify quality
quarterly qubic quicktak quot rabbit raboo rac rad radix rail ral ran random raoul rarely rategy rattl ravencoin rd
rding reaffirm realm reas rebalanc recall rece recen recession recognition recommendation redeem referral refund refus
regardless regim rekt rel relation relay relianc remixpoint ren repeatedly republic reputation requestfinanc rescu
resembl reset resign resolution restart restor restructur retweet reum revamp revelation revis revisit revolut rex
richard rid rif rigs riski rk rly ro roar rocky ross rough roundtabl rout row rp rst rtx rubl ruled rwas ryan
ryptocurrency sack safecoin safemoon safer saga samsung san santa saqib sasha35625 sat savvy school schwartz scop
script scroll seamlessly seat section securely securitiz seizur sen sept sequan ses setback sever seyffart sha shark
shat sheer shield shockwav shor shout shoutout shrink shy sidelin signa signall signatur signifi significa silk simon
simultaneously sing sion skalenetwork skew slash slot slower slowly smartphon smooth snx society socio solar solaxy
solo son soneium sought spain spanish spirit spok spokesperson sportsbook spr sps spx690 staff stanley statistic stick
sto stochastic stockpil stol stra straightforward strateg stratis strc strid strip sts student stuff subdu
subscription sued sunio sup supercharg superintelligenc superior superrar superrarebear supp supportiv suprem sur
surplus suspicious swan sweden swedish sweet swft swiftly swissborg switzerland sygnum symbol symmetrical syscoin
systemic tackl tactic tailor taker tangibl taxation tbtc td technically tegy temporarily tens tes testament textbook
tezoscommon tge thei thereum thetadrop thetnetwork thielen thin thor thr thumzup tial tick tiktok till timestabloid
timestabloid1 tional tly tmtg tocurrency tok toke token2049 toronto torr tors tough tour tout town tps trademark tradi
tradin traditionally traffic tranch transact transformativ tre trea tried trong tru trueusd turbulenc ture tv twic
twitterspac tx ubs ue ufc ulbricht unabl unauthoriz unchain uncov undergo undermin underperform underpin unemployment
universal unpredictabl unregister unstoppabl unusual ups upsw ur urrency usd1 useful usher usual utxo ux va val
validation vanguard vanish variety vela ven venu venus venusprotocol verifi verify vers vest veto veve vi vibe violat
violation vip visibility vivopow vo vocal vol vows voyag vp vr vulnerabl wan ward warm wars watchlist wax weaker web2
web3war wee wen whe whic whitepap whop wil will william wind wing winklevoss wipe wiped wire wirex withdrawn wn woeltz
woes wonderful wormholecrypto worri wors wouldnt written xai xportalap xpr xr xvg ye yearn ygg yptocurrency yuga zro
""",
}

#: Surprise of a word in nats, and of every word that is not in the table.
LEVELS = {word: half / 2 for half, words in _BY_SURPRISE.items() for word in words.split()}
RAREST = 8.75
