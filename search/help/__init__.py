"""Help for a search: how it was read, did you mean, suggestions, alternatives, partial matches, similar studies."""
