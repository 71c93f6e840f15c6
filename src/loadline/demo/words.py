"""The invented words of the demo company: cities it serves, carriers it hires, names its customers and people bear."""

from __future__ import annotations

CITIES: tuple[tuple[str, str, str], ...] = (  # city, ISO country, region
    ("Hamburg", "DE", "north"), ("Berlin", "DE", "north"), ("Bremen", "DE", "north"), ("Rostock", "DE", "north"),
    ("Leipzig", "DE", "north"), ("Cologne", "DE", "north"), ("Copenhagen", "DK", "north"), ("Aarhus", "DK", "north"),
    ("Stockholm", "SE", "north"), ("Gothenburg", "SE", "north"), ("Malmö", "SE", "north"), ("Uppsala", "SE", "north"),
    ("Rotterdam", "NL", "north"), ("Utrecht", "NL", "north"), ("Eindhoven", "NL", "north"), ("Venlo", "NL", "north"),
    ("Warsaw", "PL", "north"), ("Gdańsk", "PL", "north"), ("Poznań", "PL", "north"), ("Wrocław", "PL", "north"),
    ("Łódź", "PL", "north"), ("Szczecin", "PL", "north"), ("Odense", "DK", "north"), ("Kiel", "DE", "north"),
    ("Milan", "IT", "south"), ("Turin", "IT", "south"), ("Genoa", "IT", "south"), ("Bologna", "IT", "south"),
    ("Naples", "IT", "south"), ("Verona", "IT", "south"), ("Madrid", "ES", "south"), ("Barcelona", "ES", "south"),
    ("Valencia", "ES", "south"), ("Zaragoza", "ES", "south"), ("Seville", "ES", "south"), ("Bilbao", "ES", "south"),
    ("Lisbon", "PT", "south"), ("Porto", "PT", "south"), ("Braga", "PT", "south"), ("Marseille", "FR", "south"),
    ("Lyon", "FR", "south"), ("Toulouse", "FR", "south"), ("Nice", "FR", "south"), ("Zurich", "CH", "south"),
    ("Basel", "CH", "south"), ("Geneva", "CH", "south"), ("Vienna", "AT", "south"), ("Graz", "AT", "south"),
    ("Dublin", "IE", "west"), ("Cork", "IE", "west"), ("Galway", "IE", "west"), ("Limerick", "IE", "west"),
    ("Liverpool", "GB", "west"), ("Bristol", "GB", "west"), ("Cardiff", "GB", "west"), ("Glasgow", "GB", "west"),
    ("Belfast", "GB", "west"), ("Plymouth", "GB", "west"), ("Swansea", "GB", "west"), ("Leeds", "GB", "west"),
)  # fmt: skip

CURRENCY_OF: dict[str, str] = {"DK": "DKK", "SE": "SEK", "PL": "PLN", "CH": "CHF", "GB": "GBP"}

PLACE_KINDS = ("hub", "depot", "cross-dock", "rail terminal", "port", "warehouse", "customer site")

CARRIERS: tuple[tuple[str, str], ...] = (  # name, mode
    ("Skylark Express", "air"), ("Heron Air Parcel", "air"), ("Quickhoof", "road"), ("Marten & Vole", "road"),
    ("Larkspur Couriers", "road"), ("Nightjar Vans", "road"), ("Brindle Haulage", "road"), ("Oxbow Trucking", "road"),
    ("Causeway Lines", "road"), ("Milestone Cartage", "road"), ("Fernwick Freight", "road"), ("Tollgate", "road"),
    ("Ironwell Rail", "rail"), ("Sleeper & Sons", "rail"), ("Meridian Rail Cargo", "rail"),
    ("Barnacle Shipping", "sea"), ("Petrel Short Sea", "sea"), ("Greywake Ferries", "sea"),
)  # fmt: skip

INDUSTRIES = ("Machinery", "Food and drink", "Retail", "Chemicals", "Furniture", "Electronics", "Textiles", "Paper")

COMPANY_FIRST = (
    "Alder", "Amber", "Birch", "Bram", "Calder", "Cinder", "Corv", "Dunn", "Elder", "Fenn", "Gale", "Garn", "Hald",
    "Hollow", "Ivel", "Juniper", "Kell", "Lind", "Lorn", "Maren", "Mistel", "Nord", "Orrin", "Pell", "Quill", "Rook",
    "Sable", "Tarn", "Umber", "Vale", "Wether", "Yarrow",
)  # fmt: skip
COMPANY_SECOND = (
    "bach", "berg", "brook", "croft", "dale", "dorf", "feld", "ford", "gard", "haven", "holm", "hurst", "kamp", "lund",
    "marsh", "mere", "moor", "ridge", "sund", "thorpe", "vik", "wald", "well", "wick",
)  # fmt: skip
COMPANY_ENDING = ("GmbH", "AB", "S.p.A.", "S.L.", "B.V.", "A/S", "Ltd", "Group")

FIRST_NAMES = (
    "Agnes", "Bruno", "Carla", "Dario", "Elin", "Fabio", "Greta", "Henrik", "Ines", "Jonas", "Karin", "Luca", "Marta",
    "Nils", "Olga", "Pedro", "Runa", "Sofia", "Tomas", "Ulla", "Viktor", "Wanda", "Yara", "Zeno",
)  # fmt: skip
LAST_NAMES = (
    "Abend", "Bergan", "Castell", "Drossel", "Eckmar", "Falkner", "Grönvik", "Halloran", "Istrand", "Jansker",
    "Kowalnik", "Lombri", "Marchel", "Nordane", "Olvera", "Pellandi", "Quarnström", "Rivasco", "Sandoz-Lind", "Tavarin",
    "Ulmgren", "Vestari", "Wendtland", "Zielmark",
)  # fmt: skip
TITLES = (
    "Chief executive", "Chief financial officer", "Head of logistics", "Head of purchasing", "Chief operating officer",
)  # fmt: skip
