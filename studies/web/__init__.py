"""Pages that need no search."""
