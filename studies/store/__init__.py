"""Rows to records and back, one change of the bank, and what all published studies say by change number."""
