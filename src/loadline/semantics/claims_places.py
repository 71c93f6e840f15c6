"""Names people use where data holds codes: ISO 3166 country codes to names and adjectives, and the compass."""

from __future__ import annotations

COUNTRIES = {
    code: tuple(name.replace("_", " ") for name in names.split())
    for code, names in {
        "AE": "United_Arab_Emirates UAE Emirati", "AR": "Argentina Argentinian", "AT": "Austria Austrian",
        "AU": "Australia Australian", "BE": "Belgium Belgian", "BG": "Bulgaria Bulgarian", "BR": "Brazil Brazilian",
        "CA": "Canada Canadian", "CH": "Switzerland Swiss", "CL": "Chile Chilean", "CN": "China Chinese",
        "CO": "Colombia Colombian", "CY": "Cyprus Cypriot", "CZ": "Czechia Czech_Republic Czech",
        "DE": "Germany German", "DK": "Denmark Danish", "EE": "Estonia Estonian", "EG": "Egypt Egyptian",
        "ES": "Spain Spanish", "FI": "Finland Finnish", "FR": "France French",
        "GB": "United_Kingdom UK Britain Great_Britain British", "GR": "Greece Greek", "HR": "Croatia Croatian",
        "HU": "Hungary Hungarian", "ID": "Indonesia Indonesian", "IE": "Ireland Irish", "IL": "Israel Israeli",
        "IN": "India Indian", "IS": "Iceland Icelandic", "IT": "Italy Italian", "JP": "Japan Japanese",
        "KR": "South_Korea Korean", "LT": "Lithuania Lithuanian", "LU": "Luxembourg", "LV": "Latvia Latvian",
        "MA": "Morocco Moroccan", "MT": "Malta Maltese", "MX": "Mexico Mexican", "MY": "Malaysia Malaysian",
        "NL": "Netherlands Holland Dutch", "NO": "Norway Norwegian", "NZ": "New_Zealand", "PL": "Poland",
        "PT": "Portugal Portuguese", "RO": "Romania Romanian", "RS": "Serbia Serbian", "RU": "Russia Russian",
        "SA": "Saudi_Arabia Saudi", "SE": "Sweden Swedish", "SG": "Singapore", "SI": "Slovenia Slovenian",
        "SK": "Slovakia Slovak", "TH": "Thailand Thai", "TR": "Turkey Turkish", "UA": "Ukraine Ukrainian",
        "US": "United_States USA America American", "VN": "Vietnam Vietnamese", "ZA": "South_Africa South_African",
    }.items()
}  # fmt: skip
COMPASS = {
    "north": "northern", "south": "southern", "west": "western", "east": "eastern", "north-east": "northeastern",
    "north-west": "northwestern", "south-east": "southeastern", "south-west": "southwestern",
}  # fmt: skip
