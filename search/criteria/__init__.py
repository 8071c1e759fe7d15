"""What defines a list: criteria, facets, filters, codes."""
