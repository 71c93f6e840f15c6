"""Adjectives people use where data holds country codes (ISO 3166), and where it holds points of the compass."""

from __future__ import annotations

ADJECTIVES = {
    code: tuple(said.split())
    for code, said in {
        "AR": "Argentinian", "AT": "Austrian", "AU": "Australian", "BE": "Belgian", "BG": "Bulgarian",
        "BR": "Brazilian", "CA": "Canadian", "CH": "Swiss", "CL": "Chilean", "CN": "Chinese", "CO": "Colombian",
        "CY": "Cypriot", "CZ": "Czech", "DE": "German", "DK": "Danish", "EE": "Estonian", "EG": "Egyptian",
        "ES": "Spanish", "FI": "Finnish", "FR": "French", "GB": "British", "GR": "Greek", "HR": "Croatian",
        "HU": "Hungarian", "ID": "Indonesian", "IE": "Irish", "IL": "Israeli", "IN": "Indian", "IS": "Icelandic",
        "IT": "Italian", "JP": "Japanese", "KR": "Korean", "LT": "Lithuanian", "LV": "Latvian", "MA": "Moroccan",
        "MT": "Maltese", "MX": "Mexican", "MY": "Malaysian", "NL": "Dutch", "NO": "Norwegian", "PT": "Portuguese",
        "RO": "Romanian", "RS": "Serbian", "SA": "Saudi", "SE": "Swedish", "SI": "Slovenian", "SK": "Slovak",
        "TH": "Thai", "TR": "Turkish", "UA": "Ukrainian", "US": "American", "VN": "Vietnamese",
    }.items()
}  # fmt: skip
"""`Polish` is a verb too; nobody is Polish by mistake here."""
COMPASS = {
    "north": "northern", "south": "southern", "west": "western", "east": "eastern", "north-east": "northeastern",
    "north-west": "northwestern", "south-east": "southeastern", "south-west": "southwestern",
}  # fmt: skip
