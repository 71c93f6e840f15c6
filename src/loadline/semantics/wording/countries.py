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
        "SA": "saudi arabia", "SE": "sweden", "SG": "singapore", "SI": "slovenia", "SK": "slovakia",
        "TH": "thailand", "TR": "turkey|turkiye", "TW": "taiwan", "UA": "ukraine",
        "US": "united states|united states of america|usa|america|u.s.", "VN": "vietnam", "ZA": "south africa",
    }.items()
    for name in names.split("|")
}  # fmt: skip


def are_country_codes(values: tuple[str, ...]) -> bool:
    """Whether a field holds ISO codes: two capitals each, and nearly all of them known."""
    codes = set(COUNTRIES.values())
    shaped = all(len(value) == 2 and value.isupper() for value in values)
    return bool(values) and shaped and sum(value in codes for value in values) >= 0.8 * len(values)
