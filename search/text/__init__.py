"""Text analysis: tokens, word lists, spelling. Pure."""
