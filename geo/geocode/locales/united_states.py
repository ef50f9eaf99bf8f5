"""The United States, and English as the others write it too.

Street suffixes and their abbreviations are those of Publication 28 of the Postal Service, appendix C1, with unit
designators from C2 and states from B.
"""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

_ORDINALS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_NAME_TYPES: Final = (
    "annex anex annx anx|arcade arc|bayou bayoo byu|beach bch|bend bnd|bluff blf bluf|bluffs blfs|"
    "bottom btm bot bottm|brook brk|brooks brks|burg bg|burgs bgs|camp cp cmp|canyon cyn canyn cnyn|cape cpe|"
    "centers ctrs|cliff clf|cliffs clfs|club clb|common cmn|commons cmns|corner cor|corners cors|course crse|"
    "coves cvs|creek crk|crest crst|crossroads xrds|dale dl|dam dm|divide dv dvd|estate|estates ests|"
    "falls fls|ferry fry frry|field fld|fields flds|flat flt|flats flts|ford frd|fords frds|"
    "forest frst forests|forge frg forg|forges frgs|fork frk|forks frks|fort ft frt|"
    "garden gdn gardn grden grdn|gateway gtwy gatewy gatway gtway|glens glns|greens grns|groves grvs|"
    "harbors hbrs|haven hvn|hill hl|hills hls|hollow holw hllw hollows holws|inlet inlt|island islnd|"
    "islands islnds|isle isles|junctions jcts jctns|key ky|keys kys|knoll knl knol|knolls knls|lake lk|"
    "lakes lks|light lgt|lights lgts|loaf lf|lock lck|locks lcks|lodge ldg ldge lodg|manors mnrs|meadow mdw|"
    "meadows mdws medows|mill ml|mills mls|mission msn missn mssn|mountain mtn mntain mntn mountin mtin|"
    "mountains mtns mntns|neck nck|orchard orch orchrd|oval ovl|overpass opas|park prk|pine pne|pines pnes|"
    "plain pln|plains plns|points pts|port prt|ports prts|prairie prr|radial radl radiel|"
    "ranch rnch ranches rnchs|rapid rpd|rapids rpds|rest rst|ridges rdgs|river riv rvr rivr|shoal shl|"
    "shoals shls|shore shr shoar|shores shrs shoars|spring spg spng sprng|springs spgs spngs sprngs sprgs|"
    "spur spurs|station sta statn stn|stream strm streme|summit smt sumit sumitt|track trak tracks trk trks|"
    "trailer trlr trlrs|tunnel tunl tunel tunls tunnels tunnl|underpass upas|union un|unions uns|"
    "valley vly vally vlly|valleys vlys|viaduct vdct viadct|views vws|villages vlgs|ville vl|well wl|"
    "wells wls|junior jr|senior sr|old olde|upper uppr"
)

