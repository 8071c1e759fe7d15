"""Pages of the bank that are no study, found by words: a registry of kinds, their pages, and the index of both."""
