"""Converts rows to records and back, writes changes of the bank, and keeps what is read often in memory."""