TABLE: Final = Locale(
    types={
        "aly": "alley aly allee ally",
        "ave": "avenue ave av aven avenu avn avnue",
        "blvd": "boulevard blvd boul boulv blv bvd",
        "br": "branch br brnch",
        "brg": "bridge brg brdge",
        "byp": "bypass byp bypa bypas byps",
        "cir": "circle cir circ circl crcl crcle",
        "cirs": "circles cirs",
        "cres": "crescent cres crsc crsent crsnt",
        "cswy": "causeway cswy causwa",
        "ct": "court ct crt",
        "ctr": "center centre ctr cen cent centr cnter cntr",
        "cts": "courts cts",
        "curv": "curve curv",
        "cv": "cove cv",
        "dr": "drive dr driv drv",
        "drs": "drives drs",
        "expy": "expressway expy exp expr express expw",
        "ext": "extension ext extn extnsn",
        "fwy": "freeway fwy freewy frway frwy",
        "gdns": "gardens gdns grdns",
        "gln": "glen gln",
        "grn": "green grn",
        "grv": "grove grv grov",
        "hbr": "harbor harbour hbr harb harbr hrbor",
        "hts": "heights hts ht",
        "hwy": "highway hwy highwy hiway hiwy hway hgwy",
        "jct": "junction jct jction jctn junctn juncton",
        "ln": "lane ln",
        "lndg": "landing lndg lndng",
        "loop": "loop loops",
        "mnr": "manor mnr",
        "mt": "mount mt mnt",
        "mtwy": "motorway mtwy",
        "pass": "passage pass psge",
        "path": "path paths",
        "pike": "pike pikes",
        "pkwy": "parkway pkwy parkwy pkway pky pkwys parkways",
        "pl": "place pl",
        "plz": "plaza plz plza",
        "pt": "point pt",
        "rd": "road rd",
        "rdg": "ridge rdg rdge",
        "rds": "roads rds",
        "row": "row",
        "rte": "route rte",
        "run": "run",
        "skwy": "skyway skwy",
        "sq": "square sq sqr sqre squ",
        "sqs": "squares sqs sqrs",
        "st": "street st str strt",
        "stra": "stravenue stra strav straven stravn strvn strvnue",
        "sts": "streets sts",
        "ter": "terrace ter terr",
        "tpke": "turnpike tpke trnpk turnpk tpk",
        "trce": "trace trce traces",
        "trfy": "trafficway trfy",
        "trl": "trail trl trails trls",
        "trwy": "throughway trwy",
        "vis": "vista vis vist vst vsta",
        "vlg": "village vlg vill villag villg villiage",
        "vw": "view vw",
        "walk": "walk walks",
        "way": "way wy",
        "xing": "crossing xing crssng",
        "xrd": "crossroad xrd",
    },
    loose_types="br brg ctr cv ext gdns gln grn grv hbr hts jct lndg mnr mt pt rdg vis vlg vw xing",
    name_types={entry.split()[0]: entry.partition(" ")[2] for entry in _NAME_TYPES.split("|")},
    compass={
        "north": "n",
        "south": "s",
        "east": "e",
        "west": "w",
        "northeast": "ne",
        "northwest": "nw",
        "southeast": "se",
        "southwest": "sw",
    },
    ordinals={
        **{word: str(n) for n, word in enumerate(_ORDINALS.split(), start=1)},
        **{
            f"{ten} {one}".strip(): str(value + at)
            for value, ten in zip(range(20, 100, 10), _TENS.split(), strict=True)
            for at, one in enumerate(_ORDINALS.split()[:9], start=1)
        },
        **{f"{ten[:-1]}ieth": str(value) for value, ten in zip(range(20, 100, 10), _TENS.split(), strict=True)},
    },
    routes={
        **dict.fromkeys(
            ("us hwy", "us highway", "us route", "us rte", "us rt", "us", "u s hwy", "u s highway", "u s route", "u s"),
            "us highway",
        ),
        **dict.fromkeys(
            (
                "state route", "state rte", "state rt", "state road", "state rd", "state hwy", "state highway",
                "st rte", "st route", "st rt", "st rd", "st hwy", "sr", "sh",
            ),
            "state route",
        ),
        **dict.fromkeys(
            (
                "county road", "county rd", "co road", "co rd", "cnty road", "cnty rd", "cr", "county route",
                "county rte", "county hwy", "county highway", "co hwy", "country road",
            ),
            "county road",
        ),
        **dict.fromkeys(("township road", "township rd", "twp road", "twp rd", "tr", "twnshp rd"), "township road"),
        **dict.fromkeys(("private road", "private rd", "pr"), "private road"),
        **dict.fromkeys(("farm to market road", "farm to market rd", "farm to market", "farm road", "fm"), "fm"),
        **dict.fromkeys(("ranch to market road", "ranch to market", "ranch road", "rm"), "rm"),
        **dict.fromkeys(("interstate hwy", "interstate highway", "interstate", "i", "ih"), "interstate"),
        **dict.fromkeys(("highway", "hwy", "hiway"), "highway"),
        **dict.fromkeys(("route", "rte", "rt"), "route"),
        **dict.fromkeys(("forest service road", "forest road", "fs road", "usfs road", "fsr"), "forest road"),
        "loop": "loop",
        "business": "business",
        "spur": "spur",
    },
    unit_words=(
        "apt apartment apts unit units suite ste flat floor fl flr room rm bldg building lot trlr trailer spc space "
        "slip hangar hngr dept department stop pier condo buzzer buzz intercom bin file msc comp level"
    ),
    floor_words="floor fl flr",
    bare_units=(
        "rear front basement bsmt upper lower uppr lowr penthouse ph lobby lbby side office ofc upstairs downstairs"
    ),
    dangling_units="apt apartment unit suite apts condo condominiums bldg building",
    box_words=("po box", "p o box", "p.o. box", "p.o.box", "pobox", "post office box", "lock box", "pmb", "box"),
    postal_words=(
        "general delivery", "rural route", "r r", "rr", "hc", "hcr", "hwy contract route", "highway contract route",
        "highway contract rte", "star route", "mail code", "mailbag",
    ),
    countries=("usa", "us", "u.s", "u.s.a", "united states", "united states of america"),
    regions={
        "al": "alabama", "ak": "alaska", "az": "arizona", "ar": "arkansas", "ca": "california", "co": "colorado",
        "ct": "connecticut", "de": "delaware", "fl": "florida", "ga": "georgia", "hi": "hawaii", "id": "idaho",
        "il": "illinois", "in": "indiana", "ia": "iowa", "ks": "kansas", "ky": "kentucky", "la": "louisiana",
        "me": "maine", "md": "maryland", "ma": "massachusetts", "mi": "michigan", "mn": "minnesota",
        "ms": "mississippi", "mo": "missouri", "mt": "montana", "ne": "nebraska", "nv": "nevada",
        "nh": "new hampshire", "nj": "new jersey", "nm": "new mexico", "ny": "new york", "nc": "north carolina",
        "nd": "north dakota", "oh": "ohio", "ok": "oklahoma", "or": "oregon", "pa": "pennsylvania",
        "ri": "rhode island", "sc": "south carolina", "sd": "south dakota", "tn": "tennessee", "tx": "texas",
        "ut": "utah", "vt": "vermont", "va": "virginia", "wa": "washington", "wv": "west virginia",
        "wi": "wisconsin", "wy": "wyoming", "dc": "district of columbia", "pr": "puerto rico", "vi": "virgin islands",
        "gu": "guam", "as": "american samoa", "mp": "northern mariana islands",
    },
    compass_towns={
        "n": (
            "las vegas", "miami", "miami beach", "hollywood", "little rock", "charleston", "richland hills", "augusta",
            "platte", "port", "palm beach", "bergen", "brunswick", "plainfield", "arlington", "haven", "olmsted",
            "royalton", "canton", "ridgeville", "tonawanda", "chicago", "aurora", "adams", "andover", "attleboro",
            "attleborough", "easton", "reading", "providence", "kingstown", "kansas city", "logan", "salt lake",
            "myrtle beach", "lauderdale", "bay village", "fort myers", "branford", "babylon", "bellmore", "merrick",
            "massapequa", "hempstead", "bethesda", "potomac", "st paul", "saint paul", "mankato", "highlands",
            "ogden", "pole", "bend", "wilkesboro", "orange", "wales", "huntingdon", "versailles",
        ),
        "s": (
            "san francisco", "bend", "gate", "el monte", "pasadena", "lake tahoe", "miami", "daytona", "euclid",
            "portland", "burlington", "holland", "elgin", "plainfield", "orange", "amboy", "brunswick", "river",
            "hadley", "kingstown", "salt lake", "jordan", "weber", "ogden", "st paul", "saint paul", "milwaukee",
            "bay", "boston", "windsor", "houston", "padre island", "charleston", "fulton", "whittier", "ozone park",
            "richmond hill", "jamaica", "glens falls", "sioux city", "beloit", "park",
        ),
        "e": (
            "orange", "brunswick", "windsor", "hartford", "haven", "lansing", "cleveland", "chicago", "st louis",
            "saint louis", "moline", "peoria", "palo alto", "los angeles", "providence", "point", "ridge", "lyme",
            "hampton", "meadow", "rockaway", "elmhurst", "islip", "setauket", "northport", "stroudsburg",
            "liverpool", "grand rapids", "wenatchee", "hanover", "rutherford", "bridgewater", "greenwich", "lake",
        ),
        "w": (
            "palm beach", "hollywood", "covina", "sacramento", "des moines", "allis", "jordan", "valley city",
            "hartford", "haven", "lafayette", "chester", "orange", "new york", "springfield", "warwick", "bend",
            "fargo", "st paul", "saint paul", "linn", "memphis", "monroe", "columbia", "seneca", "babylon", "islip",
            "hempstead", "nyack", "windsor", "long branch", "milford", "caldwell", "deptford", "berlin", "mifflin",
            "bloomfield", "chicago", "dundee", "plains", "river", "roxbury", "newton", "yarmouth", "bridgewater",
            "boylston", "park", "melbourne", "helena", "yellowstone", "carrollton", "ocean city",
        ),
        "sw": ("ranches",),
    },
    postcodes=(r"\d{5}-\d{4}", r"\d{5}", r"\d{9}$"),
    crossing_joins="and & @ at / + x with",
    crossing_openings=(
        "the corner of", "corner of", "cor of", "cnr of", "cor", "cnr", "corner", "the intersection of",
        "intersection of", "intersection", "junction of", "crossing of", "at the corner of", "on the corner of",
    ),
    crossing_closings="corner intersection crossing",
    corner_words="corner cnr cor between",
    near=(
        "behind", "in back of", "across from", "across the street from", "opposite", "opposite to", "opp", "next to",
        "next door to", "near", "near to", "nearby", "beside", "by", "in front of", "close to", "outside",
        "outside of", "around the corner from", "adjacent to", "just past", "just before", "past", "down from",
        "up from", "facing", "alongside", "two doors from", "a block from", "one block from",
    ),
    at=("at", "@", "inside", "inside of", "in", "within"),
    articles="the a an our your",
    recipients="attn attention c/o recipient",
)  # fmt: skip
