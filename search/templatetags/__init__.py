"""What templates ask of the search: similar studies, texts with marks, facets, addresses of lists."""
