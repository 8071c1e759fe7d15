"""What several pages print: components, addresses, counts, downloads."""
