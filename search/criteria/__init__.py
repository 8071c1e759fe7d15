"""Criteria, which define a list of results: their value, facets, codes, and filters in the database."""
