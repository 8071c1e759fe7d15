"""Converts rows of the database to records of the exchange format, and back. No other package does (R1)."""
