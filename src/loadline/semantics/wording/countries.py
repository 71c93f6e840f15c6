"""Names people give to countries, and the ISO 3166-1 code that data has instead."""

from __future__ import annotations

COUNTRIES = {
    name: code
    for code, names in {
        "AE": "united arab emirates|uae|emirates", "AR": "argentina", "AT": "austria", "AU": "australia",
        "BE": "belgium", "BG": "bulgaria", "BR": "brazil", "CA": "canada", "CH": "switzerland", "CL": "chile",
        "CN": "china", "CO": "colombia", "CY": "cyprus", "CZ": "czechia|czech republic", "DE": "germany",
        "DK": "denmark", "EE": "estonia", "EG": "egypt", "ES": "spain", "FI": "finland", "FR": "france",
        "GB": "united kingdom|great britain|britain|uk|u.k.", "GR": "greece", "HR": "croatia", "HU": "hungary",
        "ID": "indonesia", "IE": "ireland", "IL": "israel", "IN": "india", "IS": "iceland", "IT": "italy",
        "JP": "japan", "KR": "south korea|korea", "LT": "lithuania", "LU": "luxembourg", "LV": "latvia",
        "MA": "morocco", "MT": "malta", "MX": "mexico", "MY": "malaysia", "NG": "nigeria",
        "NL": "netherlands|the netherlands|holland", "NO": "norway", "NZ": "new zealand", "PE": "peru",
        "PH": "philippines", "PK": "pakistan", "PL": "poland", "PT": "portugal", "RO": "romania", "RS": "serbia",
        "RU": "russia|russian federation",
        "SA": "saudi arabia", "SE": "sweden", "SG": "singapore", "SI": "slovenia", "SK": "slovakia",
        "TH": "thailand", "TR": "turkey|turkiye", "TW": "taiwan", "UA": "ukraine",
        "US": "united states|united states of america|usa|america|u.s.", "VN": "vietnam", "ZA": "south africa",
    }.items()
    for name in names.split("|")
}  # fmt: skip


DEMONYMS = {
    "american": "US", "australian": "AU", "austrian": "AT", "belgian": "BE", "brazilian": "BR", "british": "GB",
    "bulgarian": "BG", "canadian": "CA", "chinese": "CN", "croatian": "HR", "czech": "CZ", "danish": "DK",
    "dutch": "NL", "egyptian": "EG", "estonian": "EE", "finnish": "FI", "french": "FR", "german": "DE", "greek": "GR",
    "hungarian": "HU", "indian": "IN", "irish": "IE", "italian": "IT", "japanese": "JP", "korean": "KR",
    "latvian": "LV", "lithuanian": "LT", "mexican": "MX", "norwegian": "NO", "polish": "PL", "portuguese": "PT",
    "russian": "RU",
    "romanian": "RO", "serbian": "RS", "slovak": "SK", "slovenian": "SI", "spanish": "ES", "swedish": "SE",
    "swiss": "CH", "turkish": "TR", "ukrainian": "UA",
}  # fmt: skip
"""What is of a country, said of customers or orders. In prose they are also currencies and languages, so claims do not
read them."""


def are_country_codes(values: tuple[str, ...]) -> bool:
    """Whether a field holds ISO codes: two capitals each, and nearly all of them known."""
    codes = set(COUNTRIES.values())
    shaped = all(len(value) == 2 and value.isupper() for value in values)
    return bool(values) and shaped and sum(value in codes for value in values) >= 0.8 * len(values)
