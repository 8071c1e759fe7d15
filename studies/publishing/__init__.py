"""The bank as a whole for others: open data, OAI-PMH, the offline copy."""
