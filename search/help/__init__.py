"""Help for a search: did you mean, suggestions, alternatives to an empty list, partial matches, similar studies."""
