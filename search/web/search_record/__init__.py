"""The record of a search, and what changed in its list."""
