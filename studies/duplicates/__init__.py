"""Pairs of studies that may be one: finding, deciding, merging."""
