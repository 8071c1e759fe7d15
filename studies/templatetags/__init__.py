"""Filters and tags of the templates: numbers, dates, texts in another language; those of the workplace."""
