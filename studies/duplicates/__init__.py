"""Duplicates: finds pairs of studies that may be one, keeps what people decide on them, and merges studies."""
