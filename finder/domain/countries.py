"""Countries by name, for those whose stations are likely here; any other is told by its ISO 3166-1 alpha-2 code."""

NAMES = {
    "AU": "Australia",
    "CA": "Canada",
    "DE": "Germany",
    "FR": "France",
    "GB": "United Kingdom",
    "US": "United States",
}
