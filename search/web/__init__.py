"""Pages that need the search, a package or a module a page."""
