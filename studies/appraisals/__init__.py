"""Judging a study: two people apart, then a consensus."""
