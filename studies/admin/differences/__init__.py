"""Differences between records in words, for history, clash, proposal and pair pages."""
