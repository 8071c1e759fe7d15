"""The exchange format as values: what a record holds, what is valid, what is suspicious, what differs. Pure."""
