"""Briefs, as page, Word and PDF."""
