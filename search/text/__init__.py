"""Text analysis: tokens, stemming, word lists, near words. Pure: imports nothing else of this project."""
