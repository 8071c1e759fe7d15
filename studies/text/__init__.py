"""Texts, dates, numbers, identifiers and languages as values. Pure: no models, no requests."""
