"""The whole bank for others to take away: open data, OAI-PMH, the offline copy."""
