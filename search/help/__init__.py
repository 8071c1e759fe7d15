"""Help for readers: query explanation, did you mean, suggestions, alternatives, partial matches, similar studies."""
