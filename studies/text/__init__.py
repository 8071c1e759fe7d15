"""Texts, dates, numbers, identifiers and languages as values: no models, no requests. Any module may import it."""
