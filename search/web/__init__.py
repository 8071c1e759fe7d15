"""Pages that need the search, a package a page."""
